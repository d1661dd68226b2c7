"""What rests on a row that several share: each place by programme and edition, before it is changed.

Rules and amounts name facts, places and conflicts within their JSON: the database picks out the rows
that may, and what a row says decides. So a draft that does not compile is told as well.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce, singledispatch
from operator import or_
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.urls import reverse

from policies.catalogue.content import texts_in
from policies.catalogue.models import (
    Award,
    Call,
    Citation,
    Clause,
    Conflict,
    Contact,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Formula,
    Material,
    Office,
    Programme,
    Synonym,
    Tranche,
    Window,
)
from policies.catalogue.shared_guards import RULE_COLUMNS
from policies.consistency.sources import PARTS
from policies.editors.jurisdiction import Reach
from policies.rules.derived import DERIVED
from policies.rules.industry import INDUSTRY_FACTS
from policies.self_check.questionnaire import FIRST_QUESTIONS
from portal.models import Jurisdiction

IN_FORCE, DRAFTS, TO_COME, PAST = "现行的版本", "草稿", "以后起用的版本", "过去的版本"
OF_PROGRAMMES, ELSEWHERE = "项目本身", "别处"
STATES = (IN_FORCE, DRAFTS, TO_COME, PAST)
# A section of more places than this is folded; its heading has their number.
MOST_UNFOLDED = 20
# What a rule says instead of the facts of the industry.
INDUSTRY = "industry"
COLUMNS = {
    model: tuple(column.strip('"') for column in RULE_COLUMNS[model._meta.db_table])
    for model in (Criterion, Award, Tranche)
} | {Example: ("firm", "criteria", "money")}


@dataclass(frozen=True)
class Use:
    """One place: the `kind` that is counted, the row in words, and where in it."""

    kind: str
    part: str
    where: str = ""
    address: str = ""


@dataclass
class Holder:
    """An edition, a programme or another row that the uses lie in; `page` is the public one."""

    title: str
    address: str = ""
    page: str = ""
    uses: list[Use] = field(default_factory=list)


@dataclass
class Section:
    title: str
    holders: list[Holder]

    @property
    def count(self) -> int:
        return sum(len(each.uses) for each in self.holders)

    @property
    def is_folded(self) -> bool:
        return self.count > MOST_UNFOLDED


@dataclass
class WhereUsed:
    """`hidden` is the number of drafts of places that the reader does not edit."""

    sections: list[Section]
    counts: dict[str, int]
    hidden: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_unused(self) -> bool:
        return not self.counts and not self.hidden


@dataclass
class _Found:
    """What was found, gathered by the edition or programme that it lies in."""

    reach: Reach
    on: date
    holders: dict[tuple[str, Any], tuple[str, Holder]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    def in_edition(self, edition: Edition, use: Use) -> None:
        programme = edition.programme
        if edition.is_draft and programme.area_id not in self.reach.areas:
            self.hidden.add(edition.pk)
            return
        state = state_of(edition, self.on)
        self._holder(
            ("edition", edition.pk), state, lambda: _edition_holder(edition, state)
        ).uses.append(use)

    def in_programme(self, programme: Programme, use: Use) -> None:
        holder = self._holder(
            ("programme", programme.pk), OF_PROGRAMMES, lambda: _programme_holder(programme)
        )
        holder.uses.append(use)

    def elsewhere(self, title: str, use: Use, page: str = "") -> None:
        holder = self._holder(
            ("elsewhere", title), ELSEWHERE, lambda: Holder(title, use.address, page)
        )
        holder.uses.append(use)

    def _holder(self, key: tuple[str, Any], title: str, make: Callable[[], Holder]) -> Holder:
        if key not in self.holders:
            self.holders[key] = title, make()
        return self.holders[key][1]

    def sorted(self) -> WhereUsed:
        sections = []
        for title in (*STATES, OF_PROGRAMMES, ELSEWHERE):
            own = [holder for section, holder in self.holders.values() if section == title]
            if own:
                sections.append(Section(title, sorted(own, key=lambda each: each.title)))
        counts: dict[str, int] = {}
        for section in sections:
            for holder in section.holders:
                for use in holder.uses:
                    counts[use.kind] = counts.get(use.kind, 0) + 1
        return WhereUsed(sections, counts, len(self.hidden))


def where_used(row: Model, reach: Reach, on: date) -> WhereUsed | None:
    """All that rests on the row; of drafts that the reader's `reach` leaves out their number only.

    None for kinds of rows that no programme names, such as days off.
    """
    if _gather.dispatch(type(row)) is _gather.dispatch(object):
        return None
    found = _Found(reach, on)
    _gather(row, found)
    return found.sorted()


@singledispatch
def _gather(row: Any, found: _Found) -> None:
    raise TypeError(f"nothing says where a {type(row).__name__} is used")


@_gather.register
def _(row: Fact, found: _Found) -> None:
    derived = {key: each.label for key, each in DERIVED.items() if row.key in each.reads}
    words = {row.key: "", **{key: f"通过推算的“{label}”" for key, label in derived.items()}}
    if row.key in INDUSTRY_FACTS:
        words[INDUSTRY] = "通过行业"
    for formula in _saying(Formula.objects.all(), ["quantity"], [row.key]):
        words[formula.key] = f"通过公式“{formula.label}”"
        found.elsewhere("公式", Use("公式", str(formula), "怎么算", page_of(formula)))
    _in_rules(words, found)
    _in_materials(row.key, found)
    for programme in _programmes(Q(tier_fact=row.key)):
        found.in_programme(programme, Use("梯度", "所属梯度的称号指标"))
    for label in derived.values():
        found.elsewhere("推算的指标", Use("推算", label))
    if row.key in FIRST_QUESTIONS:
        found.elsewhere("自测", Use("自测", "最先问的几项之一"))


@_gather.register
def _(row: Formula, found: _Found) -> None:
    """Of whichever version: an edition is pinned to one, a draft takes that of its day."""
    _in_rules({row.key: ""}, found)


@_gather.register
def _(row: Conflict, found: _Found) -> None:
    _in_rules({row.code: ""}, found, {Criterion: ["reason"], Award: ["same_money"]})
    for programme in _programmes(Q(conflicts=row)):
        found.in_programme(programme, Use("项目", "口径说明"))


@_gather.register
def _(row: Document, found: _Found) -> None:
    _in_citations(row, None, found)
    for edition in _editions(Edition.objects.exclude(notices=[])):
        for notice in edition.notices:
            if row.number in notice:
                found.in_edition(edition, Use("提示", "提示", notice, page_of(edition)))
    for each in row.supersedes.all():
        found.elsewhere(
            str(each), Use("文件", "被这份文件取代", "", page_of(each)), each.get_absolute_url()
        )
    clauses = list(row.clauses.all())
    for each in clauses:
        found.elsewhere("这份文件的条款", Use("条款", each.name, each.gist, page_of(each)))
    _in_parts(clauses, found)


@_gather.register
def _(row: Clause, found: _Found) -> None:
    _in_citations(row.document, [row.name, *row.cited_as], found)
    _in_parts([row], found)


@_gather.register
def _(row: Synonym, found: _Found) -> None:
    """A word leads to what has one of its meanings in the name, the kind or the summary."""
    fields = {"name": "名称", "family": "类别", "summary": "一句话介绍"}
    said = [Q(**{f"{name}__icontains": each}) for each in row.means for name in fields]
    for programme in _programmes(reduce(or_, said, Q(pk=None))):
        for each in row.means:
            where = [
                label
                for name, label in fields.items()
                if each.casefold() in getattr(programme, name).casefold()
            ]
            if where:
                found.in_programme(programme, Use("项目", f"“{each}”", "、".join(where)))


@_gather.register
def _(row: Office, found: _Found) -> None:
    for contact in row.contacts.select_related("programme__area"):
        found.in_programme(contact.programme, Use("联系方式", "告诉企业问谁", contact.note))


@_gather.register
def _(row: Jurisdiction, found: _Found) -> None:
    _in_rules({row.code: ""}, found)
    payers = Award.objects.filter(payer=row)
    for award in payers.select_related("edition__programme__area", "payer"):
        use = Use("奖补", _award_name(award), "支付地区", page_of(award))
        found.in_edition(award.edition, use)
    for programme in _programmes(Q(area=row)):
        found.in_programme(programme, Use("项目", "适用地区"))
    contacts = Contact.objects.filter(office__jurisdiction=row)
    for contact in contacts.select_related("programme__area", "office"):
        found.in_programme(contact.programme, Use("联系方式", str(contact), "联系方式"))
    for fact in _saying(Fact.objects.all(), ["choices"], [row.code]):
        found.elsewhere("指标的选项", Use("指标", fact.label, "选项", page_of(fact)))
    for label, count in _hanging_on(row) if row.code in found.reach.areas else ():
        found.elsewhere("这个行政区划下", Use(label, f"{label} {count} 条"))


# --- what rules, amounts and materials name ------------------------------------------------


def _in_rules(
    words: Mapping[str, str],
    found: _Found,
    codes: Mapping[type[Model], Iterable[str]] | None = None,
) -> None:
    """Rules, amounts and examples that name one of the words; `codes` are columns that hold one by itself."""
    paths = {
        Criterion: ("edition__programme__area",),
        Award: ("edition__programme__area", "payer"),
        Tranche: ("award__edition__programme__area", "award__payer"),
        Example: ("edition__programme__area",),
    }
    for model, columns in COLUMNS.items():
        plain = list((codes or {}).get(model, ()))
        rows = _saying(model.objects.all(), columns, words, plain).select_related(*paths[model])
        for row in rows:
            where = [
                _place_of(model, name, words, getattr(row, name))
                for name in (*columns, *plain)
                if words.keys() & set(texts_in(getattr(row, name)))
            ]
            if not where:
                continue
            edition = (row.award if model is Tranche else row).edition
            found.in_edition(edition, _use_of(row, "、".join(where)))


def _place_of(model: type[Model], name: str, words: Mapping[str, str], value: Any) -> str:
    label = str(model._meta.get_field(name).verbose_name)
    named = words.keys() & set(texts_in(value))
    through = [words[word] for word in words if word in named]
    return label if "" in through else f"{label}（{'、'.join(through)}）"


def _saying(
    rows: QuerySet, columns: Iterable[str], words: Iterable[str], plain: Iterable[str] = ()
) -> QuerySet:
    """The rows whose JSON may name one of the words, or whose plain columns hold one."""
    words = list(words)
    texts = {f"{name}_text": Cast(name, TextField()) for name in columns}
    said = [Q(**{f"{name}__contains": f'"{word}"'}) for name in texts for word in words]
    said += [Q(**{f"{name}__in": words}) for name in plain]
    return rows.alias(**texts).filter(reduce(or_, said))


def _in_materials(key: str, found: _Found) -> None:
    rows = _saying(Material.objects.all(), ["proves"], [key])
    for row in rows.select_related("edition__programme__area", "call__programme__area"):
        if key not in row.proves:
            continue
        if row.edition_id:
            use = Use("材料", row.name, "证明哪些填报项", page_of(row.edition))
            found.in_edition(row.edition, use)
        elif row.call.status != Call.Status.DRAFT:
            use = Use("征集", str(row.call), f"材料“{row.name}”证明的填报项")
            found.in_programme(row.call.programme, use)


def _use_of(row: Criterion | Award | Tranche | Example, where: str) -> Use:
    if isinstance(row, Criterion | Example):
        kind = "条件" if isinstance(row, Criterion) else "例子"
        return Use(kind, str(row), where, page_of(row))
    if isinstance(row, Tranche):
        part = f"{_award_name(row.award)}：{row.title}"
        return Use("金额", part, where, page_of(row.award))
    return Use("奖补", _award_name(row), where, page_of(row))


def _award_name(award: Award) -> str:
    return f"第{award.position}项奖补，{award}"


# --- what cites a document or a clause -----------------------------------------------------


def _in_citations(document: Document, clauses: list[str] | None, found: _Found) -> None:
    """What cites the document, or only some of its clauses; a call names no clause."""
    cited = Q(document=document) & (Q() if clauses is None else Q(clause__in=clauses))
    rows = Citation.objects.filter(cited).select_related(
        "criterion__edition__programme__area",
        "award__edition__programme__area",
        "award__payer",
    )
    for row in rows:
        owner = row.criterion or row.award
        found.in_edition(owner.edition, _use_of(owner, f"依据 {row.clause}".strip()))
    for window in Window.objects.filter(cited).select_related("programme__area"):
        use = Use("申报时间", window.title, f"依据 {window.clause}")
        found.in_programme(window.programme, use)
    if clauses is not None:
        return
    calls = Call.objects.filter(cited).exclude(status=Call.Status.DRAFT)
    for call in calls.select_related("programme__area"):
        found.in_programme(call.programme, Use("征集", str(call), "政策文件"))


def _in_parts(clauses: Iterable[Clause], found: _Found) -> None:
    """What tells a clause without citing it."""
    told = [(clause, *part) for clause in clauses for part in clause.parts]
    if not told:
        return
    known = {each.pk: each for each in _programmes(Q(pk__in={each for _, each, _ in told}))}
    for clause, programme, part in told:
        if programme in known:
            use = Use("条款列出的部分", PARTS.get(part, part), f"条款 {clause.name}")
            found.in_programme(known[programme], use)


# --- the rows that uses lie in -------------------------------------------------------------


def _programmes(which: Q) -> QuerySet[Programme]:
    return Programme.objects.filter(which).select_related("area").distinct()


def _editions(rows: QuerySet[Edition]) -> QuerySet[Edition]:
    return rows.select_related("programme__area")


def state_of(edition: Edition, on: date) -> str:
    if edition.is_draft:
        return DRAFTS
    if not edition.is_standing or (edition.ends and edition.ends <= on):
        return PAST
    return TO_COME if edition.effective_from > on else IN_FORCE


def _edition_holder(edition: Edition, state: str) -> Holder:
    programme = edition.programme
    page = ""
    if state == IN_FORCE:
        page = reverse("pages:programme", args=[programme.pk])
    elif state != DRAFTS:
        page = reverse("pages:edition", args=[programme.pk, edition.pk])
    told = "" if state in (IN_FORCE, DRAFTS, TO_COME) else f"，{edition.get_status_display()}"
    return Holder(f"{edition}，{programme.area}{told}", page_of(edition), page)


def _programme_holder(programme: Programme) -> Holder:
    title = f"{programme}，{programme.area}"
    return Holder(title, page_of(programme), reverse("pages:programme", args=[programme.pk]))


def page_of(row: Model) -> str:
    """The page of a row in the admin."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[quote(row.pk)])


def _hanging_on(place: Jurisdiction) -> list[tuple[str, int]]:
    """How many rows of other kinds, also of rooms above, belong to the place; one query."""
    told = {Award, Programme}
    counted = {}
    for relation in Jurisdiction._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not relation.one_to_many or model in told:
            continue
        # Neither the history nor the pairs of a field that chooses many are rows of their own.
        if hasattr(model, "history_type") or model._meta.auto_created:
            continue
        rows = model._base_manager.filter(**{relation.field.name: OuterRef("pk")}).order_by()
        label = str(model._meta.verbose_name)
        number = rows.values(relation.field.name).annotate(number=Count("pk")).values("number")
        counted[f"count_{len(counted)}"] = label, Subquery(number)
    values = {name: query for name, (_, query) in counted.items()}
    row = Jurisdiction.objects.filter(pk=place.pk).values_list(*values.values()).first() or ()
    totals: dict[str, int] = {}
    for (label, _), count in zip(counted.values(), row, strict=True):
        if count:
            totals[label] = totals.get(label, 0) + count
    return list(totals.items())
