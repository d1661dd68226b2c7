"""Two people decide a case: nobody does for both county and city, nor passes their own word on."""

from typing import Any

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import DECISIONS, HELD_HERE, Action, Status

OTHER_LEVEL = "您在{there}环节已经办理过这件申报，{here}环节要由另一人办理。"
OWN_RECOMMENDATION = "您在“{step}”环节已经推荐过这件申报，专家评审环节要由另一人通过。"


def refusals(application: Application, actor: Any) -> dict[Action, str]:
    """What the actor may not do with the case where it stands, by what they decided before; why.

    What a province decided is only recorded here, and a case in public notice falls by an
    objection: neither is a decision of a step. One query.
    """
    step = application.current_step
    if not step.is_decided_here or application.status == Status.IN_NOTICE:
        return {}
    own = (
        application.events.filter(actor=actor, action__in=DECISIONS, step_level__in=HELD_HERE)
        .exclude(source=Status.IN_NOTICE)
        .values_list("action", "step_level", "step_place", "step")
    )
    for action, level, place, title in own:
        if level != step.level:
            desks = dict(Application.DESKS)
            told = OTHER_LEVEL.format(there=desks[level], here=desks[step.level])
            return dict.fromkeys([*DECISIONS, Action.TAKE_OVER], told)
        if step.is_expert and action == Action.RECOMMEND and place != application.step:
            return {Action.RECOMMEND: OWN_RECOMMENDATION.format(step=title)}
    return {}


def check_second_person(application: Application, action: Action, actor: Any) -> None:
    """Raise ApplicationError where the actor's earlier decision forbids this one."""
    if action not in DECISIONS and action is not Action.TAKE_OVER:
        return
    if told := refusals(application, actor).get(action):
        raise ApplicationError(told)
