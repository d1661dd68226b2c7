"""Dossiers: one case with all that was done with it, sealed, and told apart from one that was changed."""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, CaseNote, Cover, Message, MessageDelivery
from applications.centre.audit.dossier import Dossier, differences
from applications.centre.audit.tables import LEFT_OUT, TABLES
from applications.centre.models import AuditRecord, ExportLog
from applications.enterprises.models import BankAccount, EnterpriseChange, Membership
from applications.money.models import AwardEvent, Payment, PaymentBatch, Refund
from portal.jobs.work import work_off
from portal.models import Delivery, Job
from portal.sealed.seal import seal_of
from tests.applications.centre.test_case_papers import hand_in, staff
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    AwardLineFactory,
    BankAccountFactory,
    CriterionFactory,
    EditionFactory,
    EnterpriseFactory,
    ExpertAssignmentFactory,
    FactFactory,
    JurisdictionFactory,
    MembershipFactory,
    ObjectionFactory,
    posted_notice,
    reject_event,
)
from tests.portal.test_lists import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
CHECK = reverse("admin:centre_auditrecord_check_dossier")
SECRET_ADDRESS, OTHERS_NAME = "secret@firm.example", "别的公司"


@pytest.fixture
def auditor(client, files_root):
    user = staff("审计", first_name="审计员甲", jurisdiction_code="140500")
    client.force_login(user)
    return user


def event(case, actor, action, at, **fields):
    return reject_event(case, actor, fields.pop("opinion", ""), at=at, action=action, **fields)


@pytest.fixture
def case(auditor):
    """Decided by a county in a colleague's stead, paid and paid back, with all that can hang on a case."""
    now = timezone.now() - timedelta(days=10)
    member = MembershipFactory()
    edition = EditionFactory()
    FactFactory()
    CriterionFactory(edition=edition, code="T.1", text="收入够数")
    case = ApplicationFactory(
        edition=edition,
        status="approved",
        submitted_at=now,
        submitted_by=member.user,
        answers={"enterprise.employees": 85},
    )
    with time_machine.travel(now - timedelta(days=1)):
        clerk, away = (staff("审核员", first_name=name) for name in ("张三", "李四"))
        payer = staff("财务", first_name="王五", jurisdiction_code="140500")
    Cover.objects.create(
        person=away, substitute=clerk, first=timezone.localdate(now),
        last=timezone.localdate(now) + timedelta(days=3), entered_by=away, entered_at=now,
    )  # fmt: skip
    event(case, member.user, "submit", now, target="submitted", step_level="", step_place=None)
    event(case, clerk, "recommend", now + timedelta(days=1), on_behalf_of=away, opinion="同意上报")
    event(
        case, member.user, "resubmit", now + timedelta(days=1, hours=1),
        details={"changes": {"enterprise.employees": [80, 85]}},
    )  # fmt: skip
    # From now on he is somebody else.
    clerk.groups.clear()
    CaseNote.objects.create(
        application=case, author=clerk, from_staff=True, text="请补原件", at=now
    )
    ExpertAssignmentFactory(application=case)
    first = hand_in(case, None, b"%PDF-1.7 first", "first.pdf")
    hand_in(case, None, b"%PDF-1.7 second", "second.pdf")
    case.attachments.filter(library_file=first).update(replaced_at=now + timedelta(days=1))
    other = ApplicationFactory(
        edition=case.edition, status="approved", enterprise__name=OTHERS_NAME,
        enterprise__credit_code="TESTCODE0000000009", enterprise_name=OTHERS_NAME,
    )  # fmt: skip
    notice = posted_notice([case, other], now + timedelta(days=2))
    [own], [others] = (notice.lines.filter(application=each) for each in (case, other))
    ObjectionFactory(notice=notice, line=own, name="异议人丙", text="本案停产")
    ObjectionFactory(notice=notice, line=others, text="别案停产")
    account = BankAccountFactory(
        enterprise=case.enterprise,
        entered_by=member.user,
        confirmed_by=payer,
        number="6228480011112222",
    )
    line = AwardLineFactory(application=case, state="approved")
    batch = PaymentBatch.objects.create(
        number="140500-ZF1", fund=line.fund, created_at=now, created_by=payer
    )
    payment = Payment.objects.create(batch=batch, line=line, amount=Decimal(20), account=account)
    PaymentBatch.objects.update(
        state="paid", voucher_number="凭1", paid_on=timezone.localdate(),
        paid_at=now + timedelta(days=5), paid_by=payer,
    )  # fmt: skip
    AwardEvent.objects.create(
        line=line, at=now + timedelta(days=5), actor=payer, action="pay", target="paid"
    )
    Refund.objects.create(
        payment=payment, amount=Decimal(5), on=timezone.localdate(), reason="账号写错", pay_again=True,
        recorded_at=now + timedelta(days=6), recorded_by=payer,
    )  # fmt: skip
    message = Message.objects.create(
        recipient=member.user, enterprise=case.enterprise, application=case, kind="receipt",
        subject="收到申报", text="已收到。", created_at=now, key="told once",
    )  # fmt: skip
    letter = Delivery.objects.create(
        key="letter", channel="email", address=SECRET_ADDRESS, subject="收到申报", text="信里的网址",
        due_at=now, state="failed", last_error="邮箱不存在",
    )  # fmt: skip
    MessageDelivery.objects.create(message=message, delivery=letter)
    return case


