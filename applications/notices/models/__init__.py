"""Public notices, objections, and recognitions with the titles they bring."""

from applications.notices.models.notice import Notice, NoticeLine, Objection
from applications.notices.models.recognition import EnterpriseTitle, Recognition, RecognitionLine
from applications.notices.models.revocation import Revocation

__all__ = [
    "EnterpriseTitle",
    "Notice",
    "NoticeLine",
    "Objection",
    "Recognition",
    "RecognitionLine",
    "Revocation",
]
