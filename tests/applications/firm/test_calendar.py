"""What waits for a firm and its calendar: the page by month, and the feed at a secret address."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from applications.enterprises.models import CalendarAddress
from applications.enterprises.services.memberships import remove_member
from applications.firm.dates import Kind
from applications.notices.models import EnterpriseTitle, Recognition, RecognitionLine
from policies.catalogue.screening import set_screened
from tests.applying import address as apply_address
from tests.applying import at, tell_profile
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    CalendarAddressFactory,
    CorrectionFactory,
    CriterionFactory,
    DraftFactory,
    EditionFactory,
    FactFactory,
    FundFactory,
    LibraryFileFactory,
    MembershipFactory,
    ProfileAnswerFactory,
    SubjectFactory,
    UserFactory,
    WindowFactory,
    approved_cases,
    posted_notice,
    ready,
)
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HOME, CALENDAR = reverse("firm:enterprise"), reverse("firm:calendar")
MAKE, REVOKE = reverse("firm:calendar-address"), reverse("firm:calendar-revoke")
TOKEN = "a-token-told-once-to-its-member"
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(at(2026, 3, 10, 9), tick=False)


@pytest.fixture
def member(client):
    member = MembershipFactory()
    client.force_login(member.user)
    return member


def feed_of(token=TOKEN):
    """As a calendar program asks: without a login."""
    return Client().get(reverse("firm:calendar-feed", args=[token]))


def events(token=TOKEN):
    return list(Calendar.from_ical(feed_of(token).content).walk("VEVENT"))


def waits(client):
    return client.get(HOME).context["waiting"]


def shown(client):
    context = client.get(CALENDAR).context
    months = [each for _, dates in context["months"] for each in dates]
    years = [each for _, dates in context["years"] for each in dates]
    return [*context["overdue"], *months, *years, *context["undated"]]


def draft_of(member, **window):
    """A draft of a programme that is offered and has that window."""
    edition = EditionFactory(effective_from=date(2025, 1, 1))
    fact = FactFactory(key="enterprise.employees", label="职工人数", unit="人")
    CriterionFactory(edition=edition, rule={"fact": fact.key, "at_least": 1})
    publish_edition(ready(edition))
    if window:
        WindowFactory(programme=edition.programme, kind="apply", **window)
    return DraftFactory(enterprise=member.enterprise, programme=edition.programme)


def recognise(enterprise, valid_until):
    case = ApplicationFactory(enterprise=enterprise, status="recognised")
    recognition = Recognition.objects.create(
        document_number="晋市工信〔2026〕1号",
        on=TODAY,
        programme=case.edition.programme,
        jurisdiction=case.county,
        created_at=timezone.now(),
        created_by=UserFactory(),
    )
    return RecognitionLine.objects.create(
        recognition=recognition, application=case, valid_until=valid_until
    )


def test_corrections_come_first_then_what_has_a_day_then_drafts(client, member):
    draft_of(member)
    ending = draft_of(member, starts_month=3, ends_month=3, ends_day=31)
    LibraryFileFactory(
        enterprise=member.enterprise, title="营业执照", valid_until=date(2026, 3, 20)
    )
    case = ApplicationFactory(enterprise=member.enterprise, status="returned")
    CorrectionFactory(application=case, due_on=date(2026, 4, 30))
    found = waits(client)
    assert [each.kind for each in found] == [Kind.CORRECTION, Kind.FILE, Kind.DRAFT, Kind.DRAFT]
    assert [each.last for each in found] == [
        date(2026, 4, 30), date(2026, 3, 20), date(2026, 3, 31), None,
    ]  # fmt: skip
    assert found[2].what.endswith(ending.programme.name)
    page = client.get(HOME).content.decode()
    waiting = page[page.index('id="waiting"') : page.index('id="applications"')]
    assert f'href="{reverse("firm:correct", args=[case.reference])}"' in waiting
    assert "2026年4月30日截止" in waiting
    assert f'href="{apply_address(ending.programme_id)}"' in waiting
    # The first section of the page.
    assert page.index('id="waiting"') == page.index(' id="', page.index("<h1>")) + 1


def test_where_nothing_waits_the_page_says_so(client, member):
    assert waits(client) == []
    assert "现在没有等您办理的事" in client.get(HOME).content.decode()
    page = client.get(CALENDAR).content.decode()
    assert "日历还是空的" in page


def test_a_correction_without_a_day_and_one_overdue_say_so(client, member):
    for subject, due in (("一", None), ("二", date(2026, 3, 9))):
        case = ApplicationFactory(enterprise=member.enterprise, subject=subject, status="returned")
        CorrectionFactory(application=case, due_on=due)
    page = client.get(HOME).content.decode()
    assert "放假安排公布以后才有截止日" in page
    assert "2026年3月9日截止，已过" in page
    assert "已经逾期" in page


def test_a_case_in_notice_can_be_objected_to_until_its_last_day(client, member):
    case = approved_cases(1)[0]
    notice = posted_notice([case], timezone.now())
    MembershipFactory(user=member.user, enterprise=case.enterprise)
    member.delete()
    found = waits(client)
    assert [(each.kind, each.last) for each in found] == [(Kind.OBJECTION, notice.ends_on)]
    assert reverse("notices:notice", args=[notice.number]) == found[0].address


def test_a_file_waits_when_it_ends_soon_and_not_once_it_is_renewed(client, member):
    def file(title, day):
        LibraryFileFactory(enterprise=member.enterprise, title=title, valid_until=day)

    file("高新技术企业证书", date(2026, 3, 9))
    file("营业执照", date(2026, 5, 9))
    file("许可证", date(2026, 5, 10))
    file("检测报告", date(2025, 3, 9))
    assert [each.what for each in waits(client)] == [
        "资料库的“高新技术企业证书”",
        "资料库的“营业执照”",
    ]
    file("高新技术企业证书", date(2029, 3, 9))
    assert [each.what for each in waits(client)] == ["资料库的“营业执照”"]
    assert date(2029, 3, 9) in [each.last for each in shown(client)]


def test_a_draft_of_a_closed_programme_has_no_day_and_says_so(client, member):
    draft = draft_of(member, ends_month=3)
    set_screened(draft.programme, is_screened=False, reason="停办", now=timezone.now())
    found = waits(client)
    assert [(each.last, each.button) for each in found] == [(None, "看草稿")]
    assert "这个项目现在不受理" in found[0].note


def test_a_window_over_this_year_counts_for_the_next(client, member):
    draft_of(member, starts_month=1, ends_month=2, ends_day=15)
    assert waits(client)[0].first == date(2027, 1, 1)
    assert waits(client)[0].last == date(2027, 2, 15)
    assert "2027年1月1日开始，2月15日截止" in client.get(HOME).content.decode()


def test_a_window_that_prints_a_beginning_only_never_closes(client, member):
    draft_of(member, starts_month=1)
    assert waits(client)[0].last is None


def test_titles_leases_and_money_to_come_are_on_the_calendar(client, member):
    line = recognise(member.enterprise, date(2029, 3, 10))
    base = SubjectFactory(enterprise=member.enterprise, kind="base", name="东区基地")
    load_catalogue()
    tell_profile(member, {"base.premises_term_end": "2030-06-30"}, subject=base)
    tell_profile(member, {"enterprise.founded_on": "2010-01-01"})
    fund = FundFactory()
    for year, state in ((2026, "prepared"), (2027, "confirmed"), (2025, "paid"), (2028, "void")):
        AwardLineFactory(
            application=line.application, year=year, state=state, fund=fund, title=f"第{year}期"
        )
    found = {(each.kind, each.last) for each in shown(client)}
    assert found == {
        (Kind.TITLE, date(2029, 3, 10)),
        (Kind.TERM, date(2030, 6, 30)),
        # 基地的剩余租期要 3 年以上。
        (Kind.CONDITION, date(2027, 6, 30)),
        (Kind.AWARD, date(2026, 12, 31)),
        (Kind.AWARD, date(2027, 12, 31)),
    }
    page = client.get(CALENDAR).content.decode()
    assert "2030年6月" in page and "东区基地的“租赁或委托经营到期日”" in page
    assert "2027 年内，没有印月份" in page
    assert "市级 第2027期，20 万元" in page
    assert waits(client) == []


@pytest.mark.parametrize(
    ("fact", "year", "last"),
    [
        # 首次升规三年内。
        ("stat.first_upgrade_year", 2024, date(2027, 12, 31)),
        # 申报前一年度完成股改。
        ("reform.completed_year", 2025, date(2026, 12, 31)),
        # 申报前一年度进入资源库。
        ("library.listing_reserve_year", 2025, date(2026, 12, 31)),
        ("library.listing_reserve_year", 2023, None),
    ],
)
def test_a_year_counts_as_long_as_a_document_says(client, member, fact, year, last):
    load_catalogue()
    tell_profile(member, {fact: year})
    days = [each.last for each in shown(client) if each.kind is Kind.CONDITION]
    assert (last in days) if last else (days == [])


def test_dates_of_another_firm_are_not_shown(client, member):
    other = MembershipFactory(enterprise__credit_code="91140522MA0K00003X")
    LibraryFileFactory(enterprise=other.enterprise, valid_until=date(2026, 3, 20))
    recognise(other.enterprise, date(2029, 3, 10))
    case = ApplicationFactory(enterprise=other.enterprise, status="returned")
    CorrectionFactory(application=case, due_on=date(2026, 4, 30))
    draft_of(other)
    AwardLineFactory(application=ApplicationFactory(enterprise=other.enterprise, subject="二"))
    assert waits(client) == []
    assert shown(client) == []


def test_the_feed_tells_what_the_page_shows_without_a_login(client, member):
    LibraryFileFactory(
        enterprise=member.enterprise, title="营业执照", valid_until=date(2026, 12, 31)
    )
    AwardLineFactory(
        application=ApplicationFactory(enterprise=member.enterprise, status="recognised"),
        year=2027,
    )
    draft_of(member)
    CalendarAddressFactory(membership=member)
    response = feed_of()
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    found = {str(event["summary"]): event for event in events()}
    file = found["材料到期：资料库的“营业执照”"]
    assert file.decoded("dtstart") == date(2026, 12, 31)
    assert file.decoded("dtend") == date(2027, 1, 1)
    assert str(file["url"]) == f"http://testserver{reverse('firm:library')}"
    award = next(event for name, event in found.items() if name.startswith("2027 年度"))
    assert award.decoded("dtstart") == date(2027, 1, 1)
    # A draft without a printed end has no day.
    assert len(found) == 2
    assert {str(event["uid"]) for event in events()} == {
        str(event["uid"]) for event in found.values()
    }


def test_a_file_that_never_ends_spoils_no_feed(client, member):
    """Registers print 9999-12-31 on licences that are valid without end."""
    LibraryFileFactory(
        enterprise=member.enterprise, title="营业执照", valid_until=date(9999, 12, 31)
    )
    CalendarAddressFactory(membership=member)
    assert [event.decoded("dtstart") for event in events()] == [date(9999, 12, 31)]


def test_an_address_is_told_once_and_a_new_one_ends_the_old(client, member):
    page = client.post(MAKE)
    first = page.context["feed"].removesuffix(".ics").rsplit("/", 1)[1]
    assert first in page.content.decode()
    assert first not in client.get(CALENDAR).content.decode()
    assert first not in CalendarAddress.objects.get().token_hash
    assert feed_of(first).status_code == 200
    second = client.post(MAKE).context["feed"].removesuffix(".ics").rsplit("/", 1)[1]
    assert feed_of(first).status_code == 404
    assert feed_of(second).status_code == 200
    assert client.post(REVOKE).status_code == 302
    assert feed_of(second).status_code == 404
    assert client.post(REVOKE).status_code == 302


def test_an_address_ends_with_the_member_or_their_account(client, member):
    colleague = MembershipFactory(enterprise=member.enterprise, role="member")
    CalendarAddressFactory(membership=colleague)
    assert feed_of().status_code == 200
    colleague.user.is_active = False
    colleague.user.save()
    assert feed_of().status_code == 404
    colleague.user.is_active = True
    colleague.user.save()
    remove_member(membership=colleague, now=timezone.now())
    assert feed_of().status_code == 404
    assert not CalendarAddress.objects.exists()


def fill(member, count):
    for number in range(count):
        LibraryFileFactory(enterprise=member.enterprise, valid_until=TODAY + timedelta(days=number))
        draft_of(member, ends_month=5)
        case = ApplicationFactory(enterprise=member.enterprise, status="returned")
        CorrectionFactory(application=case, due_on=date(2026, 4, 30))
        line = recognise(member.enterprise, TODAY + timedelta(days=30 + number))
        AwardLineFactory(application=line.application, year=2027)
        base = SubjectFactory(
            enterprise=member.enterprise, kind="base", name=f"基地{count}-{number}"
        )
        ProfileAnswerFactory(
            enterprise=member.enterprise,
            subject=base,
            fact_key="base.premises_term_end",
            value="2026-06-30",
        )


def titles(client):
    """Of the titles on the calendar, what each is and its day."""
    return {each.what: each.last for each in shown(client) if each.kind is Kind.TITLE}


def test_a_title_that_only_the_profile_names_is_on_the_calendar_without_a_day(client, member):
    """What was said of it is not enough for a day: the page says where to enter it."""
    load_catalogue()
    said = {
        "hte.consecutive_count": 2,
        "tech_sme.consecutive_passes": 0,
        "zjtx.tiers": ["city", "prov"],
        "recognition.new_this_year": ["hte", "new_rd_prov"],
    }
    tell_profile(member, said)
    base = SubjectFactory(enterprise=member.enterprise, kind="base", name="一号基地")
    tell_profile(member, {"base.titles": ["city"]}, subject=base)
    assert titles(client) == dict.fromkeys(
        ("高新技术企业", "市级专精特新", "省级专精特新", "省级新型研发机构",
         "一号基地：市级小微企业创业创新基地"),
    )  # fmt: skip
    page = client.get(CALENDAR).content.decode()
    assert "哪天到期不知道" in page
    assert "名称里写上“高新技术企业”" in page
    # A calendar program is told days only.
    CalendarAddressFactory(membership=member)
    assert events() == []


def test_the_certificate_in_the_library_gives_the_title_its_day(client, member):
    load_catalogue()
    tell_profile(member, {"hte.consecutive_count": 1})
    LibraryFileFactory(
        enterprise=member.enterprise, title="高新技术企业证书", valid_until=date(2027, 10, 1)
    )
    assert titles(client) == {}
    [file] = [each for each in shown(client) if each.kind is Kind.FILE]
    assert (file.what, file.last) == ("资料库的“高新技术企业证书”", date(2027, 10, 1))


@pytest.mark.parametrize("valid_until", [None, date(2029, 3, 9)])
def test_a_title_that_the_portal_recorded_stands_once_with_or_without_its_day(
    client, member, valid_until
):
    load_catalogue()
    tell_profile(member, {"zjtx.tiers": ["city"]})
    line = recognise(member.enterprise, valid_until)
    EnterpriseTitle.objects.create(
        enterprise=member.enterprise,
        fact="zjtx.tiers",
        code="city",
        since=TODAY,
        valid_until=valid_until,
        recognition=line.recognition,
    )
    named = line.recognition.programme.name if valid_until else "市级专精特新"
    assert titles(client) == {named: valid_until}
    if not valid_until:
        assert "晋市工信〔2026〕1号认定，哪天到期不知道" in client.get(CALENDAR).content.decode()


def test_pages_and_feed_take_the_same_queries_for_much(client, member):
    load_catalogue()
    CalendarAddressFactory(membership=member)
    fill(member, 1)
    addresses = (HOME, CALENDAR, reverse("firm:calendar-feed", args=[TOKEN]))

    def queries():
        found = []
        for address in addresses:
            client.get(address)  # what a process reads once
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    before = queries()
    fill(member, 6)
    assert len(waits(client)) == 7 * 5
    assert queries() == before
    assert max(before) <= 24
