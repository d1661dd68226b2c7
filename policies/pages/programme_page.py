"""The page of one programme: who pays how much in which county, conditions, and what changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from policies.catalogue.models.award import Award as AwardRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import Criterion as CriterionRow
from policies.presentation.report_link import report_link
from policies.presentation.words import STATUSES, UNREADABLE
from policies.rules.awards import Award
from policies.rules.edition import Edition
from policies.rules.facts import Fact, plain
from policies.rules.tiers import ladders
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
        lines.append(f"{line}（{tranche.condition}）" if tranche.condition else line)
    if award.unsplit is not None:
        lines.append(f"合计 {plain(award.unsplit)} 万元，各期金额未公布")
    if award.fee_cap is not None:
        lines.append(f"担保费率不超过 {plain(award.fee_cap * 100)}%")
    if award.price_cut is not None:
        lines.append(f"减免 {plain(award.price_cut * 100)}%")
    if award.status == AwardRow.Status.TO_VERIFY:
        lines = [f"待核实：{line}" for line in lines]
    return lines


def county_table(
    edition: Edition,
    counties: Iterable[Jurisdiction],
    facts: Mapping[str, Fact],
    pages: Mapping[str, str],
) -> dict[str, Any]:
    """Levels across, counties down; counties that pay alike share a row.

    A level that is alike in all counties is one cell: its `span` is the number of rows, and
    that of the cells below it 0. `pages` has the address of each document by its number.
    """
    levels = list(edition.levels)
    rows: dict[tuple[Any, ...], list[str]] = {}
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for county in counties:
        paid = [_awards_for(edition, level, county.pk) for level in levels]
        key = tuple(tuple(id(award) for award in awards) for awards in paid)
        rows.setdefault(key, []).append(county.name)
        cells[key] = [_cell(edition, awards, facts, pages) for awards in paid]
    for column in range(len(levels)):
        alike = len({key[column] for key in rows}) == 1
        for position, key in enumerate(rows):
            cells[key][column]["span"] = (0 if position else len(rows)) if alike else 1
    return {
        "levels": [Level(level).label for level in levels],
        "rows": [
            {"counties": "、".join(names), "cells": cells[key]} for key, names in rows.items()
        ],
    }


def _awards_for(edition: Edition, level: str, county: str) -> list[Award]:
    """The awards of a level in a county: its own, else those that name no payer."""
    awards = edition.levels[level].awards
    if level != Level.COUNTY or not any(award.payer for award in awards):
        return list(awards)
    own = [award for award in awards if award.payer == county]
    return own or [award for award in awards if award.payer is None]


def _cell(
    edition: Edition,
    awards: list[Award],
    facts: Mapping[str, Fact],
    pages: Mapping[str, str],
) -> dict[str, Any]:
    lines = [line for award in awards for line in award_lines(award, facts)] or [NOT_LISTED]
    first = next(iter(awards), None)
    part = {"level": first.level, "payer": first.payer} if first else {}
    return {
        "lines": lines,
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
    return related
