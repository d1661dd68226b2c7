"""The list of reclaims: a row for each, with what came back, what is still out and how late it is."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils import timezone

from applications.centre.exports.words import listed_name, with_subject
from applications.money.models import Reclaim
from applications.money.models.reclaim import outstanding
from portal.lists.declaration import Column, DataList, Kind, sql_summary

ASKED, BACK, OUT = "追回（万元）", "已收回（万元）", "未收回（万元）"


def _rows(claims: Any) -> Iterator[Any]:
    """Each with `late`, how many days past its last day it is today."""
    today = timezone.localdate()
    ordered = (
        claims.order_by("due_on", "pk")
        .select_related(
            "line__application__enterprise", "line__application__county",
            "line__application__edition__programme", "line__fund",
        )
        .defer("line__application__answers", "line__application__assessment")
        .annotate(firm=listed_name("line__application__"))
    )  # fmt: skip
    for claim in ordered.iterator(chunk_size=2000):
        claim.late, claim.now = claim.days_late(today) or None, claim.standing(today)
        yield claim


def _programme(claim: Reclaim) -> str:
    case = claim.line.application
    return with_subject(case.edition.programme.name, case.subject)


RECLAIMS = DataList(
    key="reclaims",
    title="追回清单",
    columns=(
        Column("申报编号", attrgetter("line.application.number"), width=19),
        Column("企业名称", attrgetter("firm"), width=20),
        Column("统一社会信用代码", attrgetter("line.application.enterprise.credit_code"), width=25),
        Column("县（市、区）", attrgetter("line.application.county.name"), width=8),
        Column("申报项目", _programme, width=18),
        Column("奖补级别", lambda claim: claim.line.get_level_display(), width=6),
        Column("期次", attrgetter("line.title"), width=12),
        Column("资金", lambda claim: claim.line.fund.name, width=14),
        Column("文号", attrgetter("document_number"), width=16),
        Column(ASKED, attrgetter("amount"), Kind.MONEY, width=9, total=True),
        Column(BACK, attrgetter("recovered"), Kind.MONEY, width=9, total=True),
        Column(OUT, attrgetter("outstanding"), Kind.MONEY, width=9, total=True),
        Column("最后期限", attrgetter("due_on"), Kind.DATE, width=11),
        Column("逾期天数", attrgetter("late"), Kind.INTEGER, width=6),
        Column("状态", attrgetter("now"), width=12),
        Column("原因", attrgetter("reason"), width=28),
    ),
    rows=_rows,
    summarise=sql_summary({ASKED: F("amount"), BACK: F("recovered"), OUT: outstanding()}),
)
