"""An editor exports programmes, changes the files and sends them; another looks and loads them."""

import zipfile
from io import BytesIO

import pytest

from policies.catalogue.models import Edition
from tests.browser.walk import check_page, enter
from tests.policies.editors.people import JINCHENG, editor_of

pytestmark = pytest.mark.browser


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1024, 1440]], indirect=True)
def test_a_pack_goes_from_one_editor_to_another(wide, site, tmp_path):
    wide.set_default_timeout(60000)
    first, second = editor_of(JINCHENG, username="甲"), editor_of(JINCHENG, username="乙")
    enter(wide, site, first)
    wide.goto(f"{site}/admin/editors/packimport/")
    check_page(wide, "admin-packs-none")
    wide.goto(f"{site}/admin/catalogue/programme/?q=jc-xsg")
    wide.locator("input[name=_selected_action][value='jc-xsg']").check()
    wide.locator("select[name=action]").select_option("export_as_pack")
    with wide.expect_download() as saved:
        wide.locator("button[name=index]").first.click()
    with zipfile.ZipFile(saved.value.path()) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    [name] = [name for name in files if "programmes/" in name]
    files[name] = files[name].replace("effective_from: 2021-09-28", "effective_from: 2027-01-01", 1)
    files[name] = files[name].replace("text: 属于工业企业,", "text: 属于工业,", 1)
    files = {name: text for name, text in files.items() if "examples/" not in name}
    wide.goto(f"{site}/admin/editors/packimport/")
    wide.get_by_role("link", name="导入目录包").click()
    check_page(wide, "admin-pack-upload")
    wide.locator("input[type=file]").set_input_files(put(tmp_path, {**files, "readme.txt": "x"}))
    wide.locator("[name=reason]").fill("2027年的办法")
    wide.get_by_role("button", name="上传，看会改什么").click()
    wide.get_by_text("不认识的文件").first.wait_for()
    assert wide.locator("[name=reason]").input_value() == "2027年的办法"
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-pack-refused")
    wide.locator("input[type=file]").set_input_files(
        put(tmp_path, {**files, name: files[name].replace("kind: gate", "kind: gat")})
    )
    wide.get_by_role("button", name="上传，看会改什么").click()
    wide.get_by_role("heading", name="要改的").wait_for()
    wide.problems.clear()
    check_page(wide, "admin-pack-faulty")
    wide.locator("input[type=file]").set_input_files(put(tmp_path, files))
    wide.get_by_role("button", name="上传，看会改什么").click()
    wide.get_by_text("还没有改动任何内容").wait_for()
    check_page(wide, "admin-pack-of-ones-own")
    enter(wide, site, second)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("link", name="等我看过载入的目录包 1 个").click()
    check_page(wide, "admin-packs")
    wide.locator("#result_list tbody").get_by_role("link").first.click()
    wide.get_by_role("heading", name="版本，都是草稿").wait_for()
    check_page(wide, "admin-pack-to-load")
    wide.get_by_role("button", name="确认，载入").click()
    wide.get_by_text("已载入：新的版本是草稿").wait_for()
    check_page(wide, "admin-pack-loaded")
    assert Edition.objects.get(programme="jc-xsg", effective_from="2027-01-01").is_draft


def put(folder, files):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name if "/" in name else f"catalogue/{name}", text)
    path = folder / "catalogue.zip"
    path.write_bytes(content.getvalue())
    return path
