"""Topics: what concerns some firms only, to be ticked before any question on it is asked.

A programme belongs to the topics whose gates it lacks. One that lacks none is asked of everybody,
so that a new programme is never lost: at worst its questions come unbidden.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.rules.facts import LISTS, Fact

# The choice of an enum that says that nothing of it holds.
NONE = "none"


@dataclass(frozen=True)
class Topic:
    """`gates` are the facts whose “no” says that the topic does not concern the firm."""

    code: str
    label: str
    gates: tuple[str, ...]


TOPICS = (
    Topic(
        "above_scale",
        "工业企业，已经或打算升为规上",
        ("stat.direct_reporting", "library.xsg_cultivation"),
    ),
    Topic("specialised", "有专精特新称号，或打算申报", ("zjtx.tiers", "zjtx.first_this_year")),
    Topic(
        "titles",
        "高新技术、科技型中小企业，或今年新取得其他认定",
        (
            "recognition.new_this_year",
            "hte.consecutive_count",
            "tech_sme.consecutive_passes",
        ),
    ),
    Topic("rankings", "进入全国或本省民营企业百强、五百强一类的榜单", ("enterprise.rankings",)),
    Topic("base", "运营创业创新基地（园区、楼宇、孵化器等）", ("base.is_operator",)),
    Topic(
        "project",
        "有在建、新建或技术改造项目",
        ("project.kind", "project.is_technical_renovation"),
    ),
    Topic("share_reform", "做过股份制改造", ("reform.registered_as_shares_company",)),
    Topic("listing", "今年上市或挂牌", ("listing.board_this_year",)),
    Topic(
        "software",
        "做软件或信息技术服务",
        ("itss.new_level", "revenue.main_business.max_before"),
    ),
    Topic(
        "recruiting",
        "今年招人：新员工、就业困难人员或见习人员",
        ("hr.hard_to_employ_hires", "hr.new_hires_this_year", "hr.trainees"),
    ),
    Topic(
        "technology",
        "买卖科技成果，或做技术经理人",
        ("tech_sale.received", "tech_buy.paid", "broker.city_recognised"),
    ),
)
GATES = frozenset(gate for topic in TOPICS for gate in topic.gates)


def ticked(codes: Collection[str], answers: Mapping[str, Any]) -> set[str]:
    """The topics that concern the firm: those it ticked, and those it answered to."""
    return {
        topic.code
        for topic in TOPICS
        if topic.code in codes or any(is_yes(answers.get(gate)) for gate in topic.gates)
    }


def is_yes(value: Any) -> bool:
    """Whether this answer to a gate says that the topic does concern the firm."""
    return bool(value) and value != NONE


def gates_of(codes: Collection[str]) -> set[str]:
    return {gate for topic in TOPICS if topic.code in codes for gate in topic.gates}


def denied(gates: Iterable[str], facts: Mapping[str, Fact]) -> dict[str, Any]:
    """What a firm answers that the topics behind these gates do not concern."""
    return {gate: no for gate in gates if gate in facts and (no := _no(facts[gate])) is not None}


def _no(fact: Fact) -> Any:
    if fact.type == "enum":
        return NONE if NONE in fact.choices else None
    nothing: dict[str, Any] = {"bool": False, "enum_set": frozenset(), "int": 0}
    return () if fact.type in LISTS else nothing.get(fact.type)
