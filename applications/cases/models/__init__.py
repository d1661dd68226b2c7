"""Applications, what is handed in with them, and what is done and said about them."""

from applications.cases.models.application import Application, NumberSeries
from applications.cases.models.attachment import Attachment
from applications.cases.models.calendar_day import CalendarDay, PublishedYear
from applications.cases.models.correction import Correction
from applications.cases.models.cover import Cover
from applications.cases.models.draft import ApplicationDraft
from applications.cases.models.event import ApplicationEvent
from applications.cases.models.expert import ExpertAssignment, ExpertScore
from applications.cases.models.finding import Finding
from applications.cases.models.message import Message, MessageDelivery
from applications.cases.models.note import CaseNote
from applications.cases.models.review_request import ReviewRequest

__all__ = [
    "Application",
    "ApplicationDraft",
    "ApplicationEvent",
    "Attachment",
    "CalendarDay",
    "CaseNote",
    "Correction",
    "Cover",
    "ExpertAssignment",
    "ExpertScore",
    "Finding",
    "Message",
    "MessageDelivery",
    "NumberSeries",
    "PublishedYear",
    "ReviewRequest",
]