def made(client, case):
    page = client.post(reverse("admin:centre_auditrecord_dossier", args=[case.pk])).url
    work_off(timezone.now)
    response = client.get(f"{page}file/")
    assert response.status_code == 200, client.get(page).content.decode()
    return b"".join(response.streaming_content)


def contents(dossier):
    with zipfile.ZipFile(io.BytesIO(dossier)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return file.getvalue()


def check(client, content, name="案卷.zip"):
    file = io.BytesIO(content)
    file.name = name
    page = client.post(CHECK, {"file": file})
    return page.status_code, page.content.decode()


def test_a_dossier_holds_all_that_was_done_and_no_secret_of_others(client, auditor, case):
    files = contents(made(client, case))
    text, data = text_of(files["案卷.pdf"]), json.loads(files["案卷.json"])
    for told in (
        case.number, "张三（审核员，沁水县）", "代李四（审核员，沁水县）", "同意上报", "王五（财务，晋城市）",
        "请补原件", "本案停产", "尾号2222", "140500-ZF1", "账号写错", "邮箱不存在", "发送失败", "企业用户",
    ):  # fmt: skip
        assert told in text, told
    assert "80" in text and "现在重算" in text
    # The edition's rule, of which the kept assessment says nothing: so it is told.
    assert "T.1收入够数" in text and "条件T.1：当时“没有这一条”" in text
    whole = text + files["案卷.json"].decode()
    for secret in (
        "异议人丙", "别案停产", OTHERS_NAME, SECRET_ADDRESS, "信里的网址", "6228480011112222",
        str(case.reference), case.reference.hex,
    ):  # fmt: skip
        assert secret not in whole, secret
    papers = {name: content for name, content in files.items() if name.startswith("材料/")}
    assert papers == {
        "材料/01-其他材料-1-已替换.pdf": b"%PDF-1.7 first",
        "材料/01-其他材料-2.pdf": b"%PDF-1.7 second",
    }
    rows = data["tables"]
    assert rows["refund"]["rows"][0]["amount"] == "5"
    assert rows["applicationevent"]["rows"][1]["actor"]["role"] == "审核员，沁水县"
    assert rows["applicationevent"]["rows"][1]["on_behalf_of"]["name"] == "李四"
    assert [each["at"] for each in data["course"]] == sorted(each["at"] for each in data["course"])
    log = ExportLog.objects.get(key="dossier")
    assert (log.user, log.filtered, log.rows) == (auditor, case.number, 1)


def test_a_dossier_is_made_once_as_long_as_nothing_is_done_and_tells_of_the_one_before(
    client, case
):
    address = reverse("admin:centre_auditrecord_dossier", args=[case.pk])
    made(client, case)
    assert client.post(address).url == client.post(address).url
    assert Job.objects.count() == 1
    Refund.objects.create(
        payment=Payment.objects.get(), amount=Decimal(1), on=timezone.localdate(), reason="又退",
        pay_again=False, recorded_at=timezone.now(), recorded_by=Payment.objects.get().batch.paid_by,
    )  # fmt: skip
    again = contents(made(client, case))
    assert Job.objects.count() == 2
    downloads = json.loads(again["案卷.json"])["tables"]["exportlog"]["rows"]
    assert [row["user"]["name"] for row in downloads] == ["审计员甲"]


def test_a_dossier_that_comes_back_is_known_and_what_was_changed_is_named(
    client, auditor, case, settings
):
    whole = made(client, case)
    status, page = check(client, whole)
    assert status == 200
    assert "没有改动过" in page and "逐字节相同" in page
    files = contents(whole)
    assert "重新打包过" in check(client, packed(files))[1]

    paper = "材料/01-其他材料-2.pdf"
    for changed, told in (
        ({**files, paper: b"%PDF-1.7 forged"}, f'{paper}</th><td class="warn">内容被改动过'),
        ({name: each for name, each in files.items() if name != paper}, "不见了"),
        ({**files, "多的.txt": b"x"}, "后来加进去的"),
        (
            {**files, "manifest.json": files["manifest.json"] + b" "},
            "清单（manifest.json）被改动过",
        ),
    ):
        page = check(client, packed(changed))[1]
        assert told in page
        assert "：没有改动过" not in page

    # A manifest that was written anew with a key that is not the site's.
    manifest = files["manifest.json"].replace(case.number.encode(), b"140521-2025-9999")
    own, settings.SECRET_KEY = (
        settings.SECRET_KEY,
        "somebody else's key, as long as the site's own is",
    )
    foreign = {**files, "manifest.json": manifest, "manifest.seal": seal_of(manifest).encode()}
    settings.SECRET_KEY = own
    page = check(client, packed(foreign))[1]
    assert "封条不是用本站现在的密钥做的" in page and "：没有改动过" not in page

    # The key was changed since: its record still tells that the site sealed it.
    settings.SECRET_KEY = "the next key of the site, as long as the one before it was"
    client.force_login(auditor)
    assert "清单是本站" in check(client, whole)[1]
    settings.SECRET_KEY_FALLBACKS = [own]
    assert "封条不是" not in check(client, whole)[1]
    records = AuditRecord.objects.filter(kind="seal", user=auditor)
    assert records.count() == 9
    assert case.number in records.first().subject


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no zip", "不是 ZIP"),
        (b"", "文件是空的"),
        (packed({"a.txt": b"a"}), "没有清单"),
        (packed({"manifest.json": b"[1]", "manifest.seal": b""}), "清单（manifest.json）读不懂"),
        (packed({"manifest.json": b'{"format": 9}', "manifest.seal": b""}), "格式是 9"),
    ],
)
def test_what_is_no_dossier_is_refused_beside_its_field(client, auditor, content, told):
    status, page = check(client, content)
    assert status == 400
    assert told in page
    assert not AuditRecord.objects.exists()


