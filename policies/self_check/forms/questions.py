"""The form of some questions; “不清楚” is always an answer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join

from policies.rules.answers import AnswersError, contradictions, parse_answers, questionable
from policies.rules.assessment import plain_values
from policies.rules.facts import Fact
from policies.rules.years import year_asked
from policies.self_check.forms.items import ItemsInput
from policies.self_check.forms.typed import NONE, as_typed, is_amount, is_year, read_typed
from portal.forms import plain_helper
from portal.typed.signs import UnreadError

UNCLEAR = ""


def field_name(key: str) -> str:
    return key.replace(".", "__")


class QuestionsForm(forms.Form):
    """Questions on some facts; `answers` and `unclear` hold what was said once valid,
    `parsed` the answers in their own types.

    `known` are the answers given so far, parsed; they fill the fields in. `earlier` is what was said
    of another year, in words, and stands beside its question only.

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
        earlier: Mapping[str, str] | None = None,
    ) -> None:
        self.earlier = earlier or {}
        self.facts, self.keys, self.known, self.on = facts, list(keys), dict(known), on
        initial = {
            field_name(key): as_typed(facts[key], known[key]) for key in self.keys if key in known
        }
        super().__init__(data, initial=initial)
        for key in self.keys:
            field = self.fields[field_name(key)] = _field(facts[key], on)
            if key in self.earlier:
                hints = filter(None, (field.help_text, self.earlier[key]))
                field.help_text = format_html_join("；", "{}", ((hint,) for hint in hints))
        self.fields["confirmed"] = forms.BooleanField(
            required=False, label="数字我核对过，没有错", widget=forms.HiddenInput
        )
        self.answers: dict[str, Any] = {}
        self.parsed: dict[str, Any] = {}
        self.unclear: list[str] = []
        self.helper = plain_helper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        doubts = {}
        for key in self.keys:
            name = field_name(key)
            if name in self.errors:
                continue
            try:
                typed = read_typed(self.facts[key], cleaned.get(name))
                if typed.value is None:
                    self.unclear.append(key)
                    continue
                self.answers[key] = typed.value
                self.parsed |= parse_answers({key: typed.value}, self.facts, self.on)
                if typed.doubt:
                    doubts[key] = typed.doubt
            except UnreadError as error:
                self.add_error(name, str(error))
            except AnswersError as error:
                self.add_error(name, error.problems[0].expected)
        self._name_contradictions()
        improbable = questionable(self.parsed, self.facts)
        doubts |= {problem.key: problem.expected for problem in improbable}
        self._question(doubts, cleaned)
        return cleaned

    @property
    def others(self) -> dict[str, Any]:
        """What is known beside the questions of this form."""
        return {key: value for key, value in self.known.items() if key not in self.keys}

    def _name_contradictions(self) -> None:
        for problem in contradictions(self.others | self.parsed, self.on):
            name = field_name(problem.key)
            field = name if name in self.fields else None
            if field is None or name not in self.errors:
                self.add_error(field, problem.expected)

    def _question(self, doubts: Mapping[str, str], cleaned: dict[str, Any]) -> None:
        if not doubts or cleaned.get("confirmed"):
            return
        self.fields["confirmed"].widget = forms.CheckboxInput()
        for key, asked in doubts.items():
            self.add_error(field_name(key), asked)
        self.add_error("confirmed", "如果数字没有错，请在这里打钩后继续")

    @property
    def plain_answers(self) -> dict[str, Any]:
        """The answers in JSON's types, as a self-check stores them."""
        return plain_values(self.answers)


def _field(fact: Fact, on: date) -> forms.Field:
    # Answers are kept by year: the question names the one that it asks for.
    year = year_asked(fact.key, on.year)
    asked = f"{fact.question or fact.label}{f'（{year}年）' if year else ''}"
    # Crispy prints labels and help as they are; what editors typed is text, not markup.
    label, help_text = escape(asked), escape(fact.help)
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
    if fact.type == "item_list":
        return forms.CharField(
            label=label,
            required=False,
            max_length=20_000,
            strip=False,
            help_text="；".join(filter(None, (help_text, "不清楚就空着"))),
            widget=ItemsInput(fact),
        )
    text = format_html_join("；", "{}", ((hint,) for hint in hints if hint))
    attributes = {"autocomplete": "off", "inputmode": "decimal"}
    if fact.type in ("date", "money_list"):
        attributes["inputmode"] = "text"
    if is_year(fact):
        attributes["inputmode"] = "numeric"
    if is_amount(fact):
        echo = f"echo_{field_name(fact.key)}"
        text = format_html('{}<span id="{}" class="echo" aria-live="polite"></span>', text, echo)
        attributes |= {
            "hx-get": reverse("self_check:amount-in-words"),
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
