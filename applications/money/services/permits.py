"""Permits to pay alone are granted from above, for a while, and ended early where they can be."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.money.models import SinglePersonPermit
from applications.money.models.single_person_permit import LONGEST
from applications.money.services.awards import AwardError
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.users import not_beside

NOT_BELOW = "只能许可下级单位：{place}不在您所管地区的下级。"
REASON_MISSING = "请写明理由。"
ENDS_EARLY = "截止日期不能早于今天。"
LASTS_TOO_LONG = "一次最多许可到 {day}（半年）；到时还需要，再许可一次。"
OVER = "这份许可已经结束，您的操作没有生效；请刷新后再看。"


class PermitError(AwardError):
    """A permit that cannot be granted or ended; `field` is what to put right, in a form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def offices_below(user: Any) -> Any:
    """The places whose offices the user may permit: below their own, never their own."""
    return Jurisdiction.objects.filter(in_charge(user, "code")).exclude(pk=user.jurisdiction_code)


@transaction.atomic
def grant_permit(
    *, jurisdiction: Jurisdiction, reason: str, last_day: date, actor: Any, now: datetime
) -> SinglePersonPermit:
    """From now to the end of `last_day` one person of this office may pay alone."""
    if not offices_below(actor).filter(pk=jurisdiction.pk).exists():
        raise PermitError(NOT_BELOW.format(place=jurisdiction), "jurisdiction")
    if not reason.strip():
        raise PermitError(REASON_MISSING, "reason")
    if last_day < timezone.localdate(now):
        raise PermitError(ENDS_EARLY, "last_day")
    until = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time.min))
    if until > now + LONGEST:
        latest = timezone.localdate(now + LONGEST) - timedelta(days=1)
        raise PermitError(LASTS_TOO_LONG.format(day=latest), "last_day")
    permit = SinglePersonPermit(
        jurisdiction=jurisdiction,
        reason=reason.strip(),
        starts_at=now,
        until=until,
        granted_by=actor,
    )
    permit._history_user = actor
    permit.save()
    return permit


@transaction.atomic
def end_permit(*, permit: SinglePersonPermit, actor: Any, now: datetime) -> None:
    """End a permit before its time; what was paid under it stays marked."""
    if not offices_below(actor).filter(pk=permit.jurisdiction_id).exists():
        raise PermitError(NOT_BELOW.format(place=permit.jurisdiction))
    found = SinglePersonPermit.objects.select_for_update(of=("self",), no_key=True).get(
        pk=permit.pk
    )
    if not found.is_in_force(now):
        raise PermitError(OVER)
    found.ended_at, found.ended_by = now, actor
    found._history_user = actor
    found.save(update_fields=["ended_at", "ended_by"])


def permit_for(actor: Any, office: Jurisdiction, at: datetime) -> SinglePersonPermit | None:
    """By which permit the actor may pay alone what their own office pays out, if there is one."""
    return _permits_of(actor, office, at).first()


def locked_permit_for(actor: Any, office: Jurisdiction, at: datetime) -> SinglePersonPermit | None:
    """The same, kept in force until the caller's transaction is over: whoever ends it waits."""
    return _permits_of(actor, office, at).select_for_update(no_key=True).first()


def _permits_of(actor: Any, office: Jurisdiction, at: datetime) -> Any:
    if actor.jurisdiction_code != office.pk:
        return SinglePersonPermit.objects.none()
    permits = SinglePersonPermit.objects.in_force(at).filter(jurisdiction=office)
    granters = set(permits.values_list("granted_by_id", flat=True))
    own = not_beside(actor, granters) | {actor.pk}
    return permits.exclude(granted_by__in=own).order_by("pk")
