"""The award list: a row for each level and tranche of what is granted."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from applications.centre.exports.words import held, listed_name, with_subject
from applications.money.models import AwardLine
from applications.money.models.award_line import counted_amount, net_paid, printed_amount
from policies.catalogue.models.award import Level
from portal.lists.declaration import Column, DataList, Kind, sql_summary

LEVELS = dict(Level.choices)
STATES = dict(AwardLine.State.choices)
AMOUNT, PAID = "金额（万元）", "已付净额（万元）"
FIELDS = (
    "application__number", "application__enterprise__credit_code",
    "application__county__name", "application__edition__programme__name", "application__subject",
    "level", "payer__name", "title", "year", "state", "hold", "kind", "low", "high", "condition",
    "fund__name", "part__name", "sources",
)  # fmt: skip


def _rows(lines: Any) -> Iterator[Any]:
    """Named tuples of what is listed: whole applications hold answers, which are large."""
    return (
        lines.order_by("application__county", "application__number", "level", "payer", "position")
        .annotate(counted=counted_amount(), net_paid=net_paid(), firm=listed_name("application__"))
        .values_list(*FIELDS, "counted", "net_paid", "firm", named=True)
        .iterator(chunk_size=2000)
    )


def _programme(row: Any) -> str:
    return with_subject(row.application__edition__programme__name, row.application__subject)


def _state(row: Any) -> str:
    told = held(row.hold) if row.state in AwardLine.OPEN else ""
    return "，".join(filter(None, (STATES[row.state], told)))


def _fund(row: Any) -> str:
    return f"{row.fund__name} · {row.part__name}" if row.part__name else row.fund__name or ""


AWARDS = DataList(
    key="awards",
    title="奖补名单",
    columns=(
        Column("申报编号", attrgetter("application__number"), width=19),
        Column("企业名称", attrgetter("firm"), width=20),
        Column("统一社会信用代码", attrgetter("application__enterprise__credit_code"), width=21),
        Column("县（市、区）", attrgetter("application__county__name"), width=8),
        Column("申报项目", _programme, width=18),
        Column("奖补级别", lambda row: LEVELS[row.level], width=6),
        Column("支付地区", attrgetter("payer__name"), width=8),
        Column("期次", attrgetter("title"), width=12),
        Column("给付年度", attrgetter("year"), Kind.INTEGER, width=6),
        Column("状态", _state, width=9),
        Column(AMOUNT, attrgetter("counted"), Kind.MONEY, width=9, total=True),
        Column(PAID, attrgetter("net_paid"), Kind.MONEY, width=9, total=True),
        Column("文件印的金额", lambda row: printed_amount(row.kind, row.low, row.high), width=12),
        Column("给付条件", attrgetter("condition"), width=22),
        Column("资金", _fund, width=14),
        Column("依据", attrgetter("sources"), width=28),
    ),
    rows=_rows,
    summarise=sql_summary({AMOUNT: counted_amount(), PAID: net_paid()}),
)
