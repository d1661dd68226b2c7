"""The award list: what accepted applications are to be paid, a row per level and tranche."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.models import Application
from policies.models.award import Level
from policies.presentation.words import WHEN, level_in_words, money


@dataclass(frozen=True)
class AwardLine:
    """One tranche of one level of an accepted application.

    `exact` is the amount in 万元 where the document prints one, and None for a range, a cap or
    an unpublished level: `words` then says what is known, and staff decide.
    """

    application: Application
    level: str
    payer: str = ""
    title: str = ""
    when: str = ""
    year: int | None = None
    exact: Decimal | int | None = None
    words: str = ""
    condition: str = ""
    sources: str = ""


def award_lines(
    applications: Iterable[Application], payers: Mapping[str, str]
) -> Iterator[AwardLine]:
    """The lines of each application in turn; `payers` names jurisdictions by code.

    A level without a figure keeps its line, with the reason in words instead of an amount.
    """
    for application in applications:
        assessment = application.assessment
        for row in assessment["tranches"]:
            if row["amount"] != [0, 0]:
                yield _tranche_line(application, row, payers)
        listed = {row["level"] for row in assessment["tranches"]}
        for level, fields in assessment["awards"].items():
            if level not in listed and fields["status"] != "none_listed":
                words = level_in_words(level, fields)
                yield AwardLine(application, words["level"], words=words["text"])


def _tranche_line(
    application: Application, row: Mapping[str, Any], payers: Mapping[str, str]
) -> AwardLine:
    low, high = row["amount"] or (None, None)
    exact = low if row["status"] == "published" and low == high else None
    words = "" if exact is not None else money(row["amount"])
    return AwardLine(
        application=application,
        level=Level(row["level"]).label,
        payer=payers.get(row["payer"], ""),
        title=row["title"],
        when=WHEN[row["when"]],
        year=row["year"],
        exact=exact,
        words=f"待核实：{words}" if row["status"] == "to_verify" else words,
        condition=row["condition"] or "",
        sources="；".join(f"{s['document']} {s['clause']}" for s in row["sources"]),
    )
