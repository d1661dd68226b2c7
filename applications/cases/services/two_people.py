"""Two people decide a case: nobody does for both county and city, nor passes their own word on."""

from typing import Any

from applications.cases.models import Application, ApplicationEvent
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import DECISIONS, HELD_HERE, Action, Status
from portal.users import not_beside

OTHER_LEVEL = "您在{there}环节已经办理过这件申报，{here}环节要由另一人办理。"
OTHER_ACCOUNT = (
    "{name}在{there}环节办理过这件申报，和您算同一个人：你们一人的账号由另一人建立或重设。"
    "{here}环节要由第三个人办理。"
)
OWN_RECOMMENDATION = "您在“{step}”环节已经推荐过这件申报，专家评审环节要由另一人通过。"


def refusals(application: Application, actor: Any) -> dict[Action, str]:
    """What the actor may not do with the case where it stands, by what they decided before; why.

    What a province decided is only recorded here, and a case in public notice falls by an
    objection: neither is a decision of a step. Who has the actor's account in hand, or whose the
    actor has, counts as the actor. Two queries at most.
    """
    step = application.current_step
    if not step.is_decided_here or application.status == Status.IN_NOTICE:
        return {}
    decided = (
        application.events.filter(action__in=DECISIONS, step_level__in=HELD_HERE)
        .exclude(source=Status.IN_NOTICE)
        .select_related("actor")
    )
    others = {event.actor_id for event in decided} - {actor.pk}
    same = {actor.pk, *not_beside(actor, others)}
    for event in decided:
        if event.actor_id not in same:
            continue
        if event.step_level != step.level:
            told = _other_level(event, step.level, actor)
            return dict.fromkeys([*DECISIONS, Action.TAKE_OVER], told)
        is_elsewhere = event.step_place != application.step
        if step.is_expert and event.action == Action.RECOMMEND and is_elsewhere:
            return {Action.RECOMMEND: OWN_RECOMMENDATION.format(step=event.step)}
    return {}


def _other_level(event: ApplicationEvent, here: str, actor: Any) -> str:
    desks = dict(Application.DESKS)
    places = {"there": desks[event.step_level], "here": desks[here]}
    if event.actor_id == actor.pk:
        return OTHER_LEVEL.format(**places)
    return OTHER_ACCOUNT.format(name=event.actor, **places)


def check_second_person(application: Application, action: Action, actor: Any) -> None:
    """Raise ApplicationError where the actor's earlier decision forbids this one."""
    if action not in DECISIONS and action is not Action.TAKE_OVER:
        return
    if told := refusals(application, actor).get(action):
        raise ApplicationError(told)