def test_the_command_tells_the_same(client, case, tmp_path, capsys):
    path = tmp_path / "案卷.zip"
    path.write_bytes(made(client, case))
    call_command("check_dossier", path)
    assert "没有改动过" in capsys.readouterr().out
    path.write_bytes(packed({**contents(path.read_bytes()), "案卷.json": b"{}"}))
    with pytest.raises(CommandError, match=r"案卷\.json：内容被改动过"):
        call_command("check_dossier", path)
    with pytest.raises(CommandError, match="打不开"):
        call_command("check_dossier", tmp_path / "none.zip")


def test_a_file_that_is_gone_or_changed_in_the_store_is_said_so(client, case):
    gone, changed = [each.library_file for each in case.attachments.order_by("pk")]
    gone.path.unlink()
    changed.path.write_bytes(b"%PDF-1.7 other")
    files = contents(made(client, case))
    problems = json.loads(files["manifest.json"])["problems"]
    assert {"没有放进来" in told or "不符" in told for told in problems.values()} == {True}
    assert len(problems) == 2
    assert "服务器上没有这个文件" in text_of(files["案卷.pdf"])


def test_what_the_rules_give_now_is_compared_with_what_was_kept():
    then = {"verdict": "eligible", "criteria": [{"id": "A", "outcome": "met"}],
            "awards": {"city": {"status": "published", "total": [20, 20]}}}  # fmt: skip
    assert differences(then, then) == []
    now = {"verdict": "not_eligible", "criteria": [{"id": "A", "outcome": "not_met"}], "awards": {}}
    told = differences(then, now)
    assert len(told) == 3
    assert told[0].startswith("结论：") and "不符合" in told[0]
    assert told[1].startswith("条件 A：") and told[2].startswith("奖补（市级）：当时20 万元")


