"""Days without an edition: named by the check, unless the programme is retired for good."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from policies.consistency.gaps import Gap, check_gaps, gaps_between
from tests.factories import CriterionFactory, EditionFactory, ProgrammeFactory, ready
from tests.two_editors import publish_edition, retire_edition

ON = date(2026, 11, 27)


def data(starts, ends=None, **more):
    return {"id": "p", "effective_from": starts, "ends": ends, **more}


@pytest.mark.parametrize(
    ("contents", "faults"),
    [
        ([data("2021-01-01", "2027-01-01"), data("2027-01-01")], []),
        (
            [data("2028-01-01"), data("2021-01-01", "2027-01-01")],
            ["2027-01-01 起、2028-01-01 前没有版本"],
        ),
        # What is over can no more be mended.
        ([data("2021-01-01", "2022-01-01"), data("2023-01-01")], []),
        ([data("2021-01-01", "2022-01-01")], ["自 2022-01-01 起没有版本"]),
        ([data("2021-01-01", "2027-01-01", is_retired=True)], []),
        (
            [data("2021-01-01", "2027-01-01", is_retired=True), data("2027-02-01")],
            ["2027-01-01 起、2027-02-01 前没有版本"],
        ),
    ],
)
def test_the_check_names_the_days_without_an_edition(contents, faults):
    problems, retired = check_gaps(contents, ON)
    assert [problem.fault.split("，")[0] for problem in problems] == faults
    last = max(contents, key=lambda row: row["effective_from"])
    assert bool(retired) == bool(last.get("is_retired"))


def test_without_editions_there_is_no_gap():
    assert gaps_between([]) == []
    day = date(2027, 1, 1)
    assert gaps_between([(ON, day)]) == [Gap(day, None)]


@pytest.mark.django_db
def test_the_command_fails_for_a_hole_and_only_tells_of_what_is_retired(capsys):
    editions = []
    for number, ends in enumerate(("2099-01-01", None)):
        edition = EditionFactory(programme=ProgrammeFactory(id=f"p-{number}"), own_end=ends)
        CriterionFactory(edition=edition, kind="manual", rule=None)
        publish_edition(ready(edition))
        edition.refresh_from_db()
        editions.append(edition)
    now = datetime(2026, 11, 27, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    retire_edition(editions[1], reason="已废止", day=date(2098, 1, 1), now=now)
    with pytest.raises(SystemExit):
        call_command("check_catalogue")
    lines = capsys.readouterr().out.splitlines()
    assert any("p-0" in line and "自 2099-01-01 起没有版本" in line for line in lines)
    assert any("p-1" in line and "自 2098-01-01 起停用" in line for line in lines)
