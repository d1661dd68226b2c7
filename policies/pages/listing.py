"""The public list of programmes: what it can be searched, filtered and sorted by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from policies.catalogue.models import Edition, Programme
from policies.rules.edition import Edition as Rules
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, Money
from portal.models import Jurisdiction

NOT_READABLE = ""
PUBLISHED, UNPUBLISHED, NO_MONEY = "published", "unpublished", "no_money"


@dataclass(frozen=True)
class Entry:
    """One programme as the list shows it; `paid` is what all its levels pay at the most."""

    edition: Rules
    area: Jurisdiction
    levels: tuple[str, ...]
    status: str
    paid: Money
    text: str

    @property
    def most(self) -> Decimal:
        """What sorting by amount compares: the maximum, or the minimum of an open one."""
        return self.paid.low if self.paid.high is None else self.paid.high


# One process keeps the entries of the last catalogue and day that were listed.
_kept: list[tuple[tuple[Rules, ...], date, Mapping[str, Jurisdiction], tuple[Entry, ...]]] = []


def list_entries(
    editions: Iterable[Rules], areas: Mapping[str, Jurisdiction], on: date
) -> tuple[Entry, ...]:
    """An entry for each edition; made anew when an edition, an area or the day changes."""
    editions = tuple(editions)
    for kept_editions, day, kept_areas, entries in _kept:
        if (kept_editions, day) == (editions, on) and kept_areas is areas:
            return entries
    places = {
        code: {place for place in areas if is_within(areas[place], code, areas)}
        for code in {edition.area for edition in editions}
    }
    made = tuple(_entry(edition, areas, places[edition.area], on) for edition in editions)
    _kept[:] = [(editions, on, areas, made)]
    return made


def _entry(edition: Rules, areas: Mapping[str, Jurisdiction], places: set[str], on: date) -> Entry:
    area = areas[edition.area]
    # Places that pay nothing of their own are all alike: one stands for them.
    payers = places & {award.payer for award in edition.awards if award.payer}
    paid = max(
        (_paid(edition, place, on) for place in (*payers, *sorted(places - payers)[:1])),
        key=lambda money: money.low if money.high is None else money.high,
    )
    statuses = {award.status for award in edition.awards}
    if edition.fault:
        status = NOT_READABLE
    elif statuses & {"published", "to_verify"}:
        status = PUBLISHED
    else:
        status = UNPUBLISHED if "unpublished" in statuses else NO_MONEY
    documents = {
        f"{source['document']} {source.get('clause', '')}"
        for part in (*edition.criteria, *edition.awards)
        for source in part.sources
    }
    words = [edition.programme, edition.name, edition.family, edition.summary, area.name]
    for criterion in edition.criteria:
        words += [criterion.text, criterion.in_a_sentence]
    levels = [
        name
        for name, level in edition.levels.items()
        if any(award.status != "none_listed" for award in level.awards)
    ]
    return Entry(
        edition=edition,
        area=area,
        levels=tuple(levels),
        status=status,
        paid=paid,
        text=" ".join([*words, *documents]).lower(),
    )


def is_within(place: Jurisdiction, code: str, areas: Mapping[str, Jurisdiction]) -> bool:
    """Whether a place is the jurisdiction `code` or lies below it."""
    step: Jurisdiction | None = place
    while step is not None:
        if step.pk == code:
            return True
        step = areas.get(step.parent_id or "")
    return False


def _paid(edition: Rules, county: str, on: date) -> Money:
    """What a firm of the county may get, whatever else it says; only printed figures."""
    firm, total = Firm({"enterprise.county": county}, on), NOTHING
    for level in edition.levels.values():
        result = level.pay(firm)
        if result.counts:
            total = total.plus(result.total)
    return total


def select_entries(
    entries: Iterable[Entry], chosen: Mapping[str, Any], areas: Mapping[str, Jurisdiction]
) -> list[Entry]:
    """The entries that fit every filter; each word of `q` has to occur somewhere."""
    words = (chosen.get("q") or "").lower().split()
    place = chosen.get("county") or chosen.get("city")
    found = [
        entry
        for entry in entries
        if all(word in entry.text for word in words)
        and chosen.get("family") in (None, "", entry.edition.family)
        and chosen.get("benefit") in (None, "", entry.edition.benefit)
        and chosen.get("beneficiary") in (None, "", entry.edition.beneficiary)
        and chosen.get("status") in (None, "", entry.status)
        and (not chosen.get("level") or chosen["level"] in entry.levels)
        and (not place or _applies_in(entry.area, place, areas))
    ]
    if chosen.get("sort") == "amount":
        found.sort(key=lambda entry: -entry.most)
    elif chosen.get("sort") == "name":
        found.sort(key=lambda entry: entry.edition.name)
    return found


def closed_programmes(in_force: Iterable[str], chosen: Mapping[str, Any]) -> list[Programme]:
    """Programmes that have rules but none in force today, by their words and family: one query."""
    found = Programme.objects.filter(pk__in=Edition.objects.told().values("programme"))
    if chosen.get("family"):
        found = found.filter(family=chosen["family"])
    words = (chosen.get("q") or "").lower().split()
    return [
        row
        for row in found.exclude(pk__in=list(in_force)).select_related("area")
        if all(word in f"{row.pk} {row.name} {row.family} {row.summary}".lower() for word in words)
    ]


def _applies_in(area: Jurisdiction, place: str, areas: Mapping[str, Jurisdiction]) -> bool:
    """A programme of the place itself, of what it belongs to, or of a part of it."""
    return is_within(areas[place], area.pk, areas) or is_within(area, place, areas)
