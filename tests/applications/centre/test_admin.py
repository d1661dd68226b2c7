"""The cases in the admin: who sees them, what can be done, and what the list exports."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from applications.cases.workflow import Status
from tests.applications.cases.test_experts import expert_case
from tests.applying import handed_in, in_bulk
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    ExpertScoreFactory,
    StepFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

LIST = reverse("admin:cases_application_changelist")
APPLICATIONS = reverse("admin:cases_application_list", args=["applications"])
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def case(application):
    return reverse("admin:cases_application_change", args=[application.pk])


def decide(client, application, action, opinion="", seen=None, **more):
    url = reverse("admin:cases_application_decide", args=[application.pk])
    application.refresh_from_db()
    seen = application.version if seen is None else seen
    return client.post(url, {"action": action, "opinion": opinion, "seen": seen, **more})


def approve(client, application):
    """Through the county's one step, as the 小升规 sheet prints it."""
    decide(client, application, "accept")
    decide(client, application, "recommend")


@pytest.fixture
def application(client):
    load_catalogue()
    return handed_in()


@pytest.fixture
def reviewer(client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_a_reviewer_sees_the_assessment_clause_by_clause(client, application, reviewer):
    page = client.get(case(application)).content.decode()
    assert "晋市政办〔2021〕35号" in page
    assert "企业填报的全部数据" in page
    assert "2000 万元" in page


def test_a_reviewer_accepts_and_recommends(client, application, reviewer):
    assert decide(client, application, "accept").status_code == 302
    assert decide(client, application, "recommend").status_code == 302
    application.refresh_from_db()
    assert application.status == Status.APPROVED
    assert application.events.last().actor == reviewer


def test_rejecting_takes_a_reason_and_keeps_what_was_typed(client, application, reviewer):
    response = decide(client, application, "reject", "  ")
    assert response.status_code == 400
    assert "请写明理由" in response.content.decode()
    response = decide(client, application, "nonsense", "缺纳统证明")
    assert "缺纳统证明" in response.content.decode()
    decide(client, application, "reject", "缺纳统证明")
    client.force_login(application.submitted_by)
    own = reverse("firm:case", args=[application.reference])
    assert "缺纳统证明" in client.get(own).content.decode()


def test_a_page_grown_old_changes_nothing(client, application, reviewer):
    decide(client, application, "accept")
    response = decide(client, application, "reject", "晚了一步", seen=0)
    page = response.content.decode()
    assert "已被他人处理" in page
    assert "晚了一步" in page
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW


def test_deciding_takes_a_post(client, application, reviewer):
    url = reverse("admin:cases_application_decide", args=[application.pk])
    assert client.get(url).status_code == 405


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140500"}, 200),
        ({"jurisdiction_code": "140522"}, 404),
        ({"jurisdiction_code": ""}, 404),
        ({"permissions": []}, 403),
        ({"is_staff": False}, 302),
    ],
)
def test_a_case_opens_only_for_those_in_charge(client, application, who, status):
    client.force_login(UserFactory(**who))
    assert client.get(case(application)).status_code == status
    if status != 200:
        assert decide(client, application, "accept").status_code == status
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_who_may_only_look_cannot_decide_or_export(client, application):
    client.force_login(UserFactory(permissions=["view_application"]))
    assert 'id="decision"' not in client.get(case(application)).content.decode()
    assert decide(client, application, "accept").status_code == 403
    assert client.get(APPLICATIONS).status_code == 403
    assert "导出奖补名单" not in client.get(LIST).content.decode()


