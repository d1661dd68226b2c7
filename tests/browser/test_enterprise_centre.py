"""The firm's own pages at every width, with much in them, with nothing, and with errors."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.services.review import request_correction
from applications.notices.models import Recognition, RecognitionLine
from policies.catalogue.models import Edition
from tests.applying import handed_in, member_of, tell_profile
from tests.browser.walk import check_page, enter
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    ClaimFactory,
    DraftFactory,
    LibraryFileFactory,
    MembershipFactory,
    SubjectFactory,
    UserFactory,
)

WIDTHS = [[390, 320, 720, 1440]]
# Cells and buttons that begin or end beyond the screen, as in a table that is scrolled sideways.
OFF_SCREEN = """() => [...document.querySelectorAll("main td, main th, main .btn, main .status")]
  .filter(part => part.checkVisibility() && !part.closest(".visually-hidden"))
  .filter(part => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(part => part.innerText.trim())"""
# What a finger cannot hit on a telephone.
TOO_SMALL = """() => [...document.querySelectorAll("main .btn, main .form-select, main summary")]
  .filter(part => part.checkVisibility() && !part.closest(".visually-hidden"))
  .filter(part => part.getBoundingClientRect().height < 43.5)
  .map(part => part.innerText.trim())"""
LONG_ADDRESS = "the-accounts-office-of-the-third-branch@enterprise.example"
NAME = "山西沁水县中小企业公共服务平台新能源装备制造有限责任公司第三分公司"
REVENUE = "revenue.main_business.y0"
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]


def look_at(page, name):
    check_page(page, name)
    own = page.viewport_size
    for width in (own["width"], *page.other_widths):
        page.set_viewport_size({**own, "width": width})
        assert page.evaluate(OFF_SCREEN) == [], (name, width)
        if width < 768:
            assert page.evaluate(TOO_SMALL) == [], (name, width)
    page.set_viewport_size(own)


def busy_firm():
    """A member of a firm with something of every kind; the case that is to be corrected."""
    member, today, now = member_of(enterprise__name=NAME), timezone.localdate(), timezone.now()
    firm = member.enterprise
    MembershipFactory(enterprise=firm, role="member", user__email=LONG_ADDRESS)
    case = handed_in(member)
    request_correction(
        application=case,
        actor=UserFactory(),
        facts=[REVENUE],
        materials=["其他材料"],
        reason="主营业务收入与报表不符，请核对后改正，并补一份盖章的财务报表。",
        now=now,
    )
    for title, days in (("高新技术企业证书", -20), ("营业执照", 30)):
        LibraryFileFactory(enterprise=firm, title=title, valid_until=today + timedelta(days=days))
    base = SubjectFactory(enterprise=firm, kind="base", name="沁水县东区小微企业双创基地")
    lease = (today + timedelta(days=150)).isoformat()
    tell_profile(member, {"base.premises_term_end": lease}, subject=base)
    tell_profile(member, {"reform.completed_year": today.year})
    for programme in ("jc-xsg-field", "jc-base"):
        edition = Edition.objects.filter(programme=programme).first()
        if edition:
            DraftFactory(enterprise=firm, programme=edition.programme, year=today.year)
    granted = ApplicationFactory(
        enterprise=firm,
        edition=Edition.objects.filter(programme="jc-xsg").first(),
        subject="二期",
        status="recognised",
    )
    recognition = Recognition.objects.create(
        document_number="晋市工信办字〔2026〕118号",
        on=today,
        programme=granted.edition.programme,
        jurisdiction_id="140500",
        created_at=now,
        created_by=UserFactory(),
    )
    RecognitionLine.objects.create(
        recognition=recognition, application=granted, valid_until=today + timedelta(days=900)
    )
    AwardLineFactory(application=granted, year=today.year + 1, title="连续在规两年")
    ClaimFactory(user=member.user, enterprise__credit_code="91140522MA0K00003X")
    return member, case


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_with_much_to_do_sees_it_first_and_on_the_screen(wide, site):
    member, case = busy_firm()
    enter(wide, site, member.user)
    wide.goto(f"{site}{reverse('firm:enterprise')}")
    look_at(wide, "centre-busy")
    button = wide.get_by_role("link", name="去补正").first
    # The first thing on the telephone, without scrolling.
    box = button.bounding_box()
    assert box["y"] + box["height"] <= wide.viewport_size["height"]
    button.click()
    look_at(wide, "centre-correct")
    wide.locator("[name=revenue__main_business__y0]").fill("两千")
    wide.get_by_role("button", name="提交补正").click()
    problems = wide.locator(".problems")
    problems.get_by_text("处请核对").wait_for()
    look_at(wide, "centre-correct-errors")
    problems.get_by_role("link").last.click()
    assert wide.evaluate("document.activeElement.name") == "revenue__main_business__y0"
    wide.goto(f"{site}{reverse('firm:case', args=[case.reference])}")
    wide.get_by_text("2000 万元").first.wait_for()
    look_at(wide, "centre-case")
    wide.get_by_role("link", name="撤回申报").click()
    wide.get_by_role("heading", name="撤回以后").wait_for()
    look_at(wide, "centre-withdraw")
    wide.get_by_role("link", name="不撤回，返回申报").click()
    wide.goto(f"{site}{reverse('firm:calendar')}")
    look_at(wide, "centre-calendar")
    wide.get_by_role("button", name="建立订阅网址").click()
    wide.get_by_role("heading", name="您的订阅网址").wait_for()
    look_at(wide, "centre-calendar-address")
    for name in ("profile", "awards", "library", "members", "apply-index"):
        wide.goto(f"{site}{reverse(f'firm:{name}')}")
        look_at(wide, f"centre-{name}")


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_new_firm_finds_its_pages_empty_and_a_colleague_reads_who_may(wide, site):
    member = MembershipFactory()
    enter(wide, site, member.user)
    for name in ("enterprise", "calendar", "awards", "library"):
        wide.goto(f"{site}{reverse(f'firm:{name}')}")
        look_at(wide, f"centre-empty-{name}")
    wide.goto(f"{site}{reverse('firm:enterprise-register')}")
    wide.get_by_role("button", name="登记").click()
    wide.get_by_text("处要填").wait_for()
    look_at(wide, "centre-register-errors")
    wide.locator(".problems a").first.click()
    assert wide.evaluate("document.activeElement.name") == "credit_code"
    case = ApplicationFactory(
        enterprise=member.enterprise, edition=Edition.objects.filter(programme="jc-xsg").first()
    )
    colleague = MembershipFactory(
        enterprise=member.enterprise, role="member", contact_name="统计员"
    )
    enter(wide, site, colleague.user)
    wide.goto(f"{site}{reverse('firm:case', args=[case.reference])}")
    wide.get_by_text("撤回申报只能由企业的管理员办理").wait_for()
    look_at(wide, "centre-case-colleague")
    wide.goto(f"{site}{reverse('firm:withdraw', args=[case.reference])}")
    wide.problems.clear()  # the browser notes the answer 403
    look_at(wide, "centre-withdraw-colleague")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_an_empty_application_says_once_what_to_fill_in(wide, site):
    member = MembershipFactory(contact_name="", contact_telephone="")
    enter(wide, site, member.user)
    wide.goto(f"{site}{reverse('firm:apply', args=['jc-xsg'])}")
    look_at(wide, "centre-apply-empty")
    wide.get_by_role("button", name="提交申报").click()
    problems = wide.locator(".problems")
    problems.get_by_text("还有 3 处要填").wait_for()
    problems.get_by_role("link", name="不符合或还不能判断的条件").wait_for()
    look_at(wide, "centre-apply-errors")
    problems.get_by_role("link", name="联系电话").click()
    assert wide.evaluate("document.activeElement.name") == "contact_telephone"


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_an_error_page_holds_what_it_promises(wide, site, settings):
    enter(wide, site, MembershipFactory().user)
    settings.ANONYMOUS_POST_RATE = "1/h"
    register = f"{site}{reverse('firm:enterprise-register')}"
    for _ in range(2):
        wide.goto(register)
        wide.get_by_label("企业名称").fill("沁水县一号测试有限公司")
        wide.get_by_role("button", name="登记").click()
    wide.get_by_text("您填写的内容都还在").wait_for()
    wide.problems.clear()  # the browser notes the answer 429
    look_at(wide, "centre-too-often")
    settings.ANONYMOUS_POST_RATE = "60/m"
    wide.get_by_role("button", name="再次提交").click()
    assert wide.get_by_label("企业名称").input_value() == "沁水县一号测试有限公司"
    wide.goto(f"{site}/no-such-page/")
    wide.problems.clear()
    look_at(wide, "centre-not-found")
