"""The numbers of a draft in words: all of them, each at its place, in the unit that people type."""

from decimal import Decimal

import pytest

from applications.impact.services.numbers import numbers_of, plain_number, replaced
from policies.catalogue.current import facts, published_contents
from policies.rules.read_edition import read_edition
from policies.rules.tree import number
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
# Codes, days and years, which are no amounts; and what a row says of itself.
NO_NUMBERS = {"is_year", "years", "working_days", "title", "position", "in"}


def figures_in(data, path=""):
    """Every number of rules and amounts, by its path."""
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return
    if isinstance(data, dict):
        for name, value in data.items():
            if name not in NO_NUMBERS:
                yield from figures_in(value, f"{path}/{name}")
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from figures_in(value, f"{path}/{place}")
    else:
        yield path.removeprefix("/")


def as_kept(each, value):
    return {
        "path": each.path,
        "was": f"{each.value}",
        "value": f"{value}",
        "shown": "",
        "words": "",
    }


def test_every_number_of_the_shipped_catalogue_has_its_place_and_its_words():
    load_catalogue()
    known, count = facts(), 0
    for content in published_contents():
        found = numbers_of(content, known)
        wanted = {
            path for part in ("criteria", "awards", "places")
            for path in figures_in(content.get(part), part)
            if not path.endswith("/every") or "each" in path
        }  # fmt: skip
        # A year that is held against one is no amount either, though it is a number.
        assert {each.path for each in found} == {p for p in wanted if "claw_back" not in p}, (
            content["id"]
        )
        assert all(each.words and each.group for each in found)
        same = replaced(content, [as_kept(each, each.value) for each in found])
        for each in found:
            owner = same
            for name in each.path.split("/"):
                owner = owner[int(name)] if isinstance(owner, list) else owner[name]
            assert number(owner) == each.value
        assert not read_edition(same, known).fault
        count += len(found)
    assert count > 200


def test_what_is_nested_is_found_and_said_in_its_unit():
    load_catalogue()
    content = {
        "criteria": [{"code": "A", "rule": {"all": [
            {"fact": "revenue.main_business.y0", "between": [100, 2000]},
            {"n_of": 1, "of": [{"ratio": ["rd.expense.y1", "revenue.operating.y1"], "at_least": 0.04}]},
            {"quantity": {"product": [0.5, "assets.total.y1"]}, "at_most": 300},
        ]}}],
        "awards": [{"level": "city", "joint_cap": {"group": "标准", "most": 150}, "tranches": [
            {"title": "奖", "amount": {"share": {"fact": "rd.expense.y1", "rate": [0.1, 0.15], "cap": 50}}},
            {"title": "档", "amount": {"ladder": {"fact": "assets.total.y1", "steps": [[100, 5], [200, 8]]}}},
            {"title": "情形", "amount": {"cases": [
                {"when": {"fact": "enterprise.employees", "at_least": 20}, "amount": {"cap": 30}}
            ], "otherwise": 3}},
        ]}],
        "places": {"most": 20},
    }  # fmt: skip
    found = {each.path: (each.words, each.shown) for each in numbers_of(content, facts())}
    assert found["criteria/0/rule/all/1/of/0/at_least"][1] == "4%"
    assert found["criteria/0/rule/all/2/quantity/product/0"][1] == "0.5"
    assert found["criteria/0/rule/all/2/at_most"][1] == "300 万元"
    assert found["awards/0/tranches/0/amount/share/rate/1"] == ("奖，上年度研发费用的比例，最多".replace(
        "上年度研发费用", facts()["rd.expense.y1"].label), "15%")  # fmt: skip
    assert found["awards/0/tranches/1/amount/ladder/steps/1/0"][1] == "200 万元"
    assert found["awards/0/tranches/2/amount/cases/0/when/at_least"][1].startswith("20")
    assert found["awards/0/tranches/2/amount/otherwise"] == ("情形，其余", "3 万元")
    assert found["awards/0/joint_cap/most"] == ("“标准”合计最高", "150 万元")
    assert found["places/most"][1] == "20 家"
    assert len(found) == 18
    assert (plain_number(Decimal("20.0")), plain_number(Decimal("0.04"))) == (20, 0.04)
