"""The payment list: a row for each line of each batch, drafts too."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.db.models import Case, ExpressionWrapper, F, When

from applications.models import Payment, PaymentBatch
from applications.models.money import MoneyField
from policies.models.award import Level
from portal.lists import Column, DataList, Kind, Summary, sql_summary

LEVELS = dict(Level.choices)
STATES = dict(PaymentBatch.State.choices)
PLANNED, PAID, REFUNDED = "本批金额（万元）", "实付（万元）", "退回（万元）"
FIELDS = (
    "batch__number", "batch__fund__name", "batch__fund__jurisdiction__name", "batch__state",
    "batch__paid_on", "batch__voucher_number", "line__application__number",
    "line__application__enterprise_name", "line__application__enterprise__credit_code",
    "line__application__county__name", "line__application__edition__programme__name",
    "line__application__subject", "line__level", "line__title", "line__year", "amount", "refunded",
)  # fmt: skip


def _kept() -> Case:
    """What was paid and did not come back; of a draft nothing was paid."""
    return Case(
        When(
            batch__state=PaymentBatch.State.PAID,
            then=ExpressionWrapper(F("amount") - F("refunded"), output_field=MoneyField()),
        ),
        default=None,
        output_field=MoneyField(),
    )


def _payments(batches: Any) -> Any:
    return Payment.objects.filter(batch__in=batches.order_by().values("pk"))


def _rows(batches: Any) -> Iterator[Any]:
    ordered = _payments(batches).order_by("batch__number", "line__application__number", "pk")
    listed = ordered.annotate(kept=_kept()).values_list(*FIELDS, "kept", named=True)
    return listed.iterator(chunk_size=2000)


def _summary(batches: Any) -> Summary:
    totals = {PLANNED: F("amount"), REFUNDED: F("refunded"), PAID: _kept()}
    return sql_summary(totals)(_payments(batches))


PAYMENTS = DataList(
    key="payments",
    title="支付清单",
    columns=(
        Column("批次编号", attrgetter("batch__number"), width=20),
        Column("资金", attrgetter("batch__fund__name"), width=24),
        Column("支付地区", attrgetter("batch__fund__jurisdiction__name"), width=10),
        Column("批次状态", lambda row: STATES[row.batch__state], width=9),
        Column("支付日期", attrgetter("batch__paid_on"), Kind.DATE, width=11),
        Column("凭证号", attrgetter("batch__voucher_number"), width=16),
        Column("申报编号", attrgetter("line__application__number"), width=18),
        Column("企业名称", attrgetter("line__application__enterprise_name"), width=30),
        Column(
            "统一社会信用代码", attrgetter("line__application__enterprise__credit_code"), width=21
        ),
        Column("县（市、区）", attrgetter("line__application__county__name"), width=10),
        Column("申报项目", attrgetter("line__application__edition__programme__name"), width=24),
        Column("项目或基地名称", attrgetter("line__application__subject"), width=14),
        Column("奖补级别", lambda row: LEVELS[row.line__level], width=9),
        Column("期次", attrgetter("line__title"), width=14),
        Column("给付年度", attrgetter("line__year"), Kind.INTEGER, width=9),
        Column(PLANNED, attrgetter("amount"), Kind.MONEY, width=12, total=True),
        Column(REFUNDED, attrgetter("refunded"), Kind.MONEY, width=12, total=True),
        Column(PAID, attrgetter("kept"), Kind.MONEY, width=12, total=True),
    ),
    rows=_rows,
    summarise=_summary,
)
