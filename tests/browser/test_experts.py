"""Expert review from asking to selecting: two experts score, staff rank and recommend."""

import pytest
from django.conf import settings
from django.test import Client

from applications.cases.models import Application, ExpertAssignment
from applications.cases.workflow import Status
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.rules.assessment import assess, plain_values
from portal.models import Jurisdiction
from tests.applications.cases.test_ranking import scored
from tests.browser.walk import check_page
from tests.factories import ApplicationFactory, EnterpriseFactory, ExpertFactory, UserFactory

REASON = "主导产品有自主品牌，市场占有率在全市领先。"
STAFF = ["view_application", "decide_application", "assign_experts"]
pytestmark = pytest.mark.browser


def log_in(page, site, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])


def refused(page, words, name):
    """The page says why; the browser reports the answer 400, and nothing else."""
    page.get_by_text(words).first.wait_for()
    assert [problem for problem in page.problems if "status of 400" not in problem] == []
    page.problems.clear()
    check_page(page, name)


def titled_case():
    """A case for the city's 专精特新 title, as its published edition judges it."""
    edition = Edition.objects.get(programme="jc-zjtx-city", status="published")
    county = Jurisdiction.objects.get(pk="140521")
    answers = {"enterprise.county": "140521", "revenue.operating.y1": 3200}
    known = Catalogue()
    case = ApplicationFactory.build(edition=edition)
    rules = known.pinned_edition(edition)
    assessment = assess([rules], answers, case.on, known.facts)["programmes"][0]
    return ApplicationFactory(
        enterprise=EnterpriseFactory(county=county),
        edition=edition,
        status=Status.IN_REVIEW,
        step=1,
        desk="city",
        answers=answers,
        assessment=plain_values(assessment),
    )


def score(page, site, expert, number, points):
    log_in(page, site, expert)
    page.goto(f"{site}/admin/")
    page.locator("#content-main").get_by_role("link", name="专家评审", exact=True).first.click()
    check_page(page, "admin-expert-list")
    page.get_by_role("link", name=number).click()
    page.get_by_label("评分（0–100").fill("101")
    page.get_by_role("button", name="提交评分").click()
    refused(page, "请填 0 到 100 之间的数", "admin-expert-case-error")
    page.get_by_label("评分（0–100").fill(points)
    page.get_by_label("评分理由").fill(REASON)
    page.get_by_label("我与这家企业没有利害关系").check()
    page.get_by_role("button", name="提交评分").click()
    page.get_by_text("评分已记下").wait_for()
    page.goto(f"{site}/admin/cases/expertassignment/?waiting=all")
    page.get_by_role("link", name=number).click()
    page.get_by_role("heading", name=f"我的评分：{points}").wait_for()
    check_page(page, "admin-expert-scored")


@pytest.mark.night
@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_staff_ask_two_experts_who_score_and_then_rank_with_a_limit(wide, site):
    case = titled_case()
    other = scored(case.edition, 71.5, subject="二号")
    clerk = UserFactory(username="clerk", jurisdiction_code="140500", permissions=STAFF)
    first, second = ExpertFactory(username="expert-a"), ExpertFactory(username="expert-b")
    relative = ExpertFactory(username="expert-c")

    log_in(wide, site, clerk)
    address = f"{site}/admin/cases/application/{case.pk}/change/"
    wide.goto(address)
    wide.get_by_role("button", name="指派所选专家").click()
    refused(wide, "请至少选一位专家。", "admin-case-experts-error")
    for expert in (first, second, relative):
        wide.get_by_label(expert.username).check()
    wide.get_by_role("button", name="指派所选专家").click()
    wide.get_by_text("已指派 3 位专家。").wait_for()
    check_page(wide, "admin-case-experts-asked")

    log_in(wide, site, relative)
    row = ExpertAssignment.objects.get(expert=relative)
    wide.goto(f"{site}/admin/cases/expertassignment/{row.pk}/change/")
    wide.get_by_text("有利害关系，申请回避").click()
    check_page(wide, "admin-expert-case")
    assert case.contact_telephone not in wide.content()
    wide.get_by_label("是什么利害关系").fill("曾任该企业顾问")
    wide.get_by_role("button", name="声明回避").click()
    wide.get_by_text("已声明回避").wait_for()

    score(wide, site, first, case.number, "92.5")
    log_in(wide, site, clerk)
    wide.goto(address)
    assert "92.5" not in wide.locator("main").inner_text()
    score(wide, site, second, case.number, "70.0")

    log_in(wide, site, clerk)
    wide.goto(address)
    wide.get_by_text("相差较大，请再看各位的理由").wait_for()
    wide.get_by_text("请另请一位专家").wait_for()
    check_page(wide, "admin-case-experts-scored")
    wide.get_by_role("link", name="看这个项目本年度的排名").click()
    wide.get_by_label("名额").fill("1")
    wide.get_by_role("button", name="排名").click()
    wide.get_by_role("heading", name="通过 1 件，不予通过 1 件").wait_for()
    check_page(wide, "admin-ranking")
    wide.get_by_role("button", name="按名次办理").click()
    refused(wide, "请写明名额外的不予通过的理由", "admin-ranking-error")
    wide.get_by_label("不予通过的理由").fill("名额已满，欢迎明年再报。")
    wide.get_by_role("button", name="按名次办理").click()
    # The first has a criterion that somebody has to judge; so nobody is rejected yet.
    wide.get_by_text("ZC.13 没有其他与专精特新明显不符的情况（还没有判断）").wait_for()
    check_page(wide, "admin-ranking-failure")

    wide.goto(address)
    judgement = wide.locator("#findings")
    judgement.get_by_role("radio", name="不符合").check()
    wide.get_by_role("button", name="保存人工判断").click()
    refused(wide, "判断为不符合的，请写明说明。", "admin-case-finding-error")
    judgement.get_by_role("radio", name="符合", exact=True).check()
    wide.get_by_role("button", name="保存人工判断").click()
    wide.get_by_text("已记录 1 项人工判断。").wait_for()
    check_page(wide, "admin-case-finding")
    wide.goto(f"{site}/admin/cases/application/ranking/")
    wide.get_by_label("项目、年度和环节").select_option(index=1)
    wide.get_by_label("名额").fill("1")
    wide.get_by_role("button", name="排名").click()
    wide.get_by_label("不予通过的理由").fill("名额已满，欢迎明年再报。")
    wide.get_by_role("button", name="按名次办理").click()
    wide.get_by_text("本环节通过 1 件，不予通过 1 件。").wait_for()
    check_page(wide, "admin-ranking-done")
    statuses = dict(Application.objects.values_list("pk", "status"))
    assert statuses == {case.pk: Status.APPROVED, other.pk: Status.REJECTED}
