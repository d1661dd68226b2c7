"""What waits for a member of staff: how much, since when, and where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from applications.cases.deadlines import DUE_SOON, Deadlines
from applications.cases.models import Application, ExpertAssignment, Message, ReviewRequest
from applications.cases.workflow import Status
from applications.centre.enterprises.visible import enterprises_visible_to
from applications.enterprises.models import BankAccount, Claim, EnterpriseChange
from applications.money.models import AwardLine, PaymentBatch, Reclaim
from applications.notices.models import Notice, Objection, Revocation
from applications.notices.services.mergers import undecided_for
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, Edition, Programme
from policies.catalogue.source_checks import due_for_check
from policies.editors.edition_proposals import waiting_for as editions_waiting_for
from policies.editors.error_reports import own_reports
from policies.editors.jurisdiction import reach_of
from policies.editors.packs.sending import waiting_for_import
from policies.editors.proposals import waiting_for
from policies.editors.superseded import programmes_resting_on_superseded
from policies.pages.models import ErrorReport


@dataclass(frozen=True)
class Day:
    """The day on which it is asked, and what of it several kinds ask."""

    date: date

    @cached_property
    def deadlines(self) -> Deadlines:
        return Deadlines.on(self.date)


@dataclass(frozen=True)
class Kind:
    """Work of one kind: who has it, its rows on a day, and the list that shows them.

    `since` is the field of their age, where they have one. What `is_told` only is no work besides:
    a part of another kind, or a message; `beside` is what the menu calls it where it presses.
    """

    title: str
    permissions: tuple[str, ...]
    rows: Callable[[Any, Day], QuerySet]
    since: str
    list_name: str
    query: str
    unit: str = "件"
    is_told: bool = False
    beside: str = ""


@dataclass(frozen=True)
class WaitingWork:
    """`model` is whose list shows it, as `app.model`."""

    title: str
    count: int
    unit: str
    oldest: datetime | date | None
    address: str
    model: str
    is_told: bool = False
    beside: str = ""


MANAGE_CALLS, MANAGE_NOTICES = "catalogue.manage_calls", "notices.manage_notices"
MANAGE_AWARDS, PAY_AWARDS = "money.manage_awards", "money.pay_awards"


def _accounts_to_confirm(user: Any, day: Day) -> QuerySet:
    firms = enterprises_visible_to(user)
    return BankAccount.objects.pending().filter(enterprise__in=firms.values("pk"))


def _objections(user: Any, day: Day) -> QuerySet:
    return Objection.objects.filter(outcome="", notice__in=Notice.objects.visible_to(user))


def _notices_to_end(user: Any, day: Day) -> QuerySet:
    posted = Notice.objects.visible_to(user).filter(status=Notice.Status.POSTED)
    return posted.filter(ends_on__lt=day.date)


def _faulty_editions(user: Any, day: Day) -> QuerySet:
    own = reach_of(user).within("programme__area")
    return Edition.objects.filter(own, pk__in=Catalogue().faults(day.date))


KINDS = (
    Kind(
        "等我办理的申报",
        ("cases.view_application", "cases.decide_application"),
        lambda user, day: Application.objects.waiting_for(user, day.date),
        "arrived_at",
        "cases_application",
        "queue=mine",
    ),
    Kind(
        "其中已经逾期的",
        ("cases.view_application", "cases.decide_application"),
        lambda user, day: Application.objects.waiting_for(user, day.date).filter(
            day.deadlines.past
        ),
        "arrived_at",
        "cases_application",
        "due=past&queue=mine",
        is_told=True,
        beside="逾期",
    ),
    Kind(
        f"其中 {DUE_SOON}的",
        ("cases.view_application", "cases.decide_application"),
        lambda user, day: Application.objects.waiting_for(user, day.date).filter(
            day.deadlines.soon
        ),
        "arrived_at",
        "cases_application",
        "due=soon&queue=mine",
        is_told=True,
        beside="快到期",
    ),
    Kind(
        "逾期没有补正，可以结案的申报",
        ("cases.view_application", "cases.decide_application"),
        lambda user, day: Application.objects.visible_to(user).overdue(day.date),
        "arrived_at",
        "cases_application",
        "queue=all&correction=overdue",
    ),
    Kind(
        "企业申请复核，等我答复",
        ("cases.view_application", "cases.decide_application"),
        lambda user, day: ReviewRequest.objects.waiting_for(user),
        "requested_at",
        "cases_application",
        "queue=all&review=mine",
    ),
    Kind(
        "待我评审的申报",
        ("cases.score_application",),
        lambda user, day: ExpertAssignment.objects.open_to(user).to_score(),
        "assigned_at",
        "cases_expertassignment",
        "waiting=mine",
    ),
    Kind(
        "待核实的企业认领",
        ("enterprises.view_claim", "enterprises.decide_claim"),
        lambda user, day: Claim.objects.visible_to(user).filter(status=Claim.Status.PENDING),
        "claimed_at",
        "enterprises_claim",
        "status__exact=pending",
    ),
    Kind(
        "待复核的企业更名、迁移和合并",
        ("enterprises.view_enterprisechange", "enterprises.decide_claim"),
        lambda user, day: EnterpriseChange.objects.handled_by(user).pending(),
        "proposed_at",
        "enterprises_enterprisechange",
        "state__exact=pending",
        "项",
    ),
    Kind(
        "企业被合并，待决定的申报和称号",
        ("enterprises.view_enterprisechange", "enterprises.decide_claim"),
        lambda user, day: undecided_for(user),
        "decided_at",
        "enterprises_enterprisechange",
        "undecided=mine",
        "家",
    ),
    Kind(
        "待核对的收款账户",
        ("enterprises.view_bankaccount", "enterprises.handle_bank_account"),
        _accounts_to_confirm,
        "entered_at",
        "enterprises_bankaccount",
        "state__exact=pending",
        "个",
    ),
    Kind(
        "拟好待开放的征集",
        ("catalogue.view_call", MANAGE_CALLS),
        lambda user, today: Call.objects.handled_by(user).filter(status=Call.Status.DRAFT),
        "drafted_at",
        "catalogue_call",
        "status__exact=draft",
    ),
    Kind(
        "审核通过，待公示或认定的申报",
        ("cases.view_application", MANAGE_NOTICES),
        lambda user, day: Application.objects.visible_to(user).filter(status=Status.APPROVED),
        "arrived_at",
        "cases_application",
        "queue=all&status__exact=approved",
    ),
    Kind(
        "期满可以结束的公示",
        (MANAGE_NOTICES,),
        _notices_to_end,
        "ends_on",
        "notices_notice",
        "status__exact=posted&ends_on__lt={today}",
        "批",
    ),
    Kind(
        "未办结的公示异议",
        (MANAGE_NOTICES,),
        _objections,
        "received_at",
        "notices_notice",
        "objections=unsettled",
        "条",
    ),
    Kind(
        "待复核的撤销认定",
        (MANAGE_NOTICES,),
        lambda user, day: Revocation.objects.handled_by(user).pending(),
        "proposed_at",
        "notices_revocation",
        "state__exact=pending",
    ),
    Kind(
        "暂停给付，待决定的奖补",
        (MANAGE_AWARDS,),
        lambda user, day: AwardLine.objects.handled_by(user).to_decide(),
        "",
        "money_awardline",
        "mine=yes&due=held",
        "项",
    ),
    Kind(
        "待复核的追回和不再追回",
        (MANAGE_AWARDS,),
        lambda user, day: Reclaim.objects.handled_by(user).to_confirm(),
        "proposed_at",
        "money_reclaim",
        "standing=confirm",
        "项",
    ),
    Kind(
        "过了期限没有收齐的追回",
        (MANAGE_AWARDS,),
        lambda user, day: Reclaim.objects.handled_by(user).overdue(day.date),
        "due_on",
        "money_reclaim",
        "standing=overdue",
        "项",
        beside="追回逾期",
    ),
    Kind(
        "本年到期，待确认的奖补",
        (MANAGE_AWARDS,),
        lambda user, day: AwardLine.objects.handled_by(user).due(day.date.year),
        "",
        "money_awardline",
        "mine=yes&due=now",
        "项",
    ),
    Kind(
        "已确认，待批准的奖补",
        (PAY_AWARDS,),
        lambda user, day: AwardLine.objects.handled_by(user).to_approve(),
        "",
        "money_awardline",
        "mine=yes&due=to_approve",
        "项",
    ),
    Kind(
        "已批准，待列入批次的奖补",
        (PAY_AWARDS,),
        lambda user, day: AwardLine.objects.handled_by(user).to_schedule(),
        "",
        "money_awardline",
        "mine=yes&due=to_schedule",
        "项",
    ),
    Kind(
        "还没有支付的批次",
        (PAY_AWARDS,),
        lambda user, day: PaymentBatch.objects.visible_to(user).filter(
            state=PaymentBatch.State.DRAFT
        ),
        "created_at",
        "money_paymentbatch",
        "state__exact=draft",
        "批",
    ),
    Kind(
        "未处理的报错",
        ("pages.view_errorreport", "pages.change_errorreport"),
        lambda user, day: ErrorReport.objects.filter(own_reports(reach_of(user)), handled=False),
        "created_at",
        "pages_errorreport",
        "handled__exact=0",
        "条",
    ),
    Kind(
        "暂不能测算的项目（规则有误）",
        ("catalogue.view_edition", "catalogue.change_edition"),
        _faulty_editions,
        "",
        "catalogue_edition",
        "fault=yes",
        "个",
    ),
    # It is never done for good, and would hide what is new among what waits in the menu.
    Kind(
        "要核对出处的版本（没有核对、超过一年或文件已被取代）",
        ("catalogue.view_edition", "catalogue.change_edition"),
        lambda user, day: Edition.objects.in_force(day.date).filter(
            reach_of(user).within("programme__area"), due_for_check(day.date)
        ),
        "",
        "catalogue_edition",
        "check=due",
        "个",
        is_told=True,
    ),
    # It is told until the programme rests on another document, whoever has looked meanwhile.
    Kind(
        "依据的文件已被取代的项目",
        ("catalogue.view_programme", "catalogue.change_edition"),
        lambda user, day: Programme.objects.filter(
            reach_of(user).within("area"), programmes_resting_on_superseded(day.date)
        ),
        "",
        "catalogue_programme",
        "superseded=yes",
        "个",
        is_told=True,
    ),
    Kind(
        "等您审核的版本",
        ("editors.view_editionproposal", "catalogue.change_edition"),
        lambda user, day: editions_waiting_for(user),
        "proposed_at",
        "editors_editionproposal",
        "waiting=mine",
        "个",
    ),
    Kind(
        "等我确认的修改",
        ("editors.view_proposedchange", "catalogue.change_fact"),
        lambda user, day: waiting_for(user),
        "proposed_at",
        "editors_proposedchange",
        "waiting=mine",
        "项",
    ),
    Kind(
        "等我看过载入的目录包",
        ("editors.view_packimport", "catalogue.add_programme"),
        lambda user, day: waiting_for_import(user),
        "proposed_at",
        "editors_packimport",
        "state__exact=pending",
        "个",
    ),
    Kind(
        "未读消息",
        (),
        lambda user, day: Message.objects.for_staff(user).unread(),
        "created_at",
        "cases_message",
        "read=no",
        "条",
        is_told=True,
    ),
)


def waiting_work(user: Any, today: date) -> list[WaitingWork]:
    """What the user may do something about, a query or two a kind; also where nothing waits."""
    own = (kind for kind in KINDS if user.has_perms(kind.permissions))
    day = Day(today)
    return [_count(kind, user, day) for kind in own]


def _count(kind: Kind, user: Any, day: Day) -> WaitingWork:
    ages = {"oldest": Min(kind.since)} if kind.since else {}
    found = kind.rows(user, day).order_by().aggregate(count=Count("pk"), **ages)
    query = kind.query.format(today=day.date.isoformat())
    return WaitingWork(
        title=kind.title,
        count=found["count"],
        unit=kind.unit,
        oldest=found.get("oldest"),
        address=f"{reverse(f'admin:{kind.list_name}_changelist')}?{query}",
        model=kind.list_name.replace("_", ".", 1),
        is_told=kind.is_told,
        beside=kind.beside,
    )
