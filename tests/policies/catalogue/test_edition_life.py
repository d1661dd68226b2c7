"""The life of an edition: retired with a reason, withdrawn, corrected from the same day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import (
    EditionError,
    begin_correction,
    copy_to_draft,
    standing_instead,
)
from policies.catalogue.guards import CORRECTS, MESSAGE, MOVE
from policies.catalogue.models import Edition
from tests.applications.cases.test_concurrency import at_once
from tests.factories import ApplicationFactory, EditionFactory, ProgrammeFactory, ready
from tests.policies.catalogue.test_publishing import draft_of, needs_connections, published, terms
from tests.two_editors import (
    agree,
    publish_correction,
    publish_edition,
    retire_edition,
    withdraw_edition,
)

NOW = datetime(2026, 11, 27, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
WHY = "文件已废止"
YEARS = ("2021-01-01", "2027-01-01", "2028-01-01")


@pytest.fixture
def programme(db):
    programme = ProgrammeFactory()
    published(programme, *YEARS)
    return programme


def edition(programme, day):
    return programme.editions.standing().get(effective_from=day)


def in_force(programme, day):
    found = Edition.objects.in_force(date.fromisoformat(day)).filter(programme=programme)
    return found.get() if found else None


def retire(row, day, reason=WHY):
    retire_edition(row, reason=reason, day=date.fromisoformat(day), now=NOW)
    row.refresh_from_db()


def withdraw(row, reason="发布错了"):
    withdraw_edition(row, reason=reason, now=NOW)
    row.refresh_from_db()


def corrected(row, text="更正后的条件", reason="限额看错了"):
    draft = begin_correction(row)
    draft.criteria.update(text=text)
    publish_correction(ready(draft), reason=reason, now=NOW)
    row.refresh_from_db()
    draft.refresh_from_db()
    return draft


def test_a_retired_edition_counts_until_the_day_and_keeps_why(programme):
    last = edition(programme, "2028-01-01")
    retire(last, "2028-07-01")
    assert (last.status, last.reason, last.closed_at) == ("retired", WHY, NOW)
    assert in_force(programme, "2028-06-30") == last
    assert in_force(programme, "2028-07-01") is None
    assert last.history.first().history_change_reason == WHY
    assert Catalogue().editions_in_force(date(2028, 6, 30), [programme.pk], screened_only=False)


@pytest.mark.parametrize("reason", ["", "  "])
def test_retiring_withdrawing_and_correcting_need_a_reason(programme, reason):
    last = edition(programme, "2028-01-01")
    with pytest.raises(EditionError, match="原因"):
        retire(last, "2028-07-01", reason)
    with pytest.raises(EditionError, match="原因"):
        withdraw(last, reason)
    with pytest.raises(EditionError, match="原因"):
        corrected(last, reason=reason)
    assert terms(programme) == [
        ("2021-01-01", "2027-01-01"), ("2027-01-01", "2028-01-01"), ("2028-01-01", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "day", "told"),
    [
        ("2028-01-01", "2028-01-01", "晚于起用日期"),
        ("2021-01-01", "2026-11-26", "不能早于今天"),
        ("2021-01-01", "2027-01-01", "已经止用"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(programme, start, day, told):
    with pytest.raises(EditionError, match=told):
        retire(edition(programme, start), day)


def test_a_hole_is_closed_by_a_new_edition_and_the_retired_one_keeps_its_end(programme):
    retire(edition(programme, "2027-01-01"), "2027-03-01")
    assert in_force(programme, "2027-05-01") is None
    copy = copy_to_draft(edition(programme, "2027-01-01"), date(2027, 3, 1))
    publish_edition(ready(copy))
    assert in_force(programme, "2027-05-01") == copy
    assert terms(programme)[1:3] == [("2027-01-01", "2027-03-01"), ("2027-03-01", "2028-01-01")]


def test_without_the_withdrawn_one_the_edition_before_stands_again(programme):
    last = edition(programme, "2028-01-01")
    withdraw(last)
    assert (last.status, last.reason) == ("withdrawn", "发布错了")
    assert terms(programme) == [("2021-01-01", "2027-01-01"), ("2027-01-01", None)]
    before = edition(programme, "2027-01-01")
    assert "已撤回：发布错了" in before.history.first().history_change_reason
    withdraw(before)
    assert terms(programme) == [("2021-01-01", None)]


def test_between_two_others_the_gap_of_a_withdrawn_one_closes_and_its_day_is_free(programme):
    withdraw(edition(programme, "2027-01-01"))
    assert terms(programme) == [("2021-01-01", "2028-01-01"), ("2028-01-01", None)]
    again = draft_of(programme, "2027-01-01")
    publish_edition(ready(again))
    assert in_force(programme, "2027-06-01") == again


def test_an_end_of_its_own_comes_back_when_the_next_one_is_withdrawn(programme):
    last = edition(programme, "2028-01-01")
    retire(last, "2029-01-01")
    published(programme, "2028-06-01")
    assert terms(programme)[2:] == [("2028-01-01", "2028-06-01"), ("2028-06-01", None)]
    withdraw(edition(programme, "2028-06-01"))
    assert terms(programme)[2:] == [("2028-01-01", "2029-01-01")]


def test_what_was_retired_by_mistake_can_be_withdrawn(programme):
    last = edition(programme, "2028-01-01")
    retire(last, "2028-07-01")
    withdraw(last)
    assert terms(programme)[-1] == ("2027-01-01", None)


def test_a_correction_takes_the_place_from_the_same_day_and_both_say_why(programme):
    old = edition(programme, "2027-01-01")
    new = corrected(old)
    assert (old.status, old.reason, old.closed_at) == ("corrected", "限额看错了", NOW)
    assert (new.status, new.corrects, new.effective_from) == ("published", old, old.effective_from)
    assert in_force(programme, "2027-06-01") == new
    assert old.criteria.get().text != new.criteria.get().text
    for row in (old, new):
        assert "限额看错了" in row.history.first().history_change_reason
    assert len(terms(programme)) == 3


def test_a_correction_is_begun_once_and_can_itself_be_corrected(programme):
    old = edition(programme, "2028-01-01")
    assert begin_correction(old) == begin_correction(old)
    newer = corrected(old)
    newest = corrected(newer, text="又一次")
    assert standing_instead(old) == newest
    assert standing_instead(newest) is None
    with pytest.raises(EditionError, match="已更正"):
        begin_correction(old)


def test_a_correction_of_what_is_retired_is_retired(programme):
    last = edition(programme, "2028-01-01")
    retire(last, "2028-07-01")
    new = corrected(last)
    assert (new.status, new.reason, str(new.ends)) == ("retired", WHY, "2028-07-01")
    assert last.reason == "限额看错了"


def test_a_correction_that_changes_nothing_is_refused(programme):
    draft = begin_correction(edition(programme, "2028-01-01"))
    with pytest.raises(EditionError, match="完全一样"):
        publish_correction(ready(draft), reason="没有", now=NOW)


def test_a_correction_is_not_published_without_its_reason_nor_after_the_old_one_is_gone(programme):
    last = edition(programme, "2028-01-01")
    draft = begin_correction(last)
    with pytest.raises(EditionError, match="原因"):
        publish_edition(ready(draft))
    withdraw(last)
    with pytest.raises(EditionError, match="已撤回"):
        publish_correction(ready(draft), reason="限额看错了", now=NOW)


def test_what_is_pinned_is_corrected_but_not_withdrawn(programme):
    old = edition(programme, "2021-01-01")
    case = ApplicationFactory(edition=old)
    with pytest.raises(EditionError, match="已有申报"):
        withdraw(old)
    new = corrected(old)
    case.refresh_from_db()
    assert case.edition == old
    assert Catalogue().pinned_edition(old).criteria[0].text == old.criteria.get().text
    with pytest.raises(EditionError, match="已有申报"):
        withdraw(new)


FROZEN = ["reason = 'x'", "closed_at = '2020-01-01'", "digest = 'x'", "notices = '[1]'", "places = '[1]'",
          "is_packed = NOT is_packed", "effective_from = '2021-02-01'", "own_end = '2030-01-01'"]  # fmt: skip
CLOSED = ["retired", "withdrawn", "corrected"]
# All that each status asks for besides, so that nothing else refuses it.
TO = {
    "draft": "status = 'draft', reason = '', closed_at = NULL",
    "published": "status = 'published', reason = '', closed_at = NULL",
    "retired": "status = 'retired'",
    "withdrawn": "status = 'withdrawn'",
    "corrected": "status = 'corrected'",
}


def sql(statement, row):
    with connection.cursor() as cursor:
        cursor.execute(statement, [row.pk])


def refused(statement, row, message):
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        sql(statement, row)


def alone():
    """An edition without neighbours, which would refuse much of what is tried on it."""
    draft = draft_of(ProgrammeFactory(), "2021-01-01", own_end="2029-01-01")
    publish_edition(ready(draft))
    return draft


def closed(status):
    row = alone()
    if status == "retired":
        retire(row, "2028-07-01")
    elif status == "withdrawn":
        begin_correction(row)
        withdraw(row)
    else:
        withdraw(corrected(row))
    assert row.status == status
    return row


@pytest.mark.django_db
@pytest.mark.parametrize("status", CLOSED)
@pytest.mark.parametrize("change", FROZEN)
def test_the_database_keeps_closed_editions_as_they_are(status, change):
    row = closed(status)
    refused(f"UPDATE catalogue_edition SET {change} WHERE id = %s", row, MESSAGE)
    refused("UPDATE catalogue_criterion SET text = 'x' WHERE edition_id = %s", row, MESSAGE)
    refused("DELETE FROM catalogue_criterion WHERE edition_id = %s", row, MESSAGE)
    refused("DELETE FROM catalogue_edition WHERE id = %s", row, MESSAGE)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["withdrawn", "corrected"])
@pytest.mark.parametrize("to", TO)
def test_the_database_leaves_what_was_replaced_as_it_is(status, to):
    row = closed(status)
    if status != to:
        refused(f"UPDATE catalogue_edition SET {TO[to]} WHERE id = %s", row, MOVE)
    refused("UPDATE catalogue_edition SET ends = '2028-01-01' WHERE id = %s", row, MESSAGE)


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["draft", "published"])
def test_the_database_reopens_no_retired_edition(to):
    row = closed("retired")
    refused(f"UPDATE catalogue_edition SET {TO[to]} WHERE id = %s", row, MOVE)


@pytest.mark.django_db
@pytest.mark.parametrize("to", CLOSED)
def test_the_database_closes_nothing_without_reason_nor_from_a_draft(to):
    row = alone()
    draft = begin_correction(row)
    # Two want it: it lacks a reason only.
    agree(row, "retire", day=row.own_end)
    agree(row, "withdraw")
    agree(draft, "correct")
    closing = f"UPDATE catalogue_edition SET status = '{to}', closed_at = CURRENT_TIMESTAMP"
    refused(f"{closing} WHERE id = %s", row, "edition_is_closed_with_a_reason")
    # Nothing corrects a draft, so that none is corrected by its status alone.
    refused(
        f"{closing}, digest = 'd', reason = 'x' WHERE id = %s",
        draft_of(ProgrammeFactory(), "2035-01-01", own_end="2039-01-01"),
        CORRECTS if to == "corrected" else MOVE,
    )


def test_the_database_corrects_nothing_without_what_takes_its_place(programme):
    row = edition(programme, "2028-01-01")
    refused(
        "UPDATE catalogue_edition SET status = 'corrected', reason = 'x',"
        " closed_at = CURRENT_TIMESTAMP WHERE id = %s",
        row,
        CORRECTS,
    )
    draft = begin_correction(row)
    later = "UPDATE catalogue_edition SET effective_from = '2029-01-01' WHERE id = %s"
    refused(later, draft, CORRECTS)
    with pytest.raises(IntegrityError, match=CORRECTS), transaction.atomic():
        EditionFactory(programme=ProgrammeFactory(), effective_from="2028-01-01", corrects=row)


def attempt(task):
    def run():
        try:
            task()
        except EditionError:
            return 0
        return 1

    return run


@pytest.mark.django_db(transaction=True)
@needs_connections
@pytest.mark.parametrize("other", ["retire", "withdraw", "correct"])
def test_who_acts_on_an_edition_while_another_is_published_leaves_no_overlap(other):
    for number in range(4):
        programme = ProgrammeFactory(id=f"p-{number}")
        published(programme, *YEARS)
        row = edition(programme, "2028-01-01")
        new, correction = draft_of(programme, "2027-06-01"), begin_correction(row)
        correction.criteria.update(text="更正后的条件")
        acts = {
            "retire": lambda row=row: retire_edition(
                row, reason=WHY, day=date(2028, 7, 1), now=NOW
            ),
            "withdraw": lambda row=row: withdraw_edition(row, reason=WHY, now=NOW),
            "correct": lambda draft=correction: publish_correction(draft, reason=WHY, now=NOW),
        }
        ready(new)
        at_once([lambda draft=new: publish_edition(draft), acts[other]])
        last = {
            "retire": [("2028-01-01", "2028-07-01")],
            "withdraw": [],
            "correct": [("2028-01-01", None)],
        }
        expected = [
            ("2021-01-01", "2027-01-01"),
            ("2027-01-01", "2027-06-01"),
            ("2027-06-01", "2028-01-01" if other != "withdraw" else None),
            *last[other],
        ]
        assert terms(programme) == expected


@pytest.mark.django_db(transaction=True)
@needs_connections
def test_of_two_who_close_an_edition_at_once_one_does():
    for number in range(4):
        programme = ProgrammeFactory(id=f"p-{number}")
        published(programme, "2021-01-01", "2028-01-01")
        row = edition(programme, "2028-01-01")
        correction = begin_correction(row)
        correction.criteria.update(text="更正后的条件")
        done = at_once(
            [
                attempt(lambda row=row: withdraw_edition(row, reason=WHY, now=NOW)),
                attempt(lambda draft=correction: publish_correction(draft, reason=WHY, now=NOW)),
                attempt(lambda row=row: withdraw_edition(row, reason=WHY, now=NOW)),
            ]
        )
        assert sum(done) == 1
