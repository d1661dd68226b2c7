"""The award list: what accepted applications are to be paid, a row per level and tranche."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.models import Application
from policies.models.award import Level
from policies.presentation.words import WHEN, level_in_words, money
from portal.spreadsheets import Column


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


COLUMNS = (
    Column("申报编号", lambda line: line.application.number),
    Column("企业名称", lambda line: line.application.enterprise_name),
    Column("统一社会信用代码", lambda line: line.application.enterprise.credit_code),
    Column("县（市、区）", lambda line: line.application.county.name),
    Column("类别", lambda line: line.application.edition.programme.family),
    Column("申报项目", lambda line: line.application.edition.programme.name),
    Column("项目或基地名称", lambda line: line.application.subject),
    Column("申报年度", lambda line: line.application.year),
    Column("奖补级别", lambda line: line.level),
    Column("支付地区", lambda line: line.payer),
    Column("期次", lambda line: line.title),
    Column("给付时间", lambda line: line.when),
    Column("给付年度", lambda line: line.year),
    Column("金额（万元）", lambda line: line.exact),
    Column("金额说明", lambda line: line.words),
    Column("给付条件", lambda line: line.condition),
    Column("依据", lambda line: line.sources),
    Column("联系人", lambda line: line.application.contact_name),
    Column("联系电话", lambda line: line.application.contact_telephone),
)


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
