"""Paying, publishing and changing users take a second factor checked within ten minutes.

It is asked for before the form opens; a form that is sent too late is sent on with the code.
"""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recording import keep_sheet
from applications.money.models import AwardLine, Budget, PaymentBatch, SinglePersonPermit
from applications.money.services import payments
from policies.catalogue.models import Edition
from policies.editors.models import EditionProposal, ProposedChange
from portal.models import User
from tests.applications.money.test_awards import jurisdictions
from tests.factories import (
    PASSWORD,
    AwardLineFactory,
    EditionFactory,
    FactFactory,
    FinanceFactory,
    FundFactory,
    UserFactory,
)
from tests.second_factor import code_of, give_app, log_in, wrong_code

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
CHECK = reverse("mfa_reauthenticate")
CODE = "second_factor-code"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def root(client, settings, time_machine):
    """A superuser, whose factor was checked eleven minutes ago."""
    settings.STAFF_SECOND_FACTOR = True
    time_machine.move_to(NOW, tick=False)
    jurisdictions()
    user = UserFactory(username="root", is_superuser=True, jurisdiction_code="140500")
    user.app = give_app(user)
    log_in(client, user, user.app)
    time_machine.shift(660)
    return user


@pytest.fixture
def batch(root):
    """A draft that pays one line of 20."""
    [batch], _ = payments.schedule(
        lines=[AwardLineFactory(state="approved")], actor=FinanceFactory(), now=NOW
    )
    return batch


def text(response, status=200):
    assert response.status_code == status, response
    return response.content.decode()


def of_batch(name, batch, query=""):
    return reverse(f"admin:money_paymentbatch_{name}", args=[batch.pk]) + query


def payment_form(batch):
    line = batch.payments.get().line
    return {"seen": f"{line.pk}:20", "voucher_number": "支2026-1号", "paid_on": "2026-10-15"}


def test_the_page_to_pay_asks_before_it_opens_and_leads_there_then(client, root, batch):
    page = of_batch("change", batch)
    asked = client.get(page)
    assert asked.url.startswith(CHECK)
    assert "要在 10 分钟内" in text(client.get(asked.url))
    assert "没有通过" in text(client.post(CHECK, {CODE: wrong_code(root.app), "next": page}), 400)
    assert client.post(CHECK, {CODE: code_of(root.app), "next": page}).url == page
    assert "登记支付" in text(client.get(page))


def test_a_payment_sent_too_late_keeps_what_was_typed_and_goes_on_with_the_code(
    client, root, batch
):
    pay, form = of_batch("pay", batch), payment_form(batch)
    asked = text(client.post(pay, form), 403)
    for name, value in form.items():
        assert f'name="{name}" value="{value}"' in asked
    batch.refresh_from_db()
    assert batch.is_draft
    again = text(client.post(pay, {**form, CODE: wrong_code(root.app)}), 403)
    assert "没有通过" in again
    assert 'value="支2026-1号"' in again
    assert f'type="hidden" name="{CODE}"' not in again
    assert client.post(pay, {**form, CODE: code_of(root.app)}).status_code == 302
    batch.refresh_from_db()
    assert (batch.is_draft, batch.voucher_number) == (False, "支2026-1号")


def test_within_ten_minutes_nothing_is_asked(client, root, batch, time_machine):
    client.post(CHECK, {CODE: code_of(root.app), "next": "/"})
    time_machine.shift(590)
    assert client.post(of_batch("pay", batch), payment_form(batch)).status_code == 302
    batch.refresh_from_db()
    assert not batch.is_draft


