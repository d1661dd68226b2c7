"""Every kind of change that an editor can make to a catalogue in use, made or refused.

A change is refused by whoever guards it, a form or the database: either way old cases stay as they
are. None is passed over without a word: each tells how many rows it changed.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils import timezone

from applications.cases.services.calls import CallError
from policies.catalogue.editions import EditionError, begin_correction, copy_to_draft
from policies.catalogue.models import (
    Award,
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
    Step,
    Synonym,
    Tranche,
    Window,
)
from policies.catalogue.screening import set_screened
from portal.acts_of_two import ActOfTwoError
from portal.models import Jurisdiction
from tests.factories import CallFactory, opened_call, ready
from tests.two_editors import (
    publish_correction,
    publish_edition,
    retire_edition,
    withdraw_edition,
)

REFUSED = (
    IntegrityError, ProtectedError, EditionError, ValidationError, CallError, ActOfTwoError,
)  # fmt: skip
Change = Callable[[], int]


def made(rows: Iterable[Model], change: Callable[[Any], Any]) -> int:
    """How many rows a change was made to; where it is refused the row stays."""
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                change(row)
        except REFUSED:
            continue
        count += 1
    return count


def setting(model: type[Model], **values: Any) -> Change:
    """Fields of every row set to a value, or to what a function makes of the row."""

    def change(row: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value(row) if callable(value) else value)
        row.save(update_fields=list(values))

    return lambda: made(model.objects.all(), change)


def deleting(model: type[Model]) -> Change:
    return lambda: made(model.objects.all(), lambda row: row.delete())


def _standing() -> QuerySet[Edition]:
    return Edition.objects.standing().select_related("programme")


def _other_rules(edition: Edition) -> None:
    """Limits, amounts and awards that are not what they were."""
    edition.criteria.exclude(kind="manual").update(rule={"open": "C01"}, sentence="")
    Tranche.objects.filter(award__edition=edition).update(amount=999, now_when=None, past_when=None)


def _succeed(edition: Edition) -> None:
    draft = copy_to_draft(edition, timezone.localdate() + timedelta(days=400))
    _other_rules(draft)
    publish_edition(ready(draft))


def _correct(edition: Edition) -> None:
    draft = begin_correction(edition)
    _other_rules(draft)
    publish_correction(ready(draft), reason="改正", now=timezone.now())


def _screen_off(programme: Programme) -> None:
    set_screened(programme, is_screened=False, reason="停办", now=timezone.now())


def _call(programme: Programme) -> None:
    opened_call(programme=programme)
    CallFactory(programme=programme)


def _lower(fact: Fact) -> Decimal | None:
    return None if fact.minimum is None else fact.minimum - 1_000


def _a_formula() -> int:
    """A fact more, a formula of it, and a version of each formula that there is."""
    fact = Fact.objects.create(key="new.number", section="测试", label="新指标", type="decimal")
    rows = [
        Formula(key=each.key, effective_from=date(2020, 1, 1), label=each.label, quantity={
            "sum": [fact.key, 1]}) for each in Formula.objects.order_by("key")
    ]  # fmt: skip
    rows.append(Formula(key="new.formula", effective_from=date(2020, 1, 1), label="新公式",
                        quantity={"sum": [fact.key, 1]}))  # fmt: skip
    return made(rows, lambda row: row.save())


CHANGES: dict[str, Change] = {
    "指标的文字": setting(
        Fact, label="改了的指标", question="改了的提问", help="改了", section="改了的分组"
    ),
    "指标的次序": setting(Fact, position=lambda row: 1_000 - row.position),
    "指标的选项文字和新选项": setting(
        Fact,
        choices=lambda row: (
            row.choices
            and {**{code: f"改了{text}" for code, text in row.choices.items()}, "z9": "新选项"}
        ),
    ),
    "指标企业可以改变": setting(Fact, changeable=lambda row: not row.changeable),
    "指标的最大值放宽": setting(Fact, maximum=None),
    "指标的最小值放宽": setting(Fact, minimum=_lower),
    "指标不设最小值": setting(Fact, minimum=None),
    "指标的小数位数放宽": setting(Fact, decimals=None),
    "指标的范围收窄": setting(Fact, minimum=5, maximum=6),
    "指标的单位": setting(Fact, unit="元"),
    "指标的类型": setting(Fact, type="decimal", choices=lambda row: {}),
    "指标去掉选项": setting(Fact, choices=lambda row: dict(list(row.choices.items())[:1])),
    "删除指标": deleting(Fact),
    "口径说明的文字": setting(Conflict, text="改了的口径"),
    "删除口径说明": deleting(Conflict),
    "文件的标题和取代": setting(
        Document,
        title="改了的标题",
        superseded_by=lambda row: Document.objects.exclude(pk=row.pk).first(),
        superseded_on=date(2026, 1, 1),
    ),
    "删除文件": deleting(Document),
    "条款的内容": setting(Clause, gist="改了的内容"),
    "删除条款": deleting(Clause),
    "区划的名称和上级": setting(Jurisdiction, name="改了名", parent=None),
    "删除区划": deleting(Jurisdiction),
    "同义词": setting(Synonym, means=lambda row: ["改了的词"]),
    "删除同义词": deleting(Synonym),
    "项目的文字": setting(Programme, name="改了的项目", summary="改了", family="改了"),
    "项目的性质、受益对象和给什么": setting(
        Programme, kind="service", beneficiary="person", benefit="land"
    ),
    "项目的梯度": setting(Programme, tier_fact="", tier_code=""),
    "项目的地区": setting(Programme, area_id="140000"),
    "项目的口径说明": lambda: made(Programme.objects.all(), lambda row: row.conflicts.clear()),
    "项目不参与自测": lambda: made(Programme.objects.filter(screened=True), _screen_off),
    "科室的电话": setting(Office, telephone="0356-7000009"),
    "联系方式": setting(Contact, note="改了"),
    "删除联系方式": deleting(Contact),
    "删除科室": deleting(Office),
    "改版本里的例子": setting(Example, firm={}),
    "删除例子": deleting(Example),
    "申报时间": setting(Window, starts_month=12, starts_day=1, ends_month=12, ends_day=31),
    "征集": lambda: made(Programme.objects.filter(screened=True), _call),
    "新的版本": lambda: made(_standing(), _succeed),
    "更正": lambda: made(_standing(), _correct),
    "停用": lambda: made(
        _standing(),
        lambda row: retire_edition(
            row, reason="停办", day=timezone.localdate(), now=timezone.now()
        ),
    ),
    "撤回": lambda: made(
        _standing(), lambda row: withdraw_edition(row, reason="有误", now=timezone.now())
    ),
    "改版本里的条件": setting(Criterion, rule={"open": "C01"}),
    "改版本里的金额": setting(Tranche, amount=999),
    "改版本里的奖补": setting(Award, status="unpublished"),
    "改版本里的材料和环节": lambda: (
        setting(Material, name="改了")() + setting(Step, title="改了")()
    ),
    "改版本的提示": setting(Edition, notices=lambda row: ["改了"]),
    "公式的新版本": _a_formula,
    "公式的算法": setting(Formula, quantity=lambda row: {"sum": ["assets.total.y1", 1]}),
    "删除公式": deleting(Formula),
}
# What is always refused here: whoever changes it finds nothing that is free.
NOTHING_FREE = {"指标的范围收窄", "指标的单位", "删除指标", "删除科室", "删除公式", "项目的地区"}
