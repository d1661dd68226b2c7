"""The way of the money: three firms are recognised, their funds get budgets, what the documents
leave open is set, lines are confirmed, approved and paid, money comes back; a later year brings
the next tranches; and the lists that leave hold every cell of it."""

from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from applications.cases.services.review import decide
from applications.cases.workflow import Action, Status
from applications.centre.models import ExportLog
from applications.money.models import AwardLine, Fund, Payment, PaymentBatch
from portal.models import Jurisdiction
from tests.applying import handed_in, member_of
from tests.browser.test_awards import choose
from tests.browser.test_lists import save, save_when_ready
from tests.browser.walk import check_page, enter
from tests.factories import EnterpriseFactory, FundFactory, ManagerFactory, UserFactory
from tests.list_files import (
    AWARD_COLUMNS,
    PAYMENT_COLUMNS,
    award_rows,
    check_csv,
    check_pdf,
    check_screen,
    check_workbook,
    payment_rows,
)
from tests.workbook import with_cell

# By day tests/browser/test_awards.py walks from recognition to the money, in half the time.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.night,
    pytest.mark.usefixtures("files_root"),
]
YEAR = timezone.localdate().year
FIRMS = {
    "140521": "91140521MA0K000019",
    "140522": "91140522MA0K00002T",
    "140581": "91140581MA0K00003R",
}
# What each fund holds this year, and in the year in which the second tranche falls due.
FUNDS = {
    ("province", "140500"): ("省级下达小升规奖励资金", "95.5", "15"),
    ("city", "140500"): ("市级小升规奖励资金", "60", "29"),
    ("county", "140521"): ("沁水县小升规奖励资金", "30", "10"),
    ("county", "140522"): ("阳城县小升规奖励资金", "12.345678", None),
    ("county", "140581"): ("高平市小升规奖励资金", "10", None),
}
OPEN = {"140522": "12.345678", "140581": "8.000001"}


def approved_case(county, credit_code):
    """A firm of the county hands in its case, and the county approves it."""
    place = Jurisdiction.objects.get(pk=county)
    firm = EnterpriseFactory(credit_code=credit_code, name=f"{place.name}测试公司", county=place)
    case = handed_in(member_of(enterprise=firm))
    reviewer = UserFactory(jurisdiction_code=county)
    for action in (Action.ACCEPT, Action.RECOMMEND):
        decide(application=case, action=action, actor=reviewer, now=timezone.now())
        case.refresh_from_db()
    assert case.status == Status.APPROVED
    return case


def finance():
    """A member of staff of the city with the role of finance and no other rights."""
    user = UserFactory(jurisdiction_code="140500", permissions=[])
    user.groups.add(Group.objects.get(name="财务"))
    return user


