"""Follow-ups: questions that make sense only once another one, their gate, is answered.

A programme asks a follow-up when it no longer lacks the gate. Whether an answer to the gate leaves
anything to ask is said by the programme's rules: after a “no” it lacks nothing that stands behind.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

# By gate, what comes after it; a key that ends in a dot stands for all keys that begin so.
FOLLOW_UPS: Mapping[str, tuple[str, ...]] = {
    "industry.section": ("industry.division",),
    "industry.division": ("industry.real_estate_kind",),
    # Of a firm founded last year only.
    "enterprise.founded_on": (
        "ops.normal_this_year",
        "report.annual_filed",
        "conduct.violation_3y",
    ),
    "ops.continuous_since": ("zjtx.attracted_in_production",),
    "revenue.main_business.y0": ("revenue.main_business.max_before",),
    "revenue.main_business.max_before": ("soft.award_received",),
    # Having reached the scale: when and how, and what followed.
    "stat.direct_reporting": ("stat.first_time_above_scale",),
    "stat.first_time_above_scale": ("stat.entry_path", "stat.first_upgrade_year", "field."),
    "stat.first_upgrade_year": (
        "stat.first_award_received",
        "stat.never_left_library",
        "revenue.taxable.y0",
        "tax.local_share",
    ),
    # Hardly anybody knows the share, and without it the amounts say nothing.
    "tax.local_share": ("tax.base_paid", "tax.paid.y0"),
    "field.industrial_four_bases": ("field.made_in_china_2025_ten",),
    "field.made_in_china_2025_ten": ("field.shanxi_14_sei",),
    "library.xsg_cultivation": ("env.compliant_emission",),
    # Titles: what was new this year, and what a firm without one has to show.
    "zjtx.tiers": ("zjtx.first_this_year", "zjtx.quality_brand_work", "env.compliant_emission"),
    "zjtx.first_this_year": (
        "brand.own_main_business",
        "market.segment_since",
        "ops.continuous_since",
        "rd.expense.",
        "finance.new_equity_2y",
        "standards.lead_count_2y",
        "award.",
        "heritage.listed",
        "product.prohibited",
        "conduct.major_accident_3y",
    ),
    "rd.expense.y1": ("rd.expense.y2",),
    # The score is given by the review: the ways round it are asked first.
    "heritage.listed": ("zjtx.score",),
    "recognition.new_this_year": ("hte.consecutive_count",),
    "itss.new_level": ("itss.previous_level",),
    # A base: of which kind, on whose ground.
    "base.is_operator": ("base.",),
    "base.type": ("base.teams", "base.floor_area", "base.county_approval"),
    "base.premises": (
        "base.lease_term_years",
        "base.tenant_invested",
        "base.entrust_contract",
        "base.premises_term_end",
    ),
    # The higher titles are for whoever holds the one below.
    "base.titles": ("base.employment", "base.small_micro_tenants"),
    "base.service.training": (
        "base.service.marketing",
        "base.service.finance",
        "base.service.consulting",
        "base.service.professional",
    ),
    # A project: inside or outside a park, how far it has come.
    "project.kind": ("project.",),
    "project.plan_145": ("project.plan_236",),
    "project.in_park": ("project.park_approved", "project.progress.y1", "project.stage"),
    "project.stage": ("project.start_award_received",),
    "project.is_technical_renovation": ("project.fixed_asset_investment",),
    # A share reform that was registered: when, from what, with which figures.
    "reform.registered_as_shares_company": (
        "reform.",
        "net_profit.",
        "assets.total.y2",
        "library.listing_reserve",
        "stat.four_above",
        "enterprise.operates_in_city",
    ),
    "library.listing_reserve": ("library.listing_reserve_year",),
    "stat.four_above": ("status.agri_ecom_base",),
    "assets.total.y2": ("status.agri_ecom_base",),
    "listing.board_this_year": ("listing.",),
    # People taken on.
    "hr.hard_to_employ_hires": ("hr.hard_to_employ_months", "hr.social_insurance_"),
    "hr.trainees": ("hr.trainee_",),
    "hr.trainee_is_graduate": ("hr.trainee_months_since_school", "hr.trainee_age"),
    "hr.trainee_months_since_school": ("hr.trainee_age",),
    # Technology sold, bought or brokered.
    "tech_sale.received": ("tech_sale.",),
    "tech_buy.paid": ("tech_buy.",),
    "broker.city_recognised": ("broker.deals",),
}


def is_gate_of(gate: str, key: str) -> bool:
    """Whether the question on `key` waits for the answer to `gate`."""
    return gate != key and any(
        key.startswith(name) if name[-1] in "._" else key == name
        for name in FOLLOW_UPS.get(gate, ())
    )


def held_back(lacking: Iterable[str]) -> frozenset[str]:
    """Of the facts that one programme lacks, those that wait for another of them."""
    return _held_back(tuple(lacking))


@lru_cache(maxsize=10_000)
def _held_back(lacking: tuple[str, ...]) -> frozenset[str]:
    gates = [key for key in lacking if key in FOLLOW_UPS]
    return frozenset(key for key in lacking if any(is_gate_of(gate, key) for gate in gates))


def follow_ups_of(gates: Iterable[str], keys: Collection[str]) -> set[str]:
    """Those of `keys` that come after one of the gates, however many gates lie between."""
    found: set[str] = set()
    waiting = list(gates)
    while waiting:
        gate = waiting.pop()
        new = {key for key in keys if is_gate_of(gate, key)} - found
        found |= new
        waiting += new
    return found


def with_implied(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with what they leave no choice about: without a title none was won this year."""
    if answers.get("zjtx.tiers") == frozenset():
        return {"zjtx.first_this_year": frozenset(), **answers}
    return dict(answers)
