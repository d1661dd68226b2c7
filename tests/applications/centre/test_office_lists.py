"""Award and payment lists as offices hand them on: columns as chosen, sums in words, accounts for few."""

import re
from datetime import datetime
from decimal import Decimal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.centre.exports.office import documents_in, layouts_for, office_list
from applications.centre.models import ExportLog, OfficeList
from applications.money.services.payments import schedule
from portal.jobs.work import work_off
from portal.lists.canonical import CHECKSUM
from portal.lists.check import check_file
from tests.applications.centre.test_lists import column, download, fetched, rows_of
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    EnterpriseFactory,
    FundFactory,
    UserFactory,
    approved_cases,
    posted_notice,
)
from tests.list_files import LISTS
from tests.portal.test_lists import parts_of, sheet_of, text_of
from tests.workbook import cells_of

AWARDS = reverse("admin:money_awardline_list", args=["awards-office"])
PAYMENTS = reverse("admin:money_paymentbatch_list", args=["payments-office"])
ADD = reverse("admin:centre_officelist_add")
POSTED = datetime(2026, 9, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
HEADERS = [
    "序号",
    "企业名称",
    "统一社会信用代码",
    "县（市、区）",
    "项目",
    "依据",
    "金额（万元）",
    "开户行",
    "账号",
    "备注",
]
NUMBER = "6228481234567890123"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def staff(role, **fields):
    user = UserFactory(permissions=[], **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def finance(client):
    user = staff("财务", jurisdiction_code="140500")
    client.force_login(user)
    return user


@pytest.fixture
def lines(finance):
    """Two of one firm, which has an account, and one of another, which has none."""
    firm, other = (
        EnterpriseFactory(),
        EnterpriseFactory(credit_code="91140522MA0K00003X", name="乙"),
    )
    BankAccountFactory(enterprise=firm, number=NUMBER, bank="=农行", confirmed_by=finance)
    fund = FundFactory()
    made = []
    for enterprise, amount, title in (
        (firm, "20", "首次"),
        (firm, "0.5", "次年"),
        (other, "7", "首次"),
    ):
        case = ApplicationFactory(enterprise=enterprise, edition__programme__name=f"奖励{title}")
        made.append(AwardLineFactory(
            application=case, fund=fund, state="approved", amount=Decimal(amount), title=title,
            sources="晋市政办〔2021〕35号 三（四）；沁水县指南 一；晋发〔2018〕37号 经一览表引用",
        ))  # fmt: skip
    return made


def form(columns, **fields):
    """What the form of a new list posts; `columns` are source and title."""
    data = {
        "jurisdiction": "140500", "kind": "awards", "title": "专项资金表", "issuer": "晋城市促进中心",
        "row_of": "line", "signers": "制表人、复核人，分管领导", "columns-TOTAL_FORMS": len(columns),
        "columns-INITIAL_FORMS": 0, **fields,
    }  # fmt: skip
    for number, (source, title) in enumerate(columns):
        data |= {
            f"columns-{number}-position": number + 1, f"columns-{number}-source": source,
            f"columns-{number}-title": title,
        }  # fmt: skip
    return data


def test_a_firm_is_a_row_with_its_account_and_the_sum_stands_below_in_words(client, lines):
    content = download(client, AWARDS, "xlsx")
    sheet = sheet_of(content)
    assert sheet[0][0] == "奖补资金名单（上报用）"
    assert next(cell for cell in sheet[1] if cell).startswith("编制单位：")
    assert [cell for cell in sheet[1] if cell][-1] == "单位：万元"
    assert sheet[2] == HEADERS
    own, other = sorted(sheet[3:5], key=lambda row: -row[6])
    assert own[6:9] == [20.5, "=农行", NUMBER]
    assert own[4] == "奖励首次；奖励次年"
    assert own[5] == "晋市政办〔2021〕35号"
    assert other[6:] == [7.0, "", "", "没有核对过的账户"]
    assert (sheet[5][0], sheet[5][6]) == ("合计", 27.5)
    assert sheet[6][0] == "合计金额（大写）：人民币贰拾柒万伍仟元整"
    assert re.split("：\\s*", sheet[7][0])[:3] == ["制表人", "审核人", "单位（盖章）"]
    assert CHECKSUM in sheet[9][0]
    cells = cells_of(content)
    account = next(cell for cell in cells.values() if cell.value == NUMBER)
    assert account.shown == "@"
    assert sum(bool(cell.formula) for cell in cells.values()) == 1


def test_the_workbook_prints_on_a4_across_with_its_headers_on_each_page(client, lines):
    parts = parts_of(download(client, AWARDS, "xlsx"))
    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'paperSize="9" orientation="landscape"' in sheet.replace(' fitToHeight="0"', "")
    assert "$3:$3" in parts.read("xl/workbook.xml").decode()
    assert "autoFilter" not in sheet


def test_the_file_is_recorded_and_can_be_checked(client, lines, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(download(client, AWARDS, "xlsx"))
    log = ExportLog.objects.get()
    assert (log.key, log.title, log.rows) == ("awards-office", "奖补资金名单（上报用）", 2)
    checked = check_file(path)
    assert checked.is_intact
    assert (checked.count, checked.stated) == (2, log.checksum)


def test_the_pdf_has_the_sum_in_words_and_places_to_sign(client, lines, files_root):
    text = text_of(fetched(client, AWARDS, "pdf"))
    assert "合计金额（大写）：人民币贰拾柒万伍仟元整" in text
    assert all(sign in text for sign in ("制表人：", "审核人：", "单位（盖章）："))
    assert NUMBER in text
    assert "第1页共1页" in text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("address", [AWARDS, PAYMENTS, PAYMENTS.replace("-office", "")])
def test_only_finance_gets_accounts_whole(client, finance, lines, address, ending):
    schedule(lines=lines, actor=finance, now=timezone.now())

    def told():
        content = download(client, address, ending)
        page = client.get(address).content.decode()
        cells = content.decode() if ending == "csv" else str(sheet_of(content))
        return cells + page

    assert NUMBER in told()
    client.force_login(staff("审计", jurisdiction_code="140500"))
    masked = told()
    assert "6228481" not in masked
    assert "尾号 0123" in masked


def test_a_worker_masks_for_whom_it_works(client, lines, files_root):
    auditor = staff("审计", jurisdiction_code="140500")
    client.force_login(auditor)
    text = text_of(fetched(client, AWARDS, "pdf"))
    assert "尾号0123" in text
    assert NUMBER not in text


def test_a_firm_that_is_paid_on_two_accounts_has_a_row_for_each(client, finance, lines):
    now = timezone.now()
    schedule(lines=lines[:1], actor=finance, now=now)
    firm = lines[0].application.enterprise
    BankAccountFactory(enterprise=firm, number="11112222", confirmed_by=finance)
    schedule(lines=lines[1:2], actor=finance, now=now)
    rows = rows_of(download(client, PAYMENTS, "csv"))
    found = zip(column(rows, "金额（万元）"), column(rows, "账号"), strict=True)
    assert sorted(found) == [("0.5", "11112222"), ("20", NUMBER)]
    assert client.get(PAYMENTS).context["summary"].count == 2


def test_a_centre_chooses_columns_order_titles_and_signs_without_code(client, finance, lines):
    chosen = [
        ("number", "编号"), ("account", ""), ("amount", "拨付金额"), ("firm", "=单位"), ("", ""),
    ]  # fmt: skip
    assert client.post(ADD, form(chosen)).status_code == 302
    made = OfficeList.objects.get()
    page = client.get(reverse("admin:money_awardline_changelist")).content.decode()
    address = reverse("admin:money_awardline_list", args=[f"awards-{made.pk}"])
    assert address in page
    assert "专项资金表" in page
    sheet = sheet_of(download(client, address, "xlsx"))
    assert sheet[2] == ["序号", "编号", "账号", "拨付金额", "=单位"]
    assert len([row for row in sheet[3:] if isinstance(row[0], float)]) == 3
    assert "编制单位：晋城市促进中心" in sheet[1]
    signs = next(row[0] for row in sheet if str(row[0]).startswith("制表人"))
    assert re.findall(r"[^：\s]+(?=：)", signs) == ["制表人", "复核人", "分管领导"]
    csv = download(client, address, "csv").decode("utf-8-sig")
    assert "单位" in csv
    client.force_login(staff("财务", jurisdiction_code="140521"))
    assert client.get(address).status_code == 404
    assert client.get(reverse("admin:centre_officelist_change", args=[made.pk])).status_code == 404


def test_a_title_that_no_sheet_and_no_file_may_have_is_no_obstacle(client, finance, lines):
    title = "[2026/专项]:*? 资金'的一张名称很长很长很长很长很长很长的明细表"
    assert client.post(ADD, form([("firm", ""), ("amount", "")], title=title)).status_code == 302
    address = reverse("admin:money_awardline_list", args=[f"awards-{OfficeList.objects.get().pk}"])
    response = client.post(address, {"format": "xlsx"})
    name = unquote(response.headers["Content-Disposition"])
    assert not set("/:*?") & set(name.partition("''")[2])
    assert sheet_of(b"".join(response.streaming_content))[0][0] == title


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ([("firm", "")], "还缺“金额（万元）”一栏"),
        ([("firm", "甲"), ("amount", "甲")], "有两栏都叫“甲”"),
        ([("firm", "序号"), ("amount", "")], "“序号”不能作栏目名称"),
        ([("firm", ""), ("amount", ""), ("amount", "又一次")], "“金额（万元）”列了两次"),
        ([("firm", "长" * 21), ("amount", "")], "20"),
    ],
)
def test_what_a_list_lacks_is_said_and_what_was_typed_is_kept(client, finance, columns, told):
    response = client.post(ADD, form(columns))
    page = response.content.decode()
    assert response.status_code == 200
    assert told in page
    assert "晋城市促进中心" in page
    assert not OfficeList.objects.exists()


def test_a_new_list_begins_with_the_usual_columns(client, finance):
    page = client.get(ADD).content.decode()
    chosen = re.findall(r'<option value="(\w+)" selected>', page)
    assert "credit_code" in chosen
    assert chosen.index("bank") < chosen.index("account") < chosen.index("note")


def test_a_list_that_is_deleted_while_a_worker_has_it_says_so(client, finance, lines, files_root):
    client.post(ADD, form([("firm", ""), ("amount", "")]))
    made = OfficeList.objects.get()
    address = reverse("admin:money_awardline_list", args=[f"awards-{made.pk}"])
    page = client.post(address, {"format": "pdf"}).url
    client.post(reverse("admin:centre_officelist_delete", args=[made.pk]), {"post": "yes"})
    assert not OfficeList.objects.exists()
    work_off(timezone.now)
    assert "名单格式已被删除" in client.get(page).content.decode()


def test_a_list_takes_the_same_queries_for_many_rows(client, finance, lines):
    def count():
        with CaptureQueriesContext(connection) as captured:
            download(client, AWARDS, "csv")
        return len(captured)

    few = count()
    for number in range(12):
        firm = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}")
        case = ApplicationFactory(enterprise=firm)
        AwardLineFactory(application=case, fund=lines[0].fund, state="approved")
    assert count() == few


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        ("晋市政办〔2021〕35号 三（四）；沁水县申报指南 小升规", "晋市政办〔2021〕35号"),
        ("沁水县申报指南 小升规；晋发〔2018〕37号 经一览表引用", "沁水县申报指南"),
        ("晋发〔2018〕37号 经一览表引用", "晋发〔2018〕37号"),
        ("", ""),
    ],
)
def test_the_basis_names_the_documents_that_speak_for_themselves(sources, shown):
    assert documents_in(sources) == shown


