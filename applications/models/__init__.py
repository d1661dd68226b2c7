"""Enterprises and their applications."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.membership import Membership
from applications.models.message import Delivery, Message
from applications.models.note import CaseNote
from applications.models.stored_file import OTHER_MATERIAL, Attachment, StoredFile

__all__ = [
    "OTHER_MATERIAL",
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Attachment",
    "CaseNote",
    "Correction",
    "Delivery",
    "Enterprise",
    "Membership",
    "Message",
    "NumberSeries",
    "StoredFile",
    "check_credit_code",
]
