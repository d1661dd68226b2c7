"""The public list of programmes: what it can be searched, filtered and sorted by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from policies.catalogue.models import Edition, Programme
from policies.presentation.money_picture import Bar, firm_of, shares_of
from policies.rules.awards import COUNTY, LevelPaid, all_together
from policies.rules.edition import NOT_ELIGIBLE
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.industry import SECTIONS
from policies.rules.money import Money
from policies.rules.tree import Industry, walk
from policies.search.sounds import name_order
from portal.models import Jurisdiction

NOT_READABLE = ""
PUBLISHED, UNPUBLISHED, NO_MONEY = "published", "unpublished", "no_money"
# What the documents list for other counties, not for the one asked for.
NOT_HERE = "not_here"
SECTION = "industry.section"
Pays = tuple[tuple[str, LevelPaid], ...]
Figure = tuple[str, Decimal, bool]


@dataclass(frozen=True)
class Entry:
    """One programme as the list shows it.

    `pays` is what each level pays in the county `place`: the one asked for, else where it is most;
    `paid` is the sum of the printed figures. `figures` are all that it prints: by whom (empty where
    anybody), 万元, and whether that is the whole of an award. `sections` are the industries that its conditions do
    not rule out, `names_industry` whether they speak of any.
    """

    edition: Rules
    area: Jurisdiction
    place: str
    levels: tuple[str, ...]
    status: str
    pays: Pays
    paid: Money
    figures: frozenset[Figure]
    sections: frozenset[str]
    names_industry: bool

    @property
    def most(self) -> Decimal:
        """What sorting by amount compares: the maximum, or the minimum of an open one."""
        return _most(self.paid)

    def in_county(self, county: str, on: date) -> "Entry":
        """The same programme with what is paid in this county alone."""
        pays = _pays(self.edition, county, on)
        statuses = {level.status for _, level in pays}
        if self.edition.fault or self.status == NO_MONEY:
            status = self.status
        elif statuses & {"published", "to_verify", "unknown"}:
            status = PUBLISHED
        else:
            status = UNPUBLISHED if "unpublished" in statuses else NOT_HERE
        return replace(
            self,
            place=county,
            levels=tuple(name for name, level in pays if level.status != "none_listed"),
            status=status,
            pays=pays,
            paid=_sum(pays),
        )


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
    pays = {place: _pays(edition, place, on) for place in (*payers, *sorted(places - payers)[:1])}
    place = max(pays, key=lambda place: _most(_sum(pays[place])))
    statuses = {award.status for award in edition.awards}
    if edition.fault:
        status = NOT_READABLE
    elif statuses & {"published", "to_verify"}:
        status = PUBLISHED
    else:
        status = UNPUBLISHED if "unpublished" in statuses else NO_MONEY
    levels = [
        name
        for name, level in edition.levels.items()
        if any(award.status != "none_listed" for award in level.awards)
    ]
    return Entry(
        edition=edition,
        area=area,
        place=place,
        levels=tuple(levels),
        status=status,
        pays=pays[place],
        paid=_sum(pays[place]),
        figures=frozenset(figure for own in pays.values() for figure in _figures(own)),
        sections=_sections(edition, on),
        names_industry=any(
            isinstance(node, Industry)
            for criterion in edition.criteria
            for tree in criterion.trees
            for node in walk(tree)
        ),
    )


def _sections(edition: Rules, on: date) -> frozenset[str]:
    """The sections of industry that no condition rules out, whatever else a firm says."""
    if edition.fault:
        return frozenset(SECTIONS)
    judge = edition.judges_on(on)
    return frozenset(
        section for section in SECTIONS if judge(Firm({SECTION: section}, on))[0] != NOT_ELIGIBLE
    )


def entry_bar(entry: Entry, on: date) -> Bar:
    """The money of all levels as one bar."""
    firm = firm_of(entry.edition, entry.place, on)
    levels = [level.pay(firm) for level in entry.edition.levels.values()]
    if entry.edition.shared_caps:
        counted = (paid for level in levels if level.counts for paid in level.paid)
        levels = [LevelPaid("published", *all_together(counted))]
    shares, is_open = shares_of(levels)
    return Bar(entry.edition.name, "", shares, is_open)


def sections_of(facts: Mapping[str, Fact]) -> Mapping[str, str]:
    """The sections of industry by code."""
    return facts[SECTION].choices if SECTION in facts else {}


def is_within(place: Jurisdiction, code: str, areas: Mapping[str, Jurisdiction]) -> bool:
    """Whether a place is the jurisdiction `code` or lies below it."""
    step: Jurisdiction | None = place
    while step is not None:
        if step.pk == code:
            return True
        step = areas.get(step.parent_id or "")
    return False


def _pays(edition: Rules, county: str, on: date) -> Pays:
    """What a firm of the county may get of each level, whatever else it says."""
    firm = Firm({COUNTY: county}, on)
    return tuple((name, level.pay(firm)) for name, level in edition.levels.items())


def _figures(pays: Pays) -> Iterator[Figure]:
    for _, level in pays:
        for paid in level.paid:
            of_paid = [(paid.total, True), (paid.printed, True)]
            of_paid += [(placed.total, False) for placed in paid.placed]
            for money, is_whole in of_paid:
                for amount in (money.low, money.high):
                    if amount:
                        yield paid.award.payer or "", amount.normalize(), is_whole


def _sum(pays: Pays) -> Money:
    """Only printed figures; levels that share a cap pay no more than it together."""
    return all_together(paid for _, level in pays if level.counts for paid in level.paid)[2]


def _most(money: Money) -> Decimal:
    return money.low if money.high is None else money.high


def select_entries(
    entries: Iterable[Entry],
    chosen: Mapping[str, Any],
    areas: Mapping[str, Jurisdiction],
    on: date,
) -> list[Entry]:
    """The entries that fit every filter, in their order or sorted.

    Where a county is chosen, levels and money are that county's.
    """
    county = chosen.get("county")
    place, section = county or chosen.get("city"), chosen.get("section")
    found = [
        entry.in_county(county, on) if county else entry
        for entry in entries
        if chosen.get("family") in (None, "", entry.edition.family)
        and chosen.get("benefit") in (None, "", entry.edition.benefit)
        and chosen.get("beneficiary") in (None, "", entry.edition.beneficiary)
        and (not section or section in entry.sections)
        and (not place or _applies_in(entry.area, place, areas))
    ]
    found = [
        entry
        for entry in found
        if chosen.get("status") in (None, "", entry.status)
        and (not chosen.get("level") or chosen["level"] in entry.levels)
    ]
    if chosen.get("sort") == "amount":
        found.sort(key=lambda entry: -entry.most)
    elif chosen.get("sort") == "name":
        found.sort(key=lambda entry: name_order(entry.edition.name))
    return found


def closed_programmes(in_force: Iterable[str], family: str = "") -> list[Programme]:
    """Programmes that have rules but none in force today, of one family if given: one query."""
    found = Programme.objects.filter(pk__in=Edition.objects.told().values("programme"))
    if family:
        found = found.filter(family=family)
    return list(found.exclude(pk__in=list(in_force)).select_related("area"))


def _applies_in(area: Jurisdiction, place: str, areas: Mapping[str, Jurisdiction]) -> bool:
    """A programme of the place itself, of what it belongs to, or of a part of it."""
    return is_within(areas[place], area.pk, areas) or is_within(area, place, areas)
