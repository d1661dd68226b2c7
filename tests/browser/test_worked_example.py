"""The worked example of the joint rules: 晋财规建〔2025〕1号 for 小升规 of 2027, and a document superseded.

Editors do all of it in the admin's forms. What the shipped catalogue says of both documents stays.
"""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from applications.cases.recount import assessed_again
from applications.money.services.award_lines import make_lines
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Clause, Edition
from tests.applying import ANSWERS, CHINA, handed_in, member_of
from tests.browser.walk import check_page, enter
from tests.factories import DocumentFactory, EnterpriseFactory, FinanceFactory, SelfCheckFactory
from tests.policies.editors.people import JINCHENG, PROVINCE, editor_of
from tests.two_editors import publish_correction

pytestmark = [
    pytest.mark.browser,
    pytest.mark.night,
    pytest.mark.usefixtures("files_root"),
    pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True),
]
FIELD = "field.shanxi_14_sei"
NEW_RULE, CLAUSE = "晋财规建〔2025〕1号", "小升规奖励"
OLD_TIERS, NEW_TIERS = "工信部企业〔2022〕63号", "工信部企业〔2026〕2号"
AMOUNT = {"cases": [{"when": {"fact": FIELD, "is": True}, "amount": 39}], "otherwise": 30}


@pytest.fixture(autouse=True)
def _autumn():
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=CHINA), tick=True):
        yield


@pytest.fixture
def firms(site):
    """Three firms that rose above scale this year: of a strategic field, of none, and of who knows."""
    told = {"甲": True, "乙": False, "丙": None}
    return {
        name: member_of(
            profile={**ANSWERS, **({} if is_of_field is None else {FIELD: is_of_field})},
            enterprise=EnterpriseFactory(
                credit_code=f"TESTCODE000000000{number}", name=f"沁水县{name}制造有限公司"
            ),
        )
        for number, (name, is_of_field) in enumerate(told.items())
    }


def box(page, name):
    return page.locator(f"[name='{name}']:not([type=hidden])")


def choose(page, row, typed):
    """Look for a row in a box that offers what there is, and take it."""
    row.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.fill(typed)
    page.locator(".select2-results__option", has_text=typed).first.click()


def save(page):
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator(".messagelist").wait_for()


def look(page, name):
    check_page(page, name)
    # A picture leaves an empty style on each box, which htmx would set again and the policy refuses.
    page.evaluate(
        "document.querySelectorAll('[style=\"\"]').forEach(e => e.removeAttribute('style'))"
    )


def open_draft(page, site, draft):
    page.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")


def open_award(page, site, draft):
    award = draft.awards.get(level="province")
    page.goto(f"{site}/admin/catalogue/award/{award.pk}/change/")


def write_the_clause(page, site):
    """The document is in the catalogue as a hint; an editor of the province adds what it says."""
    page.goto(f"{site}/admin/catalogue/document/add/")
    box(page, "number").fill(NEW_RULE)
    box(page, "title").fill("山西省中小企业发展专项资金管理办法")
    box(page, "issuer").fill("山西省财政厅")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已有这个文号").wait_for()
    look(page, "worked-document-known")
    page.goto(f"{site}/admin/catalogue/document/?q=晋财规建")
    page.get_by_role("link", name=NEW_RULE).click()
    look(page, "worked-document")
    page.get_by_role("link", name="添加条款").click()
    look(page, "worked-clause-new")
    box(page, "position").fill("1")
    box(page, "name").fill(CLAUSE)
    box(page, "gist").fill("首次升规给30万元，属于战略性新兴产业的再加三成，给39万元。")
    save(page)
    look(page, "worked-clauses")
    assert Clause.objects.get(name=CLAUSE).document.number == NEW_RULE


def copy_for_next_year(page, site, published):
    page.goto(f"{site}/admin/catalogue/edition/{published.pk}/change/")
    page.get_by_role("button", name="复制为新草稿").click()
    page.get_by_text("已复制为草稿").wait_for()
    box(page, "effective_from").fill("2027-01-01")
    page.get_by_role("button", name="保存并继续编辑").click()
    page.locator(".messagelist").wait_for()
    draft = Edition.objects.get(status="draft")
    assert draft.effective_from == date(2027, 1, 1)
    look(page, "worked-draft")
    return draft


def build_the_amount(page, site, draft):
    open_award(page, site, draft)
    amount = "tranches-0-amount"
    box(page, f"{amount}.kind").first.select_option("cases")
    row = f"{amount}.rows.0"
    box(page, f"{row}.when.fact").wait_for()
    box(page, f"{row}.when.fact").click()
    page.keyboard.type("战略性新兴产业")
    page.locator("#builder-found li").first.wait_for()
    page.keyboard.press("ArrowDown")
    with page.expect_response("**/build/**"):
        page.keyboard.press("Enter")
    page.locator(f"select[name='{row}.when.value']").select_option("true")
    box(page, f"{row}.amount.amount").fill("39万")
    box(page, f"{amount}.otherwise.kind").select_option("fixed")
    box(page, f"{amount}.otherwise.amount").wait_for()
    box(page, f"{amount}.otherwise.amount").fill("30")
    page.locator(f"#{amount}-said").get_by_text("30 万元").first.wait_for()
    look(page, "worked-amount")
    save(page)
    assert draft.awards.get(level="province").tranches.get(position=1).amount == AMOUNT


