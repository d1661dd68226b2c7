"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.membership import Membership
from applications.models.message import Delivery, Message
from applications.models.note import CaseNote

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "CaseNote",
    "Correction",
    "Delivery",
    "Enterprise",
    "Membership",
    "Message",
    "NumberSeries",
    "check_credit_code",
]
