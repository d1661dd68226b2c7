"""A self-check of last year carried into this one: seen, confirmed, and only the new asked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from policies.self_check.models import SelfCheck
from tests.applying import at
from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ANSWERS = {
    "enterprise.county": "140521",
    "enterprise.subject_type": "company",
    "industry.section": "C",
    "enterprise.founded_on": "2020-05-20",
    "enterprise.employees": 85,
    "assets.total.y1": 900,
    "revenue.main_business.y0": 1900,
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}


@pytest.fixture
def check(db, time_machine):
    time_machine.move_to(at(2026, 11, 20, 9), tick=False)
    load_catalogue()
    subject = next(iter(facts()["enterprise.subject_type"].choices))
    check = SelfCheckFactory(
        answers=ANSWERS | {"enterprise.subject_type": subject},
        steps=[
            ["enterprise.county", "enterprise.subject_type", "industry.section"],
            ["enterprise.founded_on", "revenue.main_business.y0"],
        ],
        topics=["above_scale"],
    )
    time_machine.move_to(at(2027, 1, 1, 0), tick=False)
    return check


def address(check, name="result-carry"):
    return reverse(f"self_check:{name}", args=[check.token])


def carried(client, check, **data):
    response = client.post(address(check), data)
    assert response.status_code == 302
    return SelfCheck.objects.exclude(pk=check.pk).get(), response["Location"]


def test_the_page_tells_each_answer_with_its_year_and_what_becomes_of_it(client, check):
    result = client.get(address(check, "result")).content.decode()
    assert "这是 2026 年的测算" in result and address(check) in result
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address(check))
    assert len(asked) <= 4
    page = response.context["page"]
    assert {row["key"] for row in page["lasting"]} == {
        key for key in ANSWERS if key.split(".")[0] in ("industry", "stat")
    } | {"enterprise.county", "enterprise.subject_type", "enterprise.founded_on"}
    assert [(row["label"], row["value"]) for row in page["moved"]] == [
        ("资产总额（2025年）", "900 万元")
    ]
    anew = {row["label"]: (row["year"], row["value"]) for row in page["anew"]}
    assert anew["主营业务收入（2027年）"] == (2026, "1900 万元")
    assert anew["资产总额（2026年）"] == (2025, "900 万元")
    assert (2026, "85 人") in anew.values()
    html = response.content.decode()
    assert "2026 年填的是 1900 万元" in html
    # To look changes nothing.
    assert SelfCheck.objects.count() == 1


def test_what_has_not_changed_is_kept_and_only_the_new_is_asked(client, check):
    new, location = carried(client, check)
    assert new.on == timezone.localdate() and new.topics == ["above_scale"]
    assert new.answers["stat.first_upgrade_year"] == 2026
    assert new.answers["assets.total.y2"] == 900
    assert not {"enterprise.employees", "revenue.main_business.y0", "assets.total.y1"} & set(
        new.answers
    )
    # The next questions, none that was answered for good.
    asked = client.get(location).context["form"].keys
    assert asked and not set(asked) & set(new.answers)
    check.refresh_from_db()
    assert check.answers["revenue.main_business.y0"] == 1900


def test_last_years_answer_stands_beside_the_question_and_not_in_its_field(client, check):
    _, location = carried(client, check)
    for _ in range(20):
        page = client.get(location)
        form = page.context["form"]
        if "enterprise.employees" in form.keys:
            break
        location = client.post(location, {"asked": ",".join(form.keys)})["Location"]
    assert "2026年填的是 85 人" in page.content.decode()
    assert not form["enterprise__employees"].value()


def test_what_has_changed_is_asked_anew_beside_what_was_said(client, check):
    new, location = carried(client, check, changed=["enterprise.county", "stat.direct_reporting"])
    assert "enterprise.county" not in new.answers and "stat.direct_reporting" not in new.answers
    assert location == reverse("self_check:self-check-step", args=[new.token, 1])
    page = client.get(location).content.decode()
    assert "2026年填的是 沁水县" in page


def test_what_the_catalogue_no_longer_understands_is_asked_anew_and_said(client, check):
    check.answers = {**check.answers, "industry.section": "ZZ"}
    check.save()
    page = client.get(address(check)).context["page"]
    assert "industry.section" not in {row["key"] for row in page["lasting"]}
    assert "ZZ" in {row["value"] for row in page["anew"]}
    new, _ = carried(client, check)
    assert "industry.section" not in new.answers


def test_within_its_year_there_is_nothing_to_carry(client, check, time_machine):
    time_machine.move_to(at(2026, 12, 31, 23), tick=False)
    assert client.get(address(check))["Location"] == address(check, "result")
    assert client.post(address(check))["Location"] == address(check, "result")
    assert SelfCheck.objects.count() == 1


def test_it_is_kept_for_next_year_by_one_click(client, check, time_machine):
    time_machine.move_to(at(2026, 3, 1, 9), tick=False)
    early = SelfCheckFactory(expires_at=timezone.now() + timedelta(days=90))
    page = client.get(address(early, "result")).content.decode()
    assert "留到明年再用" in page
    told = client.post(address(early, "result-keep"), follow=True).content.decode()
    assert "保留到 2027年6月30日" in told and early.code_in_halves in told
    time_machine.move_to(at(2027, 6, 30, 12), tick=False)
    assert client.get(address(early)).status_code == 200
    time_machine.move_to(at(2027, 7, 1, 1), tick=False)
    assert client.get(address(early)).status_code == 404
