"""A small vocabulary and programme, enough to exercise every part of the rules."""

from datetime import date

import pytest

from policies.rules.facts import Fact
from policies.rules.read_edition import compile_edition

ROWS = [
    {
        "key": "enterprise.county",
        "type": "enum",
        "choices": {"140521": "沁水县", "140522": "阳城县"},
    },
    {"key": "enterprise.city", "type": "enum", "choices": {"140500": "晋城市"}},
    {"key": "revenue", "type": "decimal", "unit": "万元", "changeable": True},
    {"key": "research", "type": "decimal", "unit": "万元", "changeable": True},
    {"key": "library", "type": "bool", "changeable": True},
    {"key": "honest", "type": "bool"},
    {"key": "stage", "type": "enum", "choices": {"started": "已开工", "running": "已投产"}},
    {"key": "stat.first_upgrade_year", "type": "int", "unit": "年"},
    {"key": "stat.never_left_library", "type": "bool"},
]


@pytest.fixture
def facts():
    rows = ({"section": "测试", "label": row["key"], **row} for row in ROWS)
    return {row["key"]: Fact.from_data(row) for row in rows}


@pytest.fixture
def on():
    return date(2026, 11, 20)


@pytest.fixture
def edition(facts):
    """Compile a programme from criteria and awards given as in a pack."""

    def build(criteria=(), awards=()):
        return compile_edition(
            {
                "id": "p",
                "name": "测试项目",
                "family": "测试",
                "kind": "cash",
                "area": "140500",
                "effective_from": "2021-01-01",
                "criteria": list(criteria),
                "awards": list(awards),
            },
            facts,
        )

    return build
