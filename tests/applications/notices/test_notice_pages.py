"""The public pages of notices: what anybody reads, what nobody sees, and how to object."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from applications.cases.models import Application
from applications.notices.models import Objection
from applications.notices.services.notices import end_notice
from applications.notices.services.withdrawal import withdraw_notice
from portal.models import Jurisdiction
from tests.factories import (
    ContactFactory,
    JurisdictionFactory,
    ManagerFactory,
    OfficeFactory,
    approved_cases,
    drafted_notice,
    posted_notice,
)

POSTED = datetime(2026, 9, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LIST = reverse("notices:notice-list")
FORM = {"line": "", "text": "企业已经停产。", "name": "测试单位", "contact": "0356-7000001"}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def page(name, notice):
    return reverse(f"notices:{name}", args=[notice.number])


def text_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(autouse=True)
def place(db):
    return JurisdictionFactory()


@pytest.fixture
def notice():
    return posted_notice(approved_cases(2, subject="一号基地"), POSTED)


def test_anybody_reads_who_is_noticed_from_when_to_when_and_whom_to_call(client, notice):
    county, city = (Jurisdiction.objects.get(pk=code) for code in ("140521", "140500"))
    ContactFactory(
        programme=notice.programme,
        office=OfficeFactory(jurisdiction=county, name="创业创新科", telephone="0356-7000009"),
    )
    office = OfficeFactory(jurisdiction=city, name="市中心")
    ContactFactory(programme=notice.programme, office=office)
    shown = text_of(client, page("notice", notice))
    for words in [
        "沁水县第1测试公司", "沁水县第2测试公司", "一号基地", "2026年9月24日", "公示到 2026年10月9日止，次日起可以结束",
        "不少于 5 个工作日", "创业创新科", "0356-7000009", "市中心（电话未公布）", notice.number,
        "在网上提出异议",
    ]:  # fmt: skip
        assert words in shown
    listed = text_of(client, LIST)
    assert notice.title in listed
    assert "公示到 2026年10月9日止" in listed
    assert "2 件" in listed


def test_no_page_shows_contacts_codes_answers_or_staff(client, notice):
    Application.objects.update(contact_name="不公开的人", contact_telephone="0356-7654321")
    manager = notice.posted_by
    client.post(page("objection", notice), {**FORM, "name": "提异议的人"})
    shown = "".join(
        text_of(client, url)
        for url in (
            LIST,
            *(page(name, notice) for name in ("notice", "objection", "objection-thanks")),
        )
    )
    case = Application.objects.first()
    for secret in [
        "不公开的人", "0356-7654321", case.enterprise.credit_code, case.number, str(case.reference),
        manager.username, "提异议的人", FORM["contact"], FORM["text"],
    ]:  # fmt: skip
        assert secret not in shown


def test_a_draft_and_a_number_that_is_none_are_not_found(client):
    draft = drafted_notice(approved_cases(1))
    assert draft.title not in text_of(client, LIST)
    for name in ("notice", "objection", "objection-thanks"):
        assert client.get(page(name, draft)).status_code == 404
    assert client.post(page("objection", draft), FORM).status_code == 404
    assert client.get("/notices/140500-GS2026-9999/").status_code == 404
    assert client.get("/notices/%00/").status_code == 404


def test_an_objection_is_kept_for_staff_and_thanked_for(client, notice):
    line = notice.lines.first()
    response = client.post(page("objection", notice), {**FORM, "line": line.pk})
    assert response.url == page("objection-thanks", notice)
    assert "已收到您的异议" in text_of(client, response.url)
    objection = Objection.objects.get()
    assert (objection.notice, objection.line) == (notice, line)
    assert objection.contact == FORM["contact"]
    assert timezone.now() - objection.received_at < timedelta(minutes=1)
    client.post(page("objection", notice), {**FORM, "contact": "a@b.cn"})
    assert Objection.objects.filter(line=None, contact="a@b.cn").exists()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("text", " ", "请写明异议的事实和理由"),
        ("text", "错" * 2001, "最多 2000 字，您写了 2001 字"),
        ("text", "停\x00产", "含有不能识别的字符"),
        ("name", "", "请填姓名或单位"),
        ("contact", "", "请留电话或邮箱"),
        ("contact", "明天再说", "请留带区号的电话"),
        ("contact", "0" * 101, "最多 100 字"),
        ("line", "999999", "名单中没有这一家"),
        ("line", "abc", "名单中没有这一家"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_kept(client, notice, field, value, told):
    response = client.post(page("objection", notice), {**FORM, field: value})
    form = response.context["form"]
    assert told in str(form.errors[field])
    assert "您填的内容都还在" in response.content.decode()
    for name in {"text", "name", "contact"} - {field}:
        assert form[name].value() == FORM[name]
    assert not Objection.objects.exists()


def test_a_firm_of_another_notice_is_not_in_the_list(client, notice):
    other = posted_notice(approved_cases(1), POSTED).lines.get()
    response = client.post(page("objection", notice), {**FORM, "line": other.pk})
    assert "名单中没有这一家" in response.content.decode()


def test_too_many_objections_wait_with_all_that_was_typed(client, notice, settings):
    settings.ANONYMOUS_POST_RATE = "0/h"
    response = client.post(page("objection", notice), FORM)
    assert response.status_code == 429
    assert FORM["text"] in response.content.decode()
    assert client.get(page("notice", notice)).status_code == 200


def test_an_ended_notice_stays_readable_and_takes_no_objection(client, notice):
    end_notice(notice=notice, actor=ManagerFactory(), now=POSTED + timedelta(days=20))
    shown = text_of(client, page("notice", notice))
    assert "公示已于 2026年10月14日结束" in shown
    assert "在网上提出异议" not in shown
    response = client.get(page("objection", notice), follow=True)
    assert "不再接收异议" in response.content.decode()
    response = client.post(page("objection", notice), FORM)
    told = response.content.decode()
    assert "这批公示已经结束" in told
    assert FORM["text"] in told
    assert not Objection.objects.exists()


def test_running_notices_come_first_and_the_list_is_paged(client, notice):
    end_notice(notice=notice, actor=ManagerFactory(), now=POSTED + timedelta(days=20))
    for case in approved_cases(20):
        posted_notice([case], POSTED)
    first = text_of(client, LIST)
    assert notice.number not in first
    assert "第 1 页，共 2 页" in first
    assert notice.number in text_of(client, f"{LIST}?page=2")
    assert client.get(f"{LIST}?page=x").status_code == 200


def test_pages_take_the_same_queries_however_long(client, notice, django_assert_num_queries):
    for url, count in ((LIST, 2), (page("notice", notice), 5)):
        with django_assert_num_queries(count):
            assert notice.number in text_of(client, url)
    long = posted_notice(approved_cases(15), POSTED)
    for url, count in ((LIST, 2), (page("notice", long), 5)):
        with django_assert_num_queries(count):
            assert long.number in text_of(client, url)


def test_other_methods_are_refused_and_the_form_stays_out_of_indexes(client, notice):
    assert client.post(LIST).status_code == 405
    assert client.post(page("notice", notice)).status_code == 405
    assert client.put(page("objection", notice)).status_code == 405
    assert client.post(page("objection-thanks", notice)).status_code == 405
    assert "noindex" in client.get(page("objection", notice))["X-Robots-Tag"]


def test_what_was_typed_is_text_not_markup(client):
    case = approved_cases(1, enterprise_name="<script>甲</script>公司")
    shown = text_of(client, page("notice", posted_notice(case, POSTED)))
    assert "<script>甲" not in shown
    assert "&lt;script&gt;甲" in shown


def test_a_notice_past_its_term_says_so(client, notice, time_machine):
    time_machine.move_to("2026-10-09 23:59+08:00")
    assert "截止当天全天都可以提出异议" in text_of(client, page("notice", notice))
    time_machine.move_to("2026-10-10 00:00+08:00")
    assert "现已满期，正在办理结束" in text_of(client, page("notice", notice))


def test_notices_have_a_calendar_by_county_that_takes_back_what_was_withdrawn(client):
    notice = posted_notice(approved_cases(1), timezone.now())
    feed = reverse("notices:feed")
    assert feed in client.get(LIST).content.decode()
    (event,) = Calendar.from_ical(client.get(feed).content).walk("VEVENT")
    assert event["DTSTART"].dt == notice.posted_on
    assert event["DTEND"].dt == notice.ends_on + timedelta(days=1)
    assert notice.title in event["SUMMARY"]
    county = notice.jurisdiction
    own = client.get(feed, {"county": county.pk}).content
    assert len(Calendar.from_ical(own).walk("VEVENT")) == 1
    other = JurisdictionFactory(code="140802", name="盐湖区", level="county")
    assert not Calendar.from_ical(client.get(feed, {"county": other.pk}).content).walk("VEVENT")
    assert client.get(feed, {"county": "x"}).status_code == 404
    actor = ManagerFactory()
    withdraw_notice(notice=notice, actor=actor, reason="名单有误", now=timezone.now())
    (event,) = Calendar.from_ical(client.get(f"{feed}?again").content).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"
