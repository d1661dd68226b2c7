"""The payment list: a row for each line of each batch, drafts too.

Of a draft the columns of the result are empty: whoever pays fills them in, and the list comes back
by `applications.centre.imports.payments`.
"""

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Any

from django.db.models import Case, ExpressionWrapper, F, OuterRef, Subquery, When

from applications.centre.exports.words import listed_name, with_subject
from applications.enterprises.models.bank_account import may_see_whole, tail_of
from applications.money.models import Payment, PaymentBatch, Refund
from applications.money.models.money_field import MoneyField
from policies.catalogue.models.award import Level
from portal.lists.declaration import Column, DataList, Kind, Summary, sql_summary

LEVELS = dict(Level.choices)
BATCH, NUMBER, CODE, LEVEL, TITLE = "批次编号", "申报编号", "统一社会信用代码", "奖补级别", "期次"
PAID_ON, VOUCHER = "支付日期", "凭证号"
PLANNED, PAID, REFUNDED = "本批金额（万元）", "实付金额（万元）", "退回（万元）"
ACCOUNT = "账号"
ALONE = "单人办理许可"
RESULT, RETURNED_ON, REASON = "支付结果", "退回日期", "失败或退回原因"
IS_PAID, IS_PAID_IN_PART, HAS_FAILED, CAME_BACK = "已支付", "部分支付", "支付失败", "退回"
FIELDS = (
    "batch__number", "batch__fund__name", "batch__state",
    "batch__paid_on", "batch__voucher_number", "line__application__number",
    "line__application__enterprise__credit_code",
    "line__application__county__name", "line__application__edition__programme__name",
    "line__application__subject", "line__level", "line__title", "line__year", "amount", "refunded",
    "batch__permit", "account__holder", "account__bank", "account__number",
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


def _result(row: Any) -> str:
    """What became of a payment; nothing yet where it is a draft."""
    if row.batch__state == PaymentBatch.State.DRAFT:
        return ""
    return CAME_BACK if row.refunded == row.amount else IS_PAID


def _of_return(row: Any, value: Any) -> Any:
    return value if _result(row) == CAME_BACK else None


def _alone(row: Any) -> str:
    """By which permit whoever confirmed or approved paid it themselves."""
    return f"{row.batch__permit} 号" if row.batch__permit else ""


def _account(row: Any) -> str:
    return tail_of(row.account__number or "")


def _programme(row: Any) -> str:
    programme = row.line__application__edition__programme__name
    return with_subject(programme, row.line__application__subject)


def _payments(batches: Any) -> Any:
    return Payment.objects.filter(batch__in=batches.order_by().values("pk"))


def _rows(batches: Any) -> Iterator[Any]:
    ordered = _payments(batches).order_by("batch__number", "line__application__number", "pk")
    last = Refund.objects.filter(payment=OuterRef("pk")).order_by("-on", "-pk")
    listed = ordered.annotate(
        kept=_kept(),
        firm=listed_name("line__application__"),
        returned_on=Subquery(last.values("on")[:1]),
        reason=Subquery(last.values("reason")[:1]),
    ).values_list(*FIELDS, "kept", "firm", "returned_on", "reason", named=True)
    return listed.iterator(chunk_size=2000)


def _summary(batches: Any) -> Summary:
    totals = {PLANNED: F("amount"), REFUNDED: F("refunded"), PAID: _kept()}
    return sql_summary(totals)(_payments(batches))


PAYMENTS = DataList(
    key="payments",
    title="支付清单",
    columns=(
        Column(BATCH, attrgetter("batch__number"), width=22),
        Column("资金", attrgetter("batch__fund__name"), width=15),
        Column(PAID_ON, attrgetter("batch__paid_on"), Kind.DATE, width=11),
        Column(VOUCHER, attrgetter("batch__voucher_number"), width=13),
        Column(NUMBER, attrgetter("line__application__number"), width=19),
        Column("企业名称", attrgetter("firm"), width=20),
        Column(CODE, attrgetter("line__application__enterprise__credit_code"), width=21),
        Column("开户名", attrgetter("account__holder"), width=18),
        Column("开户行", attrgetter("account__bank"), width=18),
        Column(ACCOUNT, _account, width=22),
        Column("县（市、区）", attrgetter("line__application__county__name"), width=10),
        Column("申报项目", _programme, width=18),
        Column(LEVEL, lambda row: LEVELS[row.line__level], width=8),
        Column(TITLE, attrgetter("line__title"), width=12),
        Column("给付年度", attrgetter("line__year"), Kind.INTEGER, width=8),
        Column(PLANNED, attrgetter("amount"), Kind.MONEY, width=9, total=True),
        Column(REFUNDED, attrgetter("refunded"), Kind.MONEY, width=8, total=True),
        Column(PAID, attrgetter("kept"), Kind.MONEY, width=9, total=True),
        Column(RESULT, _result, width=10),
        Column(RETURNED_ON, lambda row: _of_return(row, row.returned_on), Kind.DATE, width=11),
        Column(REASON, lambda row: _of_return(row, row.reason), width=14),
        Column(ALONE, _alone, width=8),
    ),
    rows=_rows,
    summarise=_summary,
)


def payments_for(user: Any) -> DataList:
    """The payment list as a user may have it: the numbers of accounts whole for finance only."""
    if not may_see_whole(user):
        return PAYMENTS
    columns = [
        replace(column, cell=attrgetter("account__number")) if column.header == ACCOUNT else column
        for column in PAYMENTS.columns
    ]
    return replace(PAYMENTS, columns=columns)
