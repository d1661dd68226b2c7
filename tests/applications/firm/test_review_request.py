"""A firm asks for a review on its case's pages, and sees what became of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ReviewRequest
from applications.cases.services.review import decide
from applications.cases.services.review_requests import answer_review
from applications.cases.workflow import Action, Status
from tests.factories import (
    ApplicationFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
    reject_event,
)
from tests.policies.packs import load_catalogue

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def a_day_of_it(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def member(client):
    load_catalogue()
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    member = MembershipFactory(role="member")
    client.force_login(member.user)
    return member


@pytest.fixture
def rejected(member):
    case = ApplicationFactory(enterprise=member.enterprise)
    decide(
        application=case,
        action=Action.REJECT,
        actor=UserFactory(),
        opinion="收入没有达到",
        now=NOON,
    )
    return case


def address(name, case):
    return reverse(f"firm:{name}", args=[case.reference])


def page(client, case, name="case"):
    return client.get(address(name, case)).content.decode()


def send(client, case, reason="以审计报告为准，已经达到"):
    return client.post(address("ask-review", case), {"reason": reason})


def test_the_case_offers_a_review_and_says_until_when(client, rejected):
    shown = page(client, rejected)
    assert address("ask-review", rejected) in shown
    assert "2026年3月23日" in shown
    assert "政策文件没有规定这个期限" in shown
    form = page(client, rejected, "ask-review")
    assert "收入没有达到" in form
    assert "提交复核申请" in form


def test_a_member_asks_and_sees_the_answer(client, rejected):
    response = send(client, rejected)
    assert response.url == address("case", rejected)
    shown = page(client, rejected)
    assert "等待答复" in shown
    assert "以审计报告为准，已经达到" in shown
    assert address("ask-review", rejected) not in shown
    answer_review(
        application=Application.objects.get(), outcome="upheld", actor=UserFactory(),
        reason="审计报告里也没有达到", now=timezone.now(),
    )  # fmt: skip
    shown = page(client, rejected)
    assert "审计报告里也没有达到" in shown
    assert "这是最后的答复" in shown


def test_nothing_typed_is_lost_where_it_cannot_be_asked_for(client, member, rejected, a_day_of_it):
    response = send(client, rejected, "太长" * 1500)
    assert response.status_code == 400
    assert "最多 2000 字" in response.content.decode()
    assert "太长太长" in response.content.decode()
    response = send(client, rejected, " ")
    assert "请写明申请复核的理由" in response.content.decode()
    a_day_of_it.move_to(NOON.replace(day=24), tick=False)
    client.force_login(member.user)
    response = send(client, rejected, "晚了一天的理由")
    assert response.status_code == 400
    shown = response.content.decode()
    assert "期限到 2026-03-23（含当天），已经过了" in shown
    assert "晚了一天的理由" in shown
    assert not ReviewRequest.objects.exists()


def test_a_second_request_shows_the_first_and_keeps_what_was_typed(client, rejected):
    send(client, rejected)
    response = send(client, rejected, "再说一次")
    shown = response.content.decode()
    assert response.status_code == 400
    assert "只能申请一次" in shown
    assert "以审计报告为准，已经达到" in shown
    assert "再说一次" in shown
    assert ReviewRequest.objects.count() == 1


@pytest.mark.parametrize("status", [each for each in Status if each != Status.REJECTED])
def test_no_other_case_offers_it(client, member, status):
    case = ApplicationFactory(enterprise=member.enterprise, status=status)
    assert "复核" not in page(client, case)
    assert "不能申请复核" in page(client, case, "ask-review")
    assert send(client, case).status_code == 400


def test_strangers_get_404(client, rejected):
    client.force_login(MembershipFactory(enterprise__credit_code="TESTCODE9999999999").user)
    assert client.get(address("ask-review", rejected)).status_code == 404
    assert send(client, rejected).status_code == 404
    assert not ReviewRequest.objects.exists()


def test_an_unknown_year_is_said_and_not_guessed(client, member, a_day_of_it):
    case = ApplicationFactory(enterprise=member.enterprise, status="rejected")
    late = datetime(2049, 12, 28, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    reject_event(case, UserFactory(), at=late)
    a_day_of_it.move_to(late, tick=False)
    client.force_login(member.user)
    for name in ("case", "ask-review"):
        assert "截止日还不能确定" in page(client, case, name)
    assert send(client, case).status_code == 302
    assert ReviewRequest.objects.get().due_on is None


def test_the_page_takes_the_same_queries_for_much(
    client, rejected, member, django_assert_num_queries
):
    page(client, rejected, "ask-review")
    with django_assert_num_queries(10):
        page(client, rejected, "ask-review")
    for number in range(5):
        case = ApplicationFactory(
            enterprise=member.enterprise, status="rejected", subject=f"第{number}个"
        )
        reject_event(case, UserFactory())
        reject_event(rejected, UserFactory(), at=NOON)
    with django_assert_num_queries(10):
        page(client, rejected, "ask-review")
