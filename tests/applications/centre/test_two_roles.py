"""Who held two roles in one case: each kind is found, nothing else is, in as many queries for many cases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, Cover, Finding, ReviewRequest
from applications.centre.audit.two_roles import RULES, TwoRoles
from applications.centre.models import ExportLog
from applications.money.models import AwardEvent, Payment, PaymentBatch, SinglePersonPermit
from portal.triggers import remove_triggers
from portal.users import record_password
from tests.applications.centre.test_case_papers import staff
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    CallFactory,
    EditionFactory,
    EnterpriseFactory,
    ExpertAssignmentFactory,
    ExpertScoreFactory,
    FundFactory,
    JurisdictionFactory,
    MembershipFactory,
    ObjectionFactory,
    UserFactory,
    posted_notice,
    reject_event,
)
from tests.workbook import cells_of, rows_of

PAGE = reverse("admin:centre_auditrecord_two_roles")
NOW = timezone.now() - timedelta(days=20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def unguarded():
    """What the guards refuse, somebody wrote who owns the tables: that is what an audit is for."""
    for room in ("cases", "enterprises", "money", "notices", "catalogue"):
        remove_triggers(room)


@pytest.fixture
def auditor(client):
    JurisdictionFactory()
    user = staff("审计", first_name="审计员甲", jurisdiction_code="140500")
    client.force_login(user)
    return user


class Acts:
    """A case of one more firm, and what was done with it; each act by one person or another."""

    def __init__(self, **fields):
        number = Application.objects.count()
        self.firm = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}")
        self.edition = EditionFactory()
        self.case = ApplicationFactory(enterprise=self.firm, edition=self.edition, **fields)

    def event(self, who, action="recommend", **fields):
        return reject_event(self.case, who, "意见", at=NOW, action=action, **fields)

    def found(self, who):
        Finding.objects.create(
            application=self.case, criterion="T.1", step="审核", outcome="met", by=who, at=NOW
        )

    def scored(self, who, by=None):
        asked = ExpertAssignmentFactory(
            application=self.case, expert=who, assigned_by=by or UserFactory(), conflict="none",
            declared_at=NOW,
        )  # fmt: skip
        ExpertScoreFactory(assignment=asked)

    def line(self):
        return AwardLineFactory(
            application=self.case, state="approved", fund=FundFactory(budget=False)
        )

    def money(self, who, action, line=None, **fields):
        line = line or self.line()
        AwardEvent.objects.create(
            line=line, at=NOW, actor=who, action=action, target="approved", **fields
        )
        return line

    def paid(self, who, account):
        line = self.line()
        batch = PaymentBatch.objects.create(
            number=f"ZF{line.pk}", fund=line.fund, created_at=NOW, created_by=UserFactory()
        )
        Payment.objects.create(batch=batch, line=line, amount=Decimal(1), account=account)
        PaymentBatch.objects.filter(pk=batch.pk).update(
            state="paid",
            voucher_number=f"V{line.pk}",
            paid_on=timezone.localdate(),
            paid_at=NOW,
            paid_by=who,
        )

    def account(self, entered_by=None, confirmed_by=None):
        fields = {"entered_by": entered_by} if entered_by else {}
        return BankAccountFactory(
            enterprise=self.firm, confirmed_by=confirmed_by or UserFactory(), **fields
        )

    def member(self, who):
        MembershipFactory(user=who, enterprise=self.firm)

    def permit(self, who):
        return SinglePersonPermit.objects.create(
            jurisdiction=self.case.county, reason="只有一名财务", starts_at=NOW - timedelta(days=1),
            until=NOW + timedelta(days=30), granted_by=who,
        )  # fmt: skip


def levels(acts, a, b):
    acts.event(a, step_level="county", step_place=0)
    acts.event(b, step_level="city", step_place=1)


def expert_step(acts, a, b):
    acts.event(a, step_level="city", step_place=1)
    acts.event(b, step_level="city", step_place=2, step_is_expert=True)


def review_grant(acts, a, b):
    acts.event(a)
    acts.money(b, "confirm")


def review_pay(acts, a, b):
    acts.event(a)
    acts.money(b, "pay")


def grant_pay(acts, a, b):
    line = acts.money(a, "approve")
    acts.money(b, "pay", line, permit=acts.permit(UserFactory()))
    # Another line, and one that went back to be confirmed anew, are no two roles.
    acts.money(b, "pay")
    back = acts.money(a, "confirm")
    acts.money(UserFactory(), "reopen", back)
    acts.money(b, "pay", back)


def account_entered(acts, a, b):
    acts.paid(UserFactory(), acts.account(entered_by=a, confirmed_by=b))


def account_pay(acts, a, b):
    acts.paid(b, acts.account(confirmed_by=a))


def account_entered_pay(acts, a, b):
    acts.paid(b, acts.account(entered_by=a))


def expert_review(acts, a, b):
    acts.scored(a)
    acts.event(b)


def expert_finding(acts, a, b):
    acts.scored(a)
    acts.found(b)


def expert_asked(acts, a, b):
    acts.scored(b, by=a)


def firm_review(acts, a, b):
    acts.member(a)
    acts.event(b)
    # Left since: the history keeps it.
    acts.firm.memberships.all().delete()


def firm_finding(acts, a, b):
    acts.member(a)
    acts.found(b)


def firm_expert(acts, a, b):
    acts.member(a)
    acts.scored(b)


def firm_grant(acts, a, b):
    acts.member(a)
    acts.money(b, "confirm")


def firm_pay(acts, a, b):
    acts.member(a)
    acts.money(b, "pay")


def firm_account(acts, a, b):
    acts.member(a)
    acts.paid(UserFactory(), acts.account(confirmed_by=b))


def filled_review(acts, a, b):
    acts.event(a, "submit", step_level="", step_place=None)
    acts.event(b)


def assigned_cover(acts, a, b):
    acts.event(a, "assign")
    acts.event(b, "accept", on_behalf_of=UserFactory())


def cover_cover(acts, a, b):
    away = UserFactory()
    acts.event(b, "visit", on_behalf_of=away)
    Cover.objects.create(
        person=away, substitute=b, first=timezone.localdate(NOW), last=timezone.localdate(NOW),
        entered_by=a, entered_at=NOW - timedelta(hours=1),
    )  # fmt: skip


def answer_review(acts, a, b):
    rejection = acts.event(a, "reject")
    ReviewRequest.objects.create(
        application=acts.case, rejection=rejection, reason="请再看", requested_at=NOW,
        requested_by=UserFactory(), outcome="upheld", answer="维持", answered_at=NOW, answered_by=b,
    )  # fmt: skip


def objection_review(acts, a, b):
    acts.event(a)
    Application.objects.filter(pk=acts.case.pk).update(status="approved")
    acts.case.refresh_from_db()
    notice = posted_notice([acts.case], NOW)
    ObjectionFactory(
        notice=notice, line=notice.lines.get(), outcome="dismissed", handling="核实过", settled_at=NOW,
        settled_by=b,
    )  # fmt: skip


def call(acts, a, b):
    opened = CallFactory(
        programme=acts.edition.programme, drafted_by=a, status="open", opened_at=NOW, opened_by=b,
        alone_reason="全县只有一人",
    )  # fmt: skip
    Application.objects.filter(pk=acts.case.pk).update(call=opened)


BUILDERS = {
    name.replace("_", "-"): value
    for name, value in list(globals().items())
    if name.replace("_", "-") in RULES
}


def doubles(cases=None, rule=""):
    return TwoRoles(Application.objects.all() if cases is None else cases, rule).page(0, 100)


def test_each_kind_is_found_where_one_person_did_both_and_not_where_two_did(auditor, unguarded):
    assert BUILDERS.keys() == RULES.keys()
    of_one, of_two = {}, []
    for key, build in BUILDERS.items():
        alone = Acts()
        person = UserFactory(first_name="独一人", permissions=[])
        build(alone, person, person)
        of_one[alone.case.pk] = (key, person.pk)
        apart = Acts()
        build(apart, UserFactory(permissions=[]), UserFactory(permissions=[]))
        of_two.append(apart.case.pk)
    found = doubles()
    assert {(row.case.pk, row.rule.key, row.first.person.pk) for row in found} == {
        (case, key, person) for case, (key, person) in of_one.items()
    }
    assert {row.how for row in found} == {"同一个人"}
    reasons = {row.rule.key: row.reason for row in found if row.reason}
    assert reasons.keys() == {"grant-pay", "call"}
    assert "只有一名财务" in reasons["grant-pay"] and reasons["call"] == "全县只有一人"
    counted = {
        rule.key: (cases, persons)
        for rule, cases, persons in TwoRoles(Application.objects.all()).counts
    }
    assert counted == dict.fromkeys(RULES, (1, 1))
    [narrowed] = doubles(rule="account-pay")
    assert narrowed.rule.key == "account-pay"
    assert doubles(Application.objects.filter(pk__in=of_two)) == []


def test_accounts_in_one_hand_and_who_is_covered_count_as_one_person(auditor, unguarded):
    first, second, third = (UserFactory(first_name=name, permissions=[]) for name in "甲乙丙")
    record_password(user=second, actor=first)
    acts = Acts()
    review_pay(acts, first, second)
    [found] = doubles()
    assert "在一人手里" in found.how
    assert (found.first.person.name, found.second.person.name) == ("甲", "乙")
    covered = Acts()
    covered.event(third, on_behalf_of=UserFactory(first_name="丁", permissions=[]))
    covered.money(UserFactory(permissions=[]), "pay")
    assert len(doubles()) == 1
    away = covered.case.events.get().on_behalf_of
    covered.money(away, "pay")
    assert {row.case.pk for row in doubles()} == {acts.case.pk, covered.case.pk}


def test_the_page_lists_links_narrows_and_gives_a_file_on_record(client, auditor, unguarded):
    page = client.get(PAGE).content.decode()
    assert "没有这样的情况" in page and "核对收款账户，又向它支付" in page
    acts = Acts(year=2025)
    person = staff("财务", first_name="独一人")
    account_pay(acts, person, person)
    elsewhere = Acts(county=JurisdictionFactory(code="140400", name="长治市"))
    account_pay(elsewhere, person, person)
    page = client.get(PAGE, {"year": "2025", "rule": "account-pay"})
    told = page.content.decode()
    assert acts.case.number in told and "独一人（财务，沁水县）" in told
    # Of another city.
    assert (
        elsewhere.case.number not in told
        and elsewhere.case.number not in client.get(PAGE).content.decode()
    )
    assert acts.case.number not in client.get(PAGE, {"year": "2024"}).content.decode()
    sent = client.post(f"{PAGE}?year=2025")
    rows = rows_of(cells_of(b"".join(sent.streaming_content)))
    assert any(acts.case.number in [cell.value for cell in row] for row in rows)
    log = ExportLog.objects.get()
    assert (log.key, log.filtered, log.rows) == ("audit-two-roles", "申报年度：2025", 1)

    wrong = client.get(PAGE, {"year": "二零", "rule": "none"})
    assert wrong.status_code == 400
    assert "二零" in wrong.content.decode() and acts.case.number not in wrong.content.decode()
    assert client.get(PAGE, {"start": "x"}).status_code == 200
    client.force_login(staff("审计", jurisdiction_code=""))
    assert "没有这样的情况" in client.get(PAGE).content.decode()
    client.force_login(staff("审核员"))
    assert client.get(PAGE).status_code == 403


def test_the_page_takes_as_many_queries_for_many_cases(client, auditor, unguarded, monkeypatch):
    def one(number):
        acts, person = Acts(), UserFactory(permissions=[])
        account_pay(acts, person, person)
        review_pay(acts, person, person)

    def count():
        with CaptureQueriesContext(connection) as captured:
            page = client.get(PAGE)
        return len(captured), len(page.context["rows"])

    one(0)
    count()
    few, rows = count()
    for number in range(1, 6):
        one(number)
    many, more = count()
    assert (many, more) == (few, rows + 5 * rows)
    monkeypatch.setattr("applications.centre.audit.pages.AT_ONCE", 5)
    first = client.get(PAGE)
    assert len(first.context["rows"]) == 5
    assert "下一页" in first.content.decode() and "上一页" not in first.content.decode()
    seen = [len(client.get(PAGE, {"start": start}).context["rows"]) for start in (5, 10)]
    assert seen == [5, more - 10]
