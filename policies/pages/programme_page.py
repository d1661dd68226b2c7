"""The page of one programme: who pays how much in which county, conditions, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from policies.catalogue.models.award import Award as AwardRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import Criterion as CriterionRow
from policies.presentation.money_picture import Bar, firm_of, shares_of
from policies.presentation.report_link import report_link
from policies.presentation.words import (
    STATUSES,
    UNREADABLE,
    claw_back_in_words,
    joint_cap_in_words,
)
from policies.rules.awards import Award
from policies.rules.edition import Edition
from policies.rules.facts import Fact, plain
from policies.rules.tiers import ladders
from policies.rules.tranches import tranche_rows
from policies.rules.wording import amount_in_words, requires
from portal.models import Jurisdiction

KINDS = dict(CriterionRow.Kind.choices)
NOT_LISTED = "文件未列此级"


Source = Mapping[str, str]


def linked_sources(sources: Iterable[Source], pages: Mapping[str, str]) -> list[dict[str, str]]:
    """Each document and clause once, with the address of the document's page."""
    rows = {
        f"{source['document']} {source.get('clause', '')}".strip(): pages[source["document"]]
        for source in sources
    }
    return [{"text": text, "page": page} for text, page in rows.items()]


def award_lines(award: Award, facts: Mapping[str, Fact]) -> list[str]:
    """What one award pays, a line a tranche; what is not printed says so."""
    if award.status in STATUSES:
        return [STATUSES[award.status]]
    lines = []
    for tranche in award.tranches:
        line = f"{tranche.title}：{amount_in_words(tranche.amount, facts)}"
        lines.append(f"{line}，条件：{tranche.condition}" if tranche.condition else line)
    if award.unsplit is not None:
        lines.append(f"合计 {plain(award.unsplit)} 万元，各期金额未公布")
    if award.fee_cap is not None:
        lines.append(f"担保费率不超过 {plain(award.fee_cap * 100)}%")
    if award.price_cut is not None:
        lines.append(f"减免 {plain(award.price_cut * 100)}%")
    if award.joint_cap is not None:
        lines.append(joint_cap_in_words(award.joint_cap._asdict()))
    if award.claw_back is not None:
        lines.append(claw_back_in_words(award.claw_back._asdict()))
    if award.status == AwardRow.Status.TO_VERIFY:
        lines = [f"待核实：{line}" for line in lines]
    return lines


def paying_bars(
    edition: Edition,
    counties: Iterable[Jurisdiction],
    facts: Mapping[str, Fact],
    pages: Mapping[str, str],
    on: date,
) -> tuple[list[Bar], list[dict[str, Any]]]:
    """Who pays how much: a bar for each level, of counties one for all that pay alike.

    Beside them the rows that the picture over the years is drawn from. `pages` has the address of
    each document by its number.
    """
    bars: list[Bar] = []
    rows: list[dict[str, Any]] = []
    for name, level in edition.levels.items():
        own: list[Bar] = []
        payers = _payers(level.awards, name, counties)
        for awards, places in payers:
            where = "、".join(place.name for place in places) if name == Level.COUNTY else ""
            firm = firm_of(edition, places[0].pk, on)
            paid = level.pay(firm)
            alone = where if len(payers) > 1 else ""
            rows += [{**row, "where": alone} for row in tranche_rows(paid, firm)]
            shares, is_open = shares_of([paid])
            lines = [line for award in awards for line in award_lines(award, facts)]
            own.append(
                Bar(
                    label=Level(name).label,
                    text=where,
                    shares=shares,
                    is_open=is_open,
                    notes=tuple(lines or [NOT_LISTED]),
                    more=_cited(edition, awards, pages),
                )
            )
        bars += sorted(own, key=lambda bar: -bar.length)
    return bars, rows


def _payers(
    awards: Sequence[Award], level: str, counties: Iterable[Jurisdiction]
) -> list[tuple[list[Award], list[Jurisdiction]]]:
    """The awards of a level with the counties that they are paid in: a county's own, else those
    that name no payer; all other levels pay alike everywhere."""
    if level != Level.COUNTY or not any(award.payer for award in awards):
        return [(list(awards), list(counties))]
    found: dict[tuple[int, ...], tuple[list[Award], list[Jurisdiction]]] = {}
    for county in counties:
        own = [award for award in awards if award.payer == county.pk]
        own = own or [award for award in awards if award.payer is None]
        found.setdefault(tuple(map(id, own)), (own, []))[1].append(county)
    return list(found.values())


def _cited(
    edition: Edition, awards: Sequence[Award], pages: Mapping[str, str]
) -> dict[str, Any] | None:
    if not awards:
        return None
    part = {"level": awards[0].level, "payer": awards[0].payer}
    return {
        "sources": linked_sources((each for award in awards for each in award.sources), pages),
        "report": report_link(edition.programme, edition.edition, **part),
    }


def criterion_rows(
    edition: Edition, conflicts: Mapping[str, str], pages: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "code": criterion.code,
            "text": criterion.text,
            "kind": KINDS[criterion.kind],
            "requires": criterion.in_a_sentence or requires(criterion.rule, edition.facts),
            "reason": conflicts.get(criterion.reason or "", criterion.reason or ""),
            "sources": linked_sources(criterion.sources, pages),
            "report": report_link(edition.programme, edition.edition, criterion=criterion.code),
        }
        for criterion in edition.criteria
    ]


def notes_of(edition: Edition, conflicts: Mapping[str, str]) -> list[str]:
    """What is said of the programme and its money, but for what stands beside a criterion."""
    beside = {criterion.reason for criterion in edition.criteria}
    return [conflicts[code] for code in edition.notes if code in conflicts and code not in beside]


def written_criteria(
    edition: Edition, rows: Iterable[CriterionRow], pages: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Criteria as they are written, where the rules of their edition do not compile."""
    return [
        {
            "code": row.code,
            "text": row.text,
            "kind": row.get_kind_display(),
            "requires": UNREADABLE,
            "reason": "",
            "sources": linked_sources(
                (
                    {"document": each.document.number, "clause": each.clause}
                    for each in row.citations.all()
                ),
                pages,
            ),
            "report": report_link(edition.programme, edition.edition, criterion=row.code),
        }
        for row in rows
    ]


def related_programmes(
    edition: Edition, editions: Iterable[Edition], facts: Mapping[str, Fact]
) -> list[dict[str, str]]:
    """The tiers before and after, and programmes whose money is the same or adds up openly."""
    editions = list(editions)
    related = []
    for (_, fact), rungs in ladders(editions).items():
        if edition not in rungs:
            continue
        place = rungs.index(edition)
        for position, how in ((place - 1, "上一档"), (place + 1, "下一档")):
            if 0 <= position < len(rungs):
                other = rungs[position]
                title = facts[fact].choices[other.tier[1]]
                related.append(
                    {"programme": other.programme, "name": other.name, "how": f"{how}：{title}"}
                )
    same = {award.same_money for award in edition.awards if award.same_money}
    for other in editions:
        if other is not edition and same & {award.same_money for award in other.awards}:
            how = "与本项目是同一笔钱，合计时只算较多的一项"
            related.append({"programme": other.programme, "name": other.name, "how": how})
    groups = _groups(edition)
    for other in editions:
        if other is not edition and groups & _groups(other):
            how = "与本项目就高不重复，只算较高的一项"
            related.append({"programme": other.programme, "name": other.name, "how": how})
    return related


def _groups(edition: Edition) -> set[str]:
    """The groups of which only the highest counts."""
    return {group for award in edition.awards for group in award.only_highest}
