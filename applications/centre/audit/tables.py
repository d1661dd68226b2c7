"""Every table that hangs on a case, in the order of a dossier: one line each.

A new table that leads to a case has to be named here or in LEFT_OUT, which a test sees to; its fields
and moments are then listed without further work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Field, ForeignKey, JSONField, Model, Q, QuerySet
from django.utils import timezone

from applications.cases.models import (
    Application,
    ApplicationEvent,
    Attachment,
    CaseNote,
    Correction,
    Cover,
    ExpertAssignment,
    ExpertScore,
    Finding,
    Message,
    MessageDelivery,
    ReviewRequest,
)
from applications.centre.models import ExportLog
from applications.enterprises.models import BankAccount, EnterpriseChange, Membership
from applications.enterprises.models.bank_account import may_see_whole
from applications.impact.models import Affected
from applications.money.models import (
    AwardEvent,
    AwardLine,
    Payment,
    PaymentBatch,
    Reclaim,
    ReclaimDrop,
    Refund,
    SinglePersonPermit,
)
from applications.notices.models import (
    EnterpriseTitle,
    Notice,
    NoticeLine,
    Objection,
    Recognition,
    RecognitionLine,
    Revocation,
)
from portal.models import Delivery, User

# Addresses that open something, and what counts versions only.
NEVER = frozenset({"reference", "version", "key", "storedfile_ptr"})
Find = Callable[[Application], Q]


@dataclass(frozen=True)
class Table:
    """Rows of a model; `find` says which belong to a case, `hidden` what is not told, `named` what else
    a row needs to call itself by a name, beside its own relations.
    """

    model: type[Model]
    find: Find
    hidden: frozenset[str] = frozenset()
    title: str = ""
    named: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.model._meta.model_name

    @property
    def name(self) -> str:
        return self.title or str(self.model._meta.verbose_name)

    @property
    def fields(self) -> list[Field]:
        return [
            each
            for each in self.model._meta.concrete_fields
            if not each.primary_key and each.name not in NEVER | self.hidden
        ]

    def rows(self, case: Application) -> QuerySet:
        """One query."""
        fields = self.model._meta.concrete_fields
        related = [each.name for each in fields if isinstance(each, ForeignKey)] + list(self.named)
        # The case is at hand; its answers are large.
        large = [
            f"{path}__{name}"
            for path in related
            if path.split("__")[-1] == "application"
            for name in ("answers", "assessment")
        ]
        rows = self.model._base_manager
        own = rows.filter(self.find(case)).values("pk")
        found = rows.filter(pk__in=own).select_related(*related)
        return found.defer(*large).order_by("pk")


def by(path: str) -> Find:
    """Rows that lead to the case by this path."""
    return lambda case: Q(**{path: case.pk})


def hide(*names: str) -> frozenset[str]:
    return frozenset(names)


def _of_the_notice(case: Application) -> Q:
    """What was held against this case or the whole notice, not against others of it."""
    return Q(line__application=case.pk) | Q(line=None, notice__lines__application=case.pk)


def _firms(case: Application) -> set[int]:
    """Who handed it in, and who goes on with it: each may act in it, and be paid for it."""
    return {case.enterprise_id, case.successor_id or case.enterprise_id}


def _by_name(case: Application) -> Q:
    """Files made of this one case, or of several among which it is named."""
    return Q(key__in=["materials", "dossier"], filtered__contains=case.number)


def _covers(case: Application) -> Q:
    """Covers by which somebody acted on this case in another's stead."""
    found = Q(pk__in=[])
    acts = case.events.exclude(on_behalf_of=None).values_list("on_behalf_of", "actor", "at")
    for person, substitute, at in acts:
        day = timezone.localdate(at)
        found |= Q(person=person, substitute=substitute, first__lte=day, last__gte=day)
    return found


TABLES: tuple[Table, ...] = (
    Table(ApplicationEvent, by("application"), hide("application")),
    Table(Cover, _covers),
    Table(Finding, by("application"), hide("application")),
    Table(Correction, by("application"), hide("application")),
    Table(ExpertAssignment, by("application"), hide("application")),
    Table(
        ExpertScore,
        by("assignment__application"),
        named=("assignment__application", "assignment__expert"),
    ),
    Table(ReviewRequest, by("application"), hide("application")),
    Table(CaseNote, by("application"), hide("application")),
    Table(Attachment, by("application"), hide("application")),
    Table(Notice, by("lines__application"), title="公示批次"),
    Table(NoticeLine, by("application"), hide("application")),
    # Who objects is told to those who settle it alone.
    Table(Objection, _of_the_notice, hide("name", "contact")),
    Table(Recognition, by("lines__application"), title="认定文件"),
    Table(RecognitionLine, by("application"), hide("application")),
    Table(Revocation, by("line__application"), named=("line__application",)),
    Table(
        EnterpriseTitle,
        lambda case: Q(
            enterprise__in=case.enterprise.line_of_succession(),
            recognition__lines__application=case.pk,
        ),
    ),
    Table(AwardLine, by("application"), hide("application")),
    Table(AwardEvent, by("line__application"), named=("line__application", "permit__jurisdiction")),
    Table(PaymentBatch, by("payments__line__application"), named=("permit__jurisdiction",)),
    Table(Payment, by("line__application"), named=("line__application", "account__enterprise")),
    Table(
        Refund,
        by("payment__line__application"),
        named=("payment__batch", "payment__line__application"),
    ),
    Table(Reclaim, by("line__application"), named=("line__application",)),
    Table(ReclaimDrop, by("reclaim__line__application"), named=("reclaim__line__application",)),
    Table(SinglePersonPermit, by("batches__payments__line__application")),
    Table(
        EnterpriseChange,
        lambda case: Q(enterprise__in=_firms(case)) | Q(successor__in=_firms(case)),
    ),
    Table(BankAccount, lambda case: Q(enterprise__in=_firms(case))),
    Table(Membership, lambda case: Q(enterprise__in=_firms(case))),
    Table(Message, by("application"), hide("application", "enterprise")),
    # Where to, and what a letter said that opens something, are nobody else's.
    Table(
        Delivery,
        by("about__message__application"),
        hide("address", "text", "is_secret", "due_at", "expires_at"),
    ),
    Table(ExportLog, _by_name, hide("key", "query", "filtered"), title="材料和案卷的下载"),
)
# Only joins two that are listed; what a draft would have made of a case is no part of it, and goes.
LEFT_OUT = frozenset({MessageDelivery, Affected})


