"""The award list: a row for each level and tranche of what is granted."""

from collections.abc import Iterator
from typing import Any

from applications.award_list import AwardLine, award_lines
from policies.models import Jurisdiction
from portal.lists import Column, DataList, Kind

CHUNK = 500  # assessments in memory at a time


def _rows(applications: Any) -> Iterator[AwardLine]:
    payers = dict(Jurisdiction.objects.values_list("code", "name"))
    granted = (
        applications.granted()
        .order_by("county", "number")
        .select_related(None)
        .select_related("enterprise")
        # Few places and editions for many cases: read once for a chunk, not joined to each.
        .prefetch_related(None)
        .prefetch_related("county", "edition__programme")
        .defer("answers")
    )
    return award_lines(granted.iterator(chunk_size=CHUNK), payers)


AWARDS = DataList(
    key="awards",
    title="奖补名单",
    columns=(
        Column("申报编号", lambda line: line.application.number, width=18),
        Column("企业名称", lambda line: line.application.enterprise_name, width=30),
        Column("统一社会信用代码", lambda line: line.application.enterprise.credit_code, width=21),
        Column("县（市、区）", lambda line: line.application.county.name, width=10),
        Column("类别", lambda line: line.application.edition.programme.family, width=10),
        Column("申报项目", lambda line: line.application.edition.programme.name, width=24),
        Column("项目或基地名称", lambda line: line.application.subject, width=14),
        Column("申报年度", lambda line: line.application.year, Kind.INTEGER, width=9),
        Column("奖补级别", lambda line: line.level, width=9),
        Column("支付地区", lambda line: line.payer, width=10),
        Column("期次", lambda line: line.title, width=14),
        Column("给付时间", lambda line: line.when, width=9),
        Column("给付年度", lambda line: line.year, Kind.INTEGER, width=9),
        Column("金额（万元）", lambda line: line.exact, Kind.MONEY, width=12, total=True),
        Column("金额说明", lambda line: line.words, width=18),
        Column("给付条件", lambda line: line.condition, width=24),
        Column("依据", lambda line: line.sources, width=28),
        Column("联系人", lambda line: line.application.contact_name, width=10),
        Column("联系电话", lambda line: line.application.contact_telephone, width=15),
    ),
    rows=_rows,
    permissions=("applications.view_application", "applications.export_awards"),
)
