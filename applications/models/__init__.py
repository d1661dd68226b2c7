"""Enterprises, their applications and what becomes of them."""

from applications.models.application import Application, ApplicationEvent, Correction, NumberSeries
from applications.models.calendar_day import CalendarDay, PublishedYear
from applications.models.enterprise import TELEPHONE, Enterprise, check_credit_code
from applications.models.notice import Notice, NoticeLine, Objection
from applications.models.recognition import EnterpriseTitle, Recognition, RecognitionLine

__all__ = [
    "TELEPHONE",
    "Application",
    "ApplicationEvent",
    "CalendarDay",
    "Correction",
    "Enterprise",
    "EnterpriseTitle",
    "Notice",
    "NoticeLine",
    "NumberSeries",
    "Objection",
    "PublishedYear",
    "Recognition",
    "RecognitionLine",
    "check_credit_code",
]
