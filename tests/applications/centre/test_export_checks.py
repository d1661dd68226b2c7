"""Exports checked again: whether the portal made a file, and how the same list reads today."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application
from applications.centre.audit.comparing import compare
from applications.centre.models import AuditRecord, ExportLog
from portal.jobs.work import work_off
from tests.applications.centre.test_case_papers import staff
from tests.factories import ApplicationFactory, EnterpriseFactory, JurisdictionFactory, UserFactory

CHECK = reverse("admin:centre_auditrecord_check_export")
APPLICATIONS = reverse("admin:cases_application_list", args=["applications"])
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def clerk():
    JurisdictionFactory()
    return staff("审核员", first_name="张三")


@pytest.fixture
def auditor():
    return staff("审计", first_name="审计员甲", jurisdiction_code="140500")


@pytest.fixture
def cases(clerk):
    return [
        ApplicationFactory(
            enterprise=EnterpriseFactory(credit_code=f"TESTCODE{number:010d}"),
            number=f"140521-2026-{number:04d}", contact_name=f"联系人{number}",
        )
        for number in range(4)
    ]  # fmt: skip


def export(client, user, ending, **query):
    client.force_login(user)
    response = client.post(APPLICATIONS, {"format": ending}, query_params={"queue": "all", **query})
    if response.status_code == 302:
        work_off(timezone.now)
        response = client.get(f"{response.url}file/")
    return b"".join(response.streaming_content)


def check(client, content, name="名单.xlsx"):
    file = io.BytesIO(content)
    file.name = name
    page = client.post(CHECK, {"file": file})
    assert page.status_code == 200, page.content.decode()
    return page.content.decode()


def test_a_file_is_known_to_the_byte_with_who_made_it_when_and_of_what(
    client, clerk, auditor, cases, files_root
):
    made = {
        ending: export(client, clerk, ending, status__exact="submitted")
        for ending in ("xlsx", "csv", "pdf")
    }
    client.force_login(auditor)
    for ending, content in made.items():
        page = check(client, content, f"名单.{ending}")
        assert (
            "逐字节相同" in page and "张三" in page and "待受理" in page and ending.upper() in page
        )
        assert "4 行" in page
    assert "拿来的文件和现在相比：一样的 4 行，改了的 0 行" in check(client, made["csv"])
    records = AuditRecord.objects.filter(kind="export", user=auditor)
    assert records.count() == 4
    assert "逐字节相同" in records.first().outcome


def test_a_file_that_was_saved_anew_or_changed_is_told_apart(client, clerk, auditor, cases):
    content = export(client, clerk, "csv")
    client.force_login(auditor)
    text = content.decode("utf-8-sig")
    page = check(client, text.encode(), "名单.csv")
    assert "文件后来另存过，内容没有改" in page and "是本站导出的</h2>" in page
    page = check(client, text.replace("联系人2", "假名").encode(), "名单.csv")
    assert "行被改动过" in page and "本站导出过，后来被改动" in page
    assert "<td>联系人</td><td>假名</td><td>联系人2</td>" in page
    log = ExportLog.objects.get()
    unknown = text.replace(log.checksum, "0" * 64).encode()
    assert "不是本站导出的，或者改得认不出来" in check(client, unknown, "名单.csv")
    for foreign in (b"%PDF-1.7 forged", b"a,b\n1,2\n", b"\x00\x01"):
        assert "不能确认是本站导出的" in check(client, foreign, "名单.pdf")
    empty = io.BytesIO(b"")
    empty.name = "空.csv"
    page = client.post(CHECK, {"file": empty})
    assert page.status_code == 400 and "文件是空的" in page.content.decode()
    assert client.post(CHECK).status_code == 400


def test_the_same_list_today_tells_what_was_added_gone_and_changed(client, clerk, auditor, cases):
    content = export(client, clerk, "xlsx", status__exact="submitted")
    Application.objects.filter(pk=cases[0].pk).update(contact_name="新联系人")
    Application.objects.filter(pk=cases[1].pk).update(status="in_review")
    ApplicationFactory(number="140521-2026-0009", subject="新来的")
    # Who made it has moved on, and left: the list is computed as they saw it then.
    clerk.jurisdiction_code, clerk.is_active = "140522", False
    clerk.save()
    client.force_login(auditor)
    page = check(client, content)
    assert "一样的 2 行，改了的 1 行，后来多出的 1 行，后来没有了的 1 行" in page
    assert "<td>联系人0</td><td>新联系人</td>" in page and "140521-2026-0009" in page
    log = ExportLog.objects.get()
    page = client.get(reverse("admin:centre_auditrecord_recount", args=[log.pk])).content.decode()
    assert "和导出时不一样" in page and "4 行" in page
    assert (
        reverse("admin:centre_auditrecord_recount", args=[log.pk])
        in client.get(reverse("admin:centre_exportlog_change", args=[log.pk])).content.decode()
    )


def test_what_cannot_be_computed_again_says_why(client, clerk, auditor, cases):
    export(client, clerk, "csv")
    client.force_login(auditor)
    fields = {"at": timezone.now(), "user": clerk, "jurisdiction_code": "140521", "title": "名单",
              "ending": "csv", "filtered": "无", "rows": 1, "checksum": "1" * 64}  # fmt: skip
    early = ExportLog.objects.create(**fields, key="applications")
    gone = ExportLog.objects.create(**fields, key="figures-cases", sha256="2" * 64)
    clerk.groups.clear()
    own = ExportLog.objects.exclude(sha256="").earliest("pk")
    for log, told in (
        (early, "早于升级"),
        (gone, "不是后台的名单"),
        (own, "没有导出这份名单的权限"),
    ):
        page = client.get(reverse("admin:centre_auditrecord_recount", args=[log.pk]))
        assert told in page.content.decode(), told
    client.force_login(UserFactory())
    assert client.get(CHECK).status_code == 403
    assert client.get(reverse("admin:centre_auditrecord_recount", args=[own.pk])).status_code == 403
    client.force_login(staff("审计", jurisdiction_code="140400"))
    assert client.get(reverse("admin:centre_auditrecord_recount", args=[own.pk])).status_code == 404


def test_rows_of_one_number_are_paired_with_the_likest():
    headers = ["编号", "期次", "金额"]
    before = [("1", "甲", "10"), ("1", "乙", "20"), ("2", "甲", "5"), ("3", "甲", "7")]
    after = [("1", "乙", "20"), ("1", "甲", "11"), ("1", "丙", "1"), ("2", "甲", "5")]
    found = compare(headers, before, after)
    assert found.same == 2
    assert [each.cells for each in found.changed] == [[("金额", "10", "11")]]
    assert found.added == [("1", "丙", "1")]
    assert found.gone == [("3", "甲", "7")]
    assert not found.is_same and compare(headers, before, before[::-1]).is_same
