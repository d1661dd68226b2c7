"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.membership import Claim, Invitation, Membership

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Claim",
    "Enterprise",
    "Invitation",
    "Membership",
    "NumberSeries",
    "check_credit_code",
]
