"""The plans of a run as bars beside one another."""

from applications.centre.figures.charts import Chart, drawn
from applications.impact.services.results import Money, Result
from policies.rules.facts import plain


def firms_chart(result: Result, *, has_predecessor: bool) -> Chart:
    """How many are eligible, and of how many it is unknown."""
    rows = []
    for plan in result.plans[0 if has_predecessor else 1 :]:
        sure, unknown = plan.verdicts[1], plan.verdicts[0]
        bars = [("solid", "符合", sure, f"{sure}"), ("hollow", "资料不足", unknown, f"{unknown}")]
        rows.append((plan.title, bars))
    return drawn([("solid", "符合"), ("hollow", "资料不足")], rows, in_order=True)


def money_chart(result: Result, year: int, *, has_predecessor: bool) -> Chart:
    """What the eligible are paid now and later, in 万元."""
    rows = []
    for plan in result.plans[0 if has_predecessor else 1 :]:
        bars = []
        for kind, words, money in (
            ("solid", f"{year} 年", plan.now),
            ("striped", "以后", plan.later),
        ):
            bars.append((kind, words, money.most, span(money)))
        rows.append((plan.title, bars))
    key = [("solid", f"{year} 年最多"), ("striped", "以后各期最多")]
    return drawn(key, rows, in_order=True)


def span(money: Money) -> str:
    """What the eligible are paid at least and at most, in words."""
    least, most = plain(money.least), plain(money.most)
    told = f"{least} 万元" if least == most else f"{least}–{most} 万元"
    return f"{told}，另有 {money.open} 家上限未定" if money.open else told
