"""A firm's bank account: entered by one, confirmed by another, seen whole by few, kept for good."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Message
from applications.centre.imports.recording import without_accounts
from applications.centre.workbench import waiting_work
from applications.enterprises.models import BankAccount
from applications.enterprises.services.bank_accounts import (
    ENTERED_BY_YOU,
    OF_YOUR_FIRM,
    SAME,
    SAME_PERSON,
    WAITS_ALREADY,
    BankAccountError,
    confirm_account,
    enter_account,
    refuse_account,
)
from applications.firm.own_data import own_data
from applications.money.services.payments import add_payment, pay_batch, remove_payment, schedule
from portal.models import Delivery
from portal.monitoring.personal import without_personal
from portal.sheets.reading import Row, Sheet
from portal.users import record_password
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    EnterpriseFactory,
    FundFactory,
    MembershipFactory,
    UserFactory,
)

PAGE = reverse("firm:bank-account")
NUMBER, TYPED = "6228481234567890123", "6228 4812 3456 7890 123"
FORM = {"holder": "沁水县测试制造有限公司", "bank": "农业银行沁水县支行", "number": TYPED}
pytestmark = pytest.mark.django_db


def staff(role, **fields):
    user = UserFactory(permissions=[], **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def owner():
    return MembershipFactory().user


@pytest.fixture
def finance():
    return staff("财务")


@pytest.fixture
def account(owner):
    return entered(owner)


def entered(actor, number=NUMBER, **fields):
    return enter_account(
        enterprise=EnterpriseFactory(), holder="沁水县测试制造有限公司", bank="农业银行沁水县支行",
        number=number, actor=actor, now=timezone.now(), **fields,
    )  # fmt: skip


def confirmed(account, actor):
    return confirm_account(account=account, actor=actor, now=timezone.now())


def refusal(statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_owner_enters_an_account_that_is_used_when_finance_has_confirmed_it(
    client, owner, finance
):
    client.force_login(owner)
    assert client.post(PAGE, FORM).status_code == 302
    account = BankAccount.objects.get()
    assert (account.number, account.state, account.entered_by) == (NUMBER, "pending", owner)
    assert BankAccount.objects.current(account.enterprise) is None
    page = client.get(PAGE).content.decode()
    assert TYPED in page
    assert "等县中心核对" in page
    client.force_login(finance)
    place = reverse("admin:enterprises_bankaccount_change", args=[account.pk])
    assert TYPED in client.get(place).content.decode()
    decide = reverse("admin:enterprises_bankaccount_decide", args=[account.pk])
    assert client.post(decide, {"decision": "confirm"}).status_code == 302
    assert BankAccount.objects.current(account.enterprise) == account
    told = Message.objects.filter(recipient=owner).order_by("pk").values_list("subject", flat=True)
    assert [subject.partition("：")[0] for subject in told] == ["填写了收款账户", "收款账户已核对"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("number", "", "请填账号"),
        ("number", "6228481", "您填了 7 位"),
        ("number", "1" * 33, "您填了 33 位"),
        ("number", "6228-4812-3456", "账号只能是数字"),
        ("number", "陆贰贰捌肆捌壹贰", "账号只能是数字"),
        ("bank", " ", "请填开户行"),
        ("holder", "", "请填开户名"),
        ("bank", "农" * 201, "200"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    client, owner, field, typed, told
):
    client.force_login(owner)
    response = client.post(PAGE, {**FORM, field: typed})
    assert response.status_code == 400
    assert told in "".join(response.context["form"].errors[field])
    kept = response.content.decode()
    assert all(value in kept for name, value in FORM.items() if name != field)
    assert not BankAccount.objects.exists()


def test_full_width_digits_and_spaces_are_read_as_the_same_number(client, owner):
    client.force_login(owner)
    client.post(PAGE, {**FORM, "number": "　６２２８ 4812 34567890123 "})
    assert BankAccount.objects.get().number == NUMBER


def test_a_refused_account_is_not_used_and_the_firm_reads_why(client, owner, finance, account):
    client.force_login(finance)
    decide = reverse("admin:enterprises_bankaccount_decide", args=[account.pk])
    response = client.post(decide, {"decision": "refuse", "reason": " "})
    assert response.status_code == 400
    assert "请写明哪里不对" in response.content.decode()
    client.post(decide, {"decision": "refuse", "reason": "账号少一位"})
    assert BankAccount.objects.current(account.enterprise) is None
    client.force_login(owner)
    assert "账号少一位" in client.get(PAGE).content.decode()
    assert "账号少一位" in Message.objects.filter(recipient=owner).latest("pk").text
    client.force_login(finance)
    assert "已被他人处理" in client.post(decide, {"decision": "confirm"}).content.decode()


def test_nobody_confirms_what_they_entered_nor_by_an_account_in_their_hand(owner, finance):
    second = staff("财务")
    own = entered(finance, by_staff=True)
    with pytest.raises(BankAccountError, match=ENTERED_BY_YOU):
        confirmed(own, finance)
    record_password(user=second, actor=finance)
    with pytest.raises(BankAccountError, match=SAME_PERSON):
        confirmed(own, second)
    refusal(
        "UPDATE enterprises_bankaccount SET state = 'confirmed', decided_at = CURRENT_TIMESTAMP,"
        f" decided_by_id = {finance.pk} WHERE id = {own.pk}"
    )
    refusal(
        "UPDATE enterprises_bankaccount SET state = 'confirmed', decided_at = CURRENT_TIMESTAMP,"
        f" decided_by_id = {second.pk} WHERE id = {own.pk}"
    )
    third = staff("财务")
    MembershipFactory(user=third, enterprise=own.enterprise)
    with pytest.raises(BankAccountError, match=OF_YOUR_FIRM):
        confirmed(own, third)
    assert confirmed(own, staff("财务")).state == "confirmed"


def test_the_database_keeps_every_account_as_it_was_entered(account, finance):
    confirmed(account, finance)
    table = "enterprises_bankaccount"
    refusal(f"UPDATE {table} SET number = '11111111' WHERE id = {account.pk}")
    refusal(f"UPDATE {table} SET state = 'refused', reason = 'x' WHERE id = {account.pk}")
    refusal(f"DELETE FROM {table}")
    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccountFactory(state="confirmed", decided_by=finance, decided_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccountFactory(number="12345678x")


def test_a_new_account_takes_the_place_of_one_that_waits_and_history_stays(owner, finance, account):
    with pytest.raises(BankAccountError, match=WAITS_ALREADY):
        entered(owner)
    better = entered(owner, "6228481234567890124")
    account.refresh_from_db()
    assert account.state == "replaced"
    confirmed(better, finance)
    with pytest.raises(BankAccountError, match=SAME):
        entered(owner, better.number)
    newest = confirmed(entered(owner, "6228481234567890125"), finance)
    assert BankAccount.objects.current(newest.enterprise) == newest
    states = BankAccount.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "confirmed", "confirmed"]


def test_only_finance_and_the_owner_see_the_number_whole(client, owner, finance, account):
    member = MembershipFactory(role="member").user
    confirmed(account, finance)
    change = reverse("admin:enterprises_bankaccount_change", args=[account.pk])
    pages = [
        change,
        reverse("admin:enterprises_bankaccount_changelist"),
        reverse("admin:enterprises_enterprise_change", args=[account.enterprise_id]),
    ]
    for user in (staff("审核员"), staff("审计")):
        client.force_login(user)
        for page in pages:
            shown = client.get(page).content.decode()
            assert "尾号 0123" in shown, page
            assert "62284812" not in re.sub(r"\s", "", shown)
    client.force_login(finance)
    assert all(TYPED in client.get(page).content.decode() for page in pages)
    client.force_login(member)
    shown = client.get(PAGE).content.decode()
    assert "尾号 0123" in shown
    assert "62284812" not in re.sub(r"\s", "", shown)
    assert client.post(PAGE, FORM).status_code == 403
    client.force_login(staff("财务", jurisdiction_code="140522"))
    assert client.get(change).status_code == 404


def test_numbers_are_not_told_in_messages_logs_names_or_ones_own_data(account, finance, owner):
    confirmed(account, finance)
    texts = [*Message.objects.values_list("text", flat=True)]
    texts += Delivery.objects.values_list("text", flat=True)
    texts += [str(account), str(own_data(owner)), without_personal(f"Key ({NUMBER}) {TYPED} is")]
    assert all("62284812" not in re.sub(r"\s", "", text) for text in texts)
    assert own_data(owner)["填写的收款账户"][0]["账号尾号"] == "0123"
    assert without_personal("job 20261128 at 2026-11-28 09:30:01.123456") == (
        "job 20261128 at 2026-11-28 09:30:01.123456"
    )


def test_what_waits_is_on_the_desk_of_finance(account, finance):
    [work] = [each for each in waiting_work(finance, timezone.localdate()) if "账户" in each.title]
    assert work.count == 1
    titles = [each.title for each in waiting_work(staff("审核员"), timezone.localdate())]
    assert "待核对的收款账户" not in titles


def test_staff_enter_an_account_for_a_firm_and_another_of_finance_confirms_it(client, finance):
    firm = EnterpriseFactory()
    page = reverse("admin:enterprises_enterprise_account", args=[firm.pk])
    client.force_login(staff("审核员"))
    assert client.post(page, {**FORM, "number": "1"}).status_code == 400
    assert client.post(page, FORM).status_code == 302
    account = BankAccount.objects.get()
    assert account.by_staff
    client.force_login(staff("审计"))
    assert client.get(page).status_code == 403
    assert confirmed(account, finance).state == "confirmed"


def test_a_batch_keeps_the_account_it_was_made_with_and_says_so(client, owner, finance, account):
    confirmed(account, finance)
    case = ApplicationFactory(enterprise=account.enterprise)
    fund = FundFactory()
    line = AwardLineFactory(application=case, fund=fund, state="approved")
    payer = staff("财务", jurisdiction_code="140500")
    now = timezone.now()
    [batch], _ = schedule(lines=[line], actor=payer, now=now)
    newer = confirmed(entered(owner, "6228481234567890124"), finance)
    payment = batch.payments.get()
    assert payment.account == account
    client.force_login(payer)
    page = reverse("admin:money_paymentbatch_change", args=[batch.pk])
    shown = client.get(page).content.decode()
    assert TYPED in shown
    assert "企业后来换了账户，这一笔仍付到列入时的账户" in shown
    assert newer.in_fours not in shown
    refusal(f"UPDATE money_payment SET account_id = {newer.pk} WHERE id = {payment.pk}")
    on = timezone.localdate(now)
    pay_batch(batch=batch, voucher_number="支1号", paid_on=on, actor=payer, now=now)
    assert batch.payments.get().account == account


def test_who_registers_a_payment_sees_the_account_that_it_is_registered_with(
    client, owner, finance, account
):
    """Taken out and put in anew meanwhile, the same line is paid on another account."""
    confirmed(account, finance)
    case = ApplicationFactory(enterprise=account.enterprise)
    line = AwardLineFactory(application=case, fund=FundFactory(), state="approved")
    payer = staff("财务", jurisdiction_code="140500")
    [batch], _ = schedule(lines=[line], actor=payer, now=timezone.now())
    client.force_login(payer)
    shown = client.get(reverse("admin:money_paymentbatch_change", args=[batch.pk])).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    remove_payment(payment=batch.payments.get(), actor=payer, now=timezone.now())
    confirmed(entered(owner, "6228481234567890124"), finance)
    line.refresh_from_db()
    add_payment(batch=batch, line=line, actor=payer, now=timezone.now())
    pay = reverse("admin:money_paymentbatch_pay", args=[batch.pk])
    today = timezone.localdate().isoformat()
    response = client.post(pay, {"seen": seen, "voucher_number": "支1号", "paid_on": today})
    assert response.status_code == 400
    assert "收款账户在您打开页面之后变了" in response.content.decode()
    batch.refresh_from_db()
    assert batch.is_draft


def test_the_database_refuses_an_account_of_another_firm_or_an_unconfirmed_one(finance, account):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund, state="approved")
    payer = staff("财务", jurisdiction_code="140500")
    [batch], _ = schedule(lines=[line], actor=payer, now=timezone.now())
    assert batch.payments.get().account is None
    foreign = BankAccountFactory(
        enterprise=EnterpriseFactory(credit_code="91140522MA0K00003X"), confirmed_by=finance
    )
    for wrong in (account, foreign):
        other = AwardLineFactory(fund=fund, state="approved", application=line.application)
        refusal(
            "INSERT INTO money_payment (batch_id, line_id, amount, refunded, account_id)"
            f" VALUES ({batch.pk}, {other.pk}, 1, 0, {wrong.pk})"
        )


def test_an_uploaded_sheet_is_kept_with_the_ends_of_accounts_only():
    rows = [
        Row(1, ["企业名称", "收款账号", "金额"], "ttt"),
        Row(2, ["甲", TYPED, "20261128"], "ttn"),
        Row(3, ["乙", "无", ""], "ttt"),
    ]
    kept = without_accounts(Sheet("", rows))
    assert [row.cells for row in kept.rows] == [
        ["企业名称", "收款账号", "金额"], ["甲", "尾号 0123", "20261128"], ["乙", "无", ""],
    ]  # fmt: skip


def test_refusing_twice_or_without_a_reason_changes_nothing(account, finance):
    with pytest.raises(BankAccountError, match="请写明哪里不对"):
        refuse_account(account=account, reason="", actor=finance, now=timezone.now())
    refuse_account(account=account, reason="不是这家", actor=finance, now=timezone.now())
    with pytest.raises(BankAccountError, match="已被他人处理"):
        confirmed(account, finance)


def test_a_firm_with_awards_and_no_account_is_told_to_enter_one(client, owner, finance):
    page, told = reverse("firm:awards"), "还没有可以用来收款的账户"
    client.force_login(owner)
    assert told not in client.get(page).content.decode()
    AwardLineFactory(application__enterprise=EnterpriseFactory(), fund=FundFactory())
    assert told in client.get(page).content.decode()
    account = entered(owner)
    assert told not in client.get(page).content.decode()
    refuse_account(account=account, reason="不对", actor=finance, now=timezone.now())
    assert told in client.get(page).content.decode()
