"""The trees of rules as expressions of other engines, which know only what is complete: no value is
unknown, and what stays open counts as failed."""

from datetime import date
from decimal import Decimal

from policies.rules.edition import DECIDING, LENIENT
from policies.rules.firm import add_months, latest_reaching
from policies.rules.industry import REAL_ESTATE_KINDS, SECTION_OF
from policies.rules.tree import (
    AMOUNTS,
    OPERATORS,
    RULES,
    AllOf,
    AmountCases,
    AnyOf,
    AtLeast,
    Cap,
    Cases,
    Comparison,
    FirstReached,
    Fixed,
    Industry,
    Ladder,
    Leaf,
    Not,
    Open,
    Presumed,
    Range,
    Ratio,
    reader,
)

INDUSTRIES = [
    *(section + division for division, section in SECTION_OF.items() if section != "K"),
    *REAL_ESTATE_KINDS,
]


def name_of(key):
    return key.replace(".", "_")


class Dialect:
    """How one engine writes what a tree says on a day; subclasses say what is different."""

    and_, or_, not_ = " && ", " || ", "!"
    true, false = "true", "false"

    def __init__(self, on):
        self.on = on

    # --- what engines write differently -----------------------------------------------

    def literal(self, value):
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, str):
            return f'"{value}"'
        if isinstance(value, date):
            value = value.toordinal()
        return repr(float(value))

    def fact(self, key):
        return name_of(key)

    def compare(self, key, sign, value):
        return f"{self.fact(key)} {sign} {self.literal(value)}"

    def among(self, key, values):
        listed = ", ".join(self.literal(value) for value in values)
        return f"{self.fact(key)} in [{listed}]" if values else self.false

    def has(self, key, code):
        return f"{self.literal(code)} in {self.fact(key)}"

    def if_(self, when, then, otherwise):
        return f"(({when}) ? ({then}) : ({otherwise}))"

    def count(self, parts):
        return " + ".join(f"(({part}) ? 1 : 0)" for part in parts)

    # --- rules ------------------------------------------------------------------------

    def rule(self, rule):
        return _RULES[type(rule)](self, rule)

    def every(self, parts):
        return "(" + self.and_.join(f"({part})" for part in parts) + ")" if parts else self.true

    def some(self, parts):
        return "(" + self.or_.join(f"({part})" for part in parts) + ")" if parts else self.false

    def negate(self, part):
        return f"{self.not_}({part})"

    def criterion(self, criterion):
        rule = self.rule(criterion.rule)
        if criterion.when is None:
            return rule
        return self.some([self.negate(self.rule(criterion.when)), rule])

    def verdict(self, edition):
        """Whether nothing rules the firm out, and whether nothing is left to a sheet either."""
        deciding = [each for each in edition.criteria if each.kind in DECIDING]
        strict = [self.criterion(each) for each in deciding if each.kind not in LENIENT]
        lenient = [self.criterion(each) for each in deciding if each.kind in LENIENT]
        return self.every(strict), self.every(lenient)

    # --- money ------------------------------------------------------------------------

    def money(self, edition):
        """What published levels pay now, at least and at most."""
        sums = ([], [])
        for level, own in edition.levels.items():
            payers = [award.payer for award in own.awards if award.payer]
            for award in own.awards:
                if award.status != "published":
                    continue
                pair = self.award(award)
                if level == "county" and payers:
                    own = self.compare("enterprise.county", "==", award.payer or "")
                    none = self.negate(self.among("enterprise.county", payers))
                    here = own if award.payer else none
                    pair = tuple(self.if_(here, each, self.literal(0)) for each in pair)
                for parts, each in zip(sums, pair, strict=True):
                    parts.append(each)
        return tuple("(" + " + ".join(parts) + ")" if parts else self.literal(0) for parts in sums)

    def award(self, award):
        low, high = [], []
        for tranche in award.tranches:
            is_due = [self.rule(tranche.now_when)] if tranche.now_when else []
            for gone in (tranche.past_when, tranche.void_when):
                is_due += [self.negate(self.rule(gone))] if gone else []
            if tranche.later:
                continue
            for parts, each in zip((low, high), self.amount(tranche.amount), strict=True):
                parts.append(self.if_(self.every(is_due), each, self.literal(0)))
        if award.unsplit is not None:
            high.append(self.literal(award.unsplit))
        low, high = ("(" + " + ".join(parts or [self.literal(0)]) + ")" for parts in (low, high))
        for undecided, _ in award.undecided:
            low = self.if_(self.rule(undecided), self.literal(0), low)
        return low, high

    def amount(self, amount):
        return _AMOUNTS[type(amount)](self, amount)

    def by_case(self, rows, otherwise):
        """Pairs of amounts by the first condition that holds."""
        for when, pair in reversed(rows):
            otherwise = tuple(
                self.if_(when, each, other) for each, other in zip(pair, otherwise, strict=True)
            )
        return otherwise

    def pair(self, low, high=None):
        return self.literal(low), self.literal(low if high is None else high)


