"""An editor designs next year's amount in Chromium: variants typed, computed with progress, one used."""

import re

import pytest
from django.utils import timezone

from applications.impact.services import runs
from policies.catalogue.models import Programme
from portal.jobs.work import do_one
from tests.applications.impact.world import draft_of, editor, firms_with_profiles, keys_of
from tests.browser.test_lists import log_in
from tests.browser.walk import check_page
from tests.factories import FundFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_an_editor_tries_variants_and_uses_one(wide, site, request, monkeypatch):
    monkeypatch.setattr(runs, "FIRMS_OF_BLOCK", 20)
    firms_with_profiles(120, keys_of("jc-xsg"), unknown=0.05)
    draft = draft_of("jc-xsg")
    fund = FundFactory(budget=300)
    fund.programmes.add(Programme.objects.get(pk="jc-xsg"))
    log_in(wide, site, editor())
    wide.set_default_timeout(30000)
    wide.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    wide.get_by_role("link", name="影响和方案").click()
    wide.get_by_text("还没有方案。").wait_for()
    check_page(wide, "admin-impact-edition-empty")

    wide.get_by_role("link", name="加一个方案").click()
    limit = wide.get_by_label(re.compile("主营业务收入.*不低于（现在 2000 万元）")).first
    wide.get_by_label("方案名称").fill("市级 20 万元改 30，从 1500 起")
    limit.fill("1500人")
    wide.get_by_role("button", name="保存方案").click()
    wide.get_by_role("alert").wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-impact-variant-errors")
    limit.fill("1500万")
    city = wide.get_by_role("group", name="奖补 市级（晋城市）")
    city.get_by_label("首次升规（现在 20 万元）").fill("三十万")
    wide.get_by_role("button", name="保存方案").click()
    wide.get_by_text("已保存方案").wait_for()
    check_page(wide, "admin-impact-edition")

    wide.get_by_role("button", name="开始测算").click()
    wide.get_by_text("后台程序现在没有运行").wait_for()
    # Two blocks are done by a worker that is stopped then; the page tells by itself.
    do_one("one that is stopped", timezone.now, leaves=iter([False, True]).__next__)
    wide.get_by_role("progressbar", name="进度").wait_for()
    check_page(wide, "admin-impact-progress")
    request.getfixturevalue("worker")
    # The page shows the result by itself.
    wide.get_by_role("heading", name="要多少钱").wait_for()
    check_page(wide, "admin-impact-result")
    firms = wide.get_by_role("region", name="企业的结论")
    firms.get_by_role("row", name="市级 20 万元改 30").get_by_role("link").last.click()
    wide.get_by_role("heading", name="受影响的企业").wait_for()
    check_page(wide, "admin-impact-firms")
    wide.go_back()
    wide.get_by_role("button", name="取用“市级 20 万元改 30，从 1500 起”").click()
    wide.get_by_text("请看看例子还对不对").wait_for()
    assert draft.awards.get(level="city").tranches.get(position=1).amount == 30
    wide.goto(f"{site}/admin/impact/run/")
    wide.get_by_role("link", name="小升规奖励").first.click()
    wide.get_by_text("这个结果过时了").wait_for()
    check_page(wide, "admin-impact-stale")
    assert not wide.problems
