"""Forms of the public pages; in the self-check “不清楚” is always an answer."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join

from policies.listing import NO_MONEY, PUBLISHED, UNPUBLISHED
from policies.models import Jurisdiction, Programme
from policies.models.award import Level
from policies.rules.answers import (
    LARGEST_NUMBER,
    AnswersError,
    amount_in_words,
    contradictions,
    parse_answers,
    questionable,
)
from policies.rules.assessment import plain_values
from policies.rules.facts import Fact, plain
from policies.self_checks import read_code, self_check_of_code

BENEFICIARIES = (
    ("enterprise", "企业"),
    ("base_operator", "双创基地运营单位"),
    ("individual_business", "个体工商户"),
    ("person", "个人"),
    ("government", "政府部门的义务"),
)
STATUSES = (
    (PUBLISHED, "金额已公布"),
    (UNPUBLISHED, "金额未公布"),
    (NO_MONEY, "不涉及资金"),
)
SORTS = (("", "按类别"), ("amount", "金额从高到低"), ("name", "按名称"))
UNCLEAR, NONE = "", "__none__"


def field_name(key: str) -> str:
    return key.replace(".", "__")


class FamiliesForm(forms.Form):
    """Which families interest the firm; none ticked means all."""

    def __init__(self, *args: Any, families: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["families"] = forms.MultipleChoiceField(
            label="想了解哪几类？不选就是全部",
            choices=[(family, family) for family in families],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class ProgrammeSearchForm(forms.Form):
    """What the list of programmes is filtered and sorted by; an empty field asks for nothing."""

    q = forms.CharField(label="关键词", required=False, max_length=100)
    family = forms.ChoiceField(label="类别", required=False)
    city = forms.ChoiceField(label="市", required=False)
    county = forms.ChoiceField(label="县（市、区）", required=False)
    level = forms.ChoiceField(label="哪一级给", required=False)
    benefit = forms.ChoiceField(label="给什么", required=False)
    beneficiary = forms.ChoiceField(label="给谁", required=False)
    status = forms.ChoiceField(label="金额", required=False)
    sort = forms.ChoiceField(label="排序", required=False)

    def __init__(
        self, data: Any, *, families: Iterable[str], areas: Mapping[str, Jurisdiction]
    ) -> None:
        super().__init__(data)
        places = {
            level: [(code, place.name) for code, place in areas.items() if place.level == level]
            for level in Jurisdiction.Level.values
        }
        for name, choices in {
            "family": [(family, family) for family in families],
            "city": places["city"],
            "county": places["county"],
            "level": Level.choices,
            "benefit": Programme.Benefit.choices,
            "beneficiary": BENEFICIARIES,
            "status": STATUSES,
        }.items():
            self.fields[name].choices = [("", "不限"), *choices]
        self.fields["sort"].choices = SORTS


class CodeForm(forms.Form):
    """The short code of a printed report; `self_check` is what it found once valid."""

    code = forms.CharField(
        label="短码",
        max_length=40,
        help_text="印在测算报告上，10 个字母和数字，如 ABCDE-FGHJK；不分大小写",
        error_messages={
            "required": "请填报告上的短码",
            "max_length": "短码只有 10 个字母和数字，请对照报告核对",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Shown again only when something is wrong: the page then opens at the message.
        self.fields["code"].widget.attrs["autofocus"] = self.is_bound
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        code = read_code(typed)
        if code is None:
            raise forms.ValidationError(
                "短码是 10 个字母和数字，没有 0、1、I、L、O，请对照报告核对"
            )
        self.self_check = self_check_of_code(code)
        if self.self_check is None:
            raise forms.ValidationError(
                "没有找到这个短码的结果：请对照报告核对；结果也可能已到期或已删除"
            )
        return typed


class QuestionsForm(forms.Form):
    """Questions on some facts; `answers` and `unclear` hold what was said once valid,
    `parsed` the answers in their own types.

    `known` are the answers given so far, parsed; they fill the fields in.

    The improbable is asked back with a tick box, never refused.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        facts: Mapping[str, Fact],
        keys: Iterable[str],
        known: Mapping[str, Any],
        on: date,
    ) -> None:
        self.facts, self.keys, self.known, self.on = facts, list(keys), dict(known), on
        initial = {
            field_name(key): as_typed(facts[key], known[key]) for key in self.keys if key in known
        }
        super().__init__(data, initial=initial)
        for key in self.keys:
            self.fields[field_name(key)] = _field(facts[key])
        self.fields["confirmed"] = forms.BooleanField(
            required=False, label="数字我核对过，没有错", widget=forms.HiddenInput
        )
        self.answers: dict[str, Any] = {}
        self.parsed: dict[str, Any] = {}
        self.unclear: list[str] = []
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for key in self.keys:
            name = field_name(key)
            if name in self.errors:
                continue
            try:
                value = _typed(self.facts[key], cleaned.get(name))
                if value is None:
                    self.unclear.append(key)
                    continue
                self.answers[key] = value
                self.parsed |= parse_answers({key: value}, self.facts, self.on)
            except _NotANumberError as error:
                self.add_error(name, str(error))
            except AnswersError as error:
                self.add_error(name, error.problems[0].expected)
        others = {key: value for key, value in self.known.items() if key not in self.keys}
        for problem in contradictions(others | self.parsed, self.on):
            name = field_name(problem.key)
            field = name if name in self.fields else None
            if field is None or name not in self.errors:
                self.add_error(field, problem.expected)
        self._question_the_improbable(self.parsed, cleaned)
        return cleaned

    def _question_the_improbable(self, parsed: Mapping[str, Any], cleaned: dict[str, Any]) -> None:
        doubts = questionable(parsed, self.facts)
        if not doubts or cleaned.get("confirmed"):
            return
        self.fields["confirmed"].widget = forms.CheckboxInput()
        for problem in doubts:
            self.add_error(field_name(problem.key), problem.expected)
        self.add_error("confirmed", "如果数字没有错，请在这里打钩后继续")

    @property
    def plain_answers(self) -> dict[str, Any]:
        """The answers in JSON's types, as a self-check stores them."""
        return plain_values(self.answers)


