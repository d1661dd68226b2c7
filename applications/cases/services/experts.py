"""Expert review of a case: whom staff ask, who has ties with the firm, and what they score."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from applications.cases.models import Application, ExpertAssignment, ExpertScore
from applications.cases.models.expert import HIGHEST, LOWEST, SHORTEST_REASON
from applications.cases.services.errors import ApplicationError
from applications.cases.services.panels import is_at_expert_step
from applications.cases.services.review import check_desk, mark_changed
from applications.cases.workflow import Status
from portal.models import Jurisdiction

NOT_AN_EXPERT_STEP = "这件申报现在不在专家评审环节，不能指派专家。"
NOBODY_CHOSEN = "请至少选一位专家。"
CANNOT_BE_ASKED = (
    "不能指派：{names}。只能指派有评审权限、负责这个地区、没有声明利害关系、"
    "本环节也没有指派过的专家。"
)
STEP_OVER = "这件申报已不在您评审的环节，不能再评分或声明；您的操作没有生效。"
ANSWERED_BEFORE = "您对这件申报已经评过分、声明过回避，或指派已被撤销；您的操作没有生效。"
OUT_OF_RANGE = "评分应在 0 到 100 之间，最多一位小数。"
REASON_TOO_SHORT = "评分理由至少写 10 个字。"
CONFLICT_REASON_MISSING = "请写明是什么利害关系，以便中心另请专家。"
NOT_WITHDRAWABLE = "这位专家已经评分、回避或撤销，或者环节已经结束，不能再撤销指派。"


def experts_for(application: Application) -> QuerySet:
    """Who may be asked at this step: experts in charge of its county, without known ties."""
    places = Jurisdiction.objects.filter(pk=application.county_id).values_list(
        "code", "parent", "parent__parent", "parent__parent__parent"
    )
    in_charge = get_user_model().objects.with_perm(
        "cases.score_application",
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    asked = application.assignments.filter(step=application.step)
    with_ties = application.assignments.filter(conflict="yes")
    return (
        in_charge.filter(
            is_staff=True, jurisdiction_code__in=[code for code in places.get() if code]
        )
        .exclude(pk__in=asked.values("expert"))
        .exclude(pk__in=with_ties.values("expert"))
        .order_by("username")
    )


@transaction.atomic
def assign_experts(
    *, application: Application, experts: Collection[Any], actor: Any, now: datetime
) -> list[ExpertAssignment]:
    """Ask experts to judge the case at its step; all of them or, with ApplicationError, none."""
    check_desk(application, actor, now)
    if not is_at_expert_step(application):
        raise ApplicationError(NOT_AN_EXPERT_STEP)
    if not experts:
        raise ApplicationError(NOBODY_CHOSEN)
    possible = set(experts_for(application))
    if refused := [expert for expert in experts if expert not in possible]:
        raise ApplicationError(CANNOT_BE_ASKED.format(names="、".join(map(str, refused))))
    # Whoever lets the case pass at this moment does not know yet who was asked.
    mark_changed(application)
    return ExpertAssignment.objects.bulk_create(
        ExpertAssignment(
            application=application,
            step=application.step,
            step_title=application.current_step.title,
            expert=expert,
            assigned_by=actor,
            assigned_at=now,
        )
        for expert in experts
    )


@transaction.atomic
def withdraw_assignment(*, assignment: ExpertAssignment, actor: Any, now: datetime) -> None:
    """No longer ask an expert who has not answered; it stays on record, and is not asked again."""
    check_desk(assignment.application, actor, now)
    if not is_at_expert_step(assignment.application, assignment.step):
        raise ApplicationError(NOT_WITHDRAWABLE)
    _lock_step(assignment, NOT_WITHDRAWABLE)
    _end(assignment, NOT_WITHDRAWABLE, withdrawn_at=now, withdrawn_by=actor)


@transaction.atomic
def declare_conflict(*, assignment: ExpertAssignment, reason: str, now: datetime) -> None:
    """The expert has ties with the firm: they neither score nor see the case any more."""
    reason = reason.strip()
    if not reason:
        raise ApplicationError(CONFLICT_REASON_MISSING)
    _lock_step(assignment)
    _end(assignment, ANSWERED_BEFORE, conflict="yes", conflict_reason=reason, declared_at=now)


@transaction.atomic
def score_application(
    *, assignment: ExpertAssignment, points: Decimal, reason: str, now: datetime
) -> ExpertScore:
    """Keep an expert's score, once, with their word that they have no ties with the firm.

    Raises ApplicationError with nothing done; also when the step ends at the same moment.
    """
    reason = reason.strip()
    if not points.is_finite() or not LOWEST <= points <= HIGHEST or points != round(points, 1):
        raise ApplicationError(OUT_OF_RANGE)
    if len(reason) < SHORTEST_REASON:
        raise ApplicationError(REASON_TOO_SHORT)
    _lock_step(assignment)
    _end(assignment, ANSWERED_BEFORE, conflict="none", declared_at=now)
    return ExpertScore.objects.create(assignment=assignment, points=points, reason=reason, at=now)


def _lock_step(assignment: ExpertAssignment, refusal: str = STEP_OVER) -> None:
    """Keep the case at its step until the transaction ends; refused when it has moved on."""
    at_step = Application.objects.filter(
        pk=assignment.application_id, step=assignment.step, status=Status.IN_REVIEW
    )
    if not at_step.select_for_update(no_key=True).values_list("pk"):
        raise ApplicationError(refusal)


def _end(assignment: ExpertAssignment, refusal: str, **fields: Any) -> None:
    """Compare and set: of all that could end an assignment, one does."""
    waiting = ExpertAssignment.objects.filter(pk=assignment.pk, conflict="", withdrawn_at=None)
    if not waiting.update(**fields):
        raise ApplicationError(refusal)
