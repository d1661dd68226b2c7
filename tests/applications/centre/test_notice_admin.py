"""Notices in the admin: who may handle them, and each step from the list of cases to the end."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.notices.models import Notice, Objection
from tests.factories import (
    ApplicationFactory,
    JurisdictionFactory,
    ManagerFactory,
    ObjectionFactory,
    approved_cases,
    drafted_notice,
    posted_notice,
)

CASES = reverse("admin:cases_application_changelist") + "?queue=all"
LIST = reverse("admin:notices_notice_changelist")
POSTED = datetime(2026, 9, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
WORDS = {"title": "名单公示", "text": "现公示如下。", "working_days": "6"}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def manager(client, time_machine):
    JurisdictionFactory()
    user = ManagerFactory()
    client.force_login(user)
    time_machine.move_to(POSTED, tick=False)
    return user


@pytest.fixture
def draft(manager):
    return drafted_notice(approved_cases(2), manager)


@pytest.fixture
def posted(manager):
    return posted_notice(approved_cases(2), POSTED, manager)


def url(notice, name="change"):
    return reverse(f"admin:notices_notice_{name}", args=[notice.pk])


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_cases_chosen_in_the_list_join_a_batch_and_what_is_refused_is_named(client):
    good = approved_cases(1)[0]
    waiting = ApplicationFactory(edition=good.edition)
    data = {"action": "add_to_notice", "_selected_action": [good.pk, waiting.pk]}
    page = text(client.post(CASES, data, follow=True))
    notice = Notice.objects.get()
    assert f"已加入公示批次 {notice}" in page
    assert f"{waiting.number}：现在是“待受理”" in page
    assert notice.lines.get().application == good
    page = text(client.post(CASES, data, follow=True))
    assert f"{good.number}：已在公示批次 {notice} 里" in page


def test_cases_of_several_programmes_are_no_batch(client):
    cases = approved_cases(1) + approved_cases(1)
    data = {"action": "add_to_notice", "_selected_action": [case.pk for case in cases]}
    assert "一批只能是一个项目" in text(client.post(CASES, data, follow=True))
    assert not Notice.objects.exists()


def test_who_may_not_handle_notices_has_neither_the_action_nor_the_pages(client, draft):
    client.force_login(ManagerFactory(permissions=["view_application"]))
    assert "加入公示批次" not in text(client.get(CASES))
    data = {"action": "add_to_notice", "_selected_action": [Application.objects.first().pk]}
    client.post(CASES, data)
    assert Notice.objects.get().lines.count() == 2
    assert client.get(LIST).status_code == 403
    assert client.get(url(draft)).status_code == 403
    assert client.post(url(draft, "write"), WORDS).status_code == 403


@pytest.mark.parametrize("name", ["write", "remove", "discard", "post", "end", "settle"])
def test_a_notice_of_another_place_is_not_found(client, draft, name):
    client.force_login(ManagerFactory(jurisdiction_code="140521"))
    assert client.get(url(draft)).status_code == 404
    assert client.post(url(draft, name), WORDS).status_code == 404
    assert draft.number not in text(client.get(LIST))
    client.logout()
    assert client.get(url(draft)).status_code == 302


@pytest.mark.parametrize("name", ["write", "remove", "discard", "end", "settle"])
def test_every_change_takes_a_post(client, draft, name):
    assert client.get(url(draft, name)).status_code == 405


def test_a_draft_is_written_and_wrong_words_are_named_and_kept(client, draft):
    page = text(client.post(url(draft, "write"), {**WORDS, "working_days": "很久"}), 400)
    assert "您填的内容都还在" in page
    assert WORDS["title"] in page
    assert "很久" in page
    client.post(url(draft, "write"), WORDS)
    draft.refresh_from_db()
    assert (draft.title, draft.working_days) == ("名单公示", 6)


def test_the_printed_minimum_is_told(client, draft):
    Notice.objects.update(minimum_days=5)
    page = text(client.post(url(draft, "write"), {**WORDS, "working_days": "4"}), 400)
    assert "不少于 5 个工作日" in page
    assert 'value="4"' in page


def test_a_case_is_taken_out_and_the_draft_thrown_away(client, draft):
    line = draft.lines.first()
    client.post(url(draft, "remove"), {"line": line.pk})
    client.post(url(draft, "remove"), {"line": "x"})
    assert draft.lines.count() == 1
    assert "草稿" in text(client.post(url(draft, "discard"), follow=True))
    assert not Notice.objects.exists()
    assert set(Application.objects.values_list("status", flat=True)) == {Status.APPROVED}


def test_posting_shows_the_end_first_and_asks_again_when_it_changed(client, draft, time_machine):
    page = text(client.get(url(draft, "post")))
    assert "2026-10-09" in page
    time_machine.move_to("2026-09-28 00:01+08:00")
    page = text(client.post(url(draft, "post"), {"seen": "2026-10-09"}), 400)
    assert "日期在您打开页面之后变了" in page
    assert "2026-10-10" in page
    assert "已张贴" in text(client.post(url(draft, "post"), {"seen": "2026-10-10"}, follow=True))
    draft.refresh_from_db()
    assert (draft.status, f"{draft.posted_on}") == ("posted", "2026-09-28")


def test_what_keeps_a_draft_from_being_posted_is_said(client, draft, manager, time_machine):
    time_machine.move_to("2026-12-28 09:00+08:00")
    client.force_login(manager)
    assert "2027 年的放假安排还没有公布" in text(client.get(url(draft, "post")), 400)
    time_machine.move_to("2026-09-24 09:00+08:00")
    case = draft.lines.first().application
    Application.objects.filter(pk=case.pk).update(status=Status.SUBMITTED)
    page = text(client.post(url(draft, "post"), {"seen": "2026-10-09"}), 400)
    assert case.number in page
    assert "不能“开始公示”" in page


def test_a_notice_ends_in_due_time_only(client, posted, time_machine):
    time_machine.move_to("2026-10-09 23:59+08:00")
    assert "2026-10-10 起才能结束" in text(client.post(url(posted, "end")), 400)
    assert "今天是最后一天，明天起才能结束" in text(client.get(url(posted)))
    assert "期满可以结束的公示 <strong>0</strong>" in text(client.get(reverse("admin:index")))
    time_machine.move_to("2026-10-10 00:00+08:00")
    page = text(client.get(reverse("admin:index")))
    assert "期满可以结束的公示 <strong>1</strong>" in page
    listed = f"{LIST}?status__exact=posted&ends_on__lt=2026-10-10"
    assert listed.replace("&", "&amp;") in page
    assert posted.number in text(client.get(listed))
    page = text(client.get(url(posted)))
    assert "公示到 2026-10-09 止，次日（2026-10-10）起可以结束" in page
    assert "今天是最后一天" not in page
    assert "公示已结束" in text(client.post(url(posted, "end"), follow=True))
    assert "现在是“公示期满”" in text(client.post(url(posted, "end")), 400)


def settle(client, notice, objection, **fields):
    data = {f"objection-{objection.pk}-{name}": value for name, value in fields.items()}
    return client.post(url(notice, "settle"), {"objection": objection.pk, **data})


def test_objections_are_read_and_settled_by_staff(client, posted, time_machine):
    objection = ObjectionFactory(notice=posted, text="<b>已停产</b>")
    page = text(client.get(url(posted)))
    assert "&lt;b&gt;已停产" in page
    assert objection.contact in page
    time_machine.move_to("2026-10-10 18:00+08:00")
    assert "还有 1 条异议没有办结" in text(client.post(url(posted, "end")), 400)
    page = text(settle(client, posted, objection, outcome="", handling="去看过。"), 400)
    assert "请选异议成立还是不成立" in page
    assert "去看过。" in page
    page = text(settle(client, posted, objection, outcome="upheld", handling="属实。"), 400)
    assert "名单中的哪一家" in page
    assert "属实。" in page
    line = posted.lines.first()
    fields = {"outcome": "upheld", "handling": "属实。", "line": line.pk}
    assert settle(client, posted, objection, **fields).status_code == 302
    assert "已经由他人办结" in text(settle(client, posted, objection, **fields), 400)
    client.post(url(posted, "end"))
    line.application.refresh_from_db()
    assert line.application.status == Status.REJECTED


def test_an_objection_is_settled_on_its_own_notice_only(client, posted, manager):
    other = posted_notice(approved_cases(1), POSTED, manager)
    objection = ObjectionFactory(notice=other)
    response = settle(client, posted, objection, outcome="dismissed", handling="查过。")
    assert response.status_code == 404
    assert client.post(url(posted, "settle"), {"objection": "x"}).status_code == 404
    assert Objection.objects.get().outcome == ""


def test_nobody_adds_changes_or_deletes_a_notice_by_hand(client, posted):
    client.force_login(ManagerFactory(is_superuser=True))
    assert client.get(reverse("admin:notices_notice_add")).status_code == 403
    assert client.post(url(posted, "delete"), {"post": "yes"}).status_code == 403


def test_list_and_page_take_the_same_queries_however_long(
    client, posted, manager, django_assert_num_queries
):
    ObjectionFactory(notice=posted)
    for address, count in ((LIST, 8), (url(posted), 9)):
        client.get(address)
        with django_assert_num_queries(count):
            text(client.get(address))
    long = posted_notice(approved_cases(9), POSTED, manager)
    ObjectionFactory.create_batch(4, notice=long)
    for address, count in ((LIST, 8), (url(long), 9)):
        with django_assert_num_queries(count):
            assert long.number in text(client.get(address))
