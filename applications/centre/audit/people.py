"""Who somebody was when they did something: name, roles and place, as the history of users has it."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from portal.models import Jurisdiction, User

FIRM, SUPERUSER, NO_ROLE = "企业用户", "超级用户", "没有角色"
UNKNOWN_THEN = "当时的角色没有记录"
EVERYWHERE = "不限地区"


@dataclass(frozen=True)
class Person:
    """`role` is in words, with the place: “审核员，沁水县”."""

    pk: int
    name: str
    role: str

    def __str__(self) -> str:
        return f"{self.name}（{self.role}）"

    def as_json(self) -> dict[str, Any]:
        return {"id": self.pk, "name": self.name, "role": self.role}


class People:
    """The users of these keys at any time, in four queries."""

    def __init__(self, keys: Iterable[int]) -> None:
        wanted = set(keys)
        self._names = {
            user.pk: user.get_full_name() or user.username
            for user in User.objects.filter(pk__in=wanted)
        }
        self._moments: dict[int, list[datetime]] = {pk: [] for pk in wanted}
        self._states: dict[int, list[str]] = {pk: [] for pk in wanted}
        places = dict(Jurisdiction.objects.values_list("code", "name"))
        groups = _groups(wanted)
        for row in User.history.filter(id__in=wanted).order_by("history_date", "history_id"):
            self._moments[row.id].append(row.history_date)
            self._states[row.id].append(_role(row, sorted(groups.get(row.pk, ())), places))

    def at(self, pk: int, moment: datetime | None) -> Person:
        """Without a moment, as they are last known."""
        states = self._states.get(pk, [])
        place = len(states) if moment is None else bisect_right(self._moments.get(pk, []), moment)
        role = states[place - 1] if place else UNKNOWN_THEN
        return Person(pk, self._names.get(pk, str(pk)), role)


def _groups(keys: set[int]) -> dict[int, list[str]]:
    """The roles that each row of the history of these users keeps."""
    # Its class is made when models are loaded, and has no module to import it from.
    kept = apps.get_model("portal", "HistoricalUser_groups").objects.filter(user__in=keys)
    found: dict[int, list[str]] = {}
    for row, group in kept.exclude(group=None).values_list("history", "group__name"):
        found.setdefault(row, []).append(group)
    return found


def _role(row: Any, groups: list[str], places: dict[str, str]) -> str:
    """What a row of the history says of somebody's rights."""
    if not row.is_staff and not row.is_superuser:
        return FIRM
    held = [*([SUPERUSER] if row.is_superuser else []), *groups] or [NO_ROLE]
    place = places.get(row.jurisdiction_code, row.jurisdiction_code) or EVERYWHERE
    return f"{'、'.join(held)}，{place}"
