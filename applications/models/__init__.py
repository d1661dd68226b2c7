"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.membership import Claim, Invitation, Membership
from applications.models.profile import ProfileAnswer, Subject

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Claim",
    "Enterprise",
    "Invitation",
    "Membership",
    "NumberSeries",
    "ProfileAnswer",
    "Subject",
    "check_credit_code",
]
