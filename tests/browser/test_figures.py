"""The figures of a centre in Chromium: the page, and from a figure to the list behind it."""

import re
import shutil
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from applications.cases.workflow import Action
from applications.centre.figures.period import Period
from applications.centre.figures.quarters import quarters_until
from policies.catalogue.models import Edition
from policies.pages.models import FruitlessSearch
from policies.self_check.counting import counted_until
from policies.self_check.models import DailyCount
from tests.applications.centre.test_figures import case_of, done, head, paid, recognised
from tests.browser.test_lists import log_in, save, save_when_ready
from tests.browser.walk import SCREENSHOTS, THOROUGH, check_page, keep_picture
from tests.factories import AwardLineFactory, FundFactory

pytestmark = pytest.mark.browser


def some_cases(now):
    """Cases of three counties, now and a year before; money of one of them."""
    today = timezone.localdate(now)
    before = now - (today - Period(today, today).year_before.first)
    editions = list(Edition.objects.filter(programme__in=["jc-zjtx-city", "jc-xsg"]))
    fund = FundFactory()
    for number in range(12):
        county = ("140521", "140522", "140524")[number % 3]
        moment = before if number % 4 == 3 else now
        case = case_of(county, moment, editions[number % len(editions)])
        if number % 2:
            done(case, Action.RETURN, moment, target="returned")
        else:
            done(case, Action.RECOMMEND, moment, target="approved")
            recognised(case, timezone.localdate(moment))
            line = AwardLineFactory(application=case, fund=fund, state="approved")
            if number % 4 == 0:
                paid(line, Decimal(12), timezone.localdate(moment))
            AwardLineFactory(
                application=case, fund=fund, kind="range", amount=None, low=10, high=25
            )
    slow = case_of("140521", now - timedelta(days=30), editions[0])
    done(slow, Action.RECOMMEND, now, target="approved", level="city")
    return today


def some_counts(today):
    """Enough self-checks and searches of the last quarter that can be shown."""
    [quarter] = quarters_until(counted_until(today), 1)
    day = quarter.period.first
    numbers = {("started", ""): 60, ("finished", ""): 35, ("stopped", "topics"): 9}
    numbers |= {("stopped", "enterprise.employees"): 12, ("stopped", "industry.section"): 4}
    numbers |= {("failed", f"jc-xsg:{code}"): 30 for code in ("XSG.1", "XSG.3")}
    for (kind, key), count in numbers.items():
        DailyCount.objects.create(day=day, kind=kind, key=key, count=count)
    for number in range(6):
        FruitlessSearch.objects.create(day=day + timedelta(days=number), words="氢能")


@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_a_head_of_a_centre_reads_figures_and_opens_the_list_behind_one(wide, site):
    some_cases(timezone.now())
    some_counts(timezone.localdate())
    log_in(wide, site, head())
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("navigation", name="工作").get_by_role("link", name="统计").click()
    wide.get_by_role("heading", name="各环节用时").wait_for()
    wide.get_by_role("link", name="企业没找到什么").click()
    wide.get_by_role("heading", name="自测停在哪一题").wait_for()
    check_page(wide, "admin-looked-for")
    wide.get_by_role("region", name="找什么没有找到").get_by_text("氢能").wait_for()
    wide.get_by_role("navigation", name="工作").get_by_role("link", name="统计").click()
    wide.get_by_role("heading", name="各环节用时").wait_for()
    check_page(wide, "admin-figures")
    # Sideways scroll of the page has been looked at; the tables scroll in boxes of their own.
    wide.get_by_label("按什么分").select_option("programme")
    wide.get_by_role("button", name="看", exact=True).click()
    wide.get_by_role("heading", name="申报的办理，按项目").wait_for()
    keep_picture(wide, "admin-figures-programme")
    whole = wide.get_by_role("region", name="申报的办理").get_by_role("row", name="全部")
    figure = whole.get_by_role("link").nth(2)
    count = int(figure.inner_text())
    assert count > 0
    figure.click()
    wide.get_by_text("退回补正，").first.wait_for()
    assert wide.locator("#result_list tbody tr").count() == count
    check_page(wide, "admin-figures-list")


@pytest.mark.night
@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_a_report_is_made_by_the_worker_and_fetched(wide, site, worker, tmp_path):
    some_cases(timezone.now())
    log_in(wide, site, head())
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/centre/figures/")
    assert save(wide, re.compile("XLSX.*申报的办理"), tmp_path / "figures.xlsx").endswith(".xlsx")
    name = save_when_ready(wide, "生成报告（PDF）", tmp_path / "report.pdf")
    assert name.endswith(".pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    if THOROUGH:
        SCREENSHOTS.mkdir(exist_ok=True)
        shutil.copy(tmp_path / "report.pdf", SCREENSHOTS / "figures-report.pdf")
