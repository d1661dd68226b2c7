"""A formula on a page: its value with its parts, and where a new version of it changed an edition."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from policies.catalogue.vocabulary import Vocabulary
from policies.pages.listing import entry_bar
from policies.presentation.changes import changes_between
from policies.presentation.programme import Guide, amount_in_words, programme_row
from policies.rules.assessment import assess, plain_values
from policies.rules.formulas import FactsWithFormulas
from policies.rules.judgement import judge
from policies.self_check.questions_page import count_and_money
from portal.exact_json import ExactDecoder
from tests.policies.rules.test_formulas import FACTS, FORMULAS, ON, edition_of, formula, gate
from tests.policies.rules.test_quantities import firm


def shown(answers, rule=None):
    edition = edition_of(criteria=[gate(rule or {"fact": "f.share", "at_least": 0.35})])
    [programme] = assess([edition], firm(**answers).answers, ON, FACTS)["programmes"]
    # As a case keeps it.
    kept = json.loads(json.dumps(plain_values(programme)), cls=ExactDecoder)
    [row] = programme_row(kept, Vocabulary(facts=FACTS, conflicts={}), Guide())["criteria"]
    return row


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        ({"loan": 1, "sales_y0": 3},
         "贷款占比 33.3333%（loan÷sales.y0：loan 1 万元，sales.y0 3 万元）"),
        ({"loan": 1}, "贷款占比 还缺数，算不出（loan÷sales.y0：loan 1 万元，sales.y0 未填）"),
        ({"loan": 1, "sales_y0": 0}, "贷款占比 除数为 0，算不出（loan÷sales.y0：loan 1 万元，sales.y0 0 万元）"),
    ],
    ids=str,
)  # fmt: skip
def test_a_condition_shows_the_computed_value_and_its_parts(answers, value):
    row = shown(answers)
    assert row["value"] == value
    assert row["requires"] == "贷款占比（loan÷sales.y0） ≥ 35%"


def test_what_it_lacks_is_told_of_what_is_divided():
    assert shown({"loan": 1, "sales_y0": 4})["gap"] == "差 0.4 万元"


def test_a_new_version_of_a_formula_is_a_change_though_the_rule_says_the_same():
    newer = {"f.share": formula("贷款占比", "比例", {"quotient": ["loan", "sales.y1"]})}
    before, after = (
        {"criteria": [gate({"fact": "f.share", "at_least": 0.35})], "awards": [], "materials": [],
         "steps": [], "formulas": {"f.share": {**each["f.share"], "effective_from": day}}}
        for each, day in ((FORMULAS, "2024-01-01"), (newer, "2025-01-01"))
    )  # fmt: skip
    # Whatever the newest version is by now.
    facts = FactsWithFormulas(FACTS, newer)
    [change] = changes_between(before, after, facts, {})
    assert str(change) == (
        "修改条件：A 条件，由“必备条件，贷款占比（loan÷sales.y0） ≥ 35%”"
        "改为“必备条件，贷款占比（loan÷sales.y1） ≥ 35%”"
    )
    same = {
        **before,
        "formulas": {"f.share": {**FORMULAS["f.share"], "effective_from": "2025-01-01"}},
    }
    assert changes_between(before, same, facts, {}) == []


def test_levels_that_share_a_cap_are_summed_as_what_they_pay_together():
    cap = {"group": "合计", "most": 150}
    levels = [{"level": level, "amount": paid, "joint_cap": cap}
              for level, paid in (("city", 100), ("county", 80))]  # fmt: skip
    edition = edition_of(awards=levels)
    [programme] = assess([edition], {}, ON, FACTS)["programmes"]
    kept = plain_values(programme)
    assert amount_in_words(kept["awards"], together=kept["together"]) == "150 万元"
    row = programme_row(kept, Vocabulary(facts=FACTS, conflicts={}), Guide())
    assert row["amount"] == "150 万元"
    judgement = judge(edition, firm())
    assert judgement.payable.pair == [Decimal(150)] * 2
    assert count_and_money([judgement]) == "1 项，最多 150 万元"
    bar = entry_bar(SimpleNamespace(edition=edition, place="140521"), ON)
    assert bar.shares == (("now", 150),)
