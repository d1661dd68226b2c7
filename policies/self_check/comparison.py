"""What a changed answer changes: verdicts and money before and after, programme by programme."""

from collections.abc import Iterable
from typing import Any

from policies.presentation.programme import judged_amount
from policies.presentation.words import VERDICTS, money
from policies.rules.edition import Edition
from policies.rules.firm import Firm
from policies.rules.judgement import ELIGIBLE, Judgement, judge
from policies.rules.totals import totals


def compare(editions: Iterable[Edition], before: Firm, after: Firm) -> dict[str, Any]:
    """Totals of both firms, and a row for each programme that differs."""
    pairs = [(judge(edition, before), judge(edition, after)) for edition in editions]
    rows = []
    for old, new in pairs:
        states = _state(old), _state(new)
        if states[0] != states[1]:
            rows.append(
                {
                    "programme": new.edition.programme,
                    "name": new.edition.name,
                    "before": states[0],
                    "after": states[1],
                    "is_gain": new.verdict == ELIGIBLE,
                }
            )
    earlier, later = (totals(each)["all"] for each in zip(*pairs, strict=True))
    return {"before": money(earlier), "after": money(later), "rows": rows}


def _state(judgement: Judgement) -> str:
    amount = judged_amount(judgement)
    return f"{VERDICTS[judgement.verdict]}{'，' if amount else ''}{amount}"
