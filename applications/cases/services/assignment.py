"""Who of the office has a case: assigned by a colleague of the same desk, or by nobody any more."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from applications.cases.models import Application, ApplicationEvent
from applications.cases.reviewers import name_of, reviewers_at
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import check_level, move
from applications.cases.services.two_people import refusals
from applications.cases.workflow import Action
from portal.models import User

NOT_HERE = "{name}现在不能办理这件申报：账号已停用，或不是{desk}这里的审核员。"
DECIDED_ELSEWHERE = "{name}在别的环节决定过这件申报，这一环节要由另一人办理，不能分给{name}。"
HAS_IT = "这件申报已经由{name}办理。"
NOBODY_HAS_IT = "这件申报没有分配给谁。"
ACCOUNT_ENDED = "账号已停用"
NO_LONGER_HERE = "所在地区或岗位已变，不再办理这里的申报"


def colleagues_for(cases: Iterable[Application]) -> QuerySet[User]:
    """Who may be assigned one of these cases, by their names; two queries a county and level."""
    desks = {(case.desk, case.county_id) for case in cases}
    return reviewers_at(sorted(desks)).order_by("jurisdiction_code", "last_name", "username")


def assign(
    *, application: Application, assignee: User, actor: User, reason: str, now: datetime
) -> ApplicationEvent:
    """Give a case to a colleague, who then decides it alone until its step is over.

    That gives no right: ApplicationError where the colleague may not review it there, or would be
    the second person to themselves; nor may anybody assign what lies at another level.
    """
    check_level(application, actor)
    name = name_of(assignee)
    if not colleagues_for([application]).filter(pk=assignee.pk).exists():
        raise ApplicationError(NOT_HERE.format(name=name, desk=application.get_desk_display()))
    if application.assignee_id == assignee.pk:
        raise ApplicationError(HAS_IT.format(name=name))
    if refusals(application, assignee):
        raise ApplicationError(DECIDED_ELSEWHERE.format(name=name))
    return move(
        application,
        Action.ASSIGN,
        actor=actor,
        opinion=reason,
        now=now,
        details={"assignee": {"id": assignee.pk, "name": name}},
        changes={"assignee": assignee},
    )


def unassign(
    *, application: Application, actor: User, reason: str, now: datetime
) -> ApplicationEvent:
    """Leave a case to whoever of the desk comes first."""
    check_level(application, actor)
    before = application.assignee
    if before is None:
        raise ApplicationError(NOBODY_HAS_IT)
    return move(
        application,
        Action.UNASSIGN,
        actor=actor,
        opinion=reason,
        now=now,
        details={"assignee": {"id": before.pk, "name": name_of(before)}},
        changes={"assignee": None},
    )


def why_not_held(assignee: User) -> str:
    """Why somebody who was assigned a case does not hold it any more."""
    return NO_LONGER_HERE if assignee.is_active else ACCOUNT_ENDED
