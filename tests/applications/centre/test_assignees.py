"""Who has a case, on the clerk's desk: seen, changed from the case and for many, and filtered by."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.services.assignment import assign
from applications.cases.workflow import Status
from applications.centre.cases.assignees import NO_COLLEAGUES, NOTHING_ASSIGNED
from portal.users import deactivate_user
from tests.applications.centre.test_admin import LIST, case
from tests.applications.centre.test_desk import NEXT, decided, kept, said
from tests.applying import in_bulk
from tests.factories import (
    ApplicationFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def reviewer(client):
    user = UserFactory(first_name="李四")
    client.force_login(user)
    return user


@pytest.fixture
def colleague(reviewer):
    return UserFactory(first_name="张三")


@pytest.fixture
def three():
    now = timezone.now()
    return [
        ApplicationFactory(county_id="140521", arrived_at=now - timedelta(days=days))
        for days in (3, 2, 1)
    ]


def give(client, application, colleague, **more):
    application.refresh_from_db()
    address = reverse("admin:cases_application_assignee", args=[application.pk])
    data = {"colleague": colleague.pk if colleague else "", "seen": application.version, **more}
    return client.post(address, data, follow=True)


def listed(client, **query):
    return [row.pk for row in client.get(LIST, query).context["cl"].result_list]


def test_a_case_is_given_to_a_colleague_and_back_from_its_page(client, reviewer, colleague, three):
    first = three[0]
    shown = client.get(case(first)).content.decode()
    assert "还没有分给谁" in shown
    page = give(client, first, colleague, reason="片区在他那里")
    assert said(page) == [f"{first.number}：已分给张三。"]
    shown = page.content.decode()
    assert "片区在他那里" in shown
    assert f"李四 {timezone.localdate():%Y年%-m月%-d日}分配" in shown
    assert "分配办理</strong>（张三）" in shown
    assert [action.value for action in page.context["actions"]] == ["take_over"]
    assert "现在由县级（张三）办理" in shown
    page = give(client, first, None)
    assert said(page) == [f"{first.number}：已取消分配。"]
    first.refresh_from_db()
    assert first.assignee is None


def test_what_is_wrong_stands_beside_it_and_the_reason_is_kept(client, reviewer, colleague, three):
    stranger = UserFactory(jurisdiction_code="140500")
    page = give(client, three[0], stranger, reason="试试看")
    assert page.status_code == 400
    shown = page.content.decode()
    assert "这位同事现在不能办理所选的申报" in shown
    assert 'value="试试看"' in shown
    page = give(client, three[0], colleague, seen=7)
    assert "已被他人处理" in page.context["problem"]
    page = give(client, three[0], colleague, reason="长" * 201)
    assert "说明最多 200 字" in page.content.decode()
    three[0].refresh_from_db()
    assert three[0].assignee is None
    give(client, three[0], colleague)
    assert "没有改动" in said(give(client, three[0], colleague))[0]


def test_many_are_given_to_a_colleague_after_a_look(client, reviewer, colleague, three):
    ended = ApplicationFactory(county_id="140521", status=Status.REJECTED)
    at_city = ApplicationFactory(county_id="140521", desk="city")
    rows = [*three, ended, at_city]
    chosen = {"action": "assign_selected", "_selected_action": [row.pk for row in rows]}
    page = client.post(f"{LIST}?queue=all", chosen)
    refusals = {row["case"].pk: row["refusal"] for row in page.context["rows"]}
    assert refusals[ended.pk] == "“未通过”的申报不用分配。"
    assert "由市级办理" in refusals[at_city.pk]
    assert [refusals[row.pk] for row in three] == ["", "", ""]
    data = in_bulk("assign_selected", *three, at_city)
    page = client.post(f"{LIST}?queue=all", data)
    assert "请选择分给谁" in page.content.decode()
    page = client.post(f"{LIST}?queue=all", {**data, "colleague": colleague.pk}, follow=True)
    told = said(page)
    assert f"{at_city.number}：" in told[0]
    assert told[-1] == "已把 3 件分给张三。"
    assert listed(client) == []
    assert listed(client, queue="office") == [row.pk for row in three]
    client.force_login(colleague)
    assert listed(client) == listed(client, queue="own") == [row.pk for row in three]


def test_many_are_taken_from_their_clerks_at_once(client, reviewer, colleague, three):
    at_city = ApplicationFactory(
        county_id="140521", desk="city", assignee=UserFactory(jurisdiction_code="140500")
    )
    for row in three[:2]:
        give(client, row, colleague)
    chosen = [row.pk for row in (*three, at_city)]
    data = {"action": "unassign_selected", "_selected_action": chosen}
    page = client.post(f"{LIST}?queue=all", data, follow=True)
    assert [told.split("：")[0] for told in said(page)] == [at_city.number, "已取消 2 件的分配。"]
    assert listed(client) == [row.pk for row in three]
    assert [row.events.count() for row in three] == [2, 2, 0]
    at_city.refresh_from_db()
    assert at_city.assignee is not None
    page = client.post(f"{LIST}?queue=all", data, follow=True)
    assert said(page)[-1] == NOTHING_ASSIGNED


def test_what_was_done_meanwhile_is_left_alone_in_bulk(client, reviewer, colleague, three):
    data = in_bulk("assign_selected", *three[:2])
    decided(client, three[0], "visit", opinion="看过", visited_on="2026-01-05")
    page = client.post(LIST, {**data, "colleague": colleague.pk}, follow=True)
    assert "在您打开页面之后已被他人处理" in said(page)[-2]
    assert said(page)[-1] == "已把 1 件分给张三。"


def test_nothing_is_assigned_where_it_is_nobodys_here(client, reviewer):
    at_city = ApplicationFactory(county_id="140521", desk="city")
    data = {"action": "assign_selected", "_selected_action": [at_city.pk]}
    page = client.post(f"{LIST}?queue=all", data, follow=True)
    assert said(page) == [NO_COLLEAGUES]


def test_the_next_one_stays_within_what_is_ones_own(client, reviewer, colleague, three):
    for row in three[:2]:
        give(client, row, reviewer)
    assert listed(client) == [row.pk for row in three]
    assert listed(client, queue="own") == [row.pk for row in three[:2]]
    query = "queue=own"
    page = decided(client, three[0], "reject", query, opinion="材料不实")
    assert page.redirect_chain[-1][0].startswith(case(three[1]))
    page = decided(client, three[1], "reject", query, opinion="材料不实")
    assert page.redirect_chain[-1][0] == f"{LIST}?queue=own"
    give(client, three[2], colleague)
    assert client.get(NEXT + kept("queue=office")).url == f"{LIST}?queue=office"


def test_the_office_sees_its_own_desk_and_all_is_all(client, reviewer, three):
    ApplicationFactory(county=JurisdictionFactory(code="140522"))
    at_city = ApplicationFactory(county_id="140521", desk="city")
    returned = ApplicationFactory(county_id="140521", status=Status.RETURNED)
    done = ApplicationFactory(county_id="140521", status=Status.REJECTED)
    office = {row.pk for row in (*three, returned)}
    assert set(listed(client, queue="office")) == office
    assert set(listed(client, queue="all")) == office | {at_city.pk, done.pk}
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    assert set(listed(client, queue="office")) >= office | {at_city.pk}


def test_whose_account_ended_is_said_and_holds_nothing_up(client, reviewer, colleague, three):
    give(client, three[0], colleague)
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    deactivate_user(user=colleague, actor=root, reason="离职")
    told = "没有人经办：原由张三办理，账号已停用"
    assert listed(client) == [row.pk for row in three]
    assert told in client.get(LIST).content.decode()
    page = client.get(case(three[0]))
    assert told in page.content.decode()
    assert "accept" in [action.value for action in page.context["actions"]]
    assert decided(client, three[0], "accept").status_code == 200
    three[0].refresh_from_db()
    assert three[0].status == Status.IN_REVIEW


def test_the_firm_reads_nothing_of_who_in_the_office_has_its_case(
    client, reviewer, colleague, three
):
    member = MembershipFactory(enterprise=three[0].enterprise).user
    assign(
        application=three[0], assignee=colleague, actor=reviewer, reason="内部说明",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(member)
    own = reverse("firm:case", args=[three[0].reference])
    shown = client.get(own).content.decode()
    assert "办理记录" in shown
    for words in ("内部说明", "分配", "张三"):
        assert words not in shown


@pytest.mark.parametrize(("place", "status"), [("140522", 404), ("140500", 200)])
def test_only_the_desk_itself_assigns(client, reviewer, colleague, three, place, status):
    JurisdictionFactory(code="140522")
    client.force_login(UserFactory(jurisdiction_code=place))
    assert give(client, three[0], colleague).status_code == (400 if status == 200 else status)
    page = client.get(case(three[0]))
    assert page.status_code == status
    if status == 200:
        assert page.context["assignee_form"] is None
    three[0].refresh_from_db()
    assert three[0].assignee is None


def test_many_assigned_take_as_many_queries_as_few(
    client, reviewer, colleague, django_assert_num_queries
):
    many = ApplicationFactory.create_batch(30, county_id="140521", assignee=colleague)
    client.get(LIST, {"queue": "office"})
    chosen = [row.pk for row in many]
    data = {"action": "assign_selected", "_selected_action": chosen}
    client.post(f"{LIST}?queue=office", data)
    for count in (1, 30):
        with django_assert_num_queries(19):
            one_row = {"action": "assign_selected", "_selected_action": chosen[:count]}
            assert len(client.post(f"{LIST}?queue=office", one_row).context["rows"]) == count


def test_whose_the_work_is_stands_above_the_list_once(client, reviewer, three):
    page = client.get(LIST, {"queue": "office"}).content.decode()
    [tabs] = re.findall(r'<nav class="tabs" aria-label="待办">(.*?)</nav>', page)
    names = re.findall(r">([^<]+)</a>", tabs)
    assert names == ["等我办理", "我的", "本科室", "全部"]
    assert re.findall(r'aria-current="true">([^<]+)<', tabs) == ["本科室"]
    assert page.index(tabs) < page.index('id="result_list"')
    assert page.count(">本科室<") == 1
    assert 'href="#changelist-filter"' in page and 'id="changelist-filter"' in page