class Walk:
    """What a clerk does in the browser, step by step."""

    def __init__(self, page, site):
        self.page, self.site = page, site

    def open(self, path):
        self.page.goto(f"{self.site}/admin/{path}")

    def press(self, button, told):
        self.page.get_by_role("button", name=button).click()
        self.page.get_by_text(told).first.wait_for()

    def fill(self, **texts):
        for label, text in texts.items():
            self.page.get_by_label(label).fill(text)

    def select(self, query, action):
        """Choose all lines that a filter leaves, and the step to take with them."""
        self.open(f"money/awardline/?{query}")
        self.page.locator("#action-toggle").check()
        choose(self.page, action)

    def recognise(self, cases):
        query = "&".join(f"case={case.pk}" for case in cases)
        self.open(f"notices/recognition/record/?{query}")
        self.fill(文号="测试〔2026〕8号", 认定日期=timezone.localdate().isoformat())
        self.press("登记认定", "已登记认定")

    def set_budget(self, fund, text, year):
        self.open(f"money/fund/{fund.pk}/budget/?year={year}")
        self.fill(整项预算=text, 预算文号=f"测试〔{year}〕1号")
        self.press("登记预算", "预算已登记")

    def assign(self, fund, query, count):
        self.select(query, "step_fund")
        self.page.locator("[name=target]").select_option(str(fund.pk))
        self.press(f"安排资金（{count} 项）", f"安排资金 {count} 项")

    def set_open_amount(self, line, text):
        self.open(f"money/awardline/{line.pk}/change/")
        self.page.get_by_role("link", name="核定金额").click()
        self.page.get_by_label("金额（万元）").fill(text)
        self.fill(文号="测试〔2026〕9号", 理由="县里批准的金额")
        self.press("核定金额", f"金额由空改为{text}")
        self.page.get_by_role("link", name="定给付年度").click()
        self.fill(年度=str(YEAR), 理由="当年兑付")
        self.press("定给付年度", "定给付年度 1 项")

    def confirm(self, query, count):
        self.select(query, "step_confirm")
        self.fill(核实情况="统计部门确认在库")
        self.press(f"确认条件（{count} 项）", f"确认条件 {count} 项")

    def approve(self, query, count):
        self.select(query, "step_approve")
        self.fill(批准文号="批1号")
        self.press(f"批准支付（{count} 项）", f"批准支付 {count} 项")

    def schedule(self, query):
        self.select(query, "schedule_selected")
        self.page.get_by_text("核对后再登记支付").wait_for()

    def pay(self, voucher, text):
        self.fill(凭证号=voucher, 支付日期=timezone.localdate().isoformat())
        self.press(f"登记支付 {text} 万元", "已登记支付")

    def preview(self, link, list_path, columns, rows):
        """The list on screen, before its files are taken."""
        self.open(list_path)
        self.page.get_by_role("link", name=link).click()
        check_screen(self.page, columns, rows)

    def download(self, name, folder):
        """The file of the previewed list in each format; the last leaves the preview."""
        files = {}
        for ending, button in (("xlsx", "下载 Excel"), ("csv", "下载 CSV"), ("pdf", "下载 PDF")):
            files[ending] = folder / f"{name}.{ending}"
            take = save_when_ready if ending == "pdf" else save
            take(self.page, button, files[ending])
        return files


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_from_recognition_over_payment_to_the_next_tranche(wide, site, worker, tmp_path):
    cases = [approved_case(county, code) for county, code in FIRMS.items()]
    funds = {
        (level, place): FundFactory(
            name=name, level=level, jurisdiction=Jurisdiction.objects.get(pk=place), budget=False
        )
        for (level, place), (name, _, _) in FUNDS.items()
    }
    walk = Walk(wide, site)
    enter(wide, site, ManagerFactory(permissions=["view_application", "manage_notices"]))
    walk.recognise(cases)
    assert AwardLine.objects.count() == 23
    assert set(AwardLine.objects.values_list("state", flat=True)) == {"prepared"}

    clerk = finance()
    enter(wide, site, clerk)
    prepare_and_confirm(walk, funds)
    enter(wide, site, finance())  # another than who confirmed and approved
    pay_and_refund(walk)
    check_lists(walk, tmp_path)
    paid = paid_so_far()

    second = AwardLine.objects.filter(title="连续在规两年")
    [year] = set(second.values_list("year", flat=True))
    assert year == YEAR + 3
    with time_machine.travel(
        datetime.combine(date(year, 3, 1), time(9), timezone.get_current_timezone())
    ):
        check_the_next_tranche(walk, funds, clerk, year, tmp_path)
    assert paid_so_far() == paid


def paid_so_far():
    return {line.pk: (line.paid, line.returned, line.scheduled) for line in AwardLine.objects.all()}


def prepare_and_confirm(walk, funds):
    """Budgets, funds, the amounts that the documents leave open, conditions and approval."""
    for key, (_, budget, _) in FUNDS.items():
        walk.set_budget(funds[key], budget, YEAR)
    for county, text in OPEN.items():
        walk.set_open_amount(AwardLine.objects.get(level="county", payer=county), text)
    for (level, place), fund in funds.items():
        county = f"&application__county__code__exact={place}" if level == "county" else ""
        query = f"due=now&level__exact={level}{county}"
        walk.assign(fund, query, 1 if county else 3)
    walk.open("money/awardline/?due=now")
    check_page(walk.page, "way-due")
    walk.confirm("due=now", 9)
    walk.approve("state__exact=confirmed", 9)
    approved = AwardLine.objects.filter(state="approved")
    assert {line.amount for line in approved} == {30, 20, *map(Decimal, OPEN.values())}