def test_no_number_format_of_any_export_leaves_a_point_behind_or_hides_a_digit(
    client, finance, lines
):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    schedule(lines=lines, actor=finance, now=timezone.now())
    posted_notice(approved_cases(1), POSTED)
    standard = [layout for kind in ("awards", "payments") for layout in layouts_for(finance, kind)]
    addresses = {
        "awards": "money_awardline", "payments": "money_paymentbatch", "notices": "notices_notice",
        "applications": "cases_application",
    }  # fmt: skip
    for key in [*LISTS, *(office_list(layout, finance).key for layout in standard)]:
        address = reverse(f"admin:{addresses[key.partition('-')[0]]}_list", args=[key])
        content = download(client, address, "xlsx", queue="all") if key == "applications" else (
            download(client, address, "xlsx")
        )  # fmt: skip
        _check_formats(key, content)


def _check_formats(key, content):
    sheet = parts_of(content).read("xl/worksheets/sheet1.xml").decode()
    widths = {
        place: float(width)
        for start, end, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet)
        for place in range(int(start), int(end) + 1)
    }
    numbers = {
        place: cell for place, cell in cells_of(content).items() if isinstance(cell.value, Decimal)
    }
    assert numbers, key
    for place, cell in numbers.items():
        # 0.## shows 20 as "20."; 0.00 shows 0.125 as 0.13; "0" is for whole numbers.
        assert "." not in cell.shown.replace("General", ""), (key, place)
        assert cell.shown != "0" or cell.value == int(cell.value), (key, place)
        column = sum(
            26**at * (ord(sign) - 64) for at, sign in enumerate(reversed(re.sub(r"\d", "", place)))
        )
        shown = "2026-11-20" if cell.shown == "yyyy-mm-dd" else f"{cell.value.normalize():f}"
        assert widths[column] >= len(shown) + 1, (key, place)


def test_a_long_amount_widens_its_column(client, finance):
    AwardLineFactory(state="approved", amount=Decimal("1234567.123456"), fund=FundFactory())
    content = download(client, AWARDS, "xlsx")
    assert 1234567.123456 in [row[6] for row in sheet_of(content) if len(row) > 6]
    _check_formats("awards-office", content)
