"""What every room rests on: users, places, the store of files, the outbox and long work."""

from portal.models.act_of_two import ActOfTwo
from portal.models.cache import CachedPage, Count
from portal.models.delivery import Delivery
from portal.models.installation import AppliedMigration, DatabaseIdentity
from portal.models.job import Job
from portal.models.jurisdiction import Jurisdiction
from portal.models.pulse import Pulse
from portal.models.stored_file import StoredFile
from portal.models.user import User

__all__ = [
    "ActOfTwo",
    "AppliedMigration",
    "CachedPage",
    "Count",
    "DatabaseIdentity",
    "Delivery",
    "Job",
    "Jurisdiction",
    "Pulse",
    "StoredFile",
    "User",
]
