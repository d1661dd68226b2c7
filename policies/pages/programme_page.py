"""The page of one programme: who pays how much in which county, conditions, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from policies.catalogue.models import Document
from policies.catalogue.models import Edition as EditionRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import Criterion as CriterionRow
from policies.catalogue.source_checks import latest_checks
from policies.presentation.award_lines import award_lines
from policies.presentation.money_picture import Bar, firm_of, shares_of
from policies.presentation.report_link import report_link
from policies.presentation.source_checks import check_in_words
from policies.presentation.sources import cited
from policies.presentation.words import UNREADABLE
from policies.rules.awards import Award
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.tiers import ladders
from policies.rules.tranches import tranche_rows
from policies.rules.wording import requires
from portal.models import Jurisdiction

KINDS = dict(CriterionRow.Kind.choices)
NOT_LISTED = "文件未列此级"


def paying_bars(
    edition: Edition,
    counties: Iterable[Jurisdiction],
    facts: Mapping[str, Fact],
    documents: Mapping[str, Document],
    on: date,
) -> tuple[list[Bar], list[dict[str, Any]]]:
    """Who pays how much: a bar for each level, of counties one for all that pay alike.

    Beside them the rows that the picture over the years is drawn from.
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
                    more=_cited(edition, awards, documents),
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
    edition: Edition, awards: Sequence[Award], documents: Mapping[str, Document]
) -> dict[str, Any] | None:
    if not awards:
        return None
    part = {"level": awards[0].level, "payer": awards[0].payer}
    return {
        "sources": cited((each for award in awards for each in award.sources), documents),
        "report": report_link(edition.programme, edition.edition, **part),
    }


def criterion_rows(
    edition: Edition, conflicts: Mapping[str, str], documents: Mapping[str, Document]
) -> list[dict[str, Any]]:
    return [
        {
            "code": criterion.code,
            "text": criterion.text,
            "kind": KINDS[criterion.kind],
            "requires": criterion.in_a_sentence or requires(criterion.rule, edition.facts),
            "reason": conflicts.get(criterion.reason or "", criterion.reason or ""),
            "sources": cited(criterion.sources, documents),
            "report": report_link(edition.programme, edition.edition, criterion=criterion.code),
        }
        for criterion in edition.criteria
    ]


def notes_of(edition: Edition, conflicts: Mapping[str, str]) -> list[str]:
    """What is said of the programme and its money, but for what stands beside a criterion."""
    beside = {criterion.reason for criterion in edition.criteria}
    return [conflicts[code] for code in edition.notes if code in conflicts and code not in beside]


def written_criteria(
    edition: Edition, rows: Iterable[CriterionRow], documents: Mapping[str, Document]
) -> list[dict[str, Any]]:
    """Criteria as they are written, where the rules of their edition do not compile."""
    return [
        {
            "code": row.code,
            "text": row.text,
            "kind": row.get_kind_display(),
            "requires": UNREADABLE,
            "reason": "",
            "sources": cited(
                (
                    {"document": each.document.number, "clause": each.clause}
                    for each in row.citations.all()
                ),
                documents,
            ),
            "report": report_link(edition.programme, edition.edition, criterion=row.code),
        }
        for row in rows
    ]


def cited_documents(
    documents: Iterable[Document], edition: EditionRow
) -> list[tuple[Document, str]]:
    """Each with how the edition was compared with it last; one query."""
    checks = latest_checks(edition.source_checks.select_related("original"))
    return [
        (document, check_in_words(checks.get((edition.pk, document.pk)))) for document in documents
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
