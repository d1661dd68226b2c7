"""What firms that asked would be told by a draft, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from policies.catalogue.content import CONTENT, edition_data, examples_of
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.consistency.catalogue import check_catalogue
from policies.consistency.jurisdictions import Place
from policies.presentation.words import VERDICTS, money
from policies.rules import edition as rules
from policies.rules.firm import Firm
from policies.rules.judgement import ELIGIBLE, judge
from policies.rules.money import NOTHING, Money
from policies.rules.read_edition import compile_edition
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import known_answers

# Enough to show what changes, and answered while the editor waits.
MOST_FIRMS = 1000
# The editor waits here too; the check of the whole catalogue tries longer.
MOST_TRIED = 2_000


@dataclass(frozen=True)
class Effect:
    """`moves`: verdict before and after in words, and how many of the `firms` it happens to;
    `before` and `after`: what all eligible ones would get, 万元 in words, None without an
    edition before."""

    problems: list[str]
    firms: int
    moves: list[tuple[str, str, int]]
    before: str | None
    after: str


def effect_of(draft: Edition, predecessor: Edition | None, on: date) -> Effect:
    """Judge the kept self-checks of today by the predecessor and by the draft.

    Raises RuleError where the draft does not compile.
    """
    known = Catalogue()
    draft_data = _data(draft)
    compiled = compile_edition(draft_data, known.facts)
    earlier = known.pinned_edition(predecessor) if predecessor else None
    checks = SelfCheck.objects.filter(expires_at__date__gte=on).order_by("-pk")[:MOST_FIRMS]
    firms = [Firm(known_answers(check, known.facts, on), on) for check in checks]
    after = [_judge(compiled, firm) for firm in firms]
    before = [_judge(earlier, firm) for firm in firms] if earlier else []
    return Effect(
        problems=_problems(draft_data | {"examples": examples_of(draft)}, known, on),
        firms=len(firms),
        moves=_moves([verdict for verdict, _ in before], [verdict for verdict, _ in after]),
        before=money(_sum(before).pair) if earlier else None,
        after=money(_sum(after).pair),
    )


def _data(draft: Edition) -> dict[str, Any]:
    rows = Edition.objects.filter(pk=draft.pk).select_related("programme")
    return edition_data(rows.prefetch_related("programme__conflicts", *CONTENT).get())


def _judge(edition: rules.Edition, firm: Firm) -> tuple[str, Money]:
    judgement = judge(edition, firm)
    is_paid = judgement.verdict == ELIGIBLE
    return judgement.verdict, judgement.payable if is_paid else NOTHING


def _sum(results: Iterable[tuple[str, Money]]) -> Money:
    return reduce(Money.plus, (paid for _, paid in results), NOTHING)


def _moves(before: list[str], after: list[str]) -> list[tuple[str, str, int]]:
    """Those that change come first, the most frequent above."""
    pairs = Counter(zip(before or [""] * len(after), after, strict=True))
    rows = sorted(pairs.items(), key=lambda row: (row[0][0] == row[0][1], -row[1]))
    return [(VERDICTS.get(old, "—"), VERDICTS[new], count) for (old, new), count in rows]


def _problems(data: dict[str, Any], known: Catalogue, on: date) -> list[str]:
    """The draft's own faults; what shares money with it is looked at as well."""
    codes = {award["same_money"] for award in data["awards"] if award.get("same_money")}
    sharing = Edition.objects.in_force(on).filter(awards__same_money__in=codes)
    others = [_data(row) for row in sharing.exclude(programme=data["id"]).distinct()]
    places = {
        code: Place(code, place.name, place.level, place.parent_id)
        for code, place in known.areas.items()
    }
    problems = check_catalogue([data, *others], known.facts, places, on, MOST_TRIED)
    return [str(problem) for problem in problems if problem.programme == data["id"]]
