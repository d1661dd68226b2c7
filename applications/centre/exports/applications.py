"""The list of applications: a row for each."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.db.models.fields.json import KT

from applications.cases.models import Application
from applications.centre.exports.words import listed_name
from policies.presentation.words import VERDICTS
from portal.lists.declaration import Column, DataList, Kind, sql_summary

STATUSES = dict(Application.STATUSES)
DESKS = dict(Application.DESKS)
FIELDS = (
    "number", "enterprise__credit_code", "county__name",
    "edition__programme__family", "edition__programme__name", "subject", "year", "call__title", "status", "desk",
    "submitted_at", "arrived_at", "contact_name", "contact_telephone",
)  # fmt: skip


def _rows(applications: Any) -> Iterator[Any]:
    """Named tuples of what is listed: whole applications hold answers, which are large."""
    return (
        applications.order_by("county", "number")
        .prefetch_related(None)
        .annotate(verdict=KT("assessment__verdict"), firm=listed_name(""))
        .values_list(*FIELDS, "verdict", "firm", named=True)
        .iterator(chunk_size=2000)
    )


APPLICATIONS = DataList(
    key="applications",
    title="申报名单",
    columns=(
        Column("申报编号", attrgetter("number"), width=18),
        Column("企业名称", attrgetter("firm"), width=30),
        Column("统一社会信用代码", attrgetter("enterprise__credit_code"), width=21),
        Column("县（市、区）", attrgetter("county__name"), width=10),
        Column("类别", attrgetter("edition__programme__family"), width=10),
        Column("申报项目", attrgetter("edition__programme__name"), width=24),
        Column("项目或基地名称", attrgetter("subject"), width=18),
        Column("申报年度", attrgetter("year"), Kind.INTEGER, width=9),
        Column("征集", lambda row: row.call__title or "", width=24),
        Column("状态", lambda row: STATUSES[row.status], width=10),
        Column("经办级别", lambda row: DESKS[row.desk], width=9),
        Column("测算结论", lambda row: VERDICTS[row.verdict], width=13),
        Column("提交日期", attrgetter("submitted_at"), Kind.DATE, width=11),
        Column("到达本环节日期", attrgetter("arrived_at"), Kind.DATE, width=11),
        Column("联系人", attrgetter("contact_name"), width=10),
        Column("联系电话", attrgetter("contact_telephone"), width=15),
    ),
    rows=_rows,
    summarise=sql_summary(),
)