@dataclass(frozen=True)
class Cell:
    """One field of a row: `value` as JSON holds it, `people` by key where it names one."""

    name: str
    label: str
    value: Any
    text: str
    person: int | None = None


@dataclass(frozen=True)
class Row:
    """A row as it is told; `moments` are (label, when, who by key)."""

    pk: int
    title: str
    cells: list[Cell]
    moments: list[tuple[str, datetime, int | None]] = field(default_factory=list)
    words: str = ""


def rows_of(table: Table, case: Application, viewer: User) -> list[Row]:
    return [_row(table, row, viewer) for row in table.rows(case)]


# What a row says in sentences, for the course of events.
SENTENCES = (
    "opinion",
    "reason",
    "answer",
    "handling",
    "conflict_reason",
    "note",
    "document_number",
)


def _row(table: Table, row: Model, viewer: User) -> Row:
    cells = [_cell(each, row, viewer) for each in table.fields]
    words = [
        str(getattr(row, name))
        for name in SENTENCES
        if name in {cell.name for cell in cells} and getattr(row, name)
    ]
    return Row(row.pk, _title(row), cells, list(_moments(table, row)), "；".join(words))


def _title(row: Model) -> str:
    """What was done, where the row says so; else what it is."""
    told = getattr(row, "get_action_display", None)
    if told is None:
        return str(row)
    step = getattr(row, "step", "")
    return f"{told()}（{step}）" if step else str(told())


def _cell(each: Field, row: Model, viewer: User) -> Cell:
    value = getattr(row, each.attname)
    label = str(each.verbose_name)
    if isinstance(each, ForeignKey):
        found = getattr(row, each.name)
        if isinstance(found, User):
            return Cell(each.name, label, value, str(found), found.pk)
        return Cell(
            each.name,
            label,
            None if found is None else {"id": value, "name": str(found)},
            "" if found is None else str(found),
        )
    if each.name == "number" and isinstance(row, BankAccount) and not may_see_whole(viewer):
        value = row.tail
    return Cell(each.name, label, value, _text(each, row, value))


def _text(each: Field, row: Model, value: Any) -> str:
    if value is None or value == "" or value in ([], {}):
        return ""
    if each.choices:
        return str(getattr(row, f"get_{each.name}_display")())
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(each, JSONField):
        return _json_in_words(value)
    return str(value)


# Keys of what belongs to an action, as the page of a case calls them.
DETAIL_WORDS = {
    "verdict": "测算结论",
    "confirmed_unmet": "提交时已确认的条件",
    "by_staff": "由工作人员代填",
    "changes": "改动（原来、后来）",
    "materials": "材料",
    "facts": "填报项",
    "working_days": "工作日",
    "due_on": "截止",
    "assignee": "分配给",
    "ranking": "专家评审名次",
    "is_review": "是复核",
    "visited_on": "核查日期",
    "document_number": "文号",
}


def _json_in_words(value: Any) -> str:
    if isinstance(value, dict):
        return "；".join(
            f"{DETAIL_WORDS.get(name, name)}：{_json_in_words(part)}"
            for name, part in value.items()
        )
    if isinstance(value, list | tuple):
        return "、".join(map(_json_in_words, value))
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _moments(table: Table, row: Model) -> Iterator[tuple[str, datetime, int | None]]:
    """Each time that the row tells, with who did it: `settled_at` with `settled_by`, `at` with whoever
    it names."""
    names = {each.name for each in table.fields}
    for each in table.fields:
        when = getattr(row, each.attname)
        if not isinstance(when, datetime):
            continue
        stem = each.name.removesuffix("_at")
        own = [f"{stem}_by", *(["actor", "author", "by", "user"] if each.name == "at" else [])]
        who = next((name for name in own if name in names), None)
        yield str(each.verbose_name), when, who and getattr(row, f"{who}_id")


def moment_of(cell: Cell, row: Row) -> datetime | None:
    """When a person of a row did what it says: the moment of their own field, else the row's first."""
    values = {each.name: each.value for each in row.cells}
    stem = cell.name.removesuffix("_by")
    for name in (f"{stem}_at", f"{stem}_on", "at"):
        found = values.get(name)
        if isinstance(found, datetime):
            return found
        if isinstance(found, date):
            return timezone.make_aware(datetime.combine(found, time.max))
    return row.moments[0][1] if row.moments else None
