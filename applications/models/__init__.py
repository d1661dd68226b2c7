"""Enterprises, their applications and what becomes of them."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.calendar_day import CalendarDay, PublishedYear
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.export_log import ExportLog
from applications.models.membership import Claim, Invitation, Membership
from applications.models.message import Delivery, Message
from applications.models.note import CaseNote
from applications.models.notice import Notice, NoticeLine, Objection
from applications.models.profile import ProfileAnswer, Subject
from applications.models.recognition import EnterpriseTitle, Recognition, RecognitionLine
from applications.models.sheet_import import SheetImport
from applications.models.stored_file import OTHER_MATERIAL, Attachment, StoredFile

__all__ = [
    "OTHER_MATERIAL",
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "Attachment",
    "CalendarDay",
    "CaseNote",
    "Claim",
    "Correction",
    "Delivery",
    "Enterprise",
    "EnterpriseTitle",
    "ExportLog",
    "Invitation",
    "Membership",
    "Message",
    "Notice",
    "NoticeLine",
    "NumberSeries",
    "Objection",
    "ProfileAnswer",
    "PublishedYear",
    "Recognition",
    "RecognitionLine",
    "SheetImport",
    "StoredFile",
    "Subject",
    "check_credit_code",
]
