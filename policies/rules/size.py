"""Enterprise size class after 工信部联企业〔2011〕300号 (工业 = B, C, D; money in 万元)."""

from functools import cache
from operator import ge

from policies.rules.firm import Estimate, Firm
from policies.rules.industry import INDUSTRY_FACTS, Answered, industry_of, possible_codes

EMPLOYEES = "enterprise.employees"  # 人
REVENUE = "revenue.operating.y1"
ASSETS = "assets.total.y1"
YES, NO = Estimate(value=True), Estimate(value=False)
CLASSES = ("large", "medium", "small", "micro")

# Industry codes -> indicators, then the lower limits of large, medium and small.
_TABLE: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, ...], ...]], ...] = (
    (("A",), (REVENUE,), ((20000,), (500,), (50,))),
    (("B", "C", "D"), (EMPLOYEES, REVENUE), ((1000, 40000), (300, 2000), (20, 300))),
    (("E",), (REVENUE, ASSETS), ((80000, 80000), (6000, 5000), (300, 300))),
    (("F51",), (EMPLOYEES, REVENUE), ((200, 40000), (20, 5000), (5, 1000))),
    (("F52",), (EMPLOYEES, REVENUE), ((300, 20000), (50, 500), (10, 100))),
    (
        ("G54", "G55", "G56", "G57", "G58"),
        (EMPLOYEES, REVENUE),
        ((1000, 30000), (300, 3000), (20, 200)),
    ),
    # Division 59 is read with the limits of 仓储; two digits cannot tell 装卸搬运 apart.
    (("G59",), (EMPLOYEES, REVENUE), ((200, 30000), (100, 1000), (20, 100))),
    (("G60",), (EMPLOYEES, REVENUE), ((1000, 30000), (300, 2000), (20, 100))),
    (("H",), (EMPLOYEES, REVENUE), ((300, 10000), (100, 2000), (10, 100))),
    (("I63", "I64"), (EMPLOYEES, REVENUE), ((2000, 100000), (100, 1000), (10, 100))),
    (("I65",), (EMPLOYEES, REVENUE), ((300, 10000), (100, 1000), (10, 50))),
    (("K7010",), (REVENUE, ASSETS), ((200000, 10000), (1000, 5000), (100, 2000))),
    (("K7020",), (EMPLOYEES, REVENUE), ((1000, 5000), (300, 1000), (100, 500))),
    (("L",), (EMPLOYEES, ASSETS), ((300, 120000), (100, 8000), (10, 100))),
    (
        ("M", "N", "O", "Q85", "R", "K7030", "K7090"),
        (EMPLOYEES,),
        ((300,), (100,), (10,)),
    ),
)


Row = tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]


def row_of(code: str) -> Row | None:
    """Indicators and lower limits of an industry; None where the table has none of it."""
    for codes, indicators, limits in _TABLE:
        if code.startswith(codes):
            return indicators, limits
    return None


@cache
def possible_rows(answered: Answered) -> tuple[Row | None, ...]:
    """The different rows of the table that an industry may still fall into."""
    codes, _ = possible_codes(answered)
    return tuple(dict.fromkeys(row_of(code) for code in codes))


def _classes(firm: Firm, row: Row | None) -> tuple[set[str], set[str]]:
    """The size classes still possible by one row, and the indicators it lacks."""
    if row is None:  # not in the table: education, health, finance, railway …
        return set(CLASSES), set()
    indicators, limits = row
    values = [firm.answers.get(indicator) for indicator in indicators]
    if None not in values:
        for name, lower in zip(CLASSES, limits, strict=False):
            if all(map(ge, values, lower)):
                return {name}, set()
        return {"micro"}, set()
    possible, lacking = {"micro"}, set()
    for name, lower in zip(CLASSES, limits, strict=False):
        pairs = zip(values, lower, strict=True)
        if all(value is None or value >= limit for value, limit in pairs):
            possible.add(name)
            lacking = {key for key, value in zip(indicators, values, strict=True) if value is None}
    return possible, lacking


def possible_classes(firm: Firm) -> tuple[set[str], tuple[str, ...]]:
    """Size classes still possible and the asked facts that would narrow them."""
    answered = industry_of(firm)
    rows = possible_rows(answered)
    if len(rows) == 1:
        classes, missing = _classes(firm, rows[0])
    else:
        classes, missing = set(), set(possible_codes(answered)[1])
        for row in rows:
            some, lacking = _classes(firm, row)
            classes |= some
            missing |= lacking
    if not missing:
        return classes, ()
    order = (*INDUSTRY_FACTS, EMPLOYEES, REVENUE, ASSETS)
    return classes, tuple(key for key in order if key in missing)


def _is_below(firm: Firm, name: str) -> Estimate:
    """Whether the firm is smaller than a class: false only when every indicator reaches its limit."""
    rows = possible_rows(industry_of(firm))
    if len(rows) > 1 or rows[0] is None:
        classes, missing = possible_classes(firm)
        smaller = set(CLASSES[CLASSES.index(name) + 1 :])
        if classes <= smaller:
            return YES
        return Estimate(missing=missing) if classes & smaller else NO
    indicators, limits = rows[0]
    lacking = []
    for indicator, limit in zip(indicators, limits[CLASSES.index(name)], strict=True):
        value = firm.answers.get(indicator)
        if value is None:
            lacking.append(indicator)
        elif value < limit:
            return YES
    return Estimate(missing=tuple(lacking)) if lacking else NO


def size_class(firm: Firm) -> Estimate:
    classes, missing = possible_classes(firm)
    return Estimate(value=next(iter(classes))) if len(classes) == 1 else Estimate(missing=missing)


def is_sme(firm: Firm) -> Estimate:
    return _is_below(firm, "large")


def is_small_or_micro(firm: Firm) -> Estimate:
    return _is_below(firm, "medium")