class Zen(Dialect):
    and_, or_, not_ = " and ", " or ", "not "

    def count(self, parts):
        return "sum([" + ", ".join(f"(({part}) ? 1 : 0)" for part in parts) + "])"


def _leaf(dialect, leaf):
    return _OPERATORS[leaf.operator](dialect, leaf.fact, leaf.operand)


def _compared(sign):
    return lambda dialect, key, operand: dialect.compare(key, sign, operand)


def _between(dialect, key, operand):
    low, high = operand
    return dialect.every([dialect.compare(key, ">=", low), dialect.compare(key, "<=", high)])


def _in_year(dialect, key, operand):
    return dialect.compare(key, "==", Decimal(dialect.on.year + operand))


def _over(months):
    def write(dialect, key, operand):
        return dialect.compare(key, "<=", latest_reaching(dialect.on, months * operand))

    return write


def _lacking(dialect, key, codes):
    return dialect.every([dialect.negate(dialect.has(key, code)) for code in codes])


_OPERATORS = reader(
    OPERATORS,
    {
        "is": _compared("=="),
        "in": lambda dialect, key, operand: dialect.among(key, operand),
        "at_least": _compared(">="),
        "at_most": _compared("<="),
        "more_than": _compared(">"),
        "less_than": _compared("<"),
        "between": _between,
        "is_year": _in_year,
        "answered": lambda dialect, key, operand: dialect.true,
        "full_years": _over(12),
        "full_months": _over(1),
        "remaining_years": lambda dialect, key, operand: dialect.compare(
            key, ">=", add_months(dialect.on, 12 * operand)
        ),
        "has": lambda dialect, key, operand: dialect.has(key, operand),
        "has_any": lambda dialect, key, operand: dialect.some(
            [dialect.has(key, code) for code in operand]
        ),
        "lacks": lambda dialect, key, operand: _lacking(dialect, key, [operand]),
        "lacks_all": _lacking,
        "non_empty": lambda dialect, key, operand: dialect.negate(f"{dialect.fact(key)} == []"),
    },
)


def _cases(dialect, rule):
    otherwise = dialect.rule(rule.otherwise) if rule.otherwise else dialect.true
    for row in reversed(rule.rows):
        otherwise = dialect.if_(dialect.rule(row.when), dialect.rule(row.then), otherwise)
    return otherwise


def _ratio(dialect, rule):
    whole = dialect.compare(rule.whole, "!=", 0)
    least = f"{dialect.literal(rule.at_least)} * {dialect.fact(rule.whole)}"
    return dialect.every([whole, f"{dialect.fact(rule.part)} >= {least}"])


def _not_among_the_eight(dialect, node):
    raise NotImplementedError(type(node).__name__)


_RULES = reader(
    RULES,
    {
        Leaf: _leaf,
        Industry: lambda dialect, rule: dialect.among(
            "industry.code", [code for code in INDUSTRIES if code.startswith(rule.codes)]
        ),
        Ratio: _ratio,
        Comparison: _not_among_the_eight,
        AllOf: lambda dialect, rule: dialect.every([dialect.rule(each) for each in rule.parts]),
        AnyOf: lambda dialect, rule: dialect.some([dialect.rule(each) for each in rule.parts]),
        AtLeast: lambda dialect, rule: (
            f"({dialect.count([dialect.rule(each) for each in rule.parts])}) >= {rule.count}"
        ),
        Not: lambda dialect, rule: dialect.negate(dialect.rule(rule.part)),
        Presumed: lambda dialect, rule: dialect.rule(rule.part),
        FirstReached: lambda dialect, rule: dialect.rule(rule.spelt_out),
        Open: lambda dialect, rule: dialect.false,
        Cases: _cases,
    },
)


def _ladder(dialect, amount):
    rows = [
        (dialect.compare(amount.of.fact, ">=", limit), dialect.pair(paid))
        for limit, paid in reversed(amount.steps)
    ]
    return dialect.by_case(rows, dialect.pair(0))


def _amount_cases(dialect, amount):
    rows = [(dialect.rule(row.when), dialect.amount(row.amount)) for row in amount.rows]
    other = dialect.amount(amount.otherwise) if amount.otherwise else dialect.pair(0)
    return dialect.by_case(rows, other)


_AMOUNTS = reader(
    AMOUNTS,
    {
        **dict.fromkeys(AMOUNTS, _not_among_the_eight),
        Fixed: lambda dialect, amount: dialect.pair(amount.amount),
        Range: lambda dialect, amount: dialect.pair(amount.low, amount.high),
        Cap: lambda dialect, amount: dialect.pair(0, amount.most),
        Ladder: _ladder,
        AmountCases: _amount_cases,
    },
)
