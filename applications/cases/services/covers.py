"""Cover for leave: who decides somebody's cases meanwhile, entered by themselves or by their office."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.cases.models import Application, Cover
from applications.cases.reviewers import name_of, reviewers
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import OPEN
from portal.models import User
from portal.scope import in_charge

LONGEST_DAYS = 366
NOT_BY_YOU = "您不能替{name}登记代班：只有本人、同一单位的审核员和管理他账号的人可以。"
NOT_ENDED_BY_YOU = "您不能结束{name}的代班：只有本人、代办人、同一单位的审核员和管理账号的人可以。"
NOT_A_REVIEWER = "{name}现在不审核申报，没有要人代办的。"
NOT_ONE_PLACE = "{name}不是{person}那里的审核员，不能代办；代班不给人新的权限。"
HERSELF = "代办的要是另一个人。"
BACKWARDS = "最后一天不能早于第一天。"
IN_THE_PAST = "最后一天已经过去了。"
TOO_LONG = f"一次最多登记 {LONGEST_DAYS} 天。"
COVERED_BEFORE = "{name}在{days}已由{substitute}代办；要改请先结束那一段。"
AWAY_TOO = "{name}自己在{days}不在（由{substitute}代办），不能代别人。"
COVERS_OTHERS = "{name}在{days}代{person}办理；请先给{person}另定代办人。"
OVER = "这一段代班已经结束。"


def people_to_enter(actor: User) -> QuerySet[User]:
    """For whom somebody may enter a cover: themselves, reviewers of their own place, or, for whoever
    manages accounts, all reviewers of theirs.
    """
    able = reviewers().exclude(jurisdiction_code="")
    if actor.has_perm("portal.change_user"):
        return able.filter(in_charge(actor, "jurisdiction_code"))
    if not reviewers().filter(pk=actor.pk).exists():
        return able.none()
    return able.filter(jurisdiction_code=actor.jurisdiction_code)


def covers_to_see(actor: User) -> QuerySet[Cover]:
    """Somebody's own, and those of whom they may enter one for."""
    of_office = Q(person__in=people_to_enter(actor))
    return Cover.objects.filter(Q(person=actor) | Q(substitute=actor) | of_office)


def enter_cover(
    *,
    person: User,
    substitute: User,
    first: date,
    last: date,
    reason: str,
    actor: User,
    now: datetime,
) -> Cover:
    """Say who decides a person's cases from the first to the last day, both included.

    Nobody is covered twice on a day, covers while they are away, or is away while they cover: so
    covers make neither chains nor circles. ApplicationError otherwise.
    """
    if person.pk == substitute.pk:
        raise ApplicationError(HERSELF)
    if last < first:
        raise ApplicationError(BACKWARDS)
    if last < timezone.localdate(now):
        raise ApplicationError(IN_THE_PAST)
    if (last - first).days >= LONGEST_DAYS:
        raise ApplicationError(TOO_LONG)
    if not people_to_enter(actor).filter(pk=person.pk).exists():
        able = reviewers().filter(pk=person.pk).exists()
        told = NOT_BY_YOU if able else NOT_A_REVIEWER
        raise ApplicationError(told.format(name=name_of(person)))
    with transaction.atomic():
        # Both, in one order: of two who cover each other at once the second is refused.
        both = User.objects.filter(pk__in=[person.pk, substitute.pk]).order_by("pk")
        places = {user.pk: user.jurisdiction_code for user in both.select_for_update(no_key=True)}
        able = reviewers().filter(pk=substitute.pk).exists()
        if not able or places[person.pk] != places[substitute.pk]:
            names = {"name": name_of(substitute), "person": name_of(person)}
            raise ApplicationError(NOT_ONE_PLACE.format(**names))
        _check_alone(person, substitute, first, last)
        return Cover.objects.create(
            person=person,
            substitute=substitute,
            first=first,
            last=last,
            reason=reason.strip(),
            entered_by=actor,
            entered_at=now,
        )


def _check_alone(person: User, substitute: User, first: date, last: date) -> None:
    others = Cover.objects.overlapping(first, last).select_related("person", "substitute")
    for told, name, found in (
        (COVERED_BEFORE, person, others.filter(person=person)),
        (COVERS_OTHERS, person, others.filter(substitute=person)),
        (AWAY_TOO, substitute, others.filter(person=substitute)),
    ):
        if cover := found.first():
            raise ApplicationError(
                told.format(
                    name=name_of(name),
                    days=cover.days,
                    person=name_of(cover.person),
                    substitute=name_of(cover.substitute),
                )
            )


def end_cover(*, cover: Cover, actor: User, now: datetime) -> int:
    """From now on the person has their cases back, before the last day; how many are free instead, as
    the person reviews them no more.
    """
    if not covers_to_see(actor).filter(pk=cover.pk).exists():
        raise ApplicationError(NOT_ENDED_BY_YOU.format(name=name_of(cover.person)))
    open_still = Cover.objects.filter(pk=cover.pk, ended_at=None, last__gte=timezone.localdate(now))
    if not open_still.update(ended_at=now, ended_by=actor):
        raise ApplicationError(OVER)
    own = Application.objects.filter(assignee=cover.person_id, status__in=OPEN)
    return own.with_held().filter(held=False).count()
