"""Two people decide a case: nobody does for both county and city, nor passes their own word on."""

from collections.abc import Collection
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
IN_YOUR_STEAD = "{name}代您在{there}环节办理过这件申报，{here}环节要由另一人办理。"
STOOD_IN_FOR = "{name}在{there}环节办理过这件申报（或由人代办），{here}环节要由另一人办理，也不能由人代他办理。"
OWN_RECOMMENDATION = "您在“{step}”环节已经推荐过这件申报，专家评审环节要由另一人通过。"
ANOTHERS_RECOMMENDATION = (
    "{name}在“{step}”环节已经推荐过这件申报，专家评审环节要由另一人通过，也不能由人代他通过。"
)


def refusals(application: Application, actor: Any, behalf: int | None = None) -> dict[Action, str]:
    """What the actor may not do with the case where it stands, by what they decided before; why.

    What a province decided is only recorded here, and a case in public notice falls by an
    objection: neither is a decision of a step. Who has the actor's account in hand, or whose the
    actor has, counts as the actor; so does `behalf`, whose case the actor decides in their stead, and
    what somebody else decided in the actor's stead is the actor's decision. Two queries at most.
    """
    step = application.current_step
    if not step.is_decided_here or application.status == Status.IN_NOTICE:
        return {}
    decided = (
        application.events.filter(action__in=DECISIONS, step_level__in=HELD_HERE)
        .exclude(source=Status.IN_NOTICE)
        .select_related("actor", "on_behalf_of")
    )
    people = {key for event in decided for key in _people(event)}
    own = {actor.pk, *not_beside(actor, people - {actor.pk})}
    for event in decided:
        is_own = bool(own & _people(event))
        if not is_own and behalf not in _people(event):
            continue
        if event.step_level != step.level:
            told = _other_level(event, step.level, actor, own)
            # What they may not decide in another's stead, a substitute takes over in their own name.
            return dict.fromkeys([*DECISIONS, *([Action.TAKE_OVER] if is_own else [])], told)
        is_elsewhere = event.step_place != application.step
        if step.is_expert and event.action == Action.RECOMMEND and is_elsewhere:
            told = OWN_RECOMMENDATION if actor.pk in _people(event) else ANOTHERS_RECOMMENDATION
            return {Action.RECOMMEND: told.format(step=event.step, name=event.actor)}
    return {}


def _people(event: ApplicationEvent) -> set[int]:
    """Whose decision it is: the actor's, and of whom they stood in for."""
    return {key for key in (event.actor_id, event.on_behalf_of_id) if key is not None}


def _other_level(event: ApplicationEvent, here: str, actor: Any, own: Collection[int]) -> str:
    desks = dict(Application.DESKS)
    places = {"there": desks[event.step_level], "here": desks[here]}
    if event.actor_id == actor.pk:
        return OTHER_LEVEL.format(**places)
    if event.on_behalf_of_id == actor.pk:
        return IN_YOUR_STEAD.format(name=event.actor, **places)
    if event.actor_id not in own:
        return STOOD_IN_FOR.format(name=event.on_behalf_of or event.actor, **places)
    return OTHER_ACCOUNT.format(name=event.actor, **places)


def check_second_person(
    application: Application, action: Action, actor: Any, behalf: int | None = None
) -> None:
    """Raise ApplicationError where the actor's earlier decision forbids this one."""
    if action not in DECISIONS and action is not Action.TAKE_OVER:
        return
    if told := refusals(application, actor, behalf).get(action):
        raise ApplicationError(told)