def test_every_table_that_leads_to_a_case_is_listed():
    listed, found = {table.model for table in TABLES} | LEFT_OUT, set()

    def walk(model):
        for relation in model._meta.related_objects:
            other = relation.related_model
            if other not in found and other._meta.app_config in apps.get_app_configs():
                found.add(other)
                walk(other)

    walk(Application)
    missing = sorted(model.__name__ for model in found - listed)
    assert not missing, f"name these in applications/centre/audit/tables.py: {missing}"


def test_a_dossier_holds_who_goes_on_with_the_case_of_an_absorbed_firm(case, auditor):
    heir = EnterpriseFactory(credit_code="91140521MA0K00002X", name="承继有限公司")
    member, account = MembershipFactory(enterprise=heir), BankAccountFactory(enterprise=heir)
    own = {table.model: table for table in TABLES}
    assert account not in own[BankAccount].rows(case)
    EnterpriseChange.objects.create(
        enterprise=case.enterprise, kind="merged", document_number="并1号", on=timezone.localdate(),
        successor=heir, proposed_at=timezone.now(), proposed_by=auditor,
    )  # fmt: skip
    EnterpriseChange.objects.update(
        state="confirmed", decided_at=timezone.now(), decided_by=staff("审核员")
    )
    event(case, auditor, "succeed", timezone.now(), opinion="承继")
    Application.objects.filter(pk=case.pk).update(successor=heir)
    case.refresh_from_db()
    assert account in own[BankAccount].rows(case)
    assert member in own[Membership].rows(case)


def test_a_dossier_takes_the_same_queries_however_much_was_done(case, auditor):
    def count():
        with CaptureQueriesContext(connection) as captured:
            Dossier(Application.objects.get(pk=case.pk), auditor).as_json()
        return len(captured)

    count()
    few = count()
    for number in range(5):
        event(case, staff("审核员"), "return", timezone.now(), opinion=f"退{number}")
        AttachmentFactory(application=case)
        line = AwardLineFactory(application=case, state="approved")
        more = PaymentBatch.objects.create(
            number=f"140500-ZF9{number}",
            fund=line.fund,
            created_at=timezone.now(),
            created_by=auditor,
        )
        payment = Payment.objects.create(batch=more, line=line, amount=Decimal(2))
        PaymentBatch.objects.filter(pk=more.pk).update(
            state="paid", voucher_number="凭", paid_on=timezone.localdate(), paid_at=timezone.now(),
            paid_by=auditor,
        )  # fmt: skip
        AwardEvent.objects.create(
            line=line, at=timezone.now(), actor=auditor, action="pay", target="approved"
        )
        Refund.objects.create(
            payment=payment, amount=Decimal(1), on=timezone.localdate(), reason="退", pay_again=True,
            recorded_at=timezone.now(), recorded_by=auditor,
        )  # fmt: skip
    assert count() == few


@pytest.mark.parametrize(
    ("role", "place", "status"), [("审核员", "140521", 403), ("审计", "140522", 404)]
)
def test_others_get_no_dossier(client, case, role, place, status):
    JurisdictionFactory(code="140522", name="阳城县", level="county", parent=JurisdictionFactory())
    client.force_login(staff(role, jurisdiction_code=place))
    address = reverse("admin:centre_auditrecord_dossier", args=[case.pk])
    assert client.post(address).status_code == status
    assert client.get(address).status_code == 405