class _NotANumberError(Exception):
    """What was typed is no number; the message says what was expected."""


def _field(fact: Fact) -> forms.Field:
    # Crispy prints labels and help as they are; what editors typed is text, not markup.
    label, help_text = escape(fact.question or fact.label), escape(fact.help)
    if fact.type == "bool":
        choices = [("true", "是"), ("false", "否"), (UNCLEAR, "不清楚")]
        return forms.ChoiceField(
            label=label,
            choices=choices,
            widget=forms.RadioSelect,
            required=False,
            help_text=help_text,
        )
    if fact.type == "enum":
        choices = [(UNCLEAR, "不清楚"), *fact.choices.items()]
        return forms.ChoiceField(label=label, choices=choices, required=False, help_text=help_text)
    if fact.type == "enum_set":
        choices = [*fact.choices.items(), (NONE, "都没有")]
        return forms.MultipleChoiceField(
            label=label,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=help_text or "不清楚就都不选",
        )
    unit = "%" if fact.type == "ratio" else fact.unit
    hints = [f"单位：{unit}" if unit else "", help_text, "不清楚就空着"]
    if fact.type == "date":
        hints = ["格式：2024-06-30", help_text, "不清楚就空着"]
    if fact.type == "money_list":
        hints = ["每项金额（万元）用空格隔开，没有填 0", help_text, "不清楚就空着"]
    text = format_html_join("；", "{}", ((hint,) for hint in hints if hint))
    attributes = {"autocomplete": "off", "inputmode": "decimal"}
    if fact.type in ("date", "money_list"):
        attributes["inputmode"] = "text"
    if _is_amount(fact):
        echo = f"echo_{field_name(fact.key)}"
        text = format_html('{}<span id="{}" class="echo" aria-live="polite"></span>', text, echo)
        attributes |= {
            "hx-get": reverse("policies:amount-in-words"),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": f"#{echo}",
        }
    return forms.CharField(
        label=label,
        required=False,
        max_length=2000,
        help_text=text,
        widget=forms.TextInput(attrs=attributes),
    )


def _is_amount(fact: Fact) -> bool:
    return fact.type == "decimal" and fact.unit == "万元"


def words_typed(text: str) -> str:
    """The amount in words, or nothing while what is typed is no sensible amount of 万元."""
    try:
        number = _number(text[:40])
        return amount_in_words(number) if 0 < number <= LARGEST_NUMBER else ""
    except _NotANumberError:
        return ""


def _number(text: str) -> Decimal:
    text = text.translate(str.maketrans("０１２３４５６７８９．－，", "0123456789.-,"))
    text = re.sub(r"[,\s]", "", text).removesuffix("万元").removesuffix("%")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _NotANumberError("请填数字，如 2000 或 1999.99") from error
    if not number.is_finite():
        raise _NotANumberError("请填数字，如 2000 或 1999.99")
    return number


def _typed(fact: Fact, value: Any) -> Any:
    """What was typed in the fact's raw type; None is “不清楚”."""
    if value in (None, "", []):
        return None
    if fact.type == "bool":
        return value == "true"
    if fact.type == "enum":
        return value
    if fact.type == "enum_set":
        codes = [code for code in value if code != NONE]
        if codes and NONE in value:
            raise _NotANumberError("“都没有”不能和其他选项同时选")
        return codes
    text = value.strip()
    if fact.type == "date":
        return re.sub(r"[./年月]", "-", text).rstrip("日")
    if fact.type == "money_list":
        amounts = [_number(item) for item in re.split(r"[\s、；;]+", text) if item]
        return [amount for amount in amounts if amount != 0]
    number = _number(text)
    return number / 100 if fact.type == "ratio" else number


def as_typed(fact: Fact, value: Any) -> Any:
    """The value as its field holds it: text, or a list where several can be ticked."""
    if fact.type == "bool":
        return "true" if value else "false"
    if fact.type == "enum_set":
        return list(value) or [NONE]
    if fact.type == "money_list":
        return " ".join(plain(item) for item in value) or "0"
    if fact.type == "ratio":
        return plain(value * 100)
    if fact.type == "date":
        return value.isoformat()
    return plain(value) if fact.is_numeric and fact.unit != "年" else value


def echoed_amounts(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    """Amounts of 万元 in words, so that 元 typed for 万元 is noticed."""
    return [
        (facts[key].label, amount_in_words(value))
        for key, value in answers.items()
        if key in facts and _is_amount(facts[key])
    ]
