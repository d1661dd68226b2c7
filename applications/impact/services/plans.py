"""What a run judges by: the predecessor of an edition, the edition, and its variants."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from applications.impact.models import Run, Variant
from applications.impact.services.judging import facts_of
from applications.impact.services.numbers import NumbersChangedError, replaced
from policies.catalogue.content import digest_of, edition_content, edition_data, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.rules import edition as rules
from policies.rules.facts import Fact
from policies.rules.read_edition import read_edition

NOTHING_BEFORE = "以前没有"
BEFORE, CORRECTED = "前一版本（{day} 起）", "被更正的版本（{day} 起）"
DRAFT, EDITION = "这份草稿", "这个版本"
NOT_COMPILED = "“{title}”还不能测算：{fault}"
GONE = "这个版本已被删除。"


class PlanError(Exception):
    """What cannot be judged by; the message says why, in Chinese."""


@dataclass(frozen=True)
class Plan:
    """`data` is what compile_edition takes; None where nothing stood before."""

    title: str
    data: Mapping[str, Any] | None
    digest: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "data": self.data, "digest": self.digest}


def content_of(edition: Edition) -> dict[str, Any]:
    return edition_content(with_content(Edition.objects.filter(pk=edition.pk)).get())


def digest_now(edition: Edition | None) -> str:
    """Of what an edition says now; empty for none."""
    return digest_of(content_of(edition)) if edition else ""


def plans_of(edition: Edition, variants: Iterable[Variant]) -> list[Plan]:
    """The predecessor, the edition and its variants; PlanError where a variant no longer fits."""
    data = _data_of(edition)
    before = predecessor_of(edition)
    told = (CORRECTED if edition.corrects_id else BEFORE).format(
        day=before and before.effective_from
    )
    plans = [
        Plan(told, _data_of(before), digest_now(before)) if before else Plan(NOTHING_BEFORE, None),
        Plan(DRAFT if edition.is_draft else EDITION, data, digest_now(edition)),
    ]
    for variant in variants:
        try:
            made = replaced(data, variant.numbers)
        except NumbersChangedError as error:
            raise PlanError(f"方案“{variant.title}”：{error}") from error
        plans.append(Plan(variant.title, made, digest_of(made)))
    return plans


def _data_of(edition: Edition) -> dict[str, Any]:
    """As JSON keeps it, so that it is the same when it is read again."""
    row = with_content(Edition.objects.filter(pk=edition.pk)).first()
    if row is None:
        raise PlanError(GONE)
    return json.loads(json.dumps(edition_data(row), cls=DjangoJSONEncoder))


def compiled(plans: Iterable[Plan], facts: Mapping[str, Fact]) -> list[rules.Edition | None]:
    """Raises PlanError, naming the plan, where one does not compile or has nothing to say."""
    found: list[rules.Edition | None] = []
    for plan in plans:
        if plan.data is None:
            found.append(None)
            continue
        edition = read_edition(plan.data, facts)
        if not edition.fault and not (edition.criteria or edition.awards):
            raise PlanError(NOT_COMPILED.format(title=plan.title, fault="没有条件，也没有奖补。"))
        if edition.fault:
            raise PlanError(NOT_COMPILED.format(title=plan.title, fault=edition.fault))
        found.append(edition)
    return found


def digest_of_facts(plans: Sequence[rules.Edition | None], facts: Mapping[str, Fact]) -> str:
    """Of what answers may be, of the facts that the plans turn on; not of how they are worded."""
    told = [
        repr((f.key, f.type, f.unit, tuple(f.choices), f.minimum, f.maximum, f.decimals))
        for f in (facts[key] for key in sorted(facts_of(plans)) if key in facts)
    ]
    return sha256("\0".join(told).encode()).hexdigest()


def stale_reasons(run: Run) -> list[str]:
    """What has changed since a run was asked for, so that it would come out otherwise today."""
    found = []
    if digest_now(run.edition) != run.plans[1]["digest"]:
        found.append("版本的内容改过了")
    before = predecessor_of(run.edition)
    if (before.pk if before else None) != run.predecessor_id or (
        digest_now(before) != run.plans[0]["digest"]
    ):
        found.append("前一版本换了")
    facts = Catalogue().facts
    plans = [read_edition(each["data"], facts) if each["data"] else None for each in run.plans]
    if digest_of_facts(plans, facts) != run.facts_digest:
        found.append("用到的指标改过了")
    kept = [(plan["title"], plan["digest"]) for plan in run.plans[2:]]
    if run.edition.is_draft and kept != _variants_now(run.edition, run.plans[1]["data"]):
        found.append("方案改过了")
    return found


def _variants_now(edition: Edition, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for variant in Variant.objects.filter(edition=edition):
        try:
            found.append((variant.title, digest_of(replaced(data, variant.numbers))))
        except NumbersChangedError:
            found.append((variant.title, ""))
    return found


def day_of(edition: Edition, today: date, *, as_of_today: bool) -> date:
    """The day on which firms are judged: the edition's first, or today as if it stood already."""
    return today if as_of_today else edition.effective_from
