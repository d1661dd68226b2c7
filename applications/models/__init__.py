"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.expert import ExpertAssignment, ExpertScore
from applications.models.finding import Finding, criteria_to_judge

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Correction",
    "Enterprise",
    "ExpertAssignment",
    "ExpertScore",
    "Finding",
    "NumberSeries",
    "check_credit_code",
    "criteria_to_judge",
]
