"""What waits for a member of staff: how much, since when, and where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone

from applications.models import (
    Application,
    AwardLine,
    Claim,
    ExpertAssignment,
    Message,
    Notice,
    Objection,
    PaymentBatch,
)
from policies.models import ErrorReport


@dataclass(frozen=True)
class Kind:
    """Work of one kind: who has it, its rows with the field of their age, the list that shows them."""

    title: str
    permissions: tuple[str, ...]
    rows: Callable[[Any], QuerySet]
    since: str
    list_name: str
    query: str
    unit: str = "件"


@dataclass(frozen=True)
class WaitingWork:
    title: str
    count: int
    unit: str
    oldest: datetime | None
    address: str


def _due(user: Any) -> QuerySet:
    return AwardLine.objects.handled_by(user).due(timezone.localdate().year)


def _objections(user: Any) -> QuerySet:
    return Objection.objects.filter(outcome="", notice__in=Notice.objects.visible_to(user))


KINDS = (
    Kind(
        "等我办理的申报",
        ("applications.view_application", "applications.decide_application"),
        lambda user: Application.objects.waiting_for(user),
        "arrived_at",
        "applications_application",
        "queue=mine",
    ),
    Kind(
        "待我评审的申报",
        ("applications.score_application",),
        lambda user: ExpertAssignment.objects.open_to(user).to_score(),
        "assigned_at",
        "applications_expertassignment",
        "waiting=mine",
    ),
    Kind(
        "待核实的企业认领",
        ("applications.view_claim", "applications.decide_claim"),
        lambda user: Claim.objects.visible_to(user).filter(status=Claim.Status.PENDING),
        "claimed_at",
        "applications_claim",
        "status__exact=pending",
    ),
    Kind(
        "未办结的公示异议",
        ("applications.manage_notices",),
        _objections,
        "received_at",
        "applications_notice",
        "objections=unsettled",
        "条",
    ),
    Kind(
        "本年到期、待确认的奖补",
        ("applications.view_awardline", "applications.manage_awards"),
        _due,
        "application__recognition_line__recognition__created_at",
        "applications_awardline",
        "due=mine",
        "项",
    ),
    Kind(
        "待登记支付的批次",
        ("applications.view_awardline", "applications.pay_awards"),
        lambda user: PaymentBatch.objects.visible_to(user).filter(state=PaymentBatch.State.DRAFT),
        "created_at",
        "applications_paymentbatch",
        "state__exact=draft",
        "个",
    ),
    Kind(
        "未处理的报错",
        ("policies.view_errorreport", "policies.change_errorreport"),
        lambda user: ErrorReport.objects.filter(handled=False),
        "created_at",
        "policies_errorreport",
        "handled__exact=0",
        "条",
    ),
    Kind(
        "未读消息",
        (),
        lambda user: Message.objects.for_staff(user).unread(),
        "created_at",
        "applications_message",
        "read=no",
        "条",
    ),
)


def waiting_work(user: Any) -> list[WaitingWork]:
    """What the user may do something about, one query for each kind; also where nothing waits."""
    own = (kind for kind in KINDS if user.has_perms(kind.permissions))
    return [_count(kind, user) for kind in own]


def _count(kind: Kind, user: Any) -> WaitingWork:
    found = kind.rows(user).order_by().aggregate(count=Count("pk"), oldest=Min(kind.since))
    address = f"{reverse(f'admin:{kind.list_name}_changelist')}?{kind.query}"
    return WaitingWork(kind.title, found["count"], kind.unit, found["oldest"], address)