def test_nobody_adds_changes_or_deletes_a_case_by_hand(client, application):
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(reverse("admin:cases_application_add")).status_code == 403
    url = reverse("admin:cases_application_delete", args=[application.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    client.post(case(application), {"status": "approved"})
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_the_list_and_its_filters_hold_only_ones_own(client, application, reviewer):
    elsewhere = ApplicationFactory(
        enterprise__credit_code="91140522MA0K00003X",
        enterprise__name="阳城县另一家公司",
        enterprise__county__code="140522",
        enterprise__county__name="阳城县",
    )
    page = client.get(LIST).content.decode()
    assert application.number in page
    assert "阳城" not in page
    found = client.get(
        LIST, {"queue": "all", "q": elsewhere.enterprise.credit_code}
    ).content.decode()
    assert elsewhere.number not in found
    enterprises = client.get(reverse("admin:enterprises_enterprise_changelist"))
    assert enterprises.status_code == 403


def test_the_list_takes_the_same_queries_for_many_cases(
    client, application, reviewer, django_assert_max_num_queries
):
    ApplicationFactory.create_batch(30, county_id="140521")
    client.get(LIST)
    with django_assert_max_num_queries(19):
        response = client.get(LIST)
    listed = response.context["cl"].result_list
    assert len(listed) == 31
    # What was answered and judged is large, and no column shows it.
    assert all(each.get_deferred_fields() == {"answers", "assessment"} for each in listed)


def test_accepting_in_bulk_names_each_failure(client, application, reviewer):
    done = ApplicationFactory(status=Status.REJECTED, county_id="140521")
    data = in_bulk("accept_selected", application, done)
    page = client.post(f"{LIST}?queue=all", data, follow=True).content.decode()
    assert f"{done.number}：“未通过”的申报不能“受理”" in page
    assert "受理 1 件" in page


def test_the_queue_holds_what_waits_at_ones_desk_the_oldest_first(client, application, reviewer):
    older = ApplicationFactory(
        county_id="140521", arrived_at=timezone.now() - timedelta(days=3), number="140521-A"
    )
    at_the_city = ApplicationFactory(county_id="140521", desk="city")
    done = ApplicationFactory(county_id="140521", status=Status.APPROVED)

    def listed(**query):
        return [row.number for row in client.get(LIST, query).context["cl"].result_list]

    assert listed() == [older.number, application.number]
    assert set(listed(queue="all")) >= {at_the_city.number, done.number}
    assert listed(verdict="eligible") == listed()
    assert listed(verdict="unknown") == []


def test_the_list_is_filtered_by_the_step_that_a_case_waits_at(client):
    edition = EditionFactory()
    for level, title in (("county", "初审"), ("city", "专家评审")):
        StepFactory(edition=edition, level=level, title=title)
    first = ApplicationFactory(edition=edition)
    second = ApplicationFactory(edition=edition, subject="二号", step=1, status=Status.IN_REVIEW)
    ApplicationFactory(edition=edition, subject="三号", step=1, status=Status.REJECTED)
    client.force_login(UserFactory())

    def listed(step):
        page = client.get(LIST, {"queue": "all", "step": step})
        return [row.number for row in page.context["cl"].result_list]

    assert listed("初审") == [first.number]
    assert listed("专家评审") == [second.number]
    assert listed("没有这个环节") == []


@pytest.mark.parametrize(
    ("limit", "today", "shown"),
    [
        (None, "2026-10-09", "已等 2 个工作日"),
        (3, "2026-10-09", "剩 1 个工作日"),
        (1, "2026-10-09", "超期 1 个工作日"),
        (3, "2027-01-04", "2026-09-29 到"),
    ],
)
def test_the_queue_counts_working_days(client, limit, today, shown, time_machine):
    """国庆 2026: 09-30 and 10-08 are worked, 10-01 to 10-07 are off; 2027 is not published."""
    arrived = datetime(2026, 9, 29, 9, tzinfo=UTC)
    edition = EditionFactory()
    StepFactory(edition=edition, kind="review", level="county", working_days=limit)
    ApplicationFactory(edition=edition, submitted_at=arrived)
    time_machine.move_to(f"{today}T01:00:00Z" if today > "2027" else "2026-10-08T01:00:00Z")
    client.force_login(UserFactory())
    assert shown in strip_tags(client.get(LIST).content.decode())


def test_giving_a_case_back_opens_only_what_was_named(client, application, reviewer):
    data = {"facts": ["revenue.main_business.y0"], "materials": ["其他材料"]}
    assert decide(client, application, "return", "", **data).status_code == 400
    page = decide(client, application, "return", "收入与报表不符", facts=["no.such.fact"])
    assert page.status_code == 400
    assert "收入与报表不符" in page.content.decode()
    assert decide(client, application, "return", "收入与报表不符", **data).status_code == 302
    application.refresh_from_db()
    assert application.status == Status.RETURNED
    correction = application.corrections.get()
    assert correction.facts == ["revenue.main_business.y0"]
    assert correction.materials == ["其他材料"]


@pytest.mark.parametrize("day", ["", "2999-01-01", "31.12.2026"])
def test_a_visit_needs_a_day_that_has_been(client, application, reviewer, day):
    response = decide(client, application, "visit", "生产线在运行", visited_on=day)
    assert response.status_code == 400
    assert "生产线在运行" in response.content.decode()
    assert application.events.count() == 1
    today = timezone.localdate().isoformat()
    assert decide(client, application, "visit", "在运行", visited_on=today).status_code == 302
    assert f"核查日期 {today}" in client.get(case(application)).content.decode()


def test_a_case_shows_what_differs_from_the_firms_last_year(client, application, reviewer):
    ApplicationFactory(
        enterprise=application.enterprise,
        edition=application.edition,
        year=application.year - 1,
        answers={"revenue.main_business.y0": 1500, "industry.section": "C"},
    )
    page = client.get(case(application))
    rows = page.context["earlier"]["rows"]
    assert [(before, after) for _, before, after in rows] == [("1500 万元", "2000 万元")]


def test_a_case_is_compared_with_the_last_year_that_there_was(client, application, reviewer):
    """By the year it was applied for, whenever it came in."""
    of_the_firm = {"enterprise": application.enterprise, "edition": application.edition}
    before, now = application.year - 1, timezone.now()
    last = ApplicationFactory(**of_the_firm, year=before, submitted_at=now - timedelta(days=9))
    ApplicationFactory(**of_the_firm, year=before - 1, submitted_at=now)

    assert client.get(case(application)).context["earlier"]["application"] == last


def test_a_case_takes_the_same_queries_for_many_cases_of_its_firm(
    client, application, reviewer, django_assert_num_queries
):
    fields = {"enterprise": application.enterprise, "year": application.year}
    ApplicationFactory(**fields, answers={"revenue.main_business.y0": 1500})
    client.get(case(application))
    with django_assert_num_queries(28):
        client.get(case(application))
    for number in range(9):
        fields["year"] = application.year - number % 3
        ApplicationFactory(**fields, answers={"revenue.main_business.y0": number})
    client.get(case(application))  # the programmes of these are new: rules are read once more
    with django_assert_num_queries(28):
        assert len(client.get(case(application)).context["others"]) == 10


def test_a_case_shows_what_another_case_of_the_year_says_otherwise(client, application, reviewer):
    fields = {"enterprise": application.enterprise, "year": application.year}
    revenue = "revenue.main_business.y0"
    other = ApplicationFactory(**fields, answers={revenue: 1500, "project.total_investment": 9})
    ApplicationFactory(**fields, answers={revenue: 2000})
    page = client.get(case(application))
    (row,) = page.context["contradictions"]
    assert row["application"] == other
    assert [(there, here) for _, there, here in row["rows"]] == [("1500 万元", "2000 万元")]
    assert "说法不一" in page.content.decode()


def test_a_colleague_can_only_take_over(client, application, reviewer):
    decide(client, application, "take_over")
    client.force_login(UserFactory())
    page = client.get(case(application))
    assert [action.value for action in page.context["actions"]] == ["take_over"]
    response = decide(client, application, "accept")
    assert response.status_code == 400
    assert "接手办理" in response.content.decode()
    decide(client, application, "take_over")
    assert decide(client, application, "accept").status_code == 302


def test_another_level_can_do_nothing_and_reads_why(client, application):
    client.force_login(UserFactory(jurisdiction_code="140500"))
    page = client.get(case(application))
    assert (page.context["actions"], page.context["can_return"]) == ([], False)
    told = "这件申报现在由县级办理，只能由县级的人办理或接手。"
    assert told in page.content.decode()
    for action in ("accept", "take_over"):
        response = decide(client, application, action)
        assert response.status_code == 400
        assert response.context["problem"] == told


def test_what_the_province_decided_is_recorded_with_its_document_number(client):
    edition = EditionFactory()
    for level, title in (("city", "审核推荐"), ("province", "专家评价")):
        StepFactory(edition=edition, level=level, title=title)
    recorded = ApplicationFactory(edition=edition, status="in_review", desk="city")
    client.force_login(UserFactory(jurisdiction_code="140500"))
    assert "上级文件的文号" not in client.get(case(recorded)).content.decode()
    assert decide(client, recorded, "recommend").status_code == 302
    assert "上级文件的文号" in client.get(case(recorded)).content.decode()
    refused = decide(client, recorded, "recommend")
    assert (refused.status_code, "请到申报页面上填" in refused.content.decode()) == (400, True)
    chosen = in_bulk("recommend_selected", recorded)
    assert "请到申报页面上填" in client.post(LIST, chosen, follow=True).content.decode()
    number = "晋企发〔2026〕3号"
    assert decide(client, recorded, "recommend", document_number=number).status_code == 302
    recorded.refresh_from_db()
    assert recorded.status == Status.APPROVED
    assert f"（专家评价），{number}" in client.get(case(recorded)).content.decode()


def test_who_decided_for_the_county_reads_why_they_cannot_for_the_city(client):
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    city_step = expert_case(status="in_review", step=0, desk="county")
    client.force_login(root)
    assert decide(client, city_step, "recommend").status_code == 302
    page = client.get(case(city_step))
    told = "您在县级环节已经办理过这件申报，市级环节要由另一人办理。"
    assert told in page.content.decode()
    assert [action.value for action in page.context["actions"]] == []
    assert (page.context["can_return"], page.context["can_visit"]) == (False, True)
    city_step.refresh_from_db()
    ExpertScoreFactory(assignment__application=city_step)
    chosen = in_bulk("recommend_selected", city_step)
    answer = client.post(LIST, chosen, follow=True).content.decode()
    assert f"{city_step.number}：{told}" in answer
    city_step.refresh_from_db()
    assert city_step.step == 1
