"""What follows when a firm is renamed, moves or is absorbed: for its cases, its titles and its money."""

from datetime import datetime
from typing import Any

from django.db import transaction

from applications.cases.models import Application, Message
from applications.cases.services.messages import members_of, notify
from applications.cases.workflow import Action
from applications.enterprises.models import EnterpriseChange
from applications.enterprises.services.changes import apply_change
from applications.enterprises.services.profile import kind_of
from applications.money.models import AwardLine
from applications.money.services.awards import hold_lines
from applications.notices.models import EnterpriseTitle
from applications.notices.services.notices import move_case
from applications.notices.services.revocations import take_from_profile
from portal.models import Delivery, Jurisdiction

Kind = EnterpriseChange.Kind
TOLD = "企业登记变更：{change}，{document}，自 {day} 起。"
RENAMED = (
    "县中心已登记贵单位更名：{change}（{document}）。以前的申报和文件仍用当时的名称，新的名单写新名称并注明曾用名。"
    "收款账户要按新名称重新填写，由财务核对后才能付款。"
)
MOVED = (
    "县中心已登记贵单位迁移：{change}（{document}）。正在办理的申报仍由原来的县办理，转交的会另行通知；"
    "原地区给的称号自 {day} 起作为历史保留；原地区以后各期的奖补暂停，由付款的地区决定是否给付，会另行通知。"
)

MERGED = (
    "县中心已登记：{firm}{change}（{document}），自 {day} 起。正在办理的申报、称号和没有付的奖补由各地逐项决定由承继企业继续"
    "还是终止，会另行通知；没有付的奖补先暂停。原来的成员仍可以查看以前的申报。承继企业的收款账户要重新填写，由财务核对后才能付款。"
)
WORDS = {Kind.RENAMED: RENAMED, Kind.MOVED: MOVED, Kind.MERGED: MERGED}


@transaction.atomic
def confirm_change(*, change: EnterpriseChange, actor: Any, now: datetime) -> EnterpriseChange:
    """Put the change in force: on record with its cases, and the firm is told.

    Of a firm that moved, titles of places that it left end, and what these still owe waits for them to
    decide; open cases stay with the county that took them until it hands them over. Of a firm that was
    absorbed, nothing more is paid before each of its cases, titles and awards is decided on.
    """
    confirmed = apply_change(change=change, actor=actor, now=now)
    firm = confirmed.enterprise
    told = {
        "change": confirmed.in_words,
        "document": confirmed.document_number,
        "day": f"{confirmed.on:%Y-%m-%d}",
        "firm": firm.name,
    }
    under_way = Application.objects.standing_of(firm)
    cases = list(
        under_way.select_for_update(of=("self",), no_key=True)
        .select_related("enterprise", "county", "edition__programme")
        .order_by("pk")
    )
    for case in cases:
        opinion = TOLD.format(**told)
        move_case(case, Action.CHANGE_FIRM, actor=actor, opinion=opinion, now=now)
    if confirmed.kind == Kind.MOVED:
        _leave(confirmed, actor, now)
    if confirmed.kind == Kind.MERGED:
        _hold(confirmed, AwardLine.Hold.MERGED, set(), actor, now)
    for each in filter(None, (firm, confirmed.successor)):
        notify(
            recipients=members_of(each),
            kind=Message.Kind.ACCOUNT,
            subject=f"企业登记变更：{firm}",
            text=WORDS[Kind(confirmed.kind)].format(**told),
            key=f"enterprise-change-{confirmed.pk}-{each.pk}",
            now=now,
            enterprise=each,
            channels=[Delivery.Channel.EMAIL],
        )
    return confirmed


def _leave(change: EnterpriseChange, actor: Any, now: datetime) -> None:
    """What places gave that the firm does not lie in any more."""
    firm, around = change.enterprise, places_around(change.county_id)
    titles = EnterpriseTitle.objects.filter(enterprise=firm, ended_on=None, since__lte=change.on)
    left = list(titles.exclude(recognition__programme__area__in=around))
    EnterpriseTitle.objects.filter(pk__in=[title.pk for title in left]).update(
        ended_on=change.on, end_reason=f"企业迁移，{change.document_number}：{change.in_words}"
    )
    kept = set(titles.filter(ended_on=None).values_list("fact", "code"))
    for title in left:
        # A base lies where it lay.
        if not kind_of(title.fact) and (title.fact, title.code) not in kept:
            take_from_profile(firm, None, title.fact, title.code, actor=actor, now=now)
    _hold(change, AwardLine.Hold.MOVED, around, actor, now)


def _hold(
    change: EnterpriseChange, why: AwardLine.Hold, paid_by: set[str], actor: Any, now: datetime
) -> None:
    """What is still to come of the firm's awards, but for those that these places pay."""
    lines = AwardLine.objects.filter(
        application__in=Application.objects.in_hands_of(change.enterprise).order_by().values("pk"),
        state__in=AwardLine.OPEN,
    )
    # That a recognition was revoked weighs more.
    lines = lines.exclude(hold=AwardLine.Hold.REVOKED)
    hold_lines(
        lines.exclude(payer__in=paid_by),
        why,
        reason=change.in_words,
        document_number=change.document_number,
        actor=actor,
        now=now,
    )


def places_around(county: str) -> set[str]:
    """The county and all that it lies in, as codes."""
    return {county, *Jurisdiction.objects.above(county).values_list("pk", flat=True)}
