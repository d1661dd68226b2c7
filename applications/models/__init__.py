"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Enterprise",
    "NumberSeries",
    "check_credit_code",
]
