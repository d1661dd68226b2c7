"""From the result to the centre's desk: a firm applies, a clerk decides and exports."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft
from applications.cases.services.review import request_correction
from tests.applying import ANSWERS, handed_in, member_of
from tests.browser.walk import check_page, enter
from tests.factories import (
    LibraryFileFactory,
    MembershipFactory,
    SelfCheckFactory,
    UserFactory,
)
from tests.uploads import CONTENTS

WIDTHS = [[390, 1440]]
REVENUE = "revenue.main_business.y0"
LACKING = {key: value for key, value in ANSWERS.items() if key != REVENUE}
FIELD = "[name=revenue__main_business__y0]"
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]


def open_form(page, site, programme="jc-xsg"):
    page.goto(f"{site}/enterprise/apply/{programme}/")
    return page.locator("#draft-status")


def is_saved(page):
    page.locator("#draft-status", has_text="已保存").wait_for()


def promise(page):
    page.get_by_label("本企业郑重承诺").check()


def hand_in(page):
    promise(page)
    page.get_by_role("button", name="提交申报").click()
    page.get_by_role("heading", name="办到哪一步").wait_for()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_applies_from_a_result_and_follows_its_case(wide, site, tmp_path):
    member = MembershipFactory()
    LibraryFileFactory(enterprise=member.enterprise, title="营业执照")
    check = SelfCheckFactory()
    enter(wide, site, member.user)
    wide.goto(f"{site}/result/{check.token}/")
    programme = wide.locator(".programme", has_text="小升规奖励").first
    programme.get_by_role("link", name="申报这个项目").click()
    wide.get_by_role("heading", name="档案和草稿里还没有的").wait_for()
    check_page(wide, "apply-take-over")
    wide.get_by_role("button", name="带入申报").click()
    wide.get_by_text("符合申报条件").first.wait_for()
    check_page(wide, "apply")
    wide.locator(FIELD).fill("1500")
    is_saved(wide)
    wide.get_by_text("仍要提交，由审核人员决定").wait_for()
    check_page(wide, "apply-unfit")
    wide.locator(FIELD).fill("2000")
    wide.get_by_text("仍要提交，由审核人员决定").wait_for(state="detached")
    is_saved(wide)
    (tmp_path / "报表.pdf").write_bytes(CONTENTS["pdf"])
    other = wide.get_by_role("region", name="其他材料")
    other.get_by_label("上传新文件").set_input_files(tmp_path / "报表.pdf")
    other.get_by_label("报表（报表.pdf）").wait_for()
    assert other.get_by_label("报表（报表.pdf）").is_checked()
    other.get_by_label("营业执照（").check()
    wide.get_by_label("联系电话").fill("12345")
    wide.get_by_role("button", name="提交申报").click()
    wide.locator("#contact").get_by_text("请填手机号码或带区号的座机").wait_for()
    wide.locator(".problems").get_by_text("还有 1 处要填").wait_for()
    wide.get_by_text("请确认这项承诺").wait_for()
    check_page(wide, "apply-error")
    wide.get_by_label("联系电话").fill("0356-7000000")
    hand_in(wide)
    check_page(wide, "case")
    application = Application.objects.get()
    assert application.number in wide.locator("main").inner_text()
    assert application.attachments.count() == 2
    assert not ApplicationDraft.objects.exists()
    assert wide.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_lost_connection_loses_nothing(wide, site):
    member = member_of(LACKING)
    enter(wide, site, member.user)
    open_form(wide, site)
    wide.context.set_offline(True)
    wide.locator(FIELD).fill("2000")
    wide.get_by_text("没有保存，联网后会再试").wait_for()
    wide.problems.clear()  # the browser notes the lost connection
    check_page(wide, "apply-offline")
    assert not ApplicationDraft.objects.exists()
    wide.context.set_offline(False)
    is_saved(wide)
    assert ApplicationDraft.objects.get().answers == {REVENUE: ["2000"]}
    assert wide.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("status", [502, 503])
def test_while_the_site_or_its_database_is_away_saving_is_tried_again(page, site, status):
    enter(page, site, member_of(LACKING).user)
    open_form(page, site)
    page.route("**/apply/**", lambda route: route.fulfill(status=status, body="暂时办不了"))
    page.locator(FIELD).fill("2000")
    page.get_by_text("没有保存，网站恢复后会再试").wait_for()
    assert not ApplicationDraft.objects.exists()
    page.unroute("**/apply/**")
    page.evaluate("dispatchEvent(new Event('online'))")  # sooner than the next attempt
    is_saved(page)
    assert ApplicationDraft.objects.get().answers == {REVENUE: ["2000"]}
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_what_a_closed_browser_had_not_saved_is_offered_back(wide, site):
    member = member_of(LACKING)
    enter(wide, site, member.user)
    open_form(wide, site)
    wide.context.set_offline(True)
    wide.locator(FIELD).fill("2000")
    wide.get_by_text("没有保存，联网后会再试").wait_for()
    size, context = wide.viewport_size, wide.context
    wide.close()
    context.set_offline(False)
    again = context.new_page()
    again.set_viewport_size(size)
    again.other_widths, again.problems = wide.other_widths, []
    again.on("console", lambda m: again.problems.append(m.text) if m.type == "error" else None)
    open_form(again, site)
    assert again.locator(FIELD).input_value() == ""
    kept = again.locator("#draft-kept")
    kept.get_by_text("2000").wait_for()
    check_page(again, "apply-kept")
    kept.get_by_role("button", name="恢复这些内容").click()
    is_saved(again)
    assert ApplicationDraft.objects.get().answers == {REVENUE: ["2000"]}
    again.reload()
    assert kept.is_hidden()
    assert again.locator(FIELD).input_value() == "2000"


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_two_tabs_ask_which_value_stays(wide, site):
    enter(wide, site, member_of(LACKING).user)
    open_form(wide, site)
    second = wide.context.new_page()
    open_form(second, site)
    second.locator(FIELD).fill("2100")
    is_saved(second)
    wide.locator(FIELD).fill("2200")
    wide.get_by_role("heading", name="有别人改过的内容").wait_for()
    wide.problems.clear()  # the browser notes the answer 409
    check_page(wide, "apply-conflict")
    assert ApplicationDraft.objects.get().answers == {REVENUE: ["2100"]}
    wide.get_by_label("用本页的：2200 万元").check()
    wide.get_by_role("button", name="按所选的保存").click()
    wide.get_by_text("已保存").first.wait_for()
    assert ApplicationDraft.objects.get().answers == {REVENUE: ["2200"]}
    assert wide.locator(FIELD).input_value() == "2200"
    second.close()


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_who_was_logged_out_is_told_and_finds_all_again(wide, site):
    member = member_of(LACKING)
    enter(wide, site, member.user)
    open_form(wide, site)
    wide.context.clear_cookies(name="sessionid")
    wide.locator(FIELD).fill("2000")
    wide.get_by_text("请重新打开本页，登录后可以恢复").wait_for()
    assert wide.locator(FIELD).input_value() == "2000"
    enter(wide, site, member.user)
    wide.reload()
    wide.locator("#draft-kept").get_by_text("2000").wait_for()


def test_without_scripts_the_button_saves_and_updates(browser, site):
    page = browser.new_page(java_script_enabled=False)
    enter(page, site, member_of(LACKING).user)
    page.goto(f"{site}/enterprise/apply/jc-xsg/")
    page.locator(FIELD).fill("1500")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("目前不符合").first.wait_for()
    assert page.locator(FIELD).input_value() == "1500"
    page.locator(FIELD).fill("2000")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("符合申报条件").first.wait_for()
    hand_in(page)
    page.close()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_base_is_added_and_applied_for_and_a_file_corrected(wide, site, tmp_path):
    member = MembershipFactory()
    enter(wide, site, member.user)
    wide.goto(f"{site}/enterprise/")
    wide.get_by_role("link", name="选择项目申报").click()
    check_page(wide, "apply-index")
    wide.get_by_role("link", name="市级小微企业创业创新基地").click()
    check_page(wide, "apply-subject")
    wide.get_by_label("名称").fill("一号基地")
    wide.get_by_role("button", name="添加并继续").click()
    wide.wait_for_url("**/apply/jc-base-city/?subject=*")  # with its script, which saves
    wide.locator("[name=base__tenants]").fill("30")
    is_saved(wide)
    wide.get_by_label("仍要提交，由审核人员决定").check()
    check_page(wide, "apply-base")
    hand_in(wide)
    check_page(wide, "case-base")
    application = Application.objects.get()
    assert application.subject == "一号基地"

    name = application.edition.materials.first().name
    request_correction(
        application=application,
        actor=UserFactory(),
        facts=["base.tenants"],
        materials=[name],
        reason="入驻户数要有名单",
        now=timezone.now(),
    )
    wide.reload()
    wide.get_by_role("link", name="去补正").click()
    check_page(wide, "correct")
    wide.locator("[name=base__tenants]").fill("28")
    wide.get_by_role("button", name="提交补正").click()
    wide.get_by_text("请选用或上传这项材料").wait_for()
    check_page(wide, "correct-error")
    (tmp_path / "名单.pdf").write_bytes(CONTENTS["pdf"])
    wide.get_by_label("上传新文件").set_input_files(tmp_path / "名单.pdf")
    wide.get_by_role("button", name="提交补正").click()
    wide.get_by_text("补正已提交").wait_for()
    check_page(wide, "case-corrected")
    assert application.attachments.get().library_file.title == "名单"


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_a_clerk_reads_decides_and_exports(wide, site):
    application = handed_in(member_of())
    number = application.number
    clerk = UserFactory(username="clerk")
    clerk.set_password("a long pass phrase")
    clerk.save()
    wide.goto(f"{site}/admin/")
    wide.get_by_label("用户名").fill("clerk")
    wide.get_by_label("密码").fill("a long pass phrase")
    wide.get_by_role("button", name="登录").click()
    wide.locator("#content-main").get_by_role("link", name="申报", exact=True).first.click()
    check_page(wide, "admin-applications")
    wide.get_by_role("link", name=number).click()
    check_page(wide, "admin-case")
    wide.get_by_role("button", name="不予通过").click()
    wide.get_by_text("请写明理由，企业会看到。").wait_for()
    wide.get_by_label("意见").fill("材料齐全，同意。")
    wide.get_by_role("button", name="受理").click()
    wide.get_by_text("：受理。").wait_for()
    wide.get_by_label("意见").fill("材料齐全，同意。")
    wide.get_by_role("button", name="本环节通过").click()
    wide.get_by_text("：本环节通过。").wait_for()
    wide.goto(f"{site}/admin/cases/application/?queue=all&status__exact=approved")
    wide.get_by_role("link", name="导出申报名单").click()
    with wide.expect_download() as download:
        wide.get_by_role("button", name="下载 CSV").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff序号,申报编号")
    assert number in text
    assert download.value.suggested_filename.startswith("申报名单-")
    wide.context.clear_cookies()
    enter(wide, site, application.submitted_by)
    wide.goto(f"{site}/enterprise/applications/{application.reference}/")
    assert "材料齐全，同意。" in wide.locator("main").inner_text()


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_staff_apply_for_a_firm_that_walks_in(wide, site):
    member = member_of()
    LibraryFileFactory(
        enterprise=member.enterprise,
        title="旧执照",
        valid_until=timezone.localdate() - timedelta(days=1),
    )
    permissions = ["view_enterprise", "fill_in_for_enterprise", "view_application"]
    enter(wide, site, UserFactory(permissions=permissions))
    wide.goto(f"{site}/admin/enterprises/enterprise/{member.enterprise_id}/change/")
    check_page(wide, "admin-enterprise-apply")
    wide.get_by_role("link", name="代企业申报").click()
    wide.get_by_role("link", name="小升规奖励").click()
    check_page(wide, "apply-for")
    wide.get_by_label("联系人").fill("经办人")
    wide.get_by_label("联系电话").fill("0356-7000001")
    promise(wide)
    wide.get_by_role("button", name="提交申报").click()
    wide.get_by_text("由工作人员代填").first.wait_for()
    # A save that is under way while the form is sent comes too late: the browser notes its 409.
    wide.problems[:] = [each for each in wide.problems if "/save/" not in each]
    check_page(wide, "admin-case-for")
