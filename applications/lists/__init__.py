"""The lists that leave the portal as files, one declaration each."""

from applications.lists.applications import APPLICATIONS
from applications.lists.awards import AWARDS
from applications.lists.notices import NOTICES
from applications.lists.payments import PAYMENTS

LISTS = {declared.key: declared for declared in (AWARDS, APPLICATIONS, NOTICES, PAYMENTS)}

__all__ = ["APPLICATIONS", "AWARDS", "LISTS", "NOTICES", "PAYMENTS"]
