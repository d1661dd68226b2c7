"""Words that several lists share."""

from django.db.models import Case, CharField, Exists, F, OuterRef, Value, When
from django.db.models.functions import Concat

from applications.enterprises.models import EnterpriseChange
from applications.money.models import AwardLine

FORMERLY = "（曾用名：{}）"


HOLDS = dict(AwardLine.Hold.choices)


def held(hold: str) -> str:
    """Why a line that is still open is not paid at present; empty where it is."""
    return f"暂停给付：{HOLDS[hold]}" if hold else ""


def with_subject(programme: str, subject: str) -> str:
    """A programme, with the project or base that a case is about."""
    return f"{programme}（{subject}）" if subject else programme


def listed_name(case: str) -> Case:
    """The firm of the case at this path by its name now, with that of the day it applied where it was
    renamed since; otherwise as it applied, with who goes on for it where it was absorbed.
    """
    then, now = F(f"{case}enterprise_name"), F(f"{case}enterprise__name")
    renamed = EnterpriseChange.objects.renamings().filter(enterprise=OuterRef(f"{case}enterprise"))
    before, after = FORMERLY.split("{}")
    both = Concat(now, Value(before), then, Value(after))
    goes_on = Concat(then, Value("（由"), F(f"{case}successor__name"), Value("承继）"))
    return Case(
        When(**{f"{case}successor__isnull": False}, then=goes_on),
        When(**{f"{case}enterprise_name": now}, then=then),
        When(Exists(renamed), then=both),
        default=then,
        output_field=CharField(),
    )
