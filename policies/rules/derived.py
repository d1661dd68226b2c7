"""Derived facts: computed from answers, never asked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from policies.rules import size
from policies.rules.firm import Estimate, Firm, Formula, bounded, exactly
from policies.rules.industry import INDUSTRY_FACTS

_LEGAL_PERSONS = ("company", "university", "institute")
TYPES_COUNTING_TEAMS = ("university", "lead_enterprise", "cultural_creative")


@dataclass(frozen=True)
class DerivedFact:
    """A formula with its label, type (one of facts.TYPES), unit and the asked facts it reads.

    `worded_as` names the asked fact whose choices put its values into words.
    """

    label: str
    type: str
    unit: str | None
    reads: tuple[str, ...]
    formula: Formula
    worded_as: str | None = None


@lru_cache(maxsize=1_000)
def _city_of(county: str) -> Estimate:
    return Estimate(value=f"{county[:4]}00")


def region_city(firm: Firm) -> Estimate:
    county = firm.answer("enterprise.county")
    if county is not None:
        return _city_of(county)
    city = firm.answer("enterprise.city")
    return Estimate(missing=("enterprise.county",)) if city is None else Estimate(value=city)


def is_legal_person(firm: Firm) -> Estimate:
    subject = firm.answer("enterprise.subject_type")
    if subject is None:
        return Estimate(missing=("enterprise.subject_type",))
    return size.YES if subject in _LEGAL_PERSONS else size.NO


def counted_tenants(firm: Firm) -> Estimate:
    """Tenants, and teams where the base type counts them (户)."""
    kind, tenants, teams = (firm.answer(key) for key in ("base.type", "base.tenants", "base.teams"))
    if tenants is None:
        # Every type counts the tenants, so the sum is at least the teams' share of nothing.
        missing = ["base.tenants"]
        if kind is None or (kind in TYPES_COUNTING_TEAMS and teams is None):
            missing.append("base.teams" if kind else "base.type")
        return Estimate(low=Decimal(0), missing=tuple(missing))
    counts_teams = None if kind is None else kind in TYPES_COUNTING_TEAMS
    if counts_teams is False:
        return exactly(tenants)
    low = Decimal(tenants)
    if counts_teams and teams is not None:
        return exactly(low + teams)
    missing_facts = [] if kind is not None else ["base.type"]
    if teams is None:
        missing_facts.append("base.teams")
    high = None if teams is None else low + teams
    return bounded(low, high, tuple(missing_facts))


def net_profit_sum(firm: Firm) -> Estimate:
    get = firm.answers.get
    one, two, three = get("net_profit.y1"), get("net_profit.y2"), get("net_profit.y3")
    if one is None or two is None or three is None:
        keys = ("net_profit.y1", "net_profit.y2", "net_profit.y3")
        return Estimate(missing=tuple(key for key in keys if get(key) is None))
    return exactly(one + two + three)


def full_fiscal_years(firm: Firm) -> Estimate:
    """Full fiscal years from founding to reform (年); founded on 1 January counts that year."""
    founded: date | None = firm.answer("enterprise.founded_on")
    reformed = firm.answer("reform.completed_year")
    if founded is None or reformed is None:
        keys = ("enterprise.founded_on", "reform.completed_year")
        return Estimate(missing=tuple(key for key in keys if firm.answer(key) is None))
    whole_first_year = (founded.month, founded.day) == (1, 1)
    return exactly(reformed - founded.year - 1 + whole_first_year)


def _years_since(firm: Firm, key: str) -> Estimate:
    year = firm.answer(key)
    return Estimate(missing=(key,)) if year is None else exactly(firm.year - year)


def filing_age(firm: Firm) -> Estimate:
    return _years_since(firm, "project.filing_year")


def years_since_upgrade(firm: Firm) -> Estimate:
    return _years_since(firm, "stat.first_upgrade_year")


def full_years_after_entry(firm: Firm) -> Estimate:
    """Whole years completed after the entry year (年, C07); leaving is judged apart."""
    since = firm.derive("stat.years_since_upgrade", years_since_upgrade)
    return since if since.value is None else exactly(since.value - 1)


def new_local_tax(firm: Firm) -> Estimate:
    """Retained local share of the tax added since the base year (万元), never below 0."""
    keys = ("tax.paid.y0", "tax.base_paid", "tax.local_share")
    paid, base, share = (firm.answer(key) for key in keys)
    if share == 0 or (paid is not None and base is not None and paid <= base):
        return exactly(0)
    missing = tuple(key for key in keys if firm.answer(key) is None)
    if missing:
        return Estimate(low=Decimal(0), missing=missing)
    return exactly((paid - base) * share)


_SIZE_FACTS = (*INDUSTRY_FACTS, size.EMPLOYEES, size.REVENUE, size.ASSETS)
DERIVED: dict[str, DerivedFact] = {
    "region.city": DerivedFact(
        "注册地所在市",
        "enum",
        None,
        ("enterprise.county", "enterprise.city"),
        region_city,
        worded_as="enterprise.city",
    ),
    "enterprise.is_legal_person": DerivedFact(
        "独立法人资格", "bool", None, ("enterprise.subject_type",), is_legal_person
    ),
    "size.class": DerivedFact("企业规模", "enum", None, _SIZE_FACTS, size.size_class),
    "size.is_sme": DerivedFact("属于中小微企业", "bool", None, _SIZE_FACTS, size.is_sme),
    "size.is_small_or_micro": DerivedFact(
        "属于小型或微型企业", "bool", None, _SIZE_FACTS, size.is_small_or_micro
    ),
    "base.counted_tenants": DerivedFact(
        "计入的入驻户数", "int", "户", ("base.type", "base.tenants", "base.teams"), counted_tenants
    ),
    "net_profit.sum3": DerivedFact(
        "三年净利润合计",
        "decimal",
        "万元",
        ("net_profit.y1", "net_profit.y2", "net_profit.y3"),
        net_profit_sum,
    ),
    "reform.full_fiscal_years": DerivedFact(
        "成立至股改的完整会计年度",
        "int",
        "年",
        ("enterprise.founded_on", "reform.completed_year"),
        full_fiscal_years,
    ),
    "project.filing_age": DerivedFact(
        "备案距申报年度", "int", "年", ("project.filing_year",), filing_age
    ),
    "stat.years_since_upgrade": DerivedFact(
        "首次升规至今", "int", "年", ("stat.first_upgrade_year",), years_since_upgrade
    ),
    "stat.full_years_after_entry": DerivedFact(
        "入规年度之后的完整年度", "int", "年", ("stat.first_upgrade_year",), full_years_after_entry
    ),
    "tax.new_local": DerivedFact(
        "新增税款地方留成",
        "decimal",
        "万元",
        ("tax.paid.y0", "tax.base_paid", "tax.local_share"),
        new_local_tax,
    ),
}

# The asked facts that the formulas here know by their keys.
BUILT_IN = frozenset(INDUSTRY_FACTS).union(*(derived.reads for derived in DERIVED.values()))