def test_the_password_is_no_check_of_the_factor(client, batch):
    by_password = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert by_password.url.startswith(CHECK)
    # Nor is one that a session has noted.
    session = client.session
    noted = {"method": "password", "at": time.time(), "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [noted]
    session.save()
    text(client.post(of_batch("pay", batch), payment_form(batch)), 403)


def test_whoever_needs_no_factor_and_has_none_is_not_asked(client, batch, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(FinanceFactory())
    assert client.post(of_batch("pay", batch), payment_form(batch)).status_code == 302


def paid(batch):
    payments.pay_batch(
        batch=batch, voucher_number="支1号", paid_on=NOW.date(), now=NOW,
        actor=FinanceFactory(),
    )  # fmt: skip
    return batch


def a_user():
    return UserFactory(username="clerk")


def of_user(name, user):
    return reverse(f"admin:portal_user_{name}", args=[user.pk])


def permit(root):
    return SinglePersonPermit.objects.create(
        jurisdiction_id="140521", reason="只有一人", starts_at=NOW,
        until=NOW.replace(month=12), granted_by=root,
    )  # fmt: skip


def edition_proposal():
    """One that waits for a second editor."""
    edition = EditionFactory()
    return EditionProposal.objects.create(
        edition=edition,
        subject=str(edition),
        jurisdiction_code=edition.programme.area_id,
        act="publish",
        day=edition.effective_from,
        digest="x",
        proposed_by=UserFactory(),
        proposed_at=NOW,
    )


def proposal():
    """A change of what several share that somebody else proposed."""
    fact = FactFactory()
    found = ProposedChange.objects.create(
        content_type=ContentType.objects.get_for_model(fact), object_id=fact.pk, subject="指标",
        before={"label": fact.label}, after={"label": "从业人数"}, reason="照统计报表的说法",
        proposed_by=UserFactory(username="editor"), jurisdiction_code="140400", proposed_at=NOW,
    )  # fmt: skip
    found.asked.set(["140500"])
    return found


def sheet(root):
    return keep_sheet(
        kind=PAYMENT_RESULTS,
        name="results.csv",
        content="申报编号\n1\n".encode(),
        user=root,
        now=NOW,
    )


def refund_of(batch):
    payment = paid(batch).payments.get()
    return of_batch("refund", batch, f"?payment={payment.pk}")


# What is sent by name: its address, made from a draft batch and the superuser, and what is typed.
SENT = {
    "pay": (lambda batch, root: of_batch("pay", batch), {"voucher_number": "支9号"}),
    "amount": (lambda batch, root: of_batch("amount", batch), {"amount": "3.5"}),
    "remove": (lambda batch, root: of_batch("remove", batch), {"payment": "1"}),
    "discard": (lambda batch, root: of_batch("discard", batch), {}),
    "refund": (lambda batch, root: refund_of(batch), {"amount": "5", "reason": "账号有误"}),
    "approve": (
        lambda batch, root: (
            reverse("admin:money_awardline_act", args=["approve"])
            + f"?line={AwardLineFactory(state='confirmed').pk}"
        ),
        {"note": "同意支付"},
    ),
    "budget": (
        lambda batch, root: reverse("admin:money_fund_budget", args=[FundFactory().pk]),
        {"amount": "55"},
    ),
    "permit": (
        lambda batch, root: reverse("admin:money_singlepersonpermit_grant"),
        {"reason": "只有一名财务人员"},
    ),
    "end of a permit": (
        lambda batch, root: reverse("admin:money_singlepersonpermit_end", args=[permit(root).pk]),
        {},
    ),
    "import of payments": (
        lambda batch, root: reverse("admin:centre_sheetimport_record", args=[sheet(root).pk]),
        {},
    ),
    "publish": (
        lambda batch, root: reverse("admin:catalogue_edition_publish", args=[EditionFactory().pk]),
        {},
    ),
    "retire": (
        lambda batch, root: reverse("admin:catalogue_edition_retire", args=[EditionFactory().pk]),
        {"reason": "有新规定"},
    ),
    "correct": (
        lambda batch, root: reverse("admin:catalogue_edition_correct", args=[EditionFactory().pk]),
        {},
    ),
    "withdraw": (
        lambda batch, root: reverse("admin:catalogue_edition_withdraw", args=[EditionFactory().pk]),
        {"reason": "发布错了"},
    ),
    "notice": (
        lambda batch, root: reverse("admin:notices_notice_post", args=[1]),
        {"seen": "2026-10-26"},
    ),
    "withdrawn notice": (
        lambda batch, root: reverse("admin:notices_notice_withdraw", args=[1]),
        {"reason": "名单有误"},
    ),
    "edition of another": (
        lambda batch, root: reverse(
            "admin:editors_editionproposal_approve", args=[edition_proposal().pk]
        ),
        {"seen": "yes"},
    ),
    "proposed change": (
        lambda batch, root: reverse("admin:editors_proposedchange_accept", args=[proposal().pk]),
        {},
    ),
    "new user": (lambda batch, root: reverse("admin:portal_user_add"), {"username": "new.clerk"}),
    "user": (lambda batch, root: of_user("change", a_user()), {"username": "renamed"}),
    "password": (
        lambda batch, root: reverse("admin:auth_user_password_change", args=[a_user().pk]),
        {"usable_password": "true"},
    ),
    "active": (lambda batch, root: of_user("active", a_user()), {"reason": "调离"}),
    "factor": (lambda batch, root: of_user("factor", a_user()), {"reason": "手机丢失"}),
    "own address": (
        lambda batch, root: reverse("account_change_address"),
        {"email": "other@centre.example"},
    ),
    "own password": (lambda batch, root: reverse("account_change_password"), {"oldpassword": "x"}),
    "new group": (lambda batch, root: reverse("admin:auth_group_add"), {"name": "新的组"}),
    "group": (
        lambda batch, root: reverse(
            "admin:auth_group_change", args=[Group.objects.create(name="自建").pk]
        ),
        {"name": "改名"},
    ),
    "deleted group": (
        lambda batch, root: reverse(
            "admin:auth_group_delete", args=[Group.objects.create(name="自建").pk]
        ),
        {"post": "yes"},
    ),
    "groups of a list": (
        lambda batch, root: reverse("admin:auth_group_changelist"),
        {"action": "delete_selected", "post": "yes"},
    ),
    "e-mail": (
        lambda batch, root: reverse("admin:account_emailaddress_add"),
        {"email": "other@centre.example"},
    ),
}
KEPT_ROWS = (
    PaymentBatch, AwardLine, Budget, SinglePersonPermit, Edition, EditionProposal,
    ProposedChange, User, Group,
)  # fmt: skip


def rows():
    """All that such forms change, but what the log-in itself notes."""
    return [
        [
            {key: value for key, value in row.items() if key != "last_login"}
            for row in model.objects.order_by("pk").values()
        ]
        for model in KEPT_ROWS
    ]


@pytest.mark.parametrize("name", SENT)
def test_what_pays_publishes_or_changes_accounts_waits_for_the_factor(client, root, batch, name):
    make, typed = SENT[name]
    address = make(batch, root)
    before = rows()
    asked = text(client.post(address, typed), 403)
    assert CODE in asked
    assert rows() == before
    for field, value in typed.items():
        shown = f'name="{field}" value="{value}"' in asked
        assert shown is not field.startswith(("password", "oldpassword"))
    # With the code it gets where it was going, and is answered there.
    assert client.post(address, {**typed, CODE: code_of(root.app)}).status_code != 403


OPENED = (
    "refund", "approve", "budget", "permit", "new user", "user", "password", "active", "factor",
    "own password", "own address", "retire", "withdraw", "new group", "group", "e-mail",
)  # fmt: skip


@pytest.mark.parametrize("name", OPENED)
def test_its_form_does_not_open_before(client, root, batch, name):
    address = SENT[name][0](batch, root)
    assert client.get(address).url.startswith(CHECK)
    client.post(CHECK, {CODE: code_of(root.app), "next": "/"})
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        lambda: reverse("admin:catalogue_edition_effect", args=[EditionFactory().pk]),
        lambda: reverse("admin:centre_sheetimport_upload", args=["payments"]),
    ],
)
def test_nor_does_the_page_that_leads_to_publishing_or_the_choice_of_a_file(client, address):
    assert client.get(address()).url.startswith(CHECK)


def test_passwords_that_were_typed_are_typed_anew(client):
    data = {"username": "new.clerk", "password1": "a secret phrase", "password2": "a secret phrase"}
    asked = text(client.post(reverse("admin:portal_user_add"), data), 403)
    assert "a secret phrase" not in asked
    assert "new.clerk" in asked


def test_looking_takes_no_fresh_check(client, batch):
    for name in ("portal_user", "auth_group", "money_paymentbatch", "catalogue_edition"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    recognitions = reverse("admin:centre_sheetimport_upload", args=["recognitions"])
    assert client.get(recognitions).status_code == 200
    client.force_login(auditor := UserFactory(permissions=["view_user", "view_group"]))
    log_in(client, auditor, give_app(auditor))
    group = Group.objects.first()
    assert client.get(reverse("admin:auth_group_change", args=[group.pk])).status_code == 200
