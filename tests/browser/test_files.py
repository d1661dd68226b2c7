"""The document library in the firm's hands, and its files on the clerk's desk."""

import io
import math
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from weasyprint import HTML

from applications.enterprises.models import LibraryFile
from tests.browser.walk import check_page, enter, photograph
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    LibraryFileFactory,
    MaterialFactory,
    MembershipFactory,
    UserFactory,
)
from tests.uploads import CONTENTS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]
RED = (220, 20, 30)
RED_PDF = "<style>@page{margin:0;background:rgb(220,20,30)}</style>"


def written(body, **fields):
    file = LibraryFileFactory(body=body, **fields)
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.write_bytes(body)
    return file


def picture(kind):
    drawn = io.BytesIO()
    Image.new("RGB", (400, 300), RED).save(drawn, kind)
    return drawn.getvalue()


def becomes_red(locator):
    """Whether the red of the file is seen there within ten seconds."""
    locator.scroll_into_view_if_needed()
    for _ in range(20):
        if _is_red(locator):
            return True
        locator.page.wait_for_timeout(500)
    return False


def _is_red(locator):
    seen = Image.open(io.BytesIO(photograph(locator))).convert("RGB").resize((50, 50))
    red = [count for count, color in seen.getcolors(2500) if math.dist(color, RED) < 40]
    return sum(red) > 500


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_firm_keeps_its_files(wide, site, tmp_path):
    member = MembershipFactory()
    enter(wide, site, member.user)
    wide.goto(f"{site}/enterprise/files/")
    check_page(wide, "library-empty")

    disguised = tmp_path / "执照.pdf"
    disguised.write_text("<html><script>alert(1)</script>")
    wide.get_by_label("文件").set_input_files(disguised)
    wide.get_by_label("名称").fill("营业执照副本")
    wide.get_by_label("有效期至").fill("2099-12-31")
    wide.get_by_role("button", name="上传").click()
    wide.locator(".problems").get_by_text("不是能接收的类型").wait_for()
    assert wide.get_by_label("名称").input_value() == "营业执照副本"
    assert wide.get_by_label("有效期至").input_value() == "2099-12-31"
    check_page(wide, "library-error")

    disguised.write_bytes(CONTENTS["pdf"])
    wide.get_by_label("文件").set_input_files(disguised)
    wide.get_by_role("button", name="上传").click()
    wide.get_by_text("已存入资料库：营业执照副本").wait_for()
    yesterday = timezone.localdate() - timedelta(days=1)
    used = LibraryFileFactory(title="旧的审计报告", valid_until=yesterday)
    AttachmentFactory(library_file=used)
    wide.reload()
    row = wide.locator("tr", has_text="旧的审计报告")
    row.get_by_text("已过期").wait_for()
    check_page(wide, "library")
    with wide.expect_download() as download:
        wide.get_by_role("link", name="营业执照副本", exact=True).click()
    assert download.value.suggested_filename == "执照.pdf"
    assert download.value.path().read_bytes() == CONTENTS["pdf"]

    row.get_by_role("link", name="修改或撤下").click()
    wide.get_by_text("不能撤下").wait_for()
    check_page(wide, "library-used-file")
    wide.get_by_label("有效期至").fill("2099-06-30")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("2099-06-30").wait_for()
    wide.locator("tr", has_text="执照.pdf").get_by_role("link", name="修改或撤下").click()
    check_page(wide, "library-file")
    wide.get_by_role("button", name="撤下这个文件").click()
    wide.get_by_text("已撤下：营业执照副本").wait_for()
    assert LibraryFile.objects.in_library().get() == used


@pytest.mark.parametrize("wide", [[1440, 390]], indirect=True)
def test_a_clerk_looks_at_what_was_handed_in(wide, site):
    application = ApplicationFactory()
    material = MaterialFactory(edition=application.edition, name="营业执照复印件")
    pdf = written(HTML(string=RED_PDF).write_pdf(), title="执照扫描件")
    png = written(
        picture("PNG"), title="厂房照片", content_type="image/png", original_name="厂房.png"
    )
    AttachmentFactory(application=application, material=material, library_file=pdf)
    AttachmentFactory(application=application, library_file=png)
    replaced = LibraryFileFactory(title="旧执照")
    AttachmentFactory(
        application=application,
        material=material,
        library_file=replaced,
        replaced_at=timezone.now(),
    )
    enter(wide, site, UserFactory())
    wide.goto(f"{site}/admin/cases/application/{application.pk}/change/")
    check_page(wide, "admin-case-files")
    files = wide.locator("#attachments")

    files.locator("details", has=wide.get_by_title("执照扫描件")).locator("summary").click()
    assert becomes_red(files.get_by_title("执照扫描件"))

    files.locator("details", has=wide.get_by_alt_text("厂房照片")).locator("summary").click()
    assert becomes_red(files.get_by_alt_text("厂房照片"))
    assert not wide.problems, wide.problems
    check_page(wide, "admin-case-previews")

    with wide.expect_popup() as opened:
        files.get_by_role("link", name="在新窗口打开").last.click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 400


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
@pytest.mark.urls("tests.browser.materials_page")
def test_files_are_chosen_for_each_material(wide, site, tmp_path):
    application = ApplicationFactory()
    for name, note in (("营业执照", "加盖公章"), ("审计报告", "")):
        MaterialFactory(edition=application.edition, name=name, note=note)
    LibraryFileFactory(title="执照", valid_until="2099-12-31")
    LibraryFileFactory(title="旧执照", valid_until="2020-12-31")
    for name, body in (("报告.pdf", CONTENTS["pdf"]), ("网页.pdf", b"<html>")):
        (tmp_path / name).write_bytes(body)
    enter(wide, site, MembershipFactory().user)
    wide.goto(f"{site}/test/{application.pk}/")
    licence = wide.get_by_role("region", name="营业执照")
    report = wide.get_by_role("region", name="审计报告")
    check_page(wide, "materials")

    licence.get_by_label("旧执照").check()
    report.get_by_label("上传新文件").set_input_files(
        [tmp_path / "报告.pdf", tmp_path / "网页.pdf"]
    )
    wide.get_by_role("button", name="提交").click()
    licence.get_by_text("已经过期").wait_for()
    report.get_by_text("不是能接收的类型").wait_for()
    assert report.get_by_label("报告（报告.pdf）").is_checked()
    check_page(wide, "materials-error")

    licence.get_by_label("旧执照").uncheck()
    licence.get_by_label("执照（执照.pdf").first.check()
    wide.get_by_role("button", name="提交").click()
    wide.get_by_text("已提交").wait_for()
    names = application.attachments.values_list("material__name", "library_file__title")
    assert list(names) == [("营业执照", "执照"), ("审计报告", "报告")]
