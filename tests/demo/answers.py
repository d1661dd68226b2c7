"""What the demo's firms say of themselves, as the questionnaire takes it."""

from collections.abc import Callable
from datetime import date
from typing import Any

Answers = dict[str, Any]


def basic(section: str, division: str, employees: int, founded: int) -> Answers:
    """What every firm tells of itself; revenue and assets go with its size."""
    revenue = employees * 22
    return {
        "enterprise.subject_type": "company",
        "enterprise.ownership": "private",
        "enterprise.founded_on": f"{founded}-03-18",
        "enterprise.operates_in_city": True,
        "industry.section": section,
        "industry.division": division,
        "enterprise.employees": employees,
        "revenue.operating.y1": revenue,
        "assets.total.y1": revenue * 2,
        "assets.total.y2": revenue * 2 - 120,
        "net_profit.y1": round(revenue * 0.06, 2),
        "net_profit.y2": round(revenue * 0.05, 2),
        "net_profit.y3": round(revenue * 0.04, 2),
        "accounting.sound": True,
        "ops.normal_this_year": True,
        "conduct.violation_3y": "none",
        "conduct.major_accident_3y": False,
        "product.prohibited": False,
        "credit.adverse_lists": [],
        "status.agri_ecom_base": False,
    }


def upgrade(today: date) -> Answers:
    return {
        "revenue.main_business.y0": 2380,
        "stat.direct_reporting": True,
        "stat.first_time_above_scale": True,
        "stat.entry_path": "below_scale",
        "stat.first_upgrade_year": today.year,
        "stat.never_left_library": True,
    }


def key_field(today: date) -> Answers:
    return upgrade(today) | {"field.shanxi_14_sei": True}


def specialised(today: date) -> Answers:
    return {
        "zjtx.tiers": [],
        "zjtx.first_this_year": [],
        "ops.continuous_since": f"{today.year - 6}-03-18",
        "market.segment_since": f"{today.year - 5}-06-01",
        "brand.own_main_business": True,
        "revenue.operating.y1": 3600,
        "rd.expense.y1": 190,
        "rd.expense.y2": 150,
        "standards.lead_count_2y": 1,
        "zjtx.score": 71,
    }


def provincial_title(today: date) -> Answers:
    return {"zjtx.tiers": ["city", "prov"], "zjtx.first_this_year": ["prov"]}


def share_reform(today: date) -> Answers:
    return {
        "stat.four_above": True,
        "reform.completed_year": today.year - 1,
        "reform.registered_as_shares_company": True,
        "reform.origin": "first_reform",
        "library.listing_reserve": True,
        "library.listing_reserve_year": today.year - 1,
        "net_profit.y1": 180,
        "net_profit.y2": 150,
        "net_profit.y3": 120,
        "revenue.operating.y1": 4200,
        "assets.total.y2": 20500,
    }


def base(today: date) -> Answers:
    return {
        "base.is_operator": True,
        "base.operating_since": f"{today.year - 3}-05-20",
        "base.type": "business_secretary",
        "base.tenants": 342,
        "base.teams": 0,
        "base.small_micro_tenants": 318,
        "base.employment": 900,
        "base.floor_area": 5200,
        "base.premises": "own",
        "base.industry_type": "intermediary",
        "base.rent_reduction": True,
        "base.tutor_service": True,
        "base.county_approval": True,
        "base.titles": [],
        **{
            f"base.service.{name}": name in {"information", "startup_coaching", "training", "finance"}
            for name in (
                "information", "startup_coaching", "innovation", "training", "marketing",
                "finance", "consulting", "professional",
            )
        },
    }  # fmt: skip


def project(today: date) -> Answers:
    return {
        "project.kind": "industrial",
        "project.city": "140500",
        "project.plan_145": False,
        "project.plan_236": True,
        "project.prep_done": True,
        "project.filing_year": today.year - 1,
        "project.received_city_funds": False,
        "project.under_construction.y1": True,
        "project.progress.y1": 0.65,
        "project.fixed_asset_investment": 1800,
        "project.total_investment": 3600,
    }


def project_inside(today: date) -> Answers:
    inside = {"project.in_park": True, "project.park_approved": True, "project.stage": "started"}
    return project(today) | inside


def project_outside(today: date) -> Answers:
    return project(today) | {"project.in_park": False}


def tax_growth(today: date) -> Answers:
    return {"tax.increase": 126.5, "hte.consecutive_count": 1}


def envoy(today: date) -> Answers:
    return {"tech_sme.consecutive_passes": 2}


def newly_recognised(*codes: str) -> Callable[[date], Answers]:
    return lambda today: {"recognition.new_this_year": list(codes)}


def new_firm(today: date) -> Answers:
    return {
        "enterprise.founded_on": f"{today.year - 1}-06-01",
        "enterprise.employees": 38,
        "report.annual_filed": True,
    }


def trainees(today: date) -> Answers:
    return {
        "hr.trainees": 5,
        "hr.trainee_months": 6,
        "hr.trainee_is_graduate": True,
        "hr.trainee_months_since_school": 10,
    }


# What makes a firm fit, by programme.
FITTING: dict[str, Callable[[date], Answers]] = {
    "jc-xsg": upgrade,
    "jc-xsg-field": key_field,
    "jc-zjtx-city": specialised,
    "jc-zjtx-prov": provincial_title,
    "jc-share": share_reform,
    "jc-base-city": base,
    "jc-proj-in": project_inside,
    "jc-proj-out": project_outside,
    "jc-techenvoy": envoy,
    "yang-tax": tax_growth,
    "yun-xsg": upgrade,
    "yun-zjtx": lambda today: {"zjtx.tiers": ["city"], "zjtx.first_this_year": ["city"]},
    "yun-tsme-1": newly_recognised("tech_sme_first"),
    "yun-tsme-3": lambda today: {"tech_sme.consecutive_passes": 3},
    "yun-new": new_firm,
    "yun-base": newly_recognised("base_city"),
    "yun-plat": newly_recognised("sme_platform_city"),
    "yun-hte": newly_recognised("hte"),
    "yun-intern": trainees,
}
# What is said of a project or base, not of the firm.
SUBJECTS = {
    "jc-base-city": ("base", "测试双创基地"),
    "jc-proj-in": ("project", "园区内测试生产线"),
    "jc-proj-out": ("project", "园区外测试生产线"),
}
