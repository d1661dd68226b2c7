"""Rules and amounts are built of rows: all that can be written is shown, kept, moved and told."""

import json
from functools import cache

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings

from policies.editors.builder import field as builder
from policies.editors.builder import telling
from policies.editors.builder.field import of_json
from policies.editors.builder.vocabulary import vocabulary
from policies.editors.builder.writing import normal
from policies.editors.fields import (
    AmountField,
    ClawBackField,
    JointCapField,
    PlacesField,
    RuleField,
    UndecidedField,
    UnsplitField,
)
from tests.generated import examples
from tests.policies.editors.browser_form import as_post, buttons, posted_back, sent
from tests.policies.packs import catalogue
from tests.policies.rules.invented import AMOUNTS, RULES, every_fact

FIELDS = {
    "rule": RuleField,
    "amount": AmountField,
    "unsplit": UnsplitField,
    "undecided": UndecidedField,
    "joint_cap": JointCapField,
    "claw_back": ClawBackField,
    "places": PlacesField,
}


@cache
def known():
    return vocabulary(every_fact())


@pytest.fixture(autouse=True, scope="module")
def facts():
    """The facts of the packs and one more, without a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "current", known)
        patch.setattr(telling, "conflicts", lambda: {"C01": "来源不一致"})
        yield


def field(family):
    return FIELDS[family](required=False)


def comes_back(family, data):
    """The page of what is written, sent back as a browser sends it."""
    assert of_json(family, data, known()).root is not None, data
    own = field(family)
    return own.clean(posted_back(own, data))


def shown(built, family="rule"):
    return field(family).widget.render("rule", built)


def press(html, act, family="rule", **changes):
    """The page again after a button was pressed, with what was typed before."""
    own = field(family)
    assert (("rule.act", act) in buttons(html)) or act == "go", act
    fields = sent(html) | {"rule.act": [act]}
    for name, value in changes.items():
        fields[name] = value if isinstance(value, list) else [value]
    return own.widget.render("rule", own.widget.value_from_datadict(as_post(fields), {}, "rule"))


def shipped():
    """All that the shipped catalogue writes in these ways."""
    for pack in catalogue().programmes:
        for _, content in pack.editions:
            yield "places", content.get("places")
            for criterion in content["criteria"]:
                yield "rule", criterion.get("rule")
                yield "rule", criterion.get("when")
            for award in content["awards"]:
                for name in ("unsplit", "undecided", "joint_cap", "claw_back"):
                    yield name, award.get(name)
                for tranche in award.get("tranches") or []:
                    yield "amount", tranche["amount"]
                    for name in ("now_when", "past_when", "void_when"):
                        yield "rule", tranche.get(name)


# --- nothing is lost --------------------------------------------------------------------


def test_all_of_the_shipped_catalogue_comes_back_as_it_was_and_needs_no_json():
    seen = set()
    for family, data in shipped():
        if data in (None, [], {}):
            continue
        seen.add(family)
        assert comes_back(family, data) == data
    assert {"rule", "amount", "unsplit", "undecided"} <= seen


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RULES)
def test_every_rule_that_can_be_written_comes_back(rule):
    _comes_back("rule", rule)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(AMOUNTS)
def test_every_amount_that_can_be_written_comes_back(amount):
    _comes_back("amount", amount)


def _comes_back(family, data):
    assert normal(comes_back(family, data)) == normal(data)


@pytest.mark.parametrize(
    ("family", "data"),
    [
        ("unsplit", {"amount": 20}),
        ("unsplit", {"amount": 20.5, "whole_when": {"any": [{"fact": "stat.four_above", "is": True}]}}),
        ("undecided", [{"when": {"open": "C01"}, "reason": "C01"}, {"when": {"industry": ["C"]}, "reason": "看情况"}]),
        ("joint_cap", {"group": "标准", "most": 150}),
        ("claw_back", {"when": "迁出本市"}),
        ("claw_back", {"when": "迁出本市", "years": 3, "share": 0.5}),
        ("places", {"most": 20}),
        ("places", {"most": 20, "period": "批", "ranked_by": "评分"}),
        ("rule", {"quantity": {"growth": [{"sum": ["tax.paid.y0", 300]}, "tax.base_paid"]}, "between": [0.05, 0.2]}),
        ("rule", {"cases": [{"when": {"industry": ["C26"]}, "then": {"fact": "size.class", "is": "small"}, "id": "A", "sentence": "说法"}], "otherwise": {"open": "C01"}}),
        ("amount", {"times": {"amount": 20, "cases": [{"when": {"industry": ["C"]}, "factor": 1.5}], "otherwise": 2}}),
        ("amount", {"ladder": {"of": {"growth": ["tax.paid.y0", "tax.base_paid"]}, "steps": [[0.1, 5], [0.2, 10]]}}),
    ],
)  # fmt: skip
def test_what_no_shipped_row_writes_comes_back_too(family, data):
    assert comes_back(family, data) == data


def test_what_no_form_can_show_stands_as_json_and_is_kept():
    rule = {"fact": "stat.four_above", "is": True, "note": "以后用"}
    built = of_json("rule", rule, known())
    assert (built.root, json.loads(built.pasted)) == (None, rule)


@pytest.mark.parametrize("family", FIELDS)
def test_an_empty_form_holds_no_word_of_json_and_is_nothing(family):
    own = field(family)
    html = own.widget.render("rule", None)
    assert not {"null", "[]", "{}", "None"} & {
        each for values in sent(html).values() for each in values
    }
    assert own.clean(posted_back(own, None)) == own.empty


# --- without JavaScript -----------------------------------------------------------------

TWO = {
    "all": [
        {"fact": "enterprise.employees", "at_least": 20},
        {"fact": "revenue.operating.y1", "at_least": 2000},
    ]
}


def test_rows_are_added_moved_and_removed_with_all_that_was_typed():
    html = shown(TWO)
    html = press(html, "add:parts", **{"rule.parts.1.value": "三千多"})
    fields = sent(html)
    assert fields["rule.parts.1.value"] == ["三千多"]
    assert fields["rule.parts.2.is"] == ["leaf"]
    html = press(html, "up:parts.2", **{"rule.parts.2.fact": "从业"})
    assert sent(html)["rule.parts.1.fact"] == ["从业"] or "found" in html
    html = press(html, "down:parts.0")
    fields = sent(html)
    assert fields["rule.parts.2.value"] == ["三千多"]
    assert fields["rule.parts.1.value"] == ["20"]
    html = press(html, "cut:parts.0")
    fields = sent(html)
    assert "rule.parts.2.is" not in fields
    assert fields["rule.parts.1.value"] == ["三千多"]


def test_another_kind_and_one_around_keep_what_is_inside():
    leaf = {"fact": "enterprise.employees", "at_least": 20}
    html = press(shown(leaf), "go", **{"rule.kind": "wrap-any", "rule.value": "25"})
    assert sent(html)["rule.parts.0.value"] == ["25"]
    html = press(html, "go", **{"rule.parts.0.kind": "wrap-not"})
    assert sent(html)["rule.parts.0.part.value"] == ["25"]
    html = press(html, "go", **{"rule.kind": "n_of"})
    fields = sent(html) | {"rule.count": ["1"]}
    own = field("rule")
    built = own.widget.value_from_datadict(as_post(fields), {}, "rule")
    assert own.clean(built) == {
        "n_of": 1,
        "of": [{"not": {"fact": "enterprise.employees", "at_least": 25}}],
    }


def test_a_row_goes_into_the_group_before_it_and_out_again():
    rule = {"all": [{"any": [{"fact": "stat.four_above", "is": True}]}, TWO["all"][0]]}
    html = press(shown(rule), "into:parts.1")
    assert sent(html)["rule.parts.0.parts.1.value"] == ["20"]
    html = press(html, "out:parts.0.parts.0")
    fields = sent(html)
    assert fields["rule.parts.0.parts.0.value"] == ["20"]
    assert fields["rule.parts.1.value"] == ["true"]
    html = press(html, "go", **{"rule.parts.0.kind": "unwrap"})
    assert sent(html)["rule.parts.0.value"] == ["20"]


def test_another_fact_brings_the_operators_that_fit_it():
    html = press(shown({"fact": "enterprise.employees", "at_least": 20}), "go",
                 **{"rule.fact": "stat.four_above"})  # fmt: skip
    options = html.partition('id="rule-operator"')[2].partition("</select>")[0]
    assert 'value="is"' in options
    assert 'value="at_least"' not in options
    assert sent(html)["rule.value"] != [""]


def test_an_act_that_is_no_longer_there_changes_nothing():
    own = field("rule")
    built = posted_back(own, TWO, **{"rule.act": "cut:parts.7.part"})
    assert len(built.root.parts("parts")) == 2


# --- slips stand beside their boxes -----------------------------------------------------


@pytest.mark.parametrize(
    ("data", "changes", "box", "told"),
    [
        (TWO, {"rule.parts.1.value": "很多"}, "rule.parts.1.value", "请填数字"),
        (TWO, {"rule.parts.1.value": "两千"}, "rule.parts.1.value", "2000 元还是 2000 万元"),
        (TWO, {"rule.parts.1.value": ""}, "rule.parts.1.value", "请填值"),
        (TWO, {"rule.parts.1.value": "1；2"}, "rule.parts.1.value", "只能填一个值"),
        (TWO, {"rule.parts.0.fact": "外星人数"}, "rule.parts.0.fact", "没有找到“外星人数”这个指标"),
        (TWO, {"rule.parts.0.fact": ""}, "rule.parts.0.fact", "请选指标"),
        (TWO, {"rule.parts.0.operator": ""}, "rule.parts.0.operator", "请选比较方式"),
        (TWO, {"rule.parts.0.operator": "has"}, "rule.parts.0.operator", "不能用“含有”"),
        ({"n_of": 1, "of": TWO["all"]}, {"rule.count": "5"}, "rule.count", "应为 1 至 2 的整数"),
        ({"n_of": 1, "of": TWO["all"]}, {"rule.count": "一半"}, "rule.count", ""),
        ({"industry": ["C"]}, {"rule.codes": "外星业"}, "rule.codes", "不在选项中"),
        ({"open": "C01"}, {"rule.reason": ""}, "rule.reason", "请填写"),
        ({"ratio": ["tax.paid.y0", "revenue.operating.y1"], "at_least": 0.03}, {"rule.at_least": "3"}, "rule.at_least", "请写上百分号"),
        ({"fact": "enterprise.employees", "between": [20, 300]}, {"rule.value": ["300", "20"]}, None, "下限大于上限"),
        ({"quantity": {"sum": ["tax.paid.y0", "net_profit.y1"]}, "at_least": 5}, {"rule.quantity.parts.1.fact": "enterprise.employees"}, "rule.quantity.parts", "不是同一个单位"),
        ({"fact": "enterprise.ownership", "is": "private"}, {"rule.value": "外星"}, "rule.value", "不在选项中"),
    ],
)  # fmt: skip
def test_a_slip_in_a_rule_stands_beside_its_box_and_what_was_typed_is_kept(
    data, changes, box, told
):
    _check_slip("rule", data, changes, box, told)


@pytest.mark.parametrize(
    ("data", "changes", "box", "told"),
    [
        (20, {"rule.amount": "三十"}, "rule.amount", "30 元还是 30 万元"),
        ({"range": [5, 10]}, {"rule.low": "20"}, None, "下限大于上限"),
        ({"cap": 5}, {"rule.amount": "-5"}, "rule.amount", "不能小于 0"),
        ({"share": {"fact": "tax.paid.y0", "rate": 0.1, "cap": 100}}, {"rule.rate.rate": "10"}, "rule.rate.rate", "10% 还是 1000%"),
        ({"share": {"fact": "tax.paid.y0", "rate": [0.1, 0.2]}}, {"rule.rate.least": "30%"}, "rule.rate", "下限大于上限"),
        ({"ladder": {"fact": "tax.paid.y0", "steps": [[100, 5], [200, 10]]}}, {"rule.steps.1.limit": "50"}, None, "由低到高"),
        ({"ladder": {"fact": "tax.paid.y0", "steps": [[100, 5], [200, 10]]}}, {"rule.steps.1.amount": "x"}, "rule.steps.1.amount", "看不懂"),
        ({"items": {"fact": "first.products", "by_kind": [{"kinds": ["complete"], "amount": 8}]}}, {"rule.rows.0.rate": "10%"}, "rule.rows", "rate（按比例）或 amount"),
        ({"per_head_month": {"yuan": 300, "heads": "enterprise.employees", "months": "hr.trainee_months"}}, {"rule.most": "半年"}, "rule.most", ""),
        ({"together": {"amounts": [5, 6]}}, {"rule.parts.1.amount": ""}, "rule.parts.1.amount", "请填值"),
        ({"times": {"amount": 5, "factor": 2}}, {"rule.factor": "0"}, "rule.factor", "应大于 0"),
    ],
)  # fmt: skip
def test_a_slip_in_an_amount_stands_beside_its_box(data, changes, box, told):
    _check_slip("amount", data, changes, box, told)


def _check_slip(family, data, changes, box, told):
    own = field(family)
    built = posted_back(own, data, **changes)
    with pytest.raises(ValidationError):
        own.clean(built)
    html = own.widget.render("rule", built)
    if box is None:
        assert told in html
    else:
        beside = html.partition(f'id="{box.replace(".", "-")}-error"')[2].partition("</p>")[0]
        if not beside:  # a part that is a node has its error at its head
            beside = html.partition(f'id="{box.replace(".", "-")}"')[2].partition("</p>")[0]
            beside += html.partition(f'id="{box.replace(".", "-")}"')[2][:4000]
        assert told in beside, html
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        assert set(values) <= set(sent(html)[name]) or name.endswith(".fact"), sent(html)[name]


def test_what_people_write_is_understood():
    own = field("rule")
    typed = {"rule.parts.1.value": "2000万", "rule.parts.0.value": "三百"}
    assert own.clean(posted_back(own, TWO, **typed)) == {
        "all": [
            {"fact": "enterprise.employees", "at_least": 300},
            {"fact": "revenue.operating.y1", "at_least": 2000},
        ]
    }
    growth = {"quantity": {"growth": ["tax.paid.y0", "tax.base_paid"]}, "at_least": 0.1}
    built = posted_back(own, growth, **{"rule.ends.0.number": "4%"})
    assert own.clean(built) == growth | {"at_least": 0.04}
    built = posted_back(field("amount"), {"cap": 5}, **{"rule.amount": "0.2亿"})
    assert field("amount").clean(built) == {"cap": 2000}


# --- which fact is meant ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("enterprise.employees", "enterprise.employees"),
        ("从业人员", "enterprise.employees"),
        ("首次升规至今", "stat.years_since_upgrade"),
        ("congyerenyuan", "enterprise.employees"),
        ("cyry", "enterprise.employees"),
    ],
)
def test_a_fact_is_found_by_its_words_key_and_sound(typed, key):
    assert key in known().meant(typed)[:3]


def test_one_match_is_taken_and_of_several_one_is_chosen():
    own = field("rule")
    built = posted_back(own, TWO, **{"rule.parts.0.fact": "主营业务收入"})
    with pytest.raises(ValidationError):
        own.clean(built)
    html = own.widget.render("rule", built)
    assert "“主营业务收入”可能是下面几个指标，请选一个" in html
    [act, *_] = [act for _, act in buttons(html) if act.startswith("take:parts.0.fact:")]
    html = press(html, act)
    key = act.rpartition(":")[2]
    assert sent(html)["rule.parts.0.fact"] == [known().shown(key)]


def test_a_section_finds_its_facts():
    section = known().named["enterprise.employees"].section
    found = known().meant(section)
    assert "enterprise.employees" in found or len(found) > 1


# --- many rows --------------------------------------------------------------------------


def test_two_hundred_rows_are_kept_and_no_row_lists_the_facts():
    rule = {"any": [{"fact": "enterprise.employees", "at_least": each} for each in range(1, 201)]}
    html = shown(rule)
    assert comes_back("rule", rule) == rule
    assert html.count("<option") < 200 * 30
    assert len(html) < 1_500_000


# --- said and tried ---------------------------------------------------------------------


def test_a_rule_reads_itself_back_and_is_tried_on_a_firm():
    html = shown(TWO)
    assert "≥ 20 人" in html.replace("&gt;", ">")
    html = press(html, "try")
    assert "待确认" in html
    assert "还不知道：" in html
    html = press(html, "go", **{"rule.try-enterprise.employees": "25",
                                "rule.try-revenue.operating.y1": "1000"})  # fmt: skip
    outcome = html.partition('class="outcome"')[2]
    assert outcome.index("不符合") < outcome.index("</p>")
    html = press(html, "go", **{"rule.try-revenue.operating.y1": "3000万"})
    outcome = html.partition('class="outcome"')[2].partition("</p>")[0]
    assert "<strong>符合</strong>" in outcome
    html = press(html, "go", **{"rule.try-enterprise.employees": "很多"})
    assert "请填数字" in html.partition('class="trying"')[2]
    assert sent(html)["rule.try-enterprise.employees"] == ["很多"]


def test_an_amount_is_tried_in_money():
    share = {"share": {"fact": "tax.paid.y0", "rate": 0.1, "cap": 100}}
    html = press(shown(share, "amount"), "try", "amount")
    html = press(html, "go", "amount", **{"rule.try-tax.paid.y0": "500"})
    assert "50 万元" in html.partition('class="outcome"')[2]


def test_an_open_rule_says_why_it_stays_open():
    html = press(shown({"open": "C01"}), "try")
    outcome = html.partition('class="outcome"')[2]
    assert "待确认" in outcome
    assert "待定：来源不一致" in outcome


def test_json_that_is_pasted_becomes_the_form():
    html = press(shown(None), "go", **{"rule.json": json.dumps(TWO)})
    assert sent(html)["rule.parts.1.value"] == ["2000"]
    assert sent(html)["rule.json"] == [""]


def test_json_of_any_depth_and_shape_is_told_and_kept():
    own = field("rule")
    for text in ['{"not":' * 300 + "1" + "}" * 300, '{"open": [5]}', "[1]", '{"cases": 3}', "7"]:
        built = posted_back(own, None, **{"rule.json": text})
        with pytest.raises(ValidationError):
            own.clean(built)
        assert sent(own.widget.render("rule", built))["rule.json"] == [text]
        assert text[:9] in press(shown(None), "go", **{"rule.json": text}).replace("&quot;", '"')
