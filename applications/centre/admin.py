"""The centre's side in the Django admin: each module registers its own pages."""

from applications.centre import staff
from applications.centre.audit import pages as audit_pages
from applications.centre.cases import applications, calendar_days, calls, expert_review, messages
from applications.centre.enterprises import bank_accounts, changes, claims, enterprises
from applications.centre.exports import office_pages
from applications.centre.exports import pages as export_pages
from applications.centre.figures import pages as figure_pages
from applications.centre.impact import affected, runs
from applications.centre.imports import pages as import_pages
from applications.centre.money import awards, funds, payment_batches, permits, reclaims
from applications.centre.notices import notices, recognitions, revocations

__all__ = [
    "affected",
    "applications",
    "audit_pages",
    "awards",
    "bank_accounts",
    "calendar_days",
    "calls",
    "changes",
    "claims",
    "enterprises",
    "expert_review",
    "export_pages",
    "figure_pages",
    "funds",
    "import_pages",
    "messages",
    "notices",
    "office_pages",
    "payment_batches",
    "permits",
    "reclaims",
    "recognitions",
    "revocations",
    "runs",
    "staff",
]
