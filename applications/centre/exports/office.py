"""Award and payment lists as offices hand them on: in the columns that a centre chose, with sum and signs.

Without a choice of its own a centre is offered STANDARD. One row is a firm, or one line of its awards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, F, Sum

from applications.centre.exports.words import held, listed_name, with_subject
from applications.centre.models.office_list import SIGNERS, OfficeColumn, OfficeList, signers_of
from applications.enterprises.models import BankAccount
from applications.enterprises.models.bank_account import may_see_whole, tail_of
from applications.money.models import AwardLine, Payment
from applications.money.models.award_line import counted_amount
from policies.catalogue.models.award import Level
from policies.rules.answers import amount_in_words
from policies.rules.facts import plain
from portal.lists.around import Paper
from portal.lists.declaration import Column, DataList, Kind, Summary

Source, RowOf = OfficeColumn.Source, OfficeList.RowOf
LEVELS = dict(Level.choices)
STANDARD = (
    Source.FIRM, Source.CREDIT_CODE, Source.COUNTY, Source.PROGRAMME, Source.SOURCES,
    Source.AMOUNT, Source.BANK, Source.ACCOUNT, Source.NOTE,
)  # fmt: skip
TITLES = {
    OfficeList.Kind.AWARDS: "奖补资金名单（上报用）",
    OfficeList.Kind.PAYMENTS: "奖补资金拨付明细表（拨付用）",
}
WIDTHS = {
    Source.FIRM: 24, Source.CREDIT_CODE: 20, Source.COUNTY: 9, Source.PROGRAMME: 18,
    Source.SOURCES: 20, Source.CLAUSES: 40, Source.AMOUNT: 13, Source.BANK: 20, Source.ACCOUNT: 21, Source.NOTE: 12,
    Source.HOLDER: 24, Source.NUMBER: 17, Source.TRANCHE: 14, Source.YEAR: 8, Source.FUND: 18,
    Source.BATCH: 19, Source.VOUCHER: 14, Source.CONTACT: 9, Source.TELEPHONE: 13,
}  # fmt: skip
IN_WORDS = "合计金额（大写）：人民币{words}"
PARTED = "；"
# How a citation ends that another document makes.
BY_ANOTHER = "引用"
NO_ACCOUNT = "没有核对过的账户"
CAME_BACK = "退回 {amount} 万元"
# What is to be said of a line that is not simply granted.
SAID = {AwardLine.State.PREPARED, AwardLine.State.RETURNED, AwardLine.State.VOID}
STATES = dict(AwardLine.State.choices)
OF_CASE = (
    "enterprise_id", "enterprise__credit_code", "county__name",
    "edition__programme__name", "subject", "number", "contact_name", "contact_telephone",
)  # fmt: skip
OF_LINE = ("sources", "level", "title", "year", "state", "hold", "fund__name")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """A list as it is chosen: `columns` are what stands in them and what they are called."""

    key: str
    kind: str
    title: str
    issuer: str
    is_by_firm: bool
    signs: Sequence[str]
    columns: Sequence[tuple[str, str]]


def layouts_for(user: Any, kind: str) -> list[Layout]:
    """The standard one, then those that the user's centre made."""
    standard = Layout(
        key=f"{kind}-office",
        kind=kind,
        title=TITLES[OfficeList.Kind(kind)],
        issuer="",
        is_by_firm=True,
        signs=signers_of(SIGNERS),
        columns=[(source, Source(source).label) for source in STANDARD],
    )
    own = OfficeList.objects.used_by(user).filter(kind=kind).prefetch_related("columns")
    return [standard, *map(_layout_of, own)]


def _layout_of(chosen: OfficeList) -> Layout:
    return Layout(
        key=f"{chosen.kind}-{chosen.pk}",
        kind=chosen.kind,
        title=chosen.title,
        issuer=chosen.issuer,
        is_by_firm=chosen.row_of == RowOf.FIRM,
        signs=chosen.places_to_sign,
        columns=[(column.source, str(column)) for column in chosen.columns.all()],
    )


def office_list(layout: Layout, user: Any) -> DataList:
    """The list as a user may have it: numbers of accounts whole only where they see them so."""
    read = _awards if layout.kind == OfficeList.Kind.AWARDS else _payments
    is_whole = may_see_whole(user)

    def rows(queryset: Any) -> Iterable[Row]:
        found = read(queryset, is_whole)
        return map(_joined, _groups(found)) if layout.is_by_firm else found

    title = dict(layout.columns).get(Source.AMOUNT, "")
    return DataList(
        key=layout.key,
        title=layout.title,
        columns=[
            Column(
                called,
                itemgetter(source),
                Kind.MONEY if source == Source.AMOUNT else Kind.TEXT,
                WIDTHS[Source(source)],
                total=source == Source.AMOUNT,
            )
            for source, called in layout.columns
        ],
        rows=rows,
        summarise=_summary_of(layout, title),
        paper=Paper(layout.issuer, layout.signs, _in_words(title)),
    )


def _in_words(title: str) -> Callable[[Mapping[str, Any]], str]:
    def words(totals: Mapping[str, Any]) -> str:
        if title not in totals:
            return ""
        told = amount_in_words(Decimal(totals[title]))
        # As cheques are written: 整 closes a sum without 角 and 分.
        return IN_WORDS.format(words=f"{told}整" if told.endswith("元") else told)

    return words