def pay_and_refund(walk):
    """A batch with a part of one line, one that pays all, one that stays a draft; money back."""
    page = walk.page
    walk.schedule("state__exact=approved&level__exact=city")
    page.get_by_label("本次支付（万元）").nth(1).fill("7.5")
    page.get_by_role("button", name="改", exact=False).nth(1).click()
    page.get_by_text("本次支付金额已改").wait_for()
    walk.pay("0001", "47.5")
    page.get_by_role("link", name="登记退回").first.click()
    walk.fill(退回金额="2.25", 退回原因="账号有误", 退回日期=timezone.localdate().isoformat())
    page.get_by_label("改正后重新支付").check()
    walk.press("登记退回", "已登记退回")
    walk.schedule(
        "state__exact=approved&application__county__code__exact=140522&level__exact=county"
    )
    walk.pay("0356-1", OPEN["140522"])
    page.get_by_role("link", name="登记退回").first.click()
    walk.fill(退回金额="2.345678", 退回原因="多付", 退回日期=timezone.localdate().isoformat())
    page.get_by_label("不再支付").check()
    walk.press("登记退回", "已登记退回")
    walk.schedule("state__exact=approved&level__exact=province")
    states = AwardLine.objects.exclude(state="prepared").order_by().values_list("state", flat=True)
    assert sorted(states) == ["approved"] * 7 + ["paid", "returned"]
    assert sorted(PaymentBatch.objects.values_list("state", flat=True)) == ["draft", "paid", "paid"]
    assert Payment.objects.filter(batch__state="draft").count() == 3


def check_lists(walk, folder):
    """Both lists on screen and in each format, cell by cell; a changed cell is found."""
    walk.preview("导出奖补名单", "money/awardline/", AWARD_COLUMNS, award_rows())
    check_page(walk.page, "way-award-list")
    files = walk.download("奖补名单", folder)
    check_files(files, "奖补名单", AWARD_COLUMNS, award_rows())
    walk.preview("导出支付清单", "money/paymentbatch/", PAYMENT_COLUMNS, payment_rows())
    files = walk.download("支付清单", folder)
    check_files(files, "支付清单", PAYMENT_COLUMNS, payment_rows())
    check_that_a_change_is_found(files["xlsx"], "Q5")


def check_files(files, title, columns, rows):
    checksums = {
        check_workbook(files["xlsx"].read_bytes(), title, columns, rows),
        check_csv(files["csv"].read_bytes(), title, columns, rows),
        check_pdf(files["pdf"], title, columns, rows),
    }
    [checksum] = checksums
    logs = ExportLog.objects.filter(checksum=checksum)
    assert sorted(logs.values_list("ending", "rows")) == [
        (ending, len(rows)) for ending in ("csv", "pdf", "xlsx")
    ]
    for ending in ("xlsx", "csv"):
        told = StringIO()
        call_command("check_list", files[ending], stdout=told)
        assert f"没有改动过：{len(rows)} 行" in told.getvalue()


def check_that_a_change_is_found(path, place):
    before = path.read_bytes()
    path.write_bytes(with_cell(before, place, "99"))
    with pytest.raises(CommandError, match="行被改动过"):
        call_command("check_list", path, stdout=StringIO())


def check_the_next_tranche(walk, funds, clerk, year, folder):
    """Its year brings the second tranche onto the list; nothing moves before somebody acts."""
    enter(walk.page, walk.site, clerk)  # the session of years ago is over
    second = AwardLine.objects.filter(year=year)
    walk.open("money/awardline/")
    walk.page.get_by_role("link", name=f"{year} 年到期，待确认 7 项").click()
    check_page(walk.page, "way-later")
    assert set(second.values_list("state", "fund", "paid", "scheduled")) == {
        ("prepared", None, 0, 0)
    }
    for (level, place), (_, _, budget) in FUNDS.items():
        if budget:
            fund = funds[level, place]
            walk.set_budget(fund, budget, year)
            walk.assign(fund, f"due=now&level__exact={level}", second.filter(level=level).count())
    walk.confirm("due=now&level__exact=province", 3)
    walk.select("due=now&level__exact=city", "step_confirm")
    walk.page.get_by_text("超出 1 万元").wait_for()
    assert sorted(second.values_list("state", flat=True)) == ["confirmed"] * 3 + ["prepared"] * 4
    walk.open("money/awardline/")
    walk.page.get_by_role("link", name=f"{year} 年到期，待确认 4 项").wait_for()
    rows = award_rows(second)
    walk.preview("导出奖补名单", f"money/awardline/?year={year}", AWARD_COLUMNS, rows)
    files = walk.download("奖补名单", folder)
    check_files(files, "奖补名单", AWARD_COLUMNS, rows)
    assert Fund.objects.count() == len(FUNDS)
