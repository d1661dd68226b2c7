"""A schema that lasts: migrations that landed stay, and a database of another past is refused."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.migration_notes import notes_of
from portal.models import AppliedMigration, DatabaseIdentity

COMMAND = Path(settings.BASE_DIR) / ".ci" / "migrations"


@pytest.mark.django_db
def test_what_made_the_database_is_written_down_and_undone_with_it():
    rows = AppliedMigration.objects
    applied = set(rows.values_list("app", flat=True))
    assert applied >= {"portal", "catalogue", "cases", "money"}
    assert "auth" not in applied
    rows.create(app="money", name="9999_undone", sha256="0" * 64)
    before = set(rows.values_list("app", "name", "sha256"))
    call_command("migrate", "portal", verbosity=0)
    assert set(rows.values_list("app", "name", "sha256")) == {
        row for row in before if row[1] != "9999_undone"
    }


@pytest.mark.django_db
def test_a_database_of_a_rewritten_past_is_not_migrated():
    AppliedMigration.objects.filter(app="money").update(sha256="0" * 64)
    with pytest.raises(CommandError, match=r"money\.0001_initial"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_database_of_a_later_release_is_not_migrated():
    MigrationRecorder(connection).record_applied("money", "0099_later")
    with pytest.raises(CommandError, match=r"money\.0099_later"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_database_from_before_its_past_was_written_down_is_not_migrated():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE portal_appliedmigration RENAME TO lost")
    with pytest.raises(CommandError, match=r"portal\.0001_initial"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_migration_that_was_interrupted_before_it_was_written_down_is_made_up_for():
    AppliedMigration.objects.filter(app="money").delete()
    call_command("migrate", "money", verbosity=0)
    assert AppliedMigration.objects.filter(app="money").exists()


@pytest.mark.django_db
def test_a_database_keeps_its_identity():
    (own,) = DatabaseIdentity.objects.values_list("identity", flat=True)
    call_command("migrate", "portal", verbosity=0)
    assert DatabaseIdentity.objects.get().identity == own
    with pytest.raises(IntegrityError), transaction.atomic():
        DatabaseIdentity.objects.update(identity="00000000-0000-0000-0000-000000000000")


@pytest.fixture
def project(tmp_path):
    """A project with one migration that landed."""
    for package in ("policies", "applications", "portal/migrations", ".ci"):
        (tmp_path / package).mkdir(parents=True)
    shutil.copy(COMMAND, tmp_path / ".ci")
    (tmp_path / "portal/migrations/0001_initial.py").write_text("operations = [1]\n")
    assert listed(tmp_path, "add") == 0
    return tmp_path


def listed(project, what):
    done = subprocess.run([project / ".ci/migrations", what], capture_output=True, check=False)
    return done.returncode


@pytest.mark.one_database
def test_a_migration_that_landed_may_not_change_or_go(project):
    first = project / "portal/migrations/0001_initial.py"
    assert listed(project, "check") == 0
    first.write_text("operations = [2]\n")
    assert listed(project, "check") == 1
    assert listed(project, "add") == 1
    first.unlink()
    assert listed(project, "check") == 1


@pytest.mark.one_database
def test_a_new_migration_is_listed_beside_those_that_landed(project):
    more = project / "portal/migrations/0002_more.py"
    more.write_text("operations = [2]\n")
    assert listed(project, "add") == 1  # it does not say what it asks of the site
    more.write_text('"""约 3 秒；期间可以照常使用。"""\n\noperations = [2]\n')
    assert listed(project, "check") == 1
    assert listed(project, "add") == 0
    assert listed(project, "check") == 0
    lines = (project / ".ci/migrations.sha256").read_text().splitlines()
    assert [line[66:] for line in lines] == [
        "portal/migrations/0001_initial.py",
        "portal/migrations/0002_more.py",
    ]


def test_what_a_migration_asks_of_the_site_is_told_before_it_begins():
    """Of a migration that says nothing, and of other packages' ones, nothing is told."""
    said = ModuleType("said")
    said.__doc__, said.__file__ = "约 3 秒；\n期间不能支付。\n", "money/migrations/0002_more.py"
    sys.modules["said"] = said
    speaking = type("Migration", (Migration,), {"__module__": "said"})("0002_more", "money")
    first = MigrationLoader(None).disk_migrations["money", "0001_initial"]
    assert notes_of([first, speaking]) == ["money.0002：约 3 秒； 期间不能支付。"]