def _summary_of(layout: Layout, title: str) -> Callable[[Any], Summary]:
    def summarise(queryset: Any) -> Summary:
        if layout.kind == OfficeList.Kind.AWARDS:
            found, amount = queryset.order_by(), counted_amount()
            keys = ["application__enterprise"]
        else:
            found = Payment.objects.filter(batch__in=queryset.order_by().values("pk")).order_by()
            amount, keys = F("amount"), ["line__application__enterprise", "account"]
        sums = found.aggregate(count=Count("pk"), total=Sum(amount))
        count = found.values(*keys).distinct().count() if layout.is_by_firm else sums["count"]
        totals = {title: sums["total"] or Decimal(0)} if title else {}
        return Summary(count, totals)

    return summarise


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows of each firm, and of each account where a firm was paid on several."""
    for _, found in groupby(rows, key=itemgetter("key")):
        yield list(found)


def _joined(rows: Sequence[Row]) -> Row:
    """Several lines of a firm as one row: amounts added up, different words beside each other."""
    if len(rows) == 1:
        return rows[0]
    joined = {
        name: _beside(row[name] for row in rows)
        for name in rows[0]
        if name not in ("key", Source.AMOUNT)
    }
    amounts = [row[Source.AMOUNT] for row in rows if row[Source.AMOUNT] is not None]
    return {**joined, Source.AMOUNT: sum(amounts, Decimal(0)) if amounts else None}


def _beside(texts: Iterable[str]) -> str:
    """What several lines say, each thing once; a text may itself hold several, parted by ；."""
    parts = (part for text in texts for part in text.split(PARTED) if part)
    return PARTED.join(dict.fromkeys(parts))


def _awards(lines: Any, is_whole: bool) -> Iterator[Row]:
    enterprise = "application__enterprise"
    account = {
        name: BankAccount.objects.current_field(name, "application__")
        for name in ("holder", "bank", "number")
    }
    fields = [*(f"application__{name}" for name in OF_CASE), *OF_LINE]
    found = (
        lines.order_by(
            "application__county", "application__enterprise__name", enterprise,
            "application__number", "level", "payer", "position",
        )
        .annotate(
            counted=counted_amount(),
            account_holder=account["holder"],
            account_bank=account["bank"],
            account_number=account["number"],
            firm=listed_name("application__"),
        )
        .values(*fields, "firm", "counted", "account_holder", "account_bank", "account_number")
    )  # fmt: skip
    for row in found.iterator(chunk_size=2000):
        is_open = row["state"] in AwardLine.OPEN
        said = (held(row["hold"]) if is_open else "") or (
            STATES[row["state"]] if row["state"] in SAID else ""
        )
        yield {
            **_of_line(row, "application__", ""),
            **_of_account(row, is_whole, "account_holder", "account_bank", "account_number"),
            "key": row["application__enterprise_id"],
            Source.AMOUNT: row["counted"],
            Source.NOTE: said or ("" if row["account_number"] else NO_ACCOUNT),
            Source.BATCH: "",
            Source.VOUCHER: "",
        }


def _payments(batches: Any, is_whole: bool) -> Iterator[Row]:
    enterprise = "line__application__enterprise"
    fields = [*(f"line__application__{name}" for name in OF_CASE), *(f"line__{n}" for n in OF_LINE)]
    found = (
        Payment.objects.filter(batch__in=batches.order_by().values("pk"))
        .order_by(
            "line__application__county", f"{enterprise}__name", enterprise, "account",
            "batch__number", "line__application__number", "pk",
        )
        .annotate(firm=listed_name("line__application__"))
        .values(
            *fields, "firm", "amount", "refunded", "account_id", "account__holder", "account__bank",
            "account__number", "batch__number", "batch__voucher_number",
        )
    )  # fmt: skip
    for row in found.iterator(chunk_size=2000):
        back = CAME_BACK.format(amount=plain(row["refunded"])) if row["refunded"] else ""
        yield {
            **_of_line(row, "line__application__", "line__"),
            **_of_account(row, is_whole, "account__holder", "account__bank", "account__number"),
            "key": (row["line__application__enterprise_id"], row["account_id"]),
            Source.AMOUNT: row["amount"],
            Source.NOTE: back or ("" if row["account_id"] else NO_ACCOUNT),
            Source.BATCH: row["batch__number"],
            Source.VOUCHER: row["batch__voucher_number"],
        }


def documents_in(sources: str) -> str:
    """The documents that a line rests on itself, without clauses: 晋市政办〔2021〕35号.

    Those with a number where there are any; what only another document cites is left out.
    """
    parts = sources.split(PARTED)
    own = [part for part in parts if not part.endswith(BY_ANOTHER)] or parts
    numbered = [part for part in own if "〔" in part]
    return _beside(part.partition(" ")[0] for part in numbered or own)


def _of_line(row: Mapping[str, Any], case: str, line: str) -> Row:
    year = row[f"{line}year"]
    return {
        Source.FIRM: row["firm"],
        Source.CREDIT_CODE: row[f"{case}enterprise__credit_code"],
        Source.COUNTY: row[f"{case}county__name"],
        Source.PROGRAMME: with_subject(
            row[f"{case}edition__programme__name"], row[f"{case}subject"]
        ),
        Source.SOURCES: documents_in(row[f"{line}sources"]),
        Source.CLAUSES: row[f"{line}sources"],
        Source.NUMBER: row[f"{case}number"],
        Source.TRANCHE: f"{LEVELS[row[f'{line}level']]} {row[f'{line}title']}",
        Source.YEAR: "" if year is None else str(year),
        Source.FUND: row[f"{line}fund__name"] or "",
        Source.CONTACT: row[f"{case}contact_name"],
        Source.TELEPHONE: row[f"{case}contact_telephone"],
    }


def _of_account(row: Mapping[str, Any], is_whole: bool, holder: str, bank: str, number: str) -> Row:
    digits = row[number] or ""
    return {
        Source.HOLDER: row[holder] or "",
        Source.BANK: row[bank] or "",
        Source.ACCOUNT: digits if is_whole else tail_of(digits),
    }