def cite(page, site, draft):
    """The old citations alone are questioned; with the new document beside them they are not."""
    page.get_by_role("link", name="看影响并提交审核").click()
    page.get_by_text("依据仍是").first.wait_for()
    look(page, "worked-old-citation")
    open_award(page, site, draft)
    page.locator("#citations-group .add-row a").click()
    place = draft.awards.get(level="province").citations.count()
    row = page.locator(f"#citations-{place}")
    choose(page, row, NEW_RULE)
    box(page, f"citations-{place}-clause").fill(CLAUSE)
    box(page, f"citations-{place}-position").fill("6")
    look(page, "worked-citation")
    save(page)
    page.get_by_role("link", name="看影响并提交审核").click()
    page.get_by_role("heading", name="与2021年9月28日起的版本相比").wait_for()
    assert page.get_by_text("依据仍是").count() == 0


def complete_examples(page, site, draft):
    open_draft(page, site, draft)
    page.get_by_text("例子和规则不一致（").wait_for()
    look(page, "worked-examples-failing")
    page.locator("section[aria-labelledby=failing-examples] a").first.click()
    look(page, "worked-example")
    page.locator("[name=field__shanxi_14_sei][value=false]").check()
    save(page)
    page.get_by_text("例子都算过了，和预期一致").wait_for()
    page.get_by_role("link", name="添加一行金额的预期").click()
    box(page, "level").select_option("province")
    page.get_by_label("现在给（万元）").fill("39")
    page.get_by_label("以后给（万元）").fill("15")
    page.get_by_label("合计（万元）").fill("54")
    page.locator("[name=field__shanxi_14_sei][value=true]").check()
    look(page, "worked-example-row")
    page.get_by_role("button", name="保存这一行").click()
    page.get_by_text("例子都算过了，和预期一致").wait_for()
    look(page, "worked-example-holds")
    open_draft(page, site, draft)
    page.get_by_role("button", name="补上界限两边的例子").click()
    page.locator(".messagelist").wait_for()
    look(page, "worked-examples-made")


def compute_the_impact(page, request):
    """A variant beside the draft, and what the page tells of the firms and of the province's money."""
    page.get_by_role("link", name="影响和方案").click()
    page.get_by_role("link", name="加一个方案").click()
    page.get_by_label("方案名称").fill("20 万元而不是 30 万元")
    province = page.get_by_role("group", name="奖补 省级（山西省）")
    province.get_by_label(re.compile("现在 30 万元")).fill("20")
    look(page, "worked-variant")
    page.get_by_role("button", name="保存方案").click()
    page.get_by_text("已保存方案").wait_for()
    look(page, "worked-impact")
    request.getfixturevalue("worker")
    page.get_by_role("button", name="开始测算").click()
    page.get_by_role("heading", name="要多少钱").wait_for()
    look(page, "worked-impact-result")
    money = page.get_by_role("region", name="各级要多少钱")
    row = money.get_by_role("row", name="省级").filter(has_text="2026 年").first
    told = [cell.inner_text() for cell in row.get_by_role("cell").all()[1:]]
    firms = page.get_by_role("region", name="企业的结论")
    firms.get_by_role("row", name="这份草稿").get_by_role("link").last.click()
    page.get_by_role("heading", name="受影响的企业").wait_for()
    look(page, "worked-impact-firms")
    return told, page.locator("#result_list tbody tr").all_inner_texts()


def propose(page, site, draft):
    open_draft(page, site, draft)
    page.get_by_role("link", name="看影响并提交审核").click()
    look(page, "worked-effect")
    page.get_by_label("给审核人的说明", exact=False).fill("照晋财规建〔2025〕1号，2027年起用。")
    page.get_by_role("button", name="提交审核", exact=True).click()
    page.get_by_text("自己提交的，要由另一位编辑审核").wait_for()
    look(page, "worked-proposed")


def approve(page, site):
    """The second editor sees what is other than before, and the page as it will be."""
    page.goto(f"{site}/admin/")
    page.get_by_role("link", name="等您审核的版本 1 个").click()
    page.get_by_role("link", name="小升规奖励", exact=False).click()
    page.get_by_text("照晋财规建〔2025〕1号，2027年起用。").wait_for()
    page.get_by_text("2027-01-01 起生效").wait_for()
    look(page, "worked-proposal")
    differences = page.locator(".differences").inner_text()
    page.get_by_role("link", name="预览公开页面").click()
    page.get_by_text("这个版本还没有发布，只有编辑看得到").wait_for()
    check_page(page, "worked-preview")
    preview = page.get_by_role("main").inner_text()
    page.go_back()
    page.get_by_label("差异和预览我都看过").check()
    page.get_by_role("button", name="审核通过，发布").click()
    page.get_by_text("已发布，今后不能再改").wait_for()
    look(page, "worked-published")
    return differences, preview


