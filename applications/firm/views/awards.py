"""The firm's own view of its awards: what was granted, what was paid, and what is to come."""

from itertools import groupby
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications.cases.models import Application
from applications.enterprises.models import BankAccount, Membership
from applications.firm.current_enterprise import for_members, memberships_of
from applications.money.models import AwardEvent, AwardLine, Payment, PaymentBatch, Reclaim
from applications.money.services.figures import figures_of

State = AwardLine.State
# What a firm reads: whether it still has to wait, never the steps inside the centre.
STATES = {
    State.PREPARED: "等中心确认",
    State.CONFIRMED: "已确认，等支付",
    State.APPROVED: "已确认，等支付",
    State.PAID: "已付清",
    State.RETURNED: "已退回",
    State.VOID: "不再给付",
}


@require_safe
@for_members
def awards(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The lines of all recognised cases of the firm, by case.

    `?enterprise=` names another of the user's firms: messages and cases lead to their own.
    """
    if named := request.GET.get("enterprise"):
        membership = _own(request, named)
    cases = Application.objects.of_firm(membership.enterprise)
    own = AwardLine.objects.filter(application__in=cases.order_by().values("pk"))
    paid = Payment.objects.filter(batch__state=PaymentBatch.State.PAID)
    lines = (
        own.select_related("application__edition__programme", "payer")
        .defer("application__answers", "application__assessment")
        .prefetch_related(
            Prefetch("payments", paid.select_related("batch").order_by("batch__paid_on", "pk")),
            "payments__refunds",
            Prefetch(
                "reclaims", Reclaim.objects.filter(state=Reclaim.State.CONFIRMED).order_by("pk")
            ),
            Prefetch(
                "events",
                AwardEvent.objects.filter(action=AwardEvent.Action.VOID),
                to_attr="endings",
            ),
        )
        .order_by("-application__year", "-application__number", "level", "year", "position")
    )
    cases = [
        {"application": application, "lines": [_shown(line) for line in rows]}
        for application, rows in groupby(lines, key=lambda line: line.application)
    ]
    context = {
        "membership": membership,
        "enterprise": membership.enterprise,
        "cases": cases,
        "figures": figures_of(own),
        "has_account": bool(cases) and _has_account(membership),
    }
    return render(request, "firm/awards.html", context)


def _has_account(membership: Membership) -> bool:
    """Whether there is an account to pay on, or one that waits to be confirmed."""
    usable = (BankAccount.State.PENDING, BankAccount.State.CONFIRMED)
    own = BankAccount.objects.filter(enterprise=membership.enterprise_id, state__in=usable)
    return own.exists()


def _own(request: HttpRequest, enterprise: str) -> Membership:
    for membership in memberships_of(request):
        if str(membership.enterprise_id) == enterprise:
            return membership
    raise Http404("没有这家企业")


def _shown(line: Any) -> AwardLine:
    line.in_words = STATES[State(line.state)]
    if line.state == State.APPROVED and line.net_paid:
        line.in_words = "已付一部分"
    if line.hold and line.state in AwardLine.OPEN:
        line.in_words = "暂停给付，等中心决定"
    line.ending = line.endings[-1].reason if line.endings and line.state == State.VOID else ""
    return line
