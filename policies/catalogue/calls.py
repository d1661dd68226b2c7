"""Which call decides whether a programme takes applications on a day.

One rule, for every page and for handing in: a programme for which calls have been opened takes
applications while one of them runs, and at no other time; the calls of a programme never overlap, so
that one runs at most. Before, between and after them nobody can hand in, and what is typed stays a
draft. A call without a last day runs until it gets one: that is how a programme with calls goes back
to taking applications all the year round. Firms of a county that has set an earlier day have until
then: `in_county` tells calls as they know them. A programme for which no call was ever opened (or each was
withdrawn) takes applications whenever an edition is in force; its windows say what documents print of
the time, and refuse nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.formats import date_format

from policies.catalogue.models import Call, Edition, Material


class Phase(StrEnum):
    AHEAD = "ahead"
    RUNNING = "running"
    OVER = "over"


TOLD = {
    Phase.AHEAD: "征集“{call}”自{opens}起受理，现在还没有开始。",
    Phase.RUNNING: "",
    Phase.OVER: "征集“{call}”已于{closes}截止，下一次征集还没有开放。",
}
ASK = "有疑问请问{contact}。"


@dataclass(frozen=True)
class CallState:
    """The call that decides on a day, and whether its days are to come, running or over."""

    call: Call
    phase: Phase

    @property
    def is_running(self) -> bool:
        return self.phase is Phase.RUNNING

    @property
    def told(self) -> str:
        """When one hands in and for how many places, or that it is over, in a line."""
        if self.phase is Phase.OVER:
            return self.closed
        ahead = "" if self.is_running else "还没有开始，"
        own = self.call.county_words and f"{self.call.county_words}。"
        return f"{ahead}{self.call.when}。{own}名额：{self.call.places_in_words}"

    @property
    def closed(self) -> str:
        """Why nobody can apply, with the day and whom to call; empty while it runs."""
        if self.is_running:
            return ""
        told = TOLD[self.phase].format(
            call=self.call.title,
            opens=_in_words(self.call.opens_on),
            closes=_in_words(self.call.last_day),
        )
        if self.phase is Phase.OVER:
            told += self.call.county_words and f"{self.call.county_words}。"
        return told + ASK.format(contact=self.call.contact)


def state_on(calls: Iterable[Call], day: date) -> CallState | None:
    """The one of a programme's opened calls that decides: running, else the next, else the last."""
    rows = sorted(calls, key=lambda call: call.opens_on)
    if not rows:
        return None
    for call in rows:
        if call.is_running_on(day):
            return CallState(call, Phase.RUNNING)
    ahead = [call for call in rows if not call.has_begun_on(day)]
    return CallState(ahead[0], Phase.AHEAD) if ahead else CallState(rows[-1], Phase.OVER)


def opened_calls() -> dict[str, Sequence[Call]]:
    """All calls that count, by programme, with whatever pages tell of them."""
    found: dict[str, list[Call]] = {}
    rows = Call.objects.opened().select_related("document")
    rows = rows.prefetch_related("materials", "events", "county_last_days__county")
    for call in rows.order_by("opens_on", "pk"):
        found.setdefault(call.programme_id, []).append(call)
    return found


def in_county(calls: Iterable[Call], county: str | None) -> list[Call]:
    """The calls as firms of a county know them; as they are for all where none is named."""
    return [call.in_county(county) for call in calls]


def told_of(
    calls: Mapping[str, Iterable[Call]], programmes: Iterable[str], day: date, county: str | None
) -> dict[str, CallState]:
    """By programme, the call that decides for firms of a county; those without calls are not in it."""
    found = {
        programme: state_on(in_county(calls[programme], county), day)
        for programme in programmes
        if programme in calls
    }
    return {programme: state for programme, state in found.items() if state}


def materials_of(edition: Edition, call: Call | None) -> list[Material]:
    """What a firm is asked to hand in: the list of the edition, then what the call adds.

    What an edition lists that was published after the call is asked for once, as the edition says.
    """
    listed = list(edition.materials.all())
    names = {material.name for material in listed}
    own = call.materials.all() if call else ()
    return [*listed, *(material for material in own if material.name not in names)]


def not_over(calls: Iterable[Call], day: date) -> list[Call]:
    """Those that run or are to come, the one that closes first first, all the year round last."""
    left = [call for call in calls if not call.is_over_on(day)]
    return sorted(left, key=lambda call: (call.last_day or date.max, call.opens_on, call.pk))


def _in_words(day: date | None) -> str:
    return date_format(day, "Y年n月j日") if day else ""
