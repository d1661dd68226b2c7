"""Lists as files from the admin: what is shown, what the file holds, who may, and the record."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import load_workbook

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.models import ExportLog
from applications.money.services import payments, refunds
from portal.jobs.work import work_off
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
    posted_notice,
)
from tests.list_files import LISTS
from tests.portal.test_lists import text_of

CHANGE_LIST = reverse("admin:cases_application_changelist")
AWARDS = reverse("admin:money_awardline_list", args=["awards"])
PAYMENTS = reverse("admin:money_paymentbatch_list", args=["payments"])
APPLICATIONS = reverse("admin:cases_application_list", args=["applications"])
NOTICES = reverse("admin:notices_notice_list", args=["notices"])
PAYER = ["view_awardline", "manage_awards", "pay_awards"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def download(client, address, ending, **query):
    response = client.post(address, {"format": ending}, query_params=query)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def fetched(client, address, ending, **query):
    """A list that a worker writes."""
    page = client.post(address, {"format": ending}, query_params=query).url
    assert work_off(timezone.now) == 1
    response = client.get(f"{page}file/")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def column(rows, header):
    """The cells under a header of a CSV, without the line of totals."""
    place = rows[0].index(header)
    end = next(number for number, row in enumerate(rows) if row[0] == "合计")
    return [row[place].strip() for row in rows[1:end]]


@pytest.fixture
def reviewer(client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def finance(client):
    for code, name in (("140521", "沁水县"), ("140522", "阳城县")):
        JurisdictionFactory(code=code, name=name, level="county", parent=JurisdictionFactory())
    user = FinanceFactory(permissions=[*PAYER, "export_lists"])
    client.force_login(user)
    return user


@pytest.fixture
def lines(finance):
    """Two to be paid, one that may be anything up to 50, one void, one partly given back."""
    fund = FundFactory()
    first = AwardLineFactory(fund=fund, state="approved", amount=Decimal("20.5"))
    case = {"application": first.application, "fund": fund}
    return [
        first,
        AwardLineFactory(**case, state="paid", amount=Decimal(10), paid=Decimal(10)),
        AwardLineFactory(**case, kind="range", amount=None, low=Decimal(30), high=Decimal(50)),
        AwardLineFactory(**case, state="void", amount=Decimal(7)),
        AwardLineFactory(
            **case, state="returned", amount=Decimal(8), paid=Decimal(8), returned=Decimal(3)
        ),
    ]


def test_the_award_list_holds_every_line_with_what_counts_of_it(client, lines):
    rows = rows_of(download(client, AWARDS, "csv"))
    assert set(column(rows, "申报编号")) == {lines[0].application.number}
    found = zip(
        *(column(rows, header) for header in ("状态", "金额（万元）", "已付净额（万元）")),
        strict=True,
    )
    assert sorted(found) == sorted([
        ("已批准", "20.5", "0"), ("已付清", "10", "10"), ("待确认", "", "0"),
        ("不再给付", "", "0"), ("已退回", "5", "5"),
    ])  # fmt: skip
    assert "30–50 万元" in column(rows, "文件印的金额")
    nothing = rows_of(download(client, AWARDS, "csv", level__exact="county"))
    assert nothing[1][:2] == ["合计", "0 行"]


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({"state__exact": "paid"}, 1),
        ({"level__exact": "city", "year": "2026"}, 5),
        ({"application__county__code__exact": "140522"}, 0),
        ({"title": "首次升规"}, 5),
        ({"due": "now"}, 1),
    ],
)
def test_the_award_list_is_narrowed_as_its_page_is(client, lines, chosen, count):
    assert client.get(AWARDS, chosen).context["summary"].count == count


def test_the_total_is_one_number_on_the_page_and_in_every_file(client, lines, files_root):
    page = client.get(AWARDS)
    shown = page.context["summary"].totals["金额（万元）"]
    assert shown == Decimal("35.5")
    rows = rows_of(download(client, AWARDS, "csv"))
    place = rows[0].index("金额（万元）")
    assert next(row for row in rows if row[0] == "合计")[place] == "35.5"
    sheet = load_workbook(io.BytesIO(download(client, AWARDS, "xlsx"))).get_sheet_by_index(0)
    assert next(row for row in sheet.to_python() if row[0] == "合计")[place] == 35.5
    assert "合计（5行）" in text_of(fetched(client, AWARDS, "pdf"))
    assert len(set(ExportLog.objects.values_list("checksum", flat=True))) == 1


def test_the_payment_list_says_what_was_paid_and_what_came_back(client, finance):
    fund = FundFactory()
    paid, drafted = AwardLineFactory.create_batch(2, fund=fund, state="approved")
    now = timezone.now()
    [batch], _ = payments.schedule(lines=[paid], actor=finance, now=now)
    on = timezone.localdate(now)
    payments.pay_batch(batch=batch, voucher_number="支1号", paid_on=on, actor=finance, now=now)
    refunds.refund(
        payment=batch.payments.get(), amount=Decimal("0.5"), on=on, reason="多付",
        document_number="", pay_again=True, actor=finance, now=now,
    )  # fmt: skip
    payments.schedule(lines=[drafted], actor=finance, now=now)
    rows = rows_of(download(client, PAYMENTS, "csv"))
    assert column(rows, "支付结果") == ["已支付", ""]
    assert column(rows, "凭证号") == ["支1号", ""]
    assert column(rows, "本批金额（万元）") == ["20", "20"]
    assert column(rows, "退回（万元）") == ["0.5", "0"]
    assert column(rows, "实付金额（万元）") == ["19.5", ""]
    totals = client.get(PAYMENTS).context["summary"].totals
    assert totals == {
        "本批金额（万元）": 40,
        "退回（万元）": Decimal("0.5"),
        "实付金额（万元）": Decimal("19.5"),
    }
    found = client.get(PAYMENTS, {"state__exact": "paid"}).context["summary"]
    assert (found.count, found.totals["实付金额（万元）"]) == (1, Decimal("19.5"))
    client.force_login(
        FinanceFactory(permissions=[*PAYER, "export_lists"], jurisdiction_code="140521")
    )
    assert client.get(PAYMENTS).context["summary"].count == 0


def test_the_page_shows_the_columns_rows_and_filter_of_the_file(client, reviewer):
    for number in range(60):
        ApplicationFactory(county_id="140521") if number else ApplicationFactory()
    Application.objects.filter(pk=Application.objects.first().pk).update(status=Status.REJECTED)
    query = {"queue": "all", "status__exact": "submitted", "q": "测试制造"}
    page = client.get(APPLICATIONS, query)
    assert page.context["summary"].count == 59
    assert len(page.context["lines"]) == 50
    assert page.context["filtered"] == "状态：待受理；查找：测试制造"
    rows = rows_of(download(client, APPLICATIONS, "csv", **query))
    assert rows[0] == [shown.header for shown in page.context["columns"]]
    assert [[cell.strip() for cell in row] for row in rows[1:51]] == page.context["lines"]
    assert ["筛选条件：状态：待受理；查找：测试制造"] in rows
    log = ExportLog.objects.get()
    assert (log.user, log.rows, log.key, log.ending) == (reviewer, 59, "applications", "csv")
    assert log.filtered == "状态：待受理；查找：测试制造"
    assert [log.checksum] in [row[1:] for row in rows]


def test_the_queue_is_a_filter_too_and_a_date_and_what_the_address_adds(client, reviewer):
    ApplicationFactory(submitted_at=timezone.now() - timedelta(days=800))
    ApplicationFactory(county_id="140521", desk="city")
    assert client.get(APPLICATIONS).context["filtered"] == "待办：等我办理"
    assert client.get(APPLICATIONS).context["summary"].count == 1
    year = timezone.localdate().year
    query = {"queue": "all", "submitted_at__gte": f"{year}-01-01 00:00:00+08:00", "year__gte": 2026}
    page = client.get(APPLICATIONS, query)
    words = f"提交时间：submitted_at__gte={year}-01-01 00:00:00+08:00；year__gte=2026"
    assert page.context["filtered"] == words
    assert page.context["summary"].count == 1
    page = client.get(APPLICATIONS, {"queue": "all", "year": 2026, "county__code__exact": "140521"})
    assert page.context["filtered"] == "县（市、区）：沁水县；申报年度：2026"
    page = client.get(APPLICATIONS, {"queue": "all", "county__code__exact": "140522"})
    assert page.context["summary"].count == 0
    assert client.get(APPLICATIONS, {"queue": "all"}).context["filtered"] == "无，全部列出"


def test_the_notice_list_has_a_row_for_each_case(client):
    manager = ManagerFactory(permissions=["manage_notices", "view_notice", "export_lists"])
    cases = approved_cases(2)
    notice = posted_notice(cases, timezone.now(), manager)
    client.force_login(manager)
    rows = rows_of(download(client, NOTICES, "csv"))
    assert column(rows, "公示编号") == [notice.number] * 2
    assert column(rows, "申报编号") == [case.number for case in cases]
    assert column(rows, "统一社会信用代码") == [case.enterprise.credit_code for case in cases]
    assert column(rows, "开始日") == [notice.posted_on.isoformat()] * 2
    assert client.get(NOTICES).context["summary"].count == 2
    client.force_login(
        ManagerFactory(permissions=["view_notice", "export_lists"], jurisdiction_code="140522")
    )
    assert rows_of(download(client, NOTICES, "csv"))[1][:2] == ["合计", "0 行"]


def test_a_list_holds_only_ones_own_cases(client, reviewer):
    own = ApplicationFactory()
    ApplicationFactory(
        enterprise__credit_code="91140522MA0K00003X",
        enterprise__county__code="140522",
        enterprise__county__name="阳城县",
    )
    rows = rows_of(download(client, APPLICATIONS, "csv", queue="all"))
    assert column(rows, "申报编号") == [own.number]
    assert ExportLog.objects.get().rows == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"permissions": ["view_application"]}, 403),
        ({"permissions": ["export_lists"]}, 403),
        ({"is_staff": False}, 302),
    ],
)
@pytest.mark.parametrize("address", [AWARDS, APPLICATIONS, NOTICES, PAYMENTS])
def test_who_may_not_export_neither_sees_nor_takes_a_list(client, who, status, address):
    client.force_login(UserFactory(**who))
    assert client.get(address).status_code == status
    assert client.post(address, {"format": "csv"}).status_code == status
    assert not ExportLog.objects.exists()
    if status == 403 and "view_application" in who["permissions"]:
        assert "导出申报名单" not in client.get(CHANGE_LIST).content.decode()


def test_the_change_list_leads_to_its_lists_with_its_filter(client, reviewer):
    page = client.get(CHANGE_LIST, {"queue": "all", "q": "测试"}).content.decode()
    assert f"{APPLICATIONS}?queue=all&amp;q=%E6%B5%8B%E8%AF%95" in page
    assert client.get(reverse("admin:cases_application_list", args=["x"])).status_code == 404


def test_an_unknown_format_or_filter_makes_no_file(client, reviewer):
    ApplicationFactory()
    response = client.post(APPLICATIONS, {"format": "doc"})
    assert response.status_code == 400
    assert "请选择要下载的格式" in response.content.decode()
    assert client.get(APPLICATIONS, {"year": "nonsense"}).status_code == 302
    assert not ExportLog.objects.exists()


def test_too_many_rows_for_a_pdf_are_refused_on_the_page(client, reviewer, monkeypatch):
    monkeypatch.setattr("portal.lists.pdf_file.MOST_CELLS", 17)
    ApplicationFactory.create_batch(2)
    response = client.post(APPLICATIONS, {"format": "pdf"}, query_params={"queue": "all"})
    assert response.status_code == 400
    assert "PDF 最多 1 行" in response.content.decode()
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_long_list_is_written_by_a_worker_as_a_page_would_write_it(
    client, reviewer, files_root, monkeypatch, ending
):
    ApplicationFactory.create_batch(3)
    query = {"queue": "all", "status__exact": "submitted"}
    at_once = download(client, APPLICATIONS, ending, **query)
    monkeypatch.setattr("applications.centre.exports.long.MOST_AT_ONCE", 2)
    assert fetched(client, APPLICATIONS, ending, **query)[:4] == at_once[:4]
    first, second = ExportLog.objects.all()
    assert first.rows == 3
    assert (first.checksum, first.rows, first.filtered, first.ending) == (
        second.checksum,
        second.rows,
        second.filtered,
        second.ending,
    )
    assert second.user == reviewer


def test_a_worker_writes_what_the_owner_sees_and_may(client, reviewer, files_root):
    ApplicationFactory()
    page = client.post(APPLICATIONS, {"format": "pdf"}, query_params={"queue": "all"}).url
    reviewer.user_permissions.clear()
    reviewer.groups.clear()
    work_off(timezone.now)
    assert "没有导出这份名单的权限" in client.get(page).content.decode()
    assert client.get(f"{page}file/").status_code == 404
    assert not ExportLog.objects.exists()


def test_a_list_asked_for_twice_is_written_and_recorded_once(client, reviewer, files_root):
    ApplicationFactory()
    pages = {
        client.post(APPLICATIONS, {"format": "pdf"}, query_params={"queue": "all"}).url
        for _ in range(2)
    }
    assert len(pages) == 1
    assert work_off(timezone.now) == 1
    assert ExportLog.objects.count() == 1


@pytest.mark.parametrize("key", LISTS)
def test_a_list_takes_the_same_queries_for_many_rows(client, key):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    edition = EditionFactory()
    posted_notice(approved_cases(2, edition=edition), timezone.now())
    address = {
        "awards": AWARDS, "applications": APPLICATIONS, "notices": NOTICES, "payments": PAYMENTS,
    }[key]  # fmt: skip
    query = {"queue": "all"} if key == "applications" else {}
    fund = FundFactory()
    few = _count_queries(client, address, query)
    for year in range(1990, 2020):
        case = ApplicationFactory(status=Status.RECOGNISED, year=year, edition=edition)
        AwardLineFactory(application=case, fund=fund)
    assert _count_queries(client, address, query) == few


def _count_queries(client, address, query):
    with CaptureQueriesContext(connection) as captured:
        download(client, address, "csv", **query)
    return len(captured)


def test_the_record_of_an_export_stays(client, reviewer):
    ApplicationFactory()
    download(client, APPLICATIONS, "csv")
    log = ExportLog.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportLog.objects.update(rows=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        log.delete()
    page = reverse("admin:centre_exportlog_change", args=[log.pk])
    assert client.get(page).status_code == 403
    client.force_login(UserFactory(permissions=["view_exportlog"]))
    assert log.checksum in client.get(page).content.decode()
    assert client.post(page, {"rows": 7}).status_code == 403
    client.force_login(UserFactory(permissions=["view_exportlog"], jurisdiction_code="140522"))
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_command_tells_whether_a_file_is_as_it_was_made(
    client, reviewer, tmp_path, capsys, ending
):
    ApplicationFactory()
    path = tmp_path / f"list.{ending}"
    path.write_bytes(download(client, APPLICATIONS, ending))
    call_command("check_list", path)
    told = capsys.readouterr().out
    assert "1 行" in told
    assert f"{reviewer}" in told
    if ending == "csv":
        path.write_text(path.read_text(encoding="utf-8").replace("待受理", "已认定"))
        with pytest.raises(CommandError, match="改动过"):
            call_command("check_list", path)


def test_the_command_knows_a_file_whose_checksum_was_made_anew(client, reviewer, tmp_path):
    ApplicationFactory()
    path = tmp_path / "list.csv"
    content = download(client, APPLICATIONS, "csv").decode()
    forged = content.replace("待受理", "已认定")
    path.write_text(forged)
    with pytest.raises(CommandError) as caught:
        call_command("check_list", path)
    computed = str(caught.value).split()[-1]
    path.write_text(forged.replace(ExportLog.objects.get().checksum, computed))
    with pytest.raises(CommandError, match="没有这份文件的导出记录"):
        call_command("check_list", path)


def test_a_preview_asks_for_the_choices_of_each_filter_once(
    client, reviewer, django_assert_num_queries
):
    ApplicationFactory()
    client.get(APPLICATIONS)
    with django_assert_num_queries(14):
        client.get(APPLICATIONS, {"queue": "all", "status__exact": "submitted"})
