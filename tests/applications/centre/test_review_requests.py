"""Staff see that a review is asked for, who may answer it, and answer on the page of the case."""

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ReviewRequest
from applications.cases.services.review_requests import ask_for_review
from applications.cases.workflow import Action, Status
from applications.centre.cases.approval import approval_paper
from policies.catalogue.current import Catalogue
from tests.applications.cases.test_two_people import CITY, COUNTY, by, case_of
from tests.applications.centre.test_roles import first_page, of_role
from tests.factories import JurisdictionFactory, MembershipFactory, UserFactory

LIST = reverse("admin:cases_application_changelist")
WAITS = "企业申请复核，等我答复"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def county():
    return JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )


@pytest.fixture
def clerk():
    return of_role("审核员", first_name="李四")


@pytest.fixture
def colleague():
    return of_role("审核员", first_name="张三")


@pytest.fixture
def city():
    return of_role("审核员", first_name="王五", jurisdiction_code="140500")


@pytest.fixture
def case(clerk):
    case = case_of(COUNTY, CITY)
    by(clerk, case, Action.REJECT, "收入没有达到")
    return asked_for(case)


def asked_for(case):
    member = MembershipFactory(enterprise=case.enterprise).user
    ask_for_review(application=case, actor=member, reason="以审计报告为准", now=timezone.now())
    return case


def page_of(client, user, case):
    client.force_login(user)
    return client.get(reverse("admin:cases_application_change", args=[case.pk])).content.decode()


def answer(client, user, case, **data):
    client.force_login(user)
    case.refresh_from_db()
    typed = {"seen": case.version, "outcome": "upheld", "answer": "仍没有达到", **data}
    return client.post(reverse("admin:cases_application_review", args=[case.pk]), typed)


def listed(client, user, chosen):
    client.force_login(user)
    shown = client.get(LIST, {"queue": "all", "review": chosen}).context["cl"].result_list
    return {row.pk for row in shown}


def test_it_waits_for_whoever_may_answer_and_for_nobody_else(client, colleague, clerk, city, case):
    rows = {user: first_page(client, user) for user in (clerk, colleague, city)}
    assert WAITS in rows[colleague]
    assert "review=mine" in rows[colleague]
    assert listed(client, colleague, "mine") == {case.pk}
    for user in (clerk, city):
        assert listed(client, user, "mine") == set()
        assert listed(client, user, "waiting") == {case.pk}
    assert "企业申请复核" in client.get(LIST, {"queue": "all"}).content.decode()


def test_the_page_offers_the_answer_or_says_who_may_give_it(client, clerk, colleague, city, case):
    shown = page_of(client, colleague, case)
    assert "以审计报告为准" in shown
    assert "答复企业" in shown
    assert 'value="reopen"' not in shown
    for user in (clerk, city):
        shown = page_of(client, user, case)
        assert "答复企业" not in shown
        assert 'value="reopen"' not in shown
        assert "张三" in shown


def test_where_the_office_has_nobody_else_the_level_above_is_named(client, clerk, city, case):
    shown = page_of(client, clerk, case)
    assert "本单位没有别人可以答复，由上一级答复" in shown
    assert "王五" in shown
    shown = page_of(client, city, case)
    assert "答复企业" in shown
    assert "到市级环节要由另一人办理" in shown
    assert WAITS in first_page(client, city)
    assert answer(client, city, case).status_code == 302


def test_where_nobody_may_answer_that_is_said(client, clerk, case):
    assert "现在没有人可以答复" in page_of(client, clerk, case)


@pytest.mark.parametrize(
    ("outcome", "status"), [("upheld", Status.REJECTED), ("reopened", Status.IN_REVIEW)]
)
def test_an_answer_is_on_record_and_on_the_paper(client, colleague, case, outcome, status):
    assert answer(client, colleague, case, outcome=outcome).status_code == 302
    case.refresh_from_db()
    assert case.status == status
    shown = page_of(client, colleague, case)
    assert "仍没有达到" in shown
    assert "答复企业" not in shown
    assert listed(client, colleague, "answered") == {case.pk}
    assert listed(client, colleague, "waiting") == set()
    paper = approval_paper(Application.objects.get(), Catalogue().vocabulary)
    assert "申请复核</strong>：以审计报告为准" in paper
    assert "复核 张三" in paper
    assert "仍没有达到" in paper


def test_an_upheld_case_offers_no_reopening(client, clerk, colleague, case):
    answer(client, colleague, case)
    shown = page_of(client, clerk, case)
    assert 'value="reopen"' not in shown
    assert "不再重新审核" in shown


def test_who_took_part_or_works_elsewhere_cannot_post(client, clerk, colleague, case):
    response = answer(client, clerk, case)
    assert "您不能答复" in response.content.decode()
    stranger = of_role("审核员", jurisdiction_code="140522")
    assert answer(client, stranger, case).status_code == 404
    finance = of_role("财务")
    assert answer(client, finance, case).status_code == 403
    assert ReviewRequest.objects.get().is_waiting


def test_a_wrong_answer_comes_back_as_it_was_typed(client, colleague, case):
    shown = answer(client, colleague, case, outcome="").content.decode()
    assert "请选择维持不予通过，还是重新审核" in shown
    assert "仍没有达到" in shown
    shown = answer(client, colleague, case, outcome="reopened", answer="").content.decode()
    assert "请写明答复的理由" in shown
    shown = answer(client, colleague, case, seen=0).content.decode()
    assert "您的操作没有生效" in shown
    assert "仍没有达到" in shown
    assert ReviewRequest.objects.get().is_waiting


def test_a_rejected_case_without_a_request_is_as_before(client, clerk, colleague):
    case = case_of(COUNTY)
    by(clerk, case, Action.REJECT, "收入没有达到")
    shown = page_of(client, clerk, case)
    assert 'value="reopen"' in shown
    assert 'id="review"' not in shown


def test_the_page_takes_the_same_queries_for_many_colleagues(
    client, clerk, city, case, django_assert_max_num_queries, django_assert_num_queries
):
    address = reverse("admin:cases_application_change", args=[case.pk])
    client.force_login(clerk)
    client.get(address)
    with django_assert_max_num_queries(200) as few:
        client.get(address)
    UserFactory.create_batch(6, jurisdiction_code="140500")
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_the_list_takes_the_same_queries_for_many_requests(
    client, clerk, colleague, case, django_assert_max_num_queries, django_assert_num_queries
):
    asked = {"queue": "all", "review": "mine"}
    client.force_login(colleague)
    client.get(LIST, asked)
    with django_assert_max_num_queries(200) as few:
        client.get(LIST, asked)
    for number in range(5):
        other = case_of(COUNTY, CITY, subject=f"第{number}个")
        by(clerk, other, Action.REJECT)
        member = MembershipFactory(enterprise=other.enterprise).user
        ask_for_review(application=other, actor=member, reason="不认可", now=timezone.now())
    with django_assert_num_queries(len(few)):
        assert client.get(LIST, asked).context["cl"].result_count == 6
