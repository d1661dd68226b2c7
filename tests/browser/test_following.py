"""Following a programme, last year's answers carried over, and two variants, in Chromium."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone

from policies.catalogue.models import Programme
from policies.self_check.models import SelfCheck
from tests.applying import tell_profile
from tests.browser.walk import check_page, enter
from tests.factories import MembershipFactory, SelfCheckFactory, opened_call
from tests.letters import sent_letters

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


def link_in(letter, site, place=0):
    found = re.findall(r"https?://\S+", letter.body)[place]
    return f"{site}{urlsplit(found).path}"


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_stranger_follows_is_told_and_ends_it(wide, site):
    wide.goto(f"{site}/programmes/jc-xsg/")
    wide.get_by_role("link", name="有变化时写信告诉我").click()
    check_page(wide, "follow")
    wide.get_by_label("邮箱").fill("不是邮箱")
    wide.get_by_role("button", name="发送确认信").click()
    wide.get_by_text("还没有发信").wait_for()
    check_page(wide, "follow-error")
    wide.get_by_label("邮箱").fill("someone@firm.example")
    wide.get_by_label("邮箱").press("Enter")
    wide.get_by_role("heading", name="请打开信箱确认").wait_for()
    check_page(wide, "follow-asked")
    wide.goto(link_in(sent_letters()[-1], site))
    check_page(wide, "follow-confirm")
    wide.get_by_role("button", name="确认订阅").focus()
    wide.keyboard.press("Enter")
    wide.get_by_role("heading", name="我的订阅").wait_for()
    check_page(wide, "following")
    opened_call(programme=Programme.objects.get(pk="jc-xsg"), title="第二批")
    call_command("tell_followers")
    letter = sent_letters()[-1]
    assert "第二批" in letter.body
    end = letter.extra_headers["List-Unsubscribe"].strip("<>")
    wide.goto(f"{site}{urlsplit(end).path}")
    check_page(wide, "following-end")
    wide.get_by_role("button", name="全部结束").click()
    wide.get_by_text("邮箱和订阅都已删除").wait_for()
    check_page(wide, "following-ended")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_last_years_answers_are_carried_into_this_year(wide, site):
    year = timezone.localdate().year
    answers = SelfCheckFactory.build().answers | {
        "stat.first_upgrade_year": year - 1,
        "assets.total.y1": 900,
        "enterprise.employees": 85,
    }
    check = SelfCheckFactory(
        answers=answers, on=date(year - 1, 11, 20), topics=["above_scale"],
        steps=[["enterprise.county", "industry.section"], ["revenue.main_business.y0"]],
    )  # fmt: skip
    wide.goto(f"{site}/result/{check.token}/")
    wide.get_by_role("link", name="接到今年", exact=True).click()
    wide.get_by_role("heading", name=f"把 {year - 1} 年的回答接到 {year} 年").wait_for()
    check_page(wide, "carry")
    wide.get_by_label("变了：门类").or_(wide.get_by_label(re.compile("变了：.*行业"))).first.focus()
    wide.keyboard.press("Space")
    wide.get_by_role("button", name="其余没有变").click()
    wide.wait_for_url("**/self-check/**")
    wide.get_by_text(f"{year - 1}年填的是").first.wait_for()
    check_page(wide, "carried-step")
    assert SelfCheck.objects.count() == 2


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_two_variants_stand_side_by_side(wide, site):
    answers = SelfCheckFactory.build().answers | {"revenue.main_business.y0": 1900}
    check = SelfCheckFactory(answers=answers, topics=["above_scale"])
    wide.goto(f"{site}/result/{check.token}/")
    wide.get_by_role("link", name="两种情形并排看").click()
    wide.get_by_role("heading", name="两边的结果").wait_for()
    check_page(wide, "variants-years")
    wide.get_by_label("再改一个回答").select_option("revenue.main_business.y0")
    wide.locator("[name=b-on]").fill(str(check.on))
    wide.locator("[name=b-name]").fill("若今年升规")
    wide.get_by_role("button", name="并排看").click()
    field = wide.locator("[name=b-revenue__main_business__y0]")
    field.fill("很多")
    field.press("Enter")
    wide.get_by_text("还没有算").wait_for()
    check_page(wide, "variants-error")
    assert field.input_value() == "很多"
    field.fill("2000")
    field.press("Enter")
    wide.get_by_text("135 万元").first.wait_for()
    check_page(wide, "variants")
    shared = wide.url
    wide.context.clear_cookies()
    wide.goto(shared)
    wide.get_by_role("heading", name="若今年升规").wait_for()
    boxes = [each.bounding_box() for each in wide.locator("section .variants article").all()]
    assert (boxes[0]["y"] == boxes[1]["y"]) == (wide.viewport_size["width"] > 767)


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_confirms_last_years_profile_and_asks_to_be_told(wide, site):
    member = MembershipFactory()
    said = {"industry.section": "C", "enterprise.employees": 85, "stat.direct_reporting": True}
    tell_profile(member, said, now=timezone.now() - timedelta(days=366))
    enter(wide, site, member.user)
    wide.goto(f"{site}/enterprise/profile/")
    wide.get_by_text("年填的是 85 人").wait_for()
    check_page(wide, "profile-new-year")
    wide.get_by_role("button", name="其余没有变").click()
    wide.get_by_text("已核对 2 项").wait_for()
    wide.goto(f"{site}/enterprise/calendar/")
    wide.get_by_role("button", name="接近限额时告诉我").click()
    wide.get_by_text("接近限额、快到期").wait_for()
    check_page(wide, "following-firm")
