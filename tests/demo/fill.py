"""Fill an empty database: who there is, and then everything that happened."""

from datetime import datetime, timedelta
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from applications.cases.models import Application, PublishedYear
from applications.cases.working_days import LIBRARY_YEARS
from applications.enterprises.models import Enterprise
from policies.catalogue.current import Catalogue
from tests.demo.accounts import Account, make_staff, open_account
from tests.demo.around import deliver, draft_with_formula, keep_original, try_a_draft
from tests.demo.batches import recognition_sheet
from tests.demo.cases import Cast
from tests.demo.clock import tell
from tests.demo.firms import Firm, make_firms
from tests.demo.money import make_funds
from tests.demo.papers import keep_papers
from tests.demo.plan import CHECKED_DOCUMENT, OPEN_FIRMS, WITH_PAPERS, plans, stories

NOT_IN_SERVICE = "DEBUG is off: invented firms have no place in a portal in service."
NOT_EMPTY = (
    "the database holds firms already, and they stay as they are. Name an empty one, such as\n"
    "  DATABASE_URL=sqlite:////tmp/demo.sqlite3 make demo\n"
    "with the same DATABASE_URL for `make run`; its files lie in a folder of their own beside it,\n"
    "or remove the one that you no longer need."
)
# The cases of this batch are through with their notice; their list waits to be imported.
TO_IMPORT = "base"
# The next edition of this programme is being drafted.
DRAFTED = "jc-zjtx-city"


class RefusedError(Exception):
    """Nothing was filled in; the message says why."""


def refuse_unless_empty() -> None:
    """Raise RefusedError unless this is a developer's database without firms."""
    if not settings.DEBUG:
        raise RefusedError(NOT_IN_SERVICE)
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    for model in (Enterprise, Application):
        if model._meta.db_table in tables and model.objects.exists():
            raise RefusedError(NOT_EMPTY)


def prepare() -> None:
    """Migrate, and load what the site needs."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_catalogue")
    call_command("load_funds")


def fill(now: datetime, sheet: Path) -> list[Account]:
    """Make everybody and tell everything up to `now`; returns who can log in.

    `sheet` is written: a recognised list that somebody may import.
    """
    today = timezone.localdate(now)
    began = now.replace(year=now.year - 4, month=1, day=10)
    with time_machine.travel(began, tick=False), transaction.atomic():
        staff, firms = make_staff(), make_firms()
        make_funds()
        _publish_years(today.year)
    with time_machine.travel(now - timedelta(days=450), tick=False):
        # On its own: a file of the library is kept for good before anything else goes on.
        own = {key: firms[key] for key in WITH_PAPERS}
        keep_papers(own, plans(today), Catalogue().facts, today)
    cast = Cast(
        staff={key: account.user for key, account in staff.items()},
        firms=firms,
        facts=Catalogue().facts,
        now=now,
    )
    with time_machine.travel(now - timedelta(days=60), tick=False):
        keep_original(cast, CHECKED_DOCUMENT)
        draft_with_formula(DRAFTED, today.replace(year=today.year + 1, month=1, day=1))
    with transaction.atomic():
        tell(stories(cast, today), now)
        deliver()
        try_a_draft(cast)
        accounts = [*staff.values(), *_open(firms)]
    number = f"演示认〔{today.year}〕99号"
    sheet.write_bytes(recognition_sheet(cast.batches[TO_IMPORT], number, today))
    return accounts


def _open(firms: dict[str, Firm]) -> list[Account]:
    own = [firms[key] for key in OPEN_FIRMS]
    return [open_account(firm.owner, firm.enterprise.name) for firm in own]


def _publish_years(year: int) -> None:
    """The years whose days off the library does not know: notices may reach into them."""
    for unknown in range(year - 2, year + 2):
        if unknown not in LIBRARY_YEARS:
            PublishedYear.objects.create(year=unknown, document_number=f"演示〔{unknown}〕放假")
