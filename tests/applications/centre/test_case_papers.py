"""Papers of cases: the paper of approval as PDF, the materials of one case and of several as ZIP."""

import io
import zipfile
from hashlib import sha256

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader, PdfWriter

from applications.cases.models import ApplicationEvent, Finding
from applications.centre.models import ExportLog
from portal.jobs.work import work_off
from portal.models import Job
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    EditionFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MaterialFactory,
    StepFactory,
    UserFactory,
)
from tests.portal.test_lists import text_of
from tests.uploads import a_pdf

CASES = reverse("admin:cases_application_changelist")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def staff(role, **fields):
    user = UserFactory(permissions=[], **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def reviewer(client, files_root):
    user = staff("审核员", first_name="张三")
    client.force_login(user)
    return user


@pytest.fixture
def case(reviewer):
    """In review at the city, judged by hand, with three materials of which one is lacking."""
    edition = EditionFactory()
    firm = {"edition": edition, "enterprise": EnterpriseFactory()}
    criterion = {
        "id": "T.1", "kind": "manual", "outcome": "manual", "text": "产品有市场前景", "values": {},
        "reason": "", "requires": "", "gap": None, "missing": [],
        "sources": [{"document": "晋市政办〔2021〕35号", "clause": "三（四）"}],
    }  # fmt: skip
    case = ApplicationFactory(
        **firm, status="in_review", step=1, desk="city", contact_name="李四",
        answers={"enterprise.employees": 85},
        assessment={**ApplicationFactory.build(**firm).assessment, "criteria": [criterion]},
    )  # fmt: skip
    for level, title in (("county", "县级初审"), ("city", "市级复审")):
        StepFactory(edition=case.edition, level=level, title=title)
    now = timezone.now()
    ApplicationEvent.objects.create(
        application=case, at=now, actor=reviewer, action="recommend", source="in_review",
        target="in_review", step="县级初审", step_level="county", step_place=0,
        opinion="材料齐全，同意上报。",
    )  # fmt: skip
    Finding.objects.create(
        application=case, criterion="T.1", step="县级初审", outcome="met", note="看过订单",
        by=reviewer, at=now,
    )  # fmt: skip
    licence, report, _ = [
        MaterialFactory(edition=case.edition, name=name)
        for name in ("营业执照/复印件", "审计报告", "完税证明")
    ]
    hand_in(case, report, b"%PDF-1.7 report", "report.pdf")
    hand_in(case, licence, b"%PDF-1.7 second", "b.pdf")
    hand_in(case, licence, b"\x89PNG\r\n\x1a\n picture", "a.png", content_type="image/png")
    hand_in(case, None, b"%PDF-1.7 other", "../../etc/passwd")
    return case


def hand_in(case, material, body, name, **fields):
    stored = LibraryFileFactory(
        enterprise=case.enterprise, body=body, original_name=name, title=name, **fields
    )
    stored.path.parent.mkdir(parents=True, exist_ok=True)
    stored.path.write_bytes(body)
    AttachmentFactory(application=case, material=material, library_file=stored)
    return stored


def made(client, name, case, **data):
    """What the worker makes of a button of the case's page."""
    page = client.post(reverse(f"admin:cases_application_{name}", args=[case.pk]), data).url
    work_off(timezone.now)
    response = client.get(f"{page}file/")
    assert response.status_code == 200, client.get(page).content.decode()
    return b"".join(response.streaming_content)


def bundle_of(content):
    bundle = zipfile.ZipFile(io.BytesIO(content))
    assert bundle.testzip() is None
    return bundle


def test_the_paper_of_approval_tells_what_was_said_found_and_decided_with_places_to_sign(
    client, case
):
    text = text_of(made(client, "approval", case))
    for told in (
        case.number, case.enterprise_name, case.enterprise.credit_code, "李四", "85",
        "产品有市场前景", "晋市政办〔2021〕35号", "符合：看过订单", "县级初审", "县级经办张三",
        "材料齐全，同意上报。", "市级复审", "还没有办理", "单位（盖章）：", "没有提交", "第1页共",
    ):  # fmt: skip
        assert told in text, told
    assert text.count("经办人（签字）：") == 2
    # On each page.
    pages = int(text.partition("第1页共")[2].partition("页")[0])
    assert text.count(case.number) >= pages


def test_the_paper_is_made_once_as_long_as_nothing_changes(client, reviewer, case):
    made(client, "approval", case)
    address = reverse("admin:cases_application_approval", args=[case.pk])
    first = client.post(address).url
    assert client.post(address).url == first
    assert Job.objects.count() == 1
    ApplicationEvent.objects.create(
        application=case, at=timezone.now(), actor=reviewer, action="visit", source="in_review",
        target="in_review", step="市级复审", step_level="city", step_place=1, opinion="到厂看过",
    )  # fmt: skip
    assert client.post(address).url != first


def test_the_materials_come_in_the_order_of_the_list_with_a_cover_and_safe_names(
    client, reviewer, case
):
    content = made(client, "materials", case)
    bundle = bundle_of(content)
    assert sorted(bundle.namelist()) == [
        "00-封面和目录.pdf", "01-营业执照／复印件-1.pdf", "01-营业执照／复印件-2.png",
        "02-审计报告-1.pdf", "04-其他材料-1.pdf",
    ]  # fmt: skip
    assert bundle.read("02-审计报告-1.pdf") == b"%PDF-1.7 report"
    cover = text_of(bundle.read("00-封面和目录.pdf"))
    assert "02-审计报告-1.pdf" in cover
    assert sha256(b"%PDF-1.7 report").hexdigest() in cover
    assert "完税证明没有提交" in cover.replace("3完", "完")
    log = ExportLog.objects.get()
    assert (log.key, log.rows, log.user, log.filtered) == ("materials", 1, reviewer, case.number)
    assert log.checksum == sha256(content).hexdigest()


def test_a_file_that_is_gone_or_was_changed_is_said_on_the_cover(client, case):
    gone, changed, *_ = [
        each.library_file for each in case.attachments.order_by("pk").select_related("library_file")
    ]
    gone.path.unlink()
    changed.path.write_bytes(b"%PDF-1.7 forged")
    bundle = bundle_of(made(client, "materials", case))
    assert "02-审计报告-1.pdf" not in bundle.namelist()
    cover = text_of(bundle.read("00-封面和目录.pdf"))
    assert "服务器上没有这个文件，没有放进来" in cover
    assert "内容与提交时不符" in cover


def test_several_cases_are_a_folder_each(client, reviewer, case):
    other = ApplicationFactory(
        enterprise=EnterpriseFactory(credit_code="91140521MA0K00003X", name="沁水县乙/丙公司"),
    )
    hand_in(other, None, b"%PDF-1.7 of another", "x.pdf")
    foreign = ApplicationFactory(
        enterprise=EnterpriseFactory(
            credit_code="91140522MA0K00003X", county__code="140522", county__name="阳城县"
        )
    )
    chosen = {"action": "pack_selected", "_selected_action": [case.pk, other.pk, foreign.pk]}
    page = client.post(f"{CASES}?queue=all", chosen).url
    work_off(timezone.now)
    bundle = bundle_of(b"".join(client.get(f"{page}file/").streaming_content))
    folders = {name.partition("/")[0] for name in bundle.namelist()}
    assert folders == {
        f"{case.number} {case.enterprise_name}", f"{other.number} 沁水县乙／丙公司",
    }  # fmt: skip
    folder = f"{other.number} 沁水县乙／丙公司"
    assert bundle.read(f"{folder}/01-其他材料-1.pdf") == b"%PDF-1.7 of another"
    assert f"{folder}/00-封面和目录.pdf" in bundle.namelist()
    assert ExportLog.objects.get().rows == 2


def test_more_than_the_limits_are_refused_with_the_figures(client, case, monkeypatch):
    address = reverse("admin:cases_application_materials", args=[case.pk])
    monkeypatch.setattr("applications.centre.cases.bundles.MOST_BYTES", 10)
    page = client.post(address, follow=True).content.decode()
    assert "材料共" in page
    assert "一次最多打包" in page
    monkeypatch.setattr("applications.centre.cases.bundles.MOST_CASES", 0)
    assert "件申报，请分几次选" in client.post(address, follow=True).content.decode()
    assert not Job.objects.exists()


def test_a_worker_packs_only_what_the_owner_still_sees(client, reviewer, case):
    page = client.post(reverse("admin:cases_application_materials", args=[case.pk])).url
    reviewer.groups.clear()
    work_off(timezone.now)
    assert not ExportLog.objects.exists()
    assert Job.objects.get().words.startswith("所选的申报您现在都看不到了")
    client.force_login(staff("审核员"))
    assert client.get(page).status_code == 404
    assert client.get(f"{page}file/").status_code == 404


def test_no_case_is_left_out_of_several_without_a_word(client, reviewer, case):
    other = ApplicationFactory(enterprise=EnterpriseFactory(credit_code="91140521MA0K00003X"))
    chosen = {"action": "pack_selected", "_selected_action": [case.pk, other.pk]}
    page = client.post(f"{CASES}?queue=all", chosen).url
    job = Job.objects.get()
    job.parameters = {**job.parameters, "cases": [*job.parameters["cases"], 10**6]}
    job.save()
    work_off(timezone.now)
    assert "所选 3 件申报中有 1 件您现在看不到了" in client.get(page).content.decode()
    assert not ExportLog.objects.exists()


def test_a_stranger_gets_no_papers(client, case):
    client.force_login(staff("审核员", jurisdiction_code="140522"))
    for name in ("approval", "materials"):
        address = reverse(f"admin:cases_application_{name}", args=[case.pk])
        assert client.post(address).status_code == 404
        assert client.get(address).status_code == 405
    assert not Job.objects.exists()


def a_picture(width=40, height=20):
    made = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(made, "PNG")
    return made.getvalue()


def test_the_materials_as_one_pdf_hold_pages_and_pictures_and_say_what_is_beside(
    client, reviewer, case
):
    case.attachments.update(replaced_at=timezone.now())
    licence, report, _ = case.edition.materials.all()
    word = "application/msword"
    hand_in(case, report, a_pdf("REPORT"), "report.pdf")
    hand_in(case, licence, a_picture(), "a.png", content_type="image/png")
    hand_in(case, licence, b"%PDF-1.7 broken", "b.pdf")
    hand_in(case, licence, b"\xd0\xcf\x11\xe0 old", "c.doc", content_type=word)
    content = made(client, "materials", case, ending="pdf")
    joined = PdfReader(io.BytesIO(content))
    text = [page.extract_text() for page in joined.pages]
    assert [entry.title for entry in joined.outline] == [
        "00-封面和目录.pdf", "01-营业执照／复印件-1.png", "02-审计报告-1.pdf",
    ]  # fmt: skip
    assert len(text) == 3
    assert "REPORT" in text[2]
    wide = joined.pages[1].mediabox
    assert wide.width > wide.height
    cover = text_of(content)
    assert "读不出页面（可能有密码或已损坏），没有并入，请另行下载" in cover
    assert "Word文档（旧版）不能并入PDF，请另行下载" in cover
    assert (ExportLog.objects.get().ending, ExportLog.objects.get().rows) == ("pdf", 1)


@pytest.mark.parametrize("name", ["a picture that swells", "a document with a password"])
def test_a_file_made_to_do_harm_costs_only_itself(client, reviewer, case, name):
    case.attachments.update(replaced_at=timezone.now())
    if name == "a picture that swells":
        bomb = io.BytesIO()
        Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
        hand_in(case, None, bomb.getvalue(), "bomb.png", content_type="image/png")
    else:
        locked, writer = io.BytesIO(), PdfWriter()
        writer.append(io.BytesIO(a_pdf("SECRET")))
        writer.encrypt("password")
        writer.write(locked)
        hand_in(case, None, locked.getvalue(), "locked.pdf")
    hand_in(case, None, a_pdf("FINE"), "fine.pdf")
    joined = PdfReader(io.BytesIO(made(client, "materials", case, ending="pdf")))
    assert len(joined.pages) == 2
    assert "FINE" in joined.pages[1].extract_text()
    assert "没有并入" in joined.pages[0].extract_text().replace("\n", "")
