"""Revocation: a document ends a recognition, by two people; the title, the money and the firm follow."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.cases.models import Application, Message
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import Status
from applications.centre.workbench import waiting_work
from applications.enterprises.services.changes import propose_change
from applications.enterprises.services.profile import current_answers, record_answers
from applications.money.models import AwardEvent, AwardLine
from applications.money.services import awards, payments
from applications.notices.guards import NOT_REVOKED, REVOCATION_NEEDS_TWO, REVOKED_TOO_EARLY
from applications.notices.models import EnterpriseTitle, Revocation
from applications.notices.services.enterprise_changes import confirm_change
from applications.notices.services.mergers import decide_on_title
from applications.notices.services.notices import end_notice
from applications.notices.services.recognitions import recognise, waiting_for_recognition
from applications.notices.services.revocations import (
    RevocationError,
    confirm_revocation,
    propose_revocations,
    refuse_revocation,
    withdraw_revocation,
)
from policies.catalogue import current as catalogue
from portal.acts_of_two import ActOfTwoError
from portal.models import Delivery
from tests.applications.cases.test_concurrency import at_once
from tests.applications.notices.test_notices import edition_with_notice
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    ContactFactory,
    EnterpriseFactory,
    FactFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
    MembershipFactory,
    OfficeFactory,
    ProgrammeFactory,
    UserFactory,
    approved_cases,
    posted_notice,
)

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
ENDED = datetime(2026, 10, 10, 18, tzinfo=CHINA)
RECOGNISED = datetime(2026, 10, 15, 9, tzinfo=CHINA)
NOW = datetime(2026, 11, 20, 9, tzinfo=CHINA)
DAY = date(2026, 11, 18)
NUMBER = "测试〔2026〕30号"
WHY = "提供虚假的收入证明"
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory(username="first")


@pytest.fixture
def second(manager):
    return ManagerFactory(username="second")


@pytest.fixture
def recognition(manager):
    """Two firms with a title each, recognised after a public notice."""
    FactFactory(
        key="zjtx.tiers", type="enum_set", unit="", choices={"city": "市级", "prov": "省级"}
    )
    programme = ProgrammeFactory(tier_fact="zjtx.tiers", tier_code="city")
    edition = edition_with_notice(5, programme=programme)
    notice = posted_notice(approved_cases(2, edition=edition), POSTED, manager)
    end_notice(notice=notice, actor=manager, now=ENDED)
    return recognise(
        applications=waiting_for_recognition(notice),
        notice=notice,
        document_number="测试〔2026〕8号",
        on=date(2026, 10, 12),
        valid_until=date(2029, 10, 12),
        actor=manager,
        now=RECOGNISED,
    )


def proposed(recognition, actor, lines=None, **changes):
    what = {"document_number": NUMBER, "on": DAY, "reason": WHY, "now": NOW, **changes}
    lines = [recognition.lines.first()] if lines is None else lines
    return propose_revocations(recognition=recognition, lines=lines, actor=actor, **what)


def revoked(recognition, first, second, **changes):
    [revocation] = proposed(recognition, first, **changes)
    return confirm_revocation(revocation=revocation, actor=second, now=NOW)


def test_a_second_person_ends_the_recognition_its_title_and_what_the_firm_says_of_it(
    manager, second, recognition
):
    line = recognition.lines.first()
    case = line.application
    facts = catalogue.facts()
    said = {"zjtx.tiers": frozenset({"city", "prov"})}
    record_answers(
        enterprise=case.enterprise, subject=None, answers=said, facts=facts, now=RECOGNISED,
        given_by=None,
    )  # fmt: skip
    [revocation] = proposed(recognition, manager, clause="管理办法第十二条")
    case.refresh_from_db()
    assert (case.status, revocation.state) == (Status.RECOGNISED, "pending")
    confirm_revocation(revocation=revocation, actor=second, now=NOW)
    case.refresh_from_db()
    assert case.status == Status.REVOKED
    event = case.events.last()
    assert (event.actor, event.action) == (second, "revoke")
    for told in (NUMBER, "2026-11-18", "管理办法第十二条", WHY):
        assert told in event.opinion
    own = EnterpriseTitle.objects.filter(enterprise=case.enterprise)
    assert own.standing_on(date(2026, 11, 17)).exists()
    assert not own.standing_on(DAY).exists()
    assert EnterpriseTitle.objects.standing_on(DAY).count() == 1  # the other firm's
    assert current_answers(case.enterprise, None, facts, DAY)["zjtx.tiers"] == {"prov"}


def test_the_title_stays_while_another_case_of_the_document_still_brings_it(manager, second):
    FactFactory(key="base.titles", type="enum_set", unit="", choices={"city": "市级"})
    programme = ProgrammeFactory(tier_fact="base.titles", tier_code="city")
    edition = edition_with_notice(None, programme=programme)
    edition.steps.all().delete()
    bases = [
        ApplicationFactory(edition=edition, status=Status.APPROVED, subject=subject)
        for subject in ("一号基地", "二号基地")
    ]
    document = recognise(
        applications=bases, document_number="基地1号", on=DAY, actor=manager, now=NOW
    )
    first, last = document.lines.all()
    revoked(document, manager, second, lines=[first])
    assert EnterpriseTitle.objects.standing_on(DAY).exists()
    revoked(document, manager, second, lines=[last])
    assert not EnterpriseTitle.objects.standing_on(DAY).exists()


def test_a_title_that_went_over_to_a_successor_ends_with_its_successor(
    manager, second, recognition
):
    case = recognition.lines.first().application
    named = {"name": "沁水县承继实业有限公司", "credit_code": "91140521MA0K00002X"}
    heir = EnterpriseFactory(**named)
    clerks = [UserFactory(permissions=["decide_claim"]) for _ in range(2)]
    change = propose_change(
        enterprise=case.enterprise, kind="merged", document_number="合并1号", on=DAY,
        successor_code=heir.credit_code, actor=clerks[0], now=NOW,
    )  # fmt: skip
    change = confirm_change(change=change, actor=clerks[1], now=NOW)
    facts, said = catalogue.facts(), {"zjtx.tiers": frozenset({"prov"})}
    record_answers(enterprise=heir, subject=None, answers=said, facts=facts, now=NOW, given_by=None)
    title = EnterpriseTitle.objects.get(enterprise=case.enterprise)
    decide_on_title(
        change=change, title=title, goes_over=True, reason="承继", actor=manager, now=NOW
    )
    assert current_answers(heir, None, facts, DAY)["zjtx.tiers"] == {"city", "prov"}
    # The document is of a day before the merger: the successor never held the title.
    revoked(recognition, manager, second, on=date(2026, 11, 2))
    gone = EnterpriseTitle.objects.get(enterprise=heir)
    assert (gone.ended_on, WHY in gone.end_reason) == (DAY, True)
    assert current_answers(heir, None, facts, DAY)["zjtx.tiers"] == {"prov"}
    assert EnterpriseTitle.objects.filter(ended_on=None).count() == 1  # the other firm's


def test_the_firm_is_told_why_by_which_document_and_where_to_object(manager, second, recognition):
    case = recognition.lines.first().application
    member = MembershipFactory(enterprise=case.enterprise)
    ContactFactory(
        programme=recognition.programme,
        office=OfficeFactory(jurisdiction=case.county, name="企业科", telephone="0356-7000009"),
    )
    revoked(recognition, manager, second, clause="管理办法第十二条")
    message = Message.objects.get(recipient=member.user, kind="decision", subject__contains="撤销")
    for told in (NUMBER, WHY, "管理办法第十二条", "2026年11月18日", "行政复议", "0356-7000009"):
        assert told in message.text
    assert Delivery.objects.filter(about__message=message, channel="email").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"document_number": " "}, "请填撤销文件的文号"),
        ({"reason": " "}, "请写明撤销的原因"),
        ({"on": date(2026, 11, 21)}, "不能晚于今天"),
        ({"on": date(2026, 10, 11)}, "不能早于认定日期 2026-10-12"),
        ({"lines": []}, "请选要撤销哪几件"),
    ],
)
def test_a_wrong_document_proposes_nothing(manager, recognition, changes, told):
    with pytest.raises(RevocationError, match=told):
        proposed(recognition, manager, **changes)
    assert not Revocation.objects.exists()


def test_nobody_confirms_what_they_proposed_nor_from_elsewhere_nor_twice(
    manager, second, recognition
):
    [revocation] = proposed(recognition, manager)
    JurisdictionFactory(code="140522", name="阳城县", level="county")
    with pytest.raises(RevocationError, match="不归您办理"):
        confirm_revocation(
            revocation=revocation, actor=ManagerFactory(jurisdiction_code="140522"), now=NOW
        )
    with pytest.raises(ActOfTwoError, match="由您提出"):
        confirm_revocation(revocation=revocation, actor=manager, now=NOW)
    with pytest.raises(RevocationError, match="已有人提出撤销"):
        proposed(recognition, second)
    with pytest.raises(ActOfTwoError, match="只有提出人"):
        withdraw_revocation(revocation=revocation, actor=second, now=NOW)
    with pytest.raises(ActOfTwoError, match="请写明不通过的原因"):
        refuse_revocation(revocation=revocation, reason=" ", actor=second, now=NOW)
    refuse_revocation(revocation=revocation, reason="文号有误", actor=second, now=NOW)
    with pytest.raises(ActOfTwoError, match="已被他人处理"):
        confirm_revocation(revocation=revocation, actor=second, now=NOW)
    assert not Application.objects.filter(status=Status.REVOKED).exists()
    [again] = proposed(recognition, manager)
    withdraw_revocation(revocation=again, actor=manager, now=NOW)
    revoked(recognition, manager, second)
    with pytest.raises(RevocationError, match="现在是“认定已撤销”"):
        proposed(recognition, manager)


def test_after_a_revocation_the_firm_may_apply_and_be_granted_anew(manager, second, recognition):
    revocation = revoked(recognition, manager, second)
    case = revocation.line.application
    again = ApplicationFactory(
        enterprise=case.enterprise, edition=case.edition, year=case.year, status=Status.APPROVED
    )
    assert again.status == Status.APPROVED


# The money


def line_of(case, state, **fields):
    fund = AwardLine.objects.first().fund if AwardLine.objects.exists() else FundFactory()
    return AwardLineFactory(application=case, fund=fund, state=state, **fields)


def test_what_the_firm_kept_of_a_line_that_is_over_waits_for_a_decision_too(
    manager, second, recognition
):
    case = recognition.lines.first().application
    kept = line_of(case, "returned", paid=15, returned=5)
    whole = line_of(case, "returned", paid=15, returned=15)
    revoked(recognition, manager, second)
    holds = dict(AwardLine.objects.values_list("pk", "hold"))
    assert holds == {kept.pk: "revoked", whole.pk: ""}
    finance = FinanceFactory()
    waiting = {each.title: each.count for each in waiting_work(finance, DAY)}
    assert waiting["暂停给付，待决定的奖补"] == 1
    own = AwardLine.objects.get(pk=kept.pk)
    awards.release(line=own, reason="不追回", actor=finance, now=NOW)
    assert AwardLine.objects.get(pk=kept.pk).hold == ""


def test_what_is_still_to_be_granted_or_paid_is_held_until_somebody_decides(
    manager, second, recognition
):
    case = recognition.lines.first().application
    finance, payer = FinanceFactory(username="finance"), FinanceFactory(username="payer")
    prepared, confirmed, drafted = (
        line_of(case, state) for state in ("prepared", "confirmed", "approved")
    )
    void = line_of(case, "void")
    batch = payments.make_batch(fund=drafted.fund, actor=payer, now=NOW)
    payments.add_payment(batch=batch, line=drafted, actor=payer, now=NOW)
    revoked(recognition, manager, second)
    lines = {line.pk: line for line in AwardLine.objects.all()}
    held = {pk for pk, line in lines.items() if line.hold == "revoked"}
    assert held == {prepared.pk, confirmed.pk, drafted.pk}
    assert lines[void.pk].hold == ""
    event = AwardEvent.objects.filter(line=prepared).last()
    assert (event.action, event.document_number) == ("hold", NUMBER)
    waiting = {each.title: each.count for each in waiting_work(finance, DAY)}
    assert waiting["暂停给付，待决定的奖补"] == 3
    assert waiting["本年到期，待确认的奖补"] == waiting["已确认，待批准的奖补"] == 0
    for act in (
        lambda: awards.confirm(
            line=lines[prepared.pk], note="在库", document_number="", actor=finance, now=NOW
        ),
        lambda: awards.approve(
            line=lines[confirmed.pk], document_number="批1", actor=finance, now=NOW
        ),
        lambda: payments.pay_batch(
            batch=batch, voucher_number="支1", paid_on=DAY, actor=payer, now=NOW
        ),
        lambda: payments.change_payment(
            payment=batch.payments.get(), amount=5, actor=payer, now=NOW
        ),
    ):
        with pytest.raises(ApplicationError, match="暂停给付（认定已撤销）"):
            act()
    awards.void(line=lines[prepared.pk], reason="已撤销", actor=finance, now=NOW)
    with pytest.raises(ApplicationError, match="请写明理由"):
        awards.release(line=lines[drafted.pk], reason=" ", actor=finance, now=NOW)
    awards.release(line=lines[drafted.pk], reason="撤销前已兑现承诺", actor=finance, now=NOW)
    with pytest.raises(ApplicationError, match="由您确认或批准"):
        payments.pay_batch(batch=batch, voucher_number="支1", paid_on=DAY, actor=finance, now=NOW)
    payments.pay_batch(batch=batch, voucher_number="支1", paid_on=DAY, actor=payer, now=NOW)
    waiting = {each.title: each.count for each in waiting_work(finance, DAY)}
    assert waiting["暂停给付，待决定的奖补"] == 1


def test_a_line_held_for_another_reason_is_held_for_the_revocation(manager, second, recognition):
    """Whoever lets it go on decides on the revocation, not on what was there before."""
    case = recognition.lines.first().application
    line = line_of(case, "approved", hold="moved")
    revoked(recognition, manager, second)
    line.refresh_from_db()
    assert line.hold == "revoked"
    assert AwardEvent.objects.filter(line=line).last().action == "hold"


def test_the_database_pays_and_grants_nothing_that_is_held(manager, second, recognition):
    case = recognition.lines.first().application
    line, prepared = line_of(case, "approved"), line_of(case, "prepared")
    revoked(recognition, manager, second)
    own = AwardLine.objects.filter(pk=line.pk)
    for act in (
        lambda: own.update(paid=20, state="paid"),
        lambda: own.update(scheduled=20),
        lambda: AwardLine.objects.filter(pk=prepared.pk).update(state="confirmed"),
        lambda: AwardEvent.objects.create(
            line=line, at=NOW, actor=manager, action="pay", source="approved", target="paid"
        ),
    ):
        with pytest.raises(IntegrityError, match="暂停给付"), transaction.atomic():
            act()


def test_the_database_keeps_a_revocation_and_asks_for_a_second_person(manager, second, recognition):
    case = recognition.lines.first().application
    cases = Application.objects.filter(pk=case.pk)
    fields = {
        "line": recognition.lines.first(), "document_number": NUMBER, "reason": WHY,
        "proposed_at": NOW, "proposed_by": manager,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=NOT_REVOKED), transaction.atomic():
        cases.update(status="revoked")
    with pytest.raises(IntegrityError, match=REVOKED_TOO_EARLY), transaction.atomic():
        Revocation.objects.create(**fields, on=date(2026, 10, 11))
    [revocation] = proposed(recognition, manager)
    own = Revocation.objects.filter(pk=revocation.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.create(**fields, on=DAY)
    decided = {"state": "confirmed", "decided_at": NOW}
    with pytest.raises(IntegrityError, match=REVOCATION_NEEDS_TWO), transaction.atomic():
        own.update(**decided, decided_by=manager)
    with pytest.raises(IntegrityError, match=NOT_REVOKED), transaction.atomic():
        cases.update(status="revoked")
    confirm_revocation(revocation=revocation, actor=second, now=NOW)
    for act in (
        lambda: own.update(reason="改了"),
        lambda: own.update(state="refused", answer="改了"),
        lambda: own._raw_delete(own.db),
        lambda: cases.update(status="recognised"),
        lambda: EnterpriseTitle.objects.exclude(ended_on=None).update(ended_on=None),
        lambda: EnterpriseTitle.objects.update(code="prov"),
        lambda: EnterpriseTitle.objects.all()._raw_delete(own.db),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_two_who_confirm_at_once_one_does(manager, second, recognition):
    [revocation] = proposed(recognition, manager)
    third = ManagerFactory(username="third")

    def attempt(actor):
        try:
            confirm_revocation(revocation=revocation, actor=actor, now=NOW)
        except (ActOfTwoError, ApplicationError):
            return 0
        return 1

    people = [manager, second, third]
    assert sum(at_once([lambda each=each: attempt(each) for each in people])) == 1
    assert revocation.line.application.events.filter(action="revoke").count() == 1


# The pages


def page_of(revocation, name="change"):
    return reverse(f"admin:notices_revocation_{name}", args=[revocation.pk])


def test_staff_enter_the_document_a_colleague_confirms_it_and_the_public_reads_it(
    client, manager, second, recognition, time_machine
):
    time_machine.move_to(NOW)
    client.force_login(manager)
    page = client.get(reverse("admin:notices_recognition_change", args=[recognition.pk]))
    address = reverse("admin:notices_recognition_revoke", args=[recognition.pk])
    assert address in page.content.decode()
    line = recognition.lines.first()
    form = {"document_number": NUMBER, "on": "2026-11-18", "reason": WHY, "clause": "第十二条"}
    refused = client.post(address, form)
    assert (refused.status_code, "请选要撤销哪几件" in refused.content.decode()) == (400, True)
    assert WHY in refused.content.decode()
    page = client.post(address, {**form, "lines": [line.pk]}, follow=True).content.decode()
    assert "已提出撤销 1 件" in page
    revocation = Revocation.objects.get()
    page = client.get(page_of(revocation)).content.decode()
    assert "由您提出，要由另一人复核" in page
    assert 'value="withdraw"' in page
    assert 'value="confirm"' not in page
    refused = client.post(page_of(revocation, "decide"), {"decision": "confirm"})
    assert (refused.status_code, "由您提出" in refused.content.decode()) == (400, True)
    assert client.post(page_of(revocation, "decide"), {"decision": "x"}).status_code == 400

    client.force_login(second)
    assert "待复核的撤销认定" in client.get(reverse("admin:index")).content.decode()
    kept = client.post(page_of(revocation, "decide"), {"decision": "refuse"}).content.decode()
    assert "请写明不通过的原因" in kept
    page = client.post(page_of(revocation, "decide"), {"decision": "confirm"}, follow=True)
    assert "已生效" in page.content.decode()
    page = client.get(reverse("admin:notices_recognition_change", args=[recognition.pk]))
    assert f"已撤销（{NUMBER}，2026-11-18 起）" in page.content.decode()
    client.logout()
    notice = recognition.notice
    public = client.get(reverse("notices:notice", args=[notice.number])).content.decode()
    assert public.count(f"已撤销认定，文号 {NUMBER}，自 2026年11月18日起") == 1
    assert public.count(f"已认定，文号 {recognition.document_number}") == 3


def test_the_firm_reads_it_on_its_case_and_in_its_calendar(
    client, manager, second, recognition, time_machine
):
    time_machine.move_to(NOW)
    case = recognition.lines.first().application
    line_of(case, "prepared")
    member = MembershipFactory(enterprise=case.enterprise)
    client.force_login(member.user)
    number = recognition.document_number
    assert number in client.get(reverse("firm:calendar")).content.decode()
    revoked(recognition, manager, second)
    page = client.get(reverse("firm:case", args=[case.reference])).content.decode()
    assert "认定已撤销" in page
    assert WHY in page
    assert "暂停给付，等中心决定" in client.get(reverse("firm:awards")).content.decode()
    assert number not in client.get(reverse("firm:calendar")).content.decode()