def told_by_a_self_check(page, site):
    """What a firm of a strategic field that rose above scale this year is told of its first award."""
    known = SelfCheckFactory.build().answers
    check = SelfCheckFactory(answers={**known, FIELD: True})
    page.goto(f"{site}{reverse('self_check:result-programme', args=[check.token, 'jc-xsg'])}")
    return page.get_by_role("main").inner_text()


def test_the_rule_of_next_year_is_drafted_weighed_and_published_by_two(wide, site, firms, request):
    page = wide
    page.set_default_timeout(60000)
    case = handed_in(firms["甲"])
    lines = make_lines([case], actor=FinanceFactory(), now=timezone.now())
    kept = [(line.pk, line.level, line.title, line.low, line.high) for line in lines]
    published = Edition.objects.get(programme="jc-xsg")
    first = editor_of(JINCHENG, username="编辑甲", email="one@x.example")
    second = editor_of(JINCHENG, username="编辑乙", email="two@x.example")

    enter(page, site, editor_of(PROVINCE, username="省编辑"))
    write_the_clause(page, site)
    enter(page, site, first)
    draft = copy_for_next_year(page, site, published)
    build_the_amount(page, site, draft)
    cite(page, site, draft)
    complete_examples(page, site, draft)
    money, gaining = compute_the_impact(page, request)
    # Three firms: 30 each before, 39 for the one of a field now, 30 to 39 for the one who has not said.
    assert [re.findall(r"\d+", each)[:2] for each in money] == [["90"], ["99", "108"], ["79", "98"]]
    rows = {row.split()[0]: row for row in gaining if "制造有限公司" in row}
    assert set(rows) == {"沁水县甲制造有限公司", "沁水县丙制造有限公司"}
    assert "80 万元 → 89 万元" in rows["沁水县甲制造有限公司"]
    propose(page, site, draft)
    enter(page, site, second)
    differences, preview = approve(page, site)
    for told in (differences, preview):
        assert "39 万元" in told
        assert NEW_RULE in told

    page.context.clear_cookies()
    assert "39" not in told_by_a_self_check(page, site)
    with time_machine.travel(datetime(2027, 1, 2, 9, tzinfo=CHINA), tick=True):
        assert "39 万元" in told_by_a_self_check(page, site)
        check_page(page, "worked-self-check")
        page.goto(f"{site}/programmes/jc-xsg/")
        page.get_by_text("39 万元").first.wait_for()
        check_page(page, "worked-programme")
        enter(page, site, firms["甲"].user)
        page.goto(f"{site}/enterprise/applications/{case.reference}/")
        own = page.get_by_role("main").inner_text()
        assert "30 万元" in own
        assert "39 万元" not in own
        check_page(page, "worked-case")
        case.refresh_from_db()
        assert case.edition_id == published.pk
        assert assessed_again(case, Catalogue()) == case.assessment
        assert case.assessment["awards"]["province"]["now"] == [30, 30]
        now = [
            (each.pk, each.level, each.title, each.low, each.high)
            for each in case.award_lines.order_by("pk")
        ]
        assert now == kept


def test_the_province_records_what_superseded_a_document_and_readers_are_told(wide, site):
    page = wide
    page.set_default_timeout(60000)
    old = DocumentFactory(number=OLD_TIERS, title="优质中小企业梯度培育管理暂行办法")
    draft = begin_correction(Edition.objects.standing().get(programme="jc-zjtx-prov"))
    draft.criteria.first().citations.create(document=old, clause="附件", position=9)
    publish_correction(draft, reason="补上依据", now=timezone.now())

    enter(page, site, editor_of(PROVINCE, username="省编辑"))
    page.goto(f"{site}/admin/catalogue/document/?q=2022〕63")
    page.get_by_role("link", name=OLD_TIERS).click()
    page.get_by_role("heading", name="用在哪里").wait_for()
    choose(page, page.locator(".field-superseded_by"), NEW_TIERS)
    box(page, "superseded_on").fill("2026-04-01")
    look(page, "worked-superseding")
    save(page)
    old.refresh_from_db()
    assert (old.superseded_by.number, old.superseded_on) == (NEW_TIERS, date(2026, 4, 1))

    enter(page, site, editor_of(JINCHENG, username="编辑甲"))
    page.goto(f"{site}/admin/catalogue/programme/?superseded=yes")
    assert page.locator("#result_list tbody tr").count() == 1
    look(page, "worked-superseded-list")
    page.locator("#result_list tbody tr").get_by_role("link").first.click()
    page.get_by_text(f"2026年4月1日起被 {NEW_TIERS} 取代").wait_for()
    look(page, "worked-superseded-programme")
    page.context.clear_cookies()
    for address, name in (
        ("programmes/jc-zjtx-prov/", "worked-superseded-read"),
        (old.get_absolute_url().lstrip("/"), "worked-superseded-document"),
    ):
        page.goto(f"{site}/{address}")
        page.get_by_text(f"2026年4月1日起被 {NEW_TIERS} 取代").first.wait_for()
        check_page(page, name)
