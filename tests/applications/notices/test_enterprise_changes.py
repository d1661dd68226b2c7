"""A firm is renamed or moves: by the registry's document and two people; cases, titles and money follow."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, Message
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import standing_application
from applications.cases.services.review import decide
from applications.cases.services.transfer import transfer
from applications.cases.workflow import Action, Status
from applications.centre.enterprises.visible import enterprises_visible_to
from applications.centre.exports.applications import APPLICATIONS
from applications.centre.exports.awards import AWARDS
from applications.centre.imports.firm_names import firms_on_record
from applications.centre.workbench import waiting_work
from applications.enterprises.guards import CHANGE_NEEDS_TWO, CHANGE_STAYS
from applications.enterprises.models import BankAccount, Enterprise, EnterpriseChange
from applications.enterprises.services.changes import (
    ChangeError,
    propose_change,
    refuse_change,
    withdraw_change,
)
from applications.enterprises.services.profile import current_answers, record_answers
from applications.money.models import AwardLine, Payment
from applications.money.services import awards, payments
from applications.notices.models import EnterpriseTitle, Recognition
from applications.notices.services.enterprise_changes import confirm_change
from applications.notices.services.errors import NoticeError
from applications.notices.services.mergers import (
    decide_on_case,
    decide_on_line,
    decide_on_title,
    undecided_for,
)
from applications.notices.services.recognitions import recognise
from policies.catalogue import current as catalogue
from portal.acts_of_two import ActOfTwoError
from portal.models import Jurisdiction
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    EditionFactory,
    EnterpriseFactory,
    FactFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
    MembershipFactory,
    ProgrammeFactory,
    UserFactory,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = date(2026, 11, 18)
OLD, NEW = "沁水县测试制造有限公司", "山西测试智能制造有限公司"
RIGHTS = [
    "decide_claim", "view_application", "decide_application", "view_enterprise",
    "view_enterprisechange",
]  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    found = EnterpriseFactory(name=OLD)
    JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=Jurisdiction.objects.get(pk="140500")
    )
    return found


@pytest.fixture
def first(firm):
    return UserFactory(username="first", permissions=RIGHTS)


@pytest.fixture
def second(firm):
    return UserFactory(username="second", permissions=RIGHTS)


def proposed(firm, actor, **changes):
    what = {"kind": "renamed", "name": NEW, "document_number": "准予变更〔2026〕1号", "on": DAY,
            "now": NOW, **changes}  # fmt: skip
    return propose_change(enterprise=firm, actor=actor, **what)


def moved(firm, first, second):
    county = Jurisdiction.objects.get(pk="140522")
    change = proposed(firm, first, kind="moved", name="", county=county)
    return confirm_change(change=change, actor=second, now=NOW)


def renamed(firm, first, second):
    return confirm_change(change=proposed(firm, first), actor=second, now=NOW)


def rows(data_list, queryset):
    """What the list shows, as texts by header."""
    return [
        {column.header: column.cell(row) for column in data_list.columns}
        for row in data_list.rows(queryset)
    ]


def test_a_renamed_firm_is_found_by_both_names_and_old_papers_keep_theirs(
    client, firm, first, second
):
    case = ApplicationFactory(enterprise=firm, status="in_review")
    member = MembershipFactory(enterprise=firm)
    change = proposed(firm, first)
    firm.refresh_from_db()
    assert firm.name == OLD
    confirm_change(change=change, actor=second, now=NOW)
    firm.refresh_from_db()
    case.refresh_from_db()
    assert (firm.name, case.enterprise_name) == (NEW, OLD)
    assert (firm.history.latest().history_user, "准予变更〔2026〕1号" in firm.history.latest().history_change_reason) == (second, True)  # fmt: skip
    event = case.events.last()
    assert (event.action, OLD in event.opinion, NEW in event.opinion) == ("change_firm", True, True)
    told = Message.objects.get(recipient=member.user, kind="account")
    assert "曾用名" in told.text
    [row] = rows(APPLICATIONS, Application.objects.all())
    assert row["企业名称"] == f"{NEW}（曾用名：{OLD}）"
    later = ApplicationFactory(enterprise=firm, edition=EditionFactory())
    assert {row["企业名称"] for row in rows(APPLICATIONS, Application.objects.filter(pk=later.pk))} == {NEW}  # fmt: skip
    client.force_login(first)
    for name in (OLD, NEW):
        listed = reverse("admin:enterprises_enterprise_changelist")
        assert NEW in client.get(f"{listed}?q={name}").content.decode()
        cases = reverse("admin:cases_application_changelist")
        assert case.number in client.get(f"{cases}?queue=all&q={name}").content.decode()
        assert name in firms_on_record([], [name], first)


def test_a_renamed_firm_is_paid_on_an_account_confirmed_anew(firm, first, second):
    BankAccountFactory(enterprise=firm, confirmed_by=first)
    assert BankAccount.objects.current(firm)
    change = proposed(firm, first, now=NOW + timedelta(days=3650))
    confirm_change(change=change, actor=second, now=NOW + timedelta(days=3650))
    assert BankAccount.objects.current(firm) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"document_number": " "}, "请填登记机关变更通知的文号"),
        ({"on": date(2026, 11, 21)}, "变更日期不能晚于今天"),
        ({"name": " "}, "请填新名称"),
        ({"name": OLD}, "新名称和现在的一样"),
        ({"name": "www.a.com 公司"}, "名称里不能有网址"),
        ({"kind": "moved", "name": ""}, "请选新注册地"),
    ],
)
def test_a_wrong_change_is_not_proposed(firm, first, changes, told):
    with pytest.raises(ChangeError, match=told):
        proposed(firm, first, **changes)
    assert not EnterpriseChange.objects.exists()


def test_two_people_who_look_after_the_firm_change_it(firm, first, second):
    change = proposed(firm, first)
    elsewhere = UserFactory(jurisdiction_code="140522", permissions=RIGHTS)
    with pytest.raises(ChangeError, match="不归您所管的地区管理"):
        confirm_change(change=change, actor=elsewhere, now=NOW)
    with pytest.raises(ActOfTwoError, match="由您提出"):
        confirm_change(change=change, actor=first, now=NOW)
    with pytest.raises(ChangeError, match="已有一项变更在等复核"):
        proposed(firm, second, name="另一个名称有限公司")
    waiting = {each.title: each.count for each in waiting_work(second, DAY)}
    assert waiting["待复核的企业更名、迁移和合并"] == 1
    refuse_change(change=change, reason="文号有误", actor=second, now=NOW)
    withdraw_change(change=proposed(firm, first), actor=first, now=NOW)
    again = proposed(firm, first)
    Enterprise.objects.filter(pk=firm.pk).update(name="更正过的名称有限公司")
    with pytest.raises(ChangeError, match="已经变了"):
        confirm_change(change=again, actor=second, now=NOW)


def test_the_database_keeps_a_change_and_asks_for_a_second_person(firm, first, second):
    change = proposed(firm, first)
    own = EnterpriseChange.objects.filter(pk=change.pk)
    decided = {"state": "confirmed", "decided_at": NOW}
    with pytest.raises(IntegrityError, match=CHANGE_NEEDS_TWO), transaction.atomic():
        own.update(**decided, decided_by=first)
    for act in (lambda: own.update(name="改了"), lambda: own._raw_delete(own.db)):
        with pytest.raises(IntegrityError, match=CHANGE_STAYS), transaction.atomic():
            act()
    confirm_change(change=change, actor=second, now=NOW)
    with pytest.raises(IntegrityError, match=CHANGE_STAYS), transaction.atomic():
        own.update(state="refused", answer="改了")


def title_of(firm, area, actor, code):
    programme = ProgrammeFactory(area_id=area, area=None, tier_fact="zjtx.tiers", tier_code=code)
    recognition = Recognition.objects.create(
        document_number=f"认{code}", on=date(2026, 5, 1), programme=programme,
        jurisdiction_id="140521", created_at=NOW, created_by=actor,
    )  # fmt: skip
    return EnterpriseTitle.objects.create(
        enterprise=firm, fact="zjtx.tiers", code=code, since=recognition.on, recognition=recognition
    )


def test_a_firm_that_moves_leaves_the_titles_and_the_money_of_the_place_behind(firm, first, second):
    FactFactory(
        key="zjtx.tiers", type="enum_set", unit="", choices={"county": "县级", "city": "市级"}
    )
    of_county, of_city = (
        title_of(firm, area, first, code)
        for area, code in (("140521", "county"), ("140500", "city"))
    )
    facts = catalogue.facts()
    record_answers(
        enterprise=firm, subject=None, answers={"zjtx.tiers": frozenset({"county", "city"})},
        facts=facts, now=NOW, given_by=None,
    )  # fmt: skip
    case = ApplicationFactory(enterprise=firm, status=Status.RECOGNISED)
    county = Jurisdiction.objects.get(pk="140521")
    fund = FundFactory(level="county", jurisdiction=county)
    own = {"application": case, "level": "county", "fund": fund}
    later, paid = (AwardLineFactory(**own, state=state) for state in ("prepared", "paid"))
    by_city = AwardLineFactory(application=case, state="prepared")
    moved(firm, first, second)
    assert EnterpriseTitle.objects.get(pk=of_county.pk).ended_on == DAY
    assert EnterpriseTitle.objects.get(pk=of_city.pk).ended_on is None
    assert current_answers(firm, None, facts, DAY)["zjtx.tiers"] == {"city"}
    holds = dict(AwardLine.objects.values_list("pk", "hold"))
    assert holds == {later.pk: "moved", paid.pk: "", by_city.pk: ""}
    finance = FinanceFactory(jurisdiction_code="140521")
    waiting = {each.title: each.count for each in waiting_work(finance, DAY)}
    assert waiting["暂停给付，待决定的奖补"] == 1
    with pytest.raises(ApplicationError, match="企业已迁出"):
        line = AwardLine.objects.get(pk=later.pk)
        awards.confirm(line=line, note="在库", document_number="", actor=finance, now=NOW)
    [row] = rows(AWARDS, AwardLine.objects.filter(pk=later.pk))
    assert row["企业名称"] == OLD


def test_both_counties_see_what_is_theirs_and_open_cases_stay_until_handed_over(
    client, firm, first, second
):
    before, after = first, UserFactory(jurisdiction_code="140522", permissions=RIGHTS)
    stays, goes = (
        ApplicationFactory(enterprise=firm, status="in_review", edition=EditionFactory())
        for _ in range(2)
    )
    of_county = ApplicationFactory(
        enterprise=firm, status="in_review",
        edition=EditionFactory(programme__area=Jurisdiction.objects.get(pk="140521")),
    )  # fmt: skip
    assert firm not in enterprises_visible_to(after)
    with pytest.raises(ApplicationError, match="企业没有迁到别的县"):
        transfer(application=goes, actor=before, reason="迁移", now=NOW)
    moved(firm, first, second)
    assert firm in enterprises_visible_to(after)
    assert firm in enterprises_visible_to(before)
    for case in (stays, goes, of_county):
        case.refresh_from_db()
        assert case.county_id == "140521"
    cases = Application.objects.filter(pk=goes.pk)
    with pytest.raises(IntegrityError, match="写明理由"), transaction.atomic():
        cases.update(county="140522")
    fresh = Application.objects.select_related("enterprise__county", "edition__programme__area")
    with pytest.raises(ApplicationError, match="只给沁水县的企业"):
        transfer(application=fresh.get(pk=of_county.pk), actor=before, reason="迁移", now=NOW)
    client.force_login(before)
    page = reverse("admin:cases_application_change", args=[goes.pk])
    assert "转交阳城县办理" in client.get(page).content.decode()
    address = reverse("admin:cases_application_transfer", args=[goes.pk])
    refused = client.post(address, {"seen": goes.version, "reason": ""})
    assert (refused.status_code, "请写明为什么转交" in refused.content.decode()) == (400, True)
    member = MembershipFactory(enterprise=firm)
    done = client.post(address, {"seen": goes.version, "reason": "由新注册地继续审核"}, follow=True)
    assert "已转交阳城县" in done.content.decode()
    goes.refresh_from_db()
    assert (goes.county_id, goes.status) == ("140522", "in_review")
    assert goes not in Application.objects.visible_to(before)
    assert stays in Application.objects.visible_to(before)
    assert stays not in Application.objects.visible_to(after)
    told = Message.objects.get(recipient=member.user, subject__contains="转交另一县")
    assert "由新注册地继续审核" in told.text
    assert Message.objects.filter(recipient=after, application=goes, kind="arrival").exists()
    decide(application=goes, action=Action.RECOMMEND, actor=after, now=NOW)
    assert goes.status == Status.APPROVED


def test_staff_enter_a_change_and_a_colleague_confirms_it(
    client, firm, first, second, time_machine
):
    time_machine.move_to(NOW)
    client.force_login(first)
    page = client.get(reverse("admin:enterprises_enterprise_change", args=[firm.pk]))
    address = reverse("admin:enterprises_enterprise_register", args=[firm.pk])
    assert address in page.content.decode()
    form = {"kind": "renamed", "name": NEW, "document_number": "准1号", "on": "2026-11-18"}
    refused = client.post(address, {**form, "kind": ""})
    assert (refused.status_code, "请选是更名、迁移还是被合并" in refused.content.decode()) == (
        400,
        True,
    )
    assert NEW in refused.content.decode()
    # All that is wrong is told at once.
    refused = client.post(address, {**form, "name": "新😀公司", "on": "2月30日"}).content.decode()
    assert "请与营业执照一致" in refused
    assert "不是日期" in refused
    page = client.post(address, form, follow=True).content.decode()
    assert f"“{OLD}”改为“{NEW}”，由另一人复核后生效" in page
    change = EnterpriseChange.objects.get()
    decide_it = reverse("admin:enterprises_enterprisechange_decide", args=[change.pk])
    assert client.post(decide_it, {"decision": "confirm"}).status_code == 400
    client.force_login(second)
    assert "已生效" in client.post(decide_it, {"decision": "confirm"}, follow=True).content.decode()
    page = client.get(reverse("admin:enterprises_enterprise_change", args=[firm.pk]))
    assert "更名（已生效）" in page.content.decode()


# Absorbed by another firm


@pytest.fixture
def successor(firm):
    return EnterpriseFactory(credit_code="91140521MA0K00002X", name="沁水县承继实业有限公司")


def merged(firm, successor, first, second):
    change = proposed(firm, first, kind="merged", name="", successor_code=successor.credit_code)
    return confirm_change(change=change, actor=second, now=NOW)


def settle(service, change, actor, *, goes_over, reason="吸收合并，承继全部权利义务", **item):
    service(change=change, goes_over=goes_over, reason=reason, actor=actor, now=NOW, **item)


@pytest.mark.parametrize(
    ("code", "told"),
    [("", "请填承继企业的"), ("91140521MA0K000019", "不能是它自己"), ("9114052", "平台上没有")],
)
def test_a_successor_is_another_firm_on_record(firm, first, code, told):
    with pytest.raises(ChangeError, match=told):
        proposed(firm, first, kind="merged", name="", successor_code=code)


def test_each_case_of_an_absorbed_firm_goes_over_or_ends_and_its_members_keep_reading(
    client, firm, successor, first, second
):
    goes, ends = (
        ApplicationFactory(enterprise=firm, status=status, edition=EditionFactory())
        for status in ("returned", "approved")
    )
    old, new = MembershipFactory(enterprise=firm), MembershipFactory(enterprise=successor)
    change = merged(firm, successor, first, second)
    waiting = {each.title: each.count for each in waiting_work(first, DAY)}
    assert waiting["企业被合并，待决定的申报和称号"] == 1
    with pytest.raises(IntegrityError, match="承继企业"), transaction.atomic():
        Application.objects.filter(pk=goes.pk).update(successor=successor)
    client.force_login(new.user)
    address = reverse("firm:case", args=[goes.reference])
    assert client.get(address).status_code == 404
    with pytest.raises(NoticeError, match="请写明理由"):
        settle(decide_on_case, change, first, goes_over=True, application=goes, reason=" ")
    settle(decide_on_case, change, first, goes_over=True, application=goes)
    settle(decide_on_case, change, first, goes_over=False, application=ends)
    with pytest.raises(NoticeError, match="已经决定过"):
        settle(decide_on_case, change, first, goes_over=False, application=goes)
    for case in (goes, ends):
        case.refresh_from_db()
    assert (goes.status, goes.successor, goes.enterprise_name) == ("returned", successor, OLD)
    assert (ends.status, ends.events.last().opinion) == ("closed", "吸收合并，承继全部权利义务")
    for member in (old, new):
        client.force_login(member.user)
        assert f"由{successor}承继" in client.get(address).content.decode()
        assert Message.objects.filter(recipient=member.user, application=goes).exists()
        assert goes.number in client.get(reverse("firm:enterprise")).content.decode()
    assert client.get(reverse("firm:case", args=[ends.reference])).status_code == 404
    [row] = rows(APPLICATIONS, Application.objects.filter(pk=goes.pk))
    assert row["企业名称"] == f"{OLD}（由{successor}承继）"
    waiting = {each.title: each.count for each in waiting_work(first, DAY)}
    assert waiting["企业被合并，待决定的申报和称号"] == 0
    with pytest.raises(ChangeError, match="已被合并，不能再变更"):
        proposed(firm, first)


def test_a_case_does_not_go_over_to_who_has_one_already(firm, successor, first, second):
    case = ApplicationFactory(enterprise=firm, status="in_review")
    other = ApplicationFactory(enterprise=successor, status="in_review", edition=case.edition)
    change = merged(firm, successor, first, second)
    with pytest.raises(NoticeError, match=f"已有申报 {other.number}"):
        settle(decide_on_case, change, first, goes_over=True, application=case)


def test_titles_of_an_absorbed_firm_go_over_or_end(firm, successor, first, second):
    FactFactory(
        key="zjtx.tiers", type="enum_set", unit="", choices={"county": "县级", "city": "市级"}
    )
    goes, ends = (title_of(firm, "140521", first, code) for code in ("county", "city"))
    change = merged(firm, successor, first, second)
    elsewhere = UserFactory(jurisdiction_code="140522", permissions=RIGHTS)
    with pytest.raises(NoticeError, match="不归您所管"):
        settle(decide_on_title, change, elsewhere, goes_over=True, title=goes)
    settle(decide_on_title, change, first, goes_over=True, title=goes)
    settle(decide_on_title, change, first, goes_over=False, title=ends, reason="条件不再符合")
    titles = EnterpriseTitle.objects.standing_on(DAY)
    assert list(titles.values_list("enterprise", "code", "recognition")) == [
        (successor.pk, "county", goes.recognition_id)
    ]
    ends.refresh_from_db()
    assert (ends.ended_on, ends.end_reason) == (DAY, "条件不再符合")


def test_awards_of_an_absorbed_firm_are_paid_to_its_successor_on_an_account_confirmed_anew(
    firm, successor, first, second
):
    finance, payer = FinanceFactory(username="finance"), FinanceFactory(username="payer")
    case = ApplicationFactory(enterprise=firm, status=Status.RECOGNISED)
    fund = FundFactory()
    goes, ends = (
        AwardLineFactory(application=case, fund=fund, state=state)
        for state in ("approved", "prepared")
    )
    before = BankAccountFactory(enterprise=successor, confirmed_by=first)
    BankAccountFactory(enterprise=firm, confirmed_by=first)
    assert BankAccount.objects.current(successor) == before
    later = timezone.now() + timedelta(days=1)
    change = proposed(
        firm, first, kind="merged", name="", successor_code=successor.credit_code, now=later
    )
    change = confirm_change(change=change, actor=second, now=later)
    waiting = {each.title: each.count for each in waiting_work(finance, DAY)}
    assert waiting["暂停给付，待决定的奖补"] == 2
    for line in (goes, ends):
        line.refresh_from_db()
        assert line.hold == "merged"
    settle(decide_on_line, change, finance, goes_over=True, line=goes)
    settle(decide_on_line, change, finance, goes_over=False, line=ends)
    for line in (goes, ends):
        line.refresh_from_db()
    assert (goes.hold, goes.state, ends.state) == ("", "approved", "void")
    case.refresh_from_db()
    assert case.successor == successor
    batch = payments.make_batch(fund=fund, actor=payer, now=NOW)
    goes = AwardLine.objects.get(pk=goes.pk)
    payment = payments.add_payment(batch=batch, line=goes, actor=payer, now=NOW)
    # What the successor had before the merger has to be confirmed anew.
    assert payment.account is None
    payments.remove_payment(payment=payment, actor=payer, now=NOW)
    fresh = BankAccountFactory(enterprise=successor)
    fresh.state, fresh.decided_by, fresh.decided_at = "confirmed", first, later + timedelta(days=1)
    fresh.save()
    foreign = BankAccountFactory(enterprise=firm, confirmed_by=first)
    goes = AwardLine.objects.get(pk=goes.pk)
    payment = payments.add_payment(batch=batch, line=goes, actor=payer, now=NOW)
    assert payment.account == fresh
    with pytest.raises(IntegrityError, match="这家企业自己的"), transaction.atomic():
        Payment.objects.create(batch=batch, line=ends, amount=1, account=foreign)
    with pytest.raises(ApplicationError, match="由您确认或批准"):
        payments.pay_batch(batch=batch, voucher_number="支1", paid_on=DAY, actor=finance, now=NOW)
    new = MembershipFactory(enterprise=successor)
    payments.pay_batch(batch=batch, voucher_number="支1", paid_on=DAY, actor=payer, now=NOW)
    assert Message.objects.filter(recipient=new.user, subject__contains="奖补已支付").exists()


def test_staff_decide_in_one_list(client, firm, successor, first, second):
    case = ApplicationFactory(enterprise=firm, status="in_review")
    change = merged(firm, successor, first, second)
    client.force_login(first)
    page = reverse("admin:enterprises_enterprisechange_change", args=[change.pk])
    assert f'value="case-{case.pk}"' in client.get(page).content.decode()
    address = reverse("admin:enterprises_enterprisechange_settle", args=[change.pk])
    item = {"item": f"case-{case.pk}", "outcome": "over"}
    for wrong in ({**item, "outcome": "x"}, {**item, "item": "case-0"}, {**item, "item": "x-1"}):
        assert client.post(address, wrong).status_code == 400
    refused = client.post(address, item)
    assert (refused.status_code, "请写明理由" in refused.content.decode()) == (400, True)
    assert client.post(address, {"item": "line-1", "outcome": "over"}).status_code == 403
    done = client.post(address, {**item, "reason": "吸收合并"}, follow=True).content.decode()
    assert f"已决定：{case.number}由承继企业继续" in done
    listed = reverse("admin:enterprises_enterprisechange_changelist") + "?undecided=mine"
    assert firm.name not in client.get(listed).content.decode().partition('id="result_list"')[2]


def test_a_held_award_says_so_in_lists_and_is_not_released_past_the_list_of_the_merger(
    firm, successor, first, second
):
    case = ApplicationFactory(enterprise=firm, status=Status.RECOGNISED)
    line = AwardLineFactory(application=case, state="approved")
    merged(firm, successor, first, second)
    [row] = rows(AWARDS, AwardLine.objects.all())
    assert row["状态"] == "已批准，暂停给付：企业已被合并"
    line.refresh_from_db()
    with pytest.raises(ApplicationError, match="请在“企业登记变更”里决定"):
        awards.release(line=line, reason="照付", actor=FinanceFactory(), now=NOW)


def test_what_came_from_an_absorbed_firm_waits_again_when_its_successor_is_absorbed(
    firm, successor, first, second
):
    finance = FinanceFactory()
    open_case, granted = (
        ApplicationFactory(enterprise=firm, status=status, edition=EditionFactory())
        for status in ("in_review", Status.RECOGNISED)
    )
    line = AwardLineFactory(application=granted, state="approved")
    change = merged(firm, successor, first, second)
    settle(decide_on_case, change, first, goes_over=True, application=open_case)
    settle(decide_on_line, change, finance, goes_over=True, line=line)
    last = EnterpriseFactory(credit_code="91140521MA0K00003F", name="沁水县最后实业有限公司")
    again = merged(successor, last, first, second)
    line = AwardLine.objects.get(pk=line.pk)
    assert line.hold == "merged"
    with pytest.raises(ApplicationError, match="请在“企业登记变更”里决定"):
        awards.release(line=line, reason="照付", actor=finance, now=NOW)
    assert [each.kind for each in list(undecided_for(first))] == ["merged"]
    settle(decide_on_case, again, first, goes_over=True, application=open_case)
    settle(decide_on_line, again, finance, goes_over=True, line=line)
    for case in (open_case, granted):
        case.refresh_from_db()
        assert case.successor == last
    assert AwardLine.objects.get(pk=line.pk).hold == ""
    assert not list(undecided_for(first))


def test_a_successor_that_was_absorbed_meanwhile_takes_nothing_over(firm, successor, first, second):
    code = {"kind": "merged", "name": ""}
    over = proposed(firm, first, **code, successor_code=successor.credit_code)
    back = proposed(successor, first, **code, successor_code=firm.credit_code)
    confirm_change(change=over, actor=second, now=NOW)
    with pytest.raises(ChangeError, match=f"“{firm}”自己也已被合并"):
        confirm_change(change=back, actor=second, now=NOW)


def test_what_moves_with_a_successor_waits_for_the_place_that_it_left(
    client, firm, successor, first, second
):
    case = ApplicationFactory(enterprise=firm, status=Status.RECOGNISED)
    county = Jurisdiction.objects.get(pk="140521")
    fund = FundFactory(level="county", jurisdiction=county)
    line = AwardLineFactory(application=case, level="county", fund=fund, state="approved")
    change = merged(firm, successor, first, second)
    finance = FinanceFactory(jurisdiction_code="140521")
    settle(decide_on_line, change, finance, goes_over=True, line=line)
    move = moved(successor, first, second)
    assert AwardLine.objects.get(pk=line.pk).hold == "moved"
    assert case.events.last().action == "change_firm"
    client.force_login(first)
    page = client.get(reverse("admin:enterprises_enterprisechange_change", args=[move.pk]))
    assert f"{case.number} 县级 {line.title}" in page.content.decode()


def test_a_title_that_had_run_out_is_not_to_be_decided_on(firm, successor, first, second):
    FactFactory(
        key="zjtx.tiers", type="enum_set", unit="", choices={"county": "县级", "city": "市级"}
    )
    title_of(firm, "140521", first, "county")
    EnterpriseTitle.objects.update(ended_on=DAY, end_reason="重登")
    old = EnterpriseTitle.objects.create(
        enterprise=firm, fact="zjtx.tiers", code="city", since=date(2026, 5, 1),
        valid_until=DAY, recognition=Recognition.objects.get(),
    )  # fmt: skip
    change = merged(firm, successor, first, second)
    assert not list(undecided_for(first))
    with pytest.raises(NoticeError, match="已经决定过"):
        settle(decide_on_title, change, first, goes_over=True, title=old)


@pytest.mark.parametrize("decided", [True, False])
def test_what_is_recognised_after_the_merger_is_the_successors_or_waits(
    firm, successor, first, second, decided
):
    FactFactory(key="zjtx.tiers", type="enum_set", unit="", choices={"city": "市级"})
    programme = ProgrammeFactory(tier_fact="zjtx.tiers", tier_code="city")
    case = ApplicationFactory(
        enterprise=firm, status="approved", edition=EditionFactory(programme=programme),
        assessment={"awards": {"city": {"status": "unpublished"}}, "tranches": []},
    )  # fmt: skip
    change = merged(firm, successor, first, second)
    if decided:
        settle(decide_on_case, change, first, goes_over=True, application=case)
    recognise(applications=[case], document_number="认1号", on=DAY, actor=ManagerFactory(), now=NOW)
    holder, hold = (successor, "") if decided else (firm, "merged")
    assert EnterpriseTitle.objects.get().enterprise == holder
    assert [line.hold for line in AwardLine.objects.all()] == [hold]


def test_a_county_that_the_firm_had_left_decides_on_the_case_that_stayed_with_it(
    client, firm, successor, first, second
):
    left = EnterpriseFactory(credit_code="91140522MA0K00003X", name="迁来又迁走有限公司")
    case = ApplicationFactory(enterprise=left, status="in_review", edition=EditionFactory())
    moved(left, first, second)
    of_city = [UserFactory(jurisdiction_code="140500", permissions=RIGHTS) for _ in range(2)]
    over = JurisdictionFactory(
        code="140525", name="泽州县", level="county", parent=Jurisdiction.objects.get(pk="140500")
    )
    Enterprise.objects.filter(pk=successor.pk).update(county=over, credit_code="91140525MA0K00004C")
    successor.refresh_from_db()
    change = merged(left, successor, *of_city)
    waiting = {each.title: each.count for each in waiting_work(first, DAY)}
    assert waiting["企业被合并，待决定的申报和称号"] == 1
    client.force_login(first)
    page = reverse("admin:enterprises_enterprisechange_change", args=[change.pk])
    assert f'value="case-{case.pk}"' in client.get(page).content.decode()
    address = reverse("admin:enterprises_enterprisechange_settle", args=[change.pk])
    item = {"item": f"case-{case.pk}", "outcome": "over", "reason": "承继"}
    assert client.post(address, item, follow=True).status_code == 200
    # Nobody there confirms or refuses what they look after no firm of; others see nothing.
    elsewhere = UserFactory(jurisdiction_code="140581", permissions=RIGHTS)
    client.force_login(elsewhere)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(
    ("reason", "told"), [("有\0", "不能识别的字符"), ("因" * 5000, "最多 2000 字，您写了 5000 字")]
)
def test_a_reason_beside_a_button_is_read_like_one_of_a_form(
    client, firm, successor, first, second, reason, told
):
    case = ApplicationFactory(enterprise=firm, status="in_review")
    change = proposed(firm, first, kind="merged", name="", successor_code=successor.credit_code)
    client.force_login(second)
    for name, data in (
        ("decide", {"decision": "refuse"}),
        ("settle", {"item": f"case-{case.pk}", "outcome": "end"}),
    ):
        address = reverse(f"admin:enterprises_enterprisechange_{name}", args=[change.pk])
        refused = client.post(address, {**data, "reason": reason})
        assert (refused.status_code, told in refused.content.decode()) == (400, True)
        if name == "decide":
            confirm_change(change=change, actor=second, now=NOW)
    case.refresh_from_db()
    assert case.status == "in_review"


def test_a_firm_applies_no_second_time_beside_what_it_took_over_but_anew_after_a_revocation(
    firm, successor, first, second
):
    case = ApplicationFactory(enterprise=firm, status="in_review")
    change = merged(firm, successor, first, second)
    asked = successor, case.edition.programme_id, None, case.year, None
    assert standing_application(*asked) is None
    settle(decide_on_case, change, first, goes_over=True, application=case)
    assert standing_application(*asked) == case
    other = ApplicationFactory(enterprise=successor, status="approved", edition=case.edition)
    case.refresh_from_db()
    with pytest.raises(ApplicationError, match=f"已有审核通过的申报 {other.number}"):
        decide(application=case, action=Action.RECOMMEND, actor=first, now=NOW)
    revoked = ApplicationFactory(enterprise=successor, status="revoked", edition=EditionFactory())
    again = successor, revoked.edition.programme_id, None, revoked.year, None
    assert standing_application(*again) is None
