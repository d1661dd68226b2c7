"""The list of public notices: a row for each case of each batch."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from applications.notices.models import Notice, NoticeLine
from portal.lists.declaration import Column, DataList, Kind, Summary, sql_summary

STATUSES = dict(Notice.Status.choices)
OUTCOMES = dict(NoticeLine.Outcome.choices)
FIELDS = (
    "notice__number", "notice__title", "notice__jurisdiction__name", "notice__status",
    "notice__working_days", "notice__posted_on", "notice__ends_on", "notice__ended_on",
    "notice__withdrawn_on", "notice__withdrawal_reason",
    "application__number", "enterprise_name", "application__enterprise__credit_code",
    "programme_name", "subject", "county_name", "outcome",
)  # fmt: skip


def _lines(notices: Any) -> Any:
    return NoticeLine.objects.filter(notice__in=notices.order_by().values("pk"))


def _rows(notices: Any) -> Iterator[Any]:
    ordered = _lines(notices).order_by("notice__number", "county_name", "enterprise_name", "pk")
    return ordered.values_list(*FIELDS, named=True).iterator(chunk_size=2000)


def _summary(notices: Any) -> Summary:
    return sql_summary()(_lines(notices))


NOTICES = DataList(
    key="notices",
    title="公示名单",
    columns=(
        Column("公示编号", attrgetter("notice__number"), width=20),
        Column("公示标题", attrgetter("notice__title"), width=26),
        Column("公示地区", attrgetter("notice__jurisdiction__name"), width=10),
        Column("公示状态", lambda row: STATUSES[row.notice__status], width=10),
        Column("工作日", attrgetter("notice__working_days"), Kind.INTEGER, width=8),
        Column("开始日", attrgetter("notice__posted_on"), Kind.DATE, width=11),
        Column("公示截止日", attrgetter("notice__ends_on"), Kind.DATE, width=11),
        Column("结束日", attrgetter("notice__ended_on"), Kind.DATE, width=11),
        Column("撤回日", attrgetter("notice__withdrawn_on"), Kind.DATE, width=11),
        Column("撤回原因", attrgetter("notice__withdrawal_reason"), width=20),
        Column("申报编号", attrgetter("application__number"), width=18),
        Column("企业名称", attrgetter("enterprise_name"), width=30),
        Column("统一社会信用代码", attrgetter("application__enterprise__credit_code"), width=21),
        Column("申报项目", attrgetter("programme_name"), width=24),
        Column("项目或基地名称", attrgetter("subject"), width=18),
        Column("县（市、区）", attrgetter("county_name"), width=10),
        Column("公示结果", lambda row: OUTCOMES[row.outcome], width=10),
    ),
    rows=_rows,
    summarise=_summary,
)
