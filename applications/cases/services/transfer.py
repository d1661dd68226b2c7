"""A case of a firm that moved goes on in its new county, when the county that took it says so."""

from datetime import datetime
from typing import Any

from django.db import transaction

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import check_desk, move
from applications.cases.workflow import OPEN, Action, Status
from portal.models import Jurisdiction

NOT_MOVED = "企业没有迁到别的县，不用转交。"
OTHER_AREA = "“{programme}”只给{area}的企业，{county}不能接着办理；请在这里办完。"


def may_be_transferred(application: Application) -> bool:
    """Whether it is under way in a county where the firm is registered no more."""
    has_moved = application.current_firm.county_id != application.county_id
    return has_moved and Status(application.status) in OPEN


@transaction.atomic
def transfer(*, application: Application, actor: Any, reason: str, now: datetime) -> None:
    """Hand the case over as it stands, with all that was handed in; ApplicationError otherwise."""
    check_desk(application, actor, now)
    if not may_be_transferred(application):
        raise ApplicationError(NOT_MOVED)
    county, area = application.current_firm.county, application.edition.programme.area
    if not Jurisdiction.objects.within(area.pk).filter(pk=county.pk).exists():
        programme = application.edition.programme
        raise ApplicationError(OTHER_AREA.format(programme=programme, area=area, county=county))
    changes = {"county": county, "assignee": None, "arrived_at": now}
    move(application, Action.TRANSFER, actor=actor, opinion=reason, now=now, changes=changes)
