"""Open calls on public pages: the programme's own, the calendar and its feed."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from icalendar import Calendar

from applications.cases.services.calls import move_last_day, set_county_day, withdraw_call
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Document, Programme
from portal.models import Jurisdiction
from tests.applying import CHINA
from tests.factories import CallFactory, UserFactory, opened_call
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NOW = datetime(2026, 3, 2, 10, tzinfo=CHINA)
PAGE, FEED, PROGRAMME = "/calendar/", "/calendar.ics", "/programmes/yun-new/"


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOW, tick=False):
        load_catalogue()
        yield


def called(programme="yun-new", first=date(2026, 3, 2), last=date(2026, 3, 31), **fields):
    found = Programme.objects.get(pk=programme)
    return opened_call(programme=found, opens_on=first, closes_on=last, **fields)


def end_in_county(call, now=NOW):
    county = Jurisdiction.objects.get(pk="140802")
    actor = UserFactory(jurisdiction_code=county.pk, permissions=["manage_calls"])
    set_county_day(
        call=call,
        county=county,
        last_day=date(2026, 3, 20),
        reason="县里要先初审",
        actor=actor,
        now=now,
    )


def read(client, url):
    return client.get(url).content.decode()


def test_a_programme_without_calls_has_no_word_of_them(client):
    CallFactory(programme=Programme.objects.get(pk="yun-new"), title="还是草稿")
    page = read(client, PROGRAMME)
    assert "征集" not in page.split("<main")[1]
    assert "申报这个项目" in page
    assert "中心开放的征集" not in read(client, PAGE)


def test_a_running_call_is_shown_whole(client):
    document = Document.objects.first()
    called(
        materials=["承诺函"],
        document=document,
        document_number="测试〔2026〕9号",
        places_are="limited",
        places=30,
    )
    page = read(client, PROGRAMME)
    for said in (
        "2026年3月2日至2026年3月31日（含当天）",
        "30 个",
        "测试〔2026〕9号",
        document.number,
        "0356-7000002",
        "承诺函",
        "请在网上申报。",
        "申报这个项目",
    ):
        assert said in page


def test_too_early_and_too_late_are_told_on_the_page_of_the_programme(client):
    called(first=date(2026, 4, 1), last=date(2026, 4, 30))
    page = read(client, PROGRAMME)
    assert "现在不能申报。" in page
    assert "2026年4月1日起受理，现在还没有开始" in page
    assert "企业服务科（0356-7000002）" in page
    assert "申报这个项目" not in page
    with time_machine.travel(datetime(2026, 5, 1, 10, tzinfo=CHINA), tick=False):
        page = read(client, f"{PROGRAMME}?later")
    assert "已于2026年4月30日截止" in page
    assert "申报这个项目" not in page


def test_places_that_are_not_published_are_not_none(client):
    called()
    page = read(client, PROGRAMME)
    assert "未公布" in page.split('id="calls"')[1].split("</section>")[0]


def test_the_calendar_lists_what_runs_or_is_to_come_and_is_silent_no_longer(client):
    called()
    called("yun-base", date(2026, 9, 1), date(2026, 9, 30))
    called("yun-plat", date(2026, 1, 1), date(2026, 3, 2))
    with time_machine.travel(datetime(2026, 3, 3, 10, tzinfo=CHINA), tick=False):
        page = read(client, PAGE)
    own = page.split("中心开放的征集</h2>")[1].split("</section>")[0]
    assert own.index("2026年3月31日") < own.index("2026年9月30日")
    assert "2026年1月1日" not in own
    silent = page.split("未公布申报时间")[1]
    assert "/programmes/yun-new/" not in silent
    assert "/programmes/yun-plat/" in silent


def test_the_feed_has_an_event_for_each_call_that_moves_with_its_last_day(client):
    def own(feed=FEED):
        events = Calendar.from_ical(client.get(feed).content).walk("VEVENT")
        found = [each for each in events if "测试征集" in each["SUMMARY"]]
        caches["pages"].clear()
        return found[0]

    call = called()
    before = own()
    assert before["DTSTART"].to_ical() == b"20260302"
    assert before["DTEND"].to_ical() == b"20260401"
    assert "0356-7000002" in before["DESCRIPTION"]
    move_last_day(
        call=call,
        closes_on=date(2026, 4, 10),
        reason="延期",
        actor=UserFactory(),
        now=NOW + timedelta(days=1),
    )
    after = own()
    assert after["DTEND"].to_ical() == b"20260411"
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    end_in_county(call, now=NOW + timedelta(days=2))
    last = own()
    assert last["SEQUENCE"] > after["SEQUENCE"]
    assert last["DTSTAMP"].dt == NOW + timedelta(days=2)
    assert last["DTEND"].to_ical() == b"20260411"
    assert "县里要先初审" in last["DESCRIPTION"]
    of_county = own(f"{FEED}?county=140802")
    assert of_county["DTEND"].to_ical() == b"20260321"
    assert "盐湖区的企业先报县里" in of_county["DESCRIPTION"]
    withdraw_call(call=call, reason="另行通知", actor=UserFactory(), now=NOW + timedelta(days=3))
    assert own()["STATUS"] == "CANCELLED"


def test_the_first_page_and_the_catalogue_tell_of_it(client):
    call = called(places_are="limited", places=30)
    called("yun-base", last=None)  # all the year round: no day to tell of
    for url in ("/", "/?county=140802"):
        page = read(client, url)
        own = page.split('id="calls"')[1].split("</ul>")[0]
        for said in (
            "2026年3月2日至2026年3月31日（含当天）",
            "名额：30 个",
            f"{PROGRAMME}#call-{call.pk}",
        ):
            assert said in own
        assert own.count("<li>") == 1
    assert 'id="calls"' not in read(client, "/?county=140521")  # of another city
    listed = read(client, "/programmes/?q=yun-new")
    assert "正在征集：2026年3月2日至2026年3月31日" in listed
    end_in_county(call)
    assert "盐湖区的企业先报县里，到2026年3月20日截止" in read(client, "/?county=140802&again")
    assert "盐湖区的企业先报县里，到2026年3月20日截止" in read(client, "/?again")
    assert "到2026年3月20日（含当天）：这里的企业先报县里。理由：县里要先初审" in read(
        client, f"{PROGRAMME}?again"
    )


def test_many_calls_are_told_of_briefly_on_the_first_page(client, django_assert_num_queries):
    programmes = Catalogue().editions_in_force(NOW.date())[:7]
    for rules in programmes:
        called(rules.programme)
    client.get("/")
    page = read(client, "/?again")
    assert page.split('id="calls"')[1].split("</ul>")[0].count("<li>") == 5
    assert "还有 2 次征集" in page
    with django_assert_num_queries(2):
        client.get("/?once-more")
    with django_assert_num_queries(2):
        client.get("/programmes/?once-more")


def test_a_programme_without_calls_is_silent_on_the_first_page_and_in_the_catalogue(client):
    CallFactory(programme=Programme.objects.get(pk="yun-new"), title="还是草稿")
    for url in ("/", "/programmes/?q=yun-new"):
        assert "征集" not in read(client, url).split("<main")[1]


def test_a_standing_call_has_its_first_day_in_the_feed(client):
    called(last=None)
    assert b"DTEND;VALUE=DATE:20260303" in client.get(FEED).content


def test_pages_take_the_same_queries_for_many_calls(client, django_assert_num_queries):
    called()
    client.get(PROGRAMME)
    for programme in ("yun-base", "yun-plat", "yun-hte"):
        called(programme, materials=["承诺函"])
    client.get(f"{PAGE}?first")
    for url, count in ((f"{PAGE}?again", 3), (f"{FEED}?again", 6), (f"{PROGRAMME}?again", 7)):
        with django_assert_num_queries(count):
            assert client.get(url).status_code == 200
