"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Correction",
    "Enterprise",
    "NumberSeries",
    "check_credit_code",
]
