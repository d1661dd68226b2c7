"""Two accounts in one hand are no two people: who made or reset an account does not act beside it."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.cases.guards.two_people import BOTH_LEVELS
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import Action
from applications.money.guards import TWO_PEOPLE
from applications.money.models import PaymentBatch
from portal.models import User
from portal.users import not_beside
from tests.applications.cases.test_two_people import CITY, COUNTY, at_city, by, case_of
from tests.applications.cases.test_two_people import record as record_decision
from tests.applications.money.test_two_people import OWN, drafted, granted, pay, record
from tests.factories import (
    AwardLineFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    UserFactory,
)

SECRET = "Tie-guan-yin-2026"
NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
pytestmark = pytest.mark.django_db


@pytest.fixture
def fund():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FundFactory(budget=Decimal(1000))


def manager_of_all(name, **fields):
    """One who manages users and money in one person."""
    user = FinanceFactory(username=name, **fields)
    user.groups.set(Group.objects.filter(name__in=["用户管理", "财务"]))
    return user


@pytest.fixture
def head(fund):
    return manager_of_all("head")


def makes(client, maker, name):
    """An account made on the page of the admin."""
    client.force_login(maker)
    data = {
        "username": name, "email": f"{name}@centre.example", "password1": SECRET, "password2": SECRET,
        "usable_password": "true",
    }  # fmt: skip
    assert client.post(reverse("admin:portal_user_add"), data).status_code == 302
    return User.objects.get(username=name)


def resets(client, manager, account):
    client.force_login(manager)
    address = reverse("admin:auth_user_password_change", args=[account.pk])
    data = {"password1": SECRET, "password2": SECRET, "usable_password": "true"}
    assert client.post(address, data).status_code == 302


def addresses(client, manager, account, address):
    """Another e-mail address: with it a forgotten password is set anew."""
    client.force_login(manager)
    account._history_user = manager
    account.email = address
    account.save()


def finance(account):
    account.groups.set(Group.objects.filter(name="财务"))
    return User.objects.get(pk=account.pk)


def check_refused(line_of, payer, fund):
    line = granted(fund, line_of, line_of)
    batch = drafted([line], payer)
    with pytest.raises(ApplicationError, match=OWN) as refused:
        pay(batch, payer)
    assert "与您算同一个人" in str(refused.value)
    with pytest.raises(IntegrityError, match=TWO_PEOPLE), transaction.atomic():
        record(line, payer, "pay")
    return batch


def test_who_made_an_account_does_not_pay_beside_it_nor_it_beside_its_maker(client, fund, head):
    second = finance(makes(client, head, "second"))
    assert (not_beside(head, {second.pk}), not_beside(second, {head.pk})) == (
        {second.pk},
        {head.pk},
    )
    check_refused(head, second, fund)
    batch = check_refused(second, head, fund)
    # Somebody whose account is nobody's of them.
    pay(batch, FinanceFactory(username="third"))
    assert PaymentBatch.objects.filter(state="paid").get() == batch


def test_who_reset_the_password_of_an_account_does_not_pay_beside_it(client, fund, head):
    other = FinanceFactory(username="other")
    assert not_beside(head, {other.pk}) == set()
    resets(client, head, finance(other))
    assert other.history.first().history_change_reason == "设置了密码"
    check_refused(head, other, fund)
    check_refused(other, head, fund)


def test_who_gave_an_account_an_address_does_not_pay_beside_it(client, fund, head):
    other = FinanceFactory(username="other", email="own@example.cn")
    addresses(client, head, other, "head@example.cn")
    check_refused(head, other, fund)


def test_a_new_password_from_another_manager_frees_an_account_and_ones_own_does_not(
    client, fund, head
):
    second = finance(makes(client, head, "second"))
    second._history_user = second
    second.email = "second@example.cn"
    second.save()
    assert not_beside(head, {second.pk}) == {second.pk}
    above = manager_of_all("above", jurisdiction_code="140500")
    resets(client, above, second)
    assert not_beside(head, {second.pk}) == set()
    pay(drafted([granted(fund, head, head)], second), second)


def test_accounts_made_by_a_third_person_are_two_people(client, fund, head):
    first, second = (finance(makes(client, head, name)) for name in ("first", "second"))
    pay(drafted([granted(fund, first, first)], second), second)


def test_who_made_an_account_does_not_decide_a_case_for_the_other_level(client):
    case = case_of(COUNTY, CITY)
    root = UserFactory(is_superuser=True, jurisdiction_code="", username="root")
    made = makes(client, root, "made")
    User.objects.filter(pk=made.pk).update(is_staff=True, jurisdiction_code="140521")
    by(User.objects.get(pk=made.pk), case, Action.RECOMMEND)
    at_city(case)
    with pytest.raises(ApplicationError, match="算同一个人") as refused:
        by(root, case, Action.RECOMMEND)
    assert "made在县级环节办理过这件申报" in str(refused.value)
    with pytest.raises(IntegrityError, match=BOTH_LEVELS), transaction.atomic():
        record_decision(case, root, "recommend", "city", 1)
    by(UserFactory(jurisdiction_code="140500"), case, Action.RECOMMEND)


def test_the_database_knows_accounts_in_one_hand_line_by_line(client, fund, head):
    second = makes(client, head, "second")
    line = AwardLineFactory(fund=fund, state="approved")
    record(line, second, "approve")
    with pytest.raises(IntegrityError, match=TWO_PEOPLE), transaction.atomic():
        record(line, head, "pay")
    record(AwardLineFactory(fund=fund, state="approved"), head, "pay")
