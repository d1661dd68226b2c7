"""Enterprises, their applications and what becomes of them."""

from applications.models.application import (
    Application,
    ApplicationEvent,
    Correction,
    NumberSeries,
    review_chain,
)
from applications.models.award_line import AwardEvent, AwardLine
from applications.models.calendar_day import CalendarDay, PublishedYear
from applications.models.draft import ApplicationDraft, Content
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.expert import ExpertAssignment, ExpertScore
from applications.models.export_log import ExportLog
from applications.models.finding import Finding, criteria_to_judge
from applications.models.fund import Budget, BudgetEvent, Fund, FundPart
from applications.models.membership import Claim, Invitation, Membership
from applications.models.message import Delivery, Message
from applications.models.note import CaseNote
from applications.models.notice import Notice, NoticeLine, Objection
from applications.models.payment import Payment, PaymentBatch, Refund
from applications.models.profile import ProfileAnswer, Subject
from applications.models.recognition import EnterpriseTitle, Recognition, RecognitionLine
from applications.models.sheet_import import SheetImport
from applications.models.stored_file import OTHER_MATERIAL, Attachment, StoredFile

__all__ = [
    "OTHER_MATERIAL",
    "TELEPHONE",
    "Application",
    "ApplicationDraft",
    "ApplicationEvent",
    "Attachment",
    "AwardEvent",
    "AwardLine",
    "Budget",
    "BudgetEvent",
    "CalendarDay",
    "CaseNote",
    "Claim",
    "Content",
    "Correction",
    "Delivery",
    "Enterprise",
    "EnterpriseTitle",
    "ExpertAssignment",
    "ExpertScore",
    "ExportLog",
    "Finding",
    "Fund",
    "FundPart",
    "Invitation",
    "Membership",
    "Message",
    "Notice",
    "NoticeLine",
    "NumberSeries",
    "Objection",
    "Payment",
    "PaymentBatch",
    "ProfileAnswer",
    "PublishedYear",
    "Recognition",
    "RecognitionLine",
    "Refund",
    "SheetImport",
    "StoredFile",
    "Subject",
    "check_credit_code",
    "criteria_to_judge",
    "review_chain",
]
