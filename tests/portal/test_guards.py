"""Guards of the database: what they hold against, and what the site tells of them."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from portal.guards import NEEDS_RECURSIVE_TRIGGERS, refusal_of
from portal.triggers import missing_triggers, remove_triggers
from tests.factories import UserFactory

SQLITE = connection.vendor == "sqlite"


def refusal(statement):
    """What the database says to a statement; nothing of it stays."""
    with (
        pytest.raises(IntegrityError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return refusal_of(error.value)


@pytest.mark.django_db
def test_every_guard_stands_after_a_migration_and_one_that_is_gone_is_missed():
    assert missing_triggers() == []
    remove_triggers("portal")
    missing = missing_triggers()
    assert "portal_portal_user_delete" in missing
    assert {name.split("_")[0] for name in missing} == {"portal"}


@pytest.mark.django_db
def test_a_guard_that_an_app_no_longer_keeps_goes_with_the_next_migration():
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute(
                "CREATE TRIGGER portal_old BEFORE INSERT ON portal_user"
                " BEGIN SELECT RAISE(ABORT, 'old'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION portal_old() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'old';"
                " END $$ LANGUAGE plpgsql; CREATE TRIGGER portal_old BEFORE INSERT ON portal_user"
                " EXECUTE FUNCTION portal_old()"
            )
    call_command("migrate", "portal", verbosity=0)
    assert UserFactory().pk
    assert missing_triggers() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not SQLITE, reason="a setting of SQLite")
def test_a_connection_that_would_replace_unasked_may_not_write_where_rows_stay():
    user = UserFactory()
    copy = f"SELECT * FROM portal_user WHERE id = {user.pk}"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        assert cursor.fetchone() == (1,)
        cursor.execute("PRAGMA recursive_triggers = OFF")
        try:
            for statement in (
                f"INSERT OR REPLACE INTO portal_user {copy}",
                f"INSERT INTO portal_user {copy}",
                f"UPDATE OR REPLACE portal_user SET username = username WHERE id = {user.pk}",
            ):
                assert refusal(statement) == NEEDS_RECURSIVE_TRIGGERS
        finally:
            cursor.execute("PRAGMA recursive_triggers = ON")
    assert refusal(f"INSERT OR REPLACE INTO portal_user {copy}") == "用户不能删除，只能停用。"


@pytest.mark.django_db(transaction=True)
def test_the_database_is_not_flushed_while_it_holds_what_must_stay():
    from django.core.management.commands.flush import Command

    UserFactory()
    with pytest.raises(CommandError):
        call_command(Command(), interactive=False, verbosity=0)
    assert type(UserFactory()).objects.count() == 2
