"""The form of two variants: which answers differ, their values on each side, and each side's day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from policies.rules.facts import Fact
from policies.rules.firm import add_months
from policies.rules.follow_ups import with_implied
from policies.rules.years import carry
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import understood
from policies.self_check.variants import Variant
from portal.forms import plain_helper
from portal.typed.days import read_day
from portal.typed.signs import UnreadError

FACTS_MOST = 5
YEARS_AHEAD = 3
SIDES = {"a": "情形一", "b": "情形二"}


class DayForm(forms.Form):
    """What a variant is called, and the day that it is judged on."""

    name = forms.CharField(label="叫什么", max_length=20, required=False)
    on = forms.CharField(label="哪一天测算", max_length=20, required=False)

    def __init__(self, data: Any = None, *, check: SelfCheck, **options: Any) -> None:
        super().__init__(data, **options)
        self.check = check
        last = add_months(check.on, 12 * YEARS_AHEAD)
        self.fields["name"].help_text = "如：若今年升规"
        self.fields["on"].help_text = f"{check.on} 至 {last} 的一天；空着就是 {check.on}"
        self.last = last
        self.helper = plain_helper()

    def clean_on(self) -> date:
        typed = self.cleaned_data["on"].strip()
        if not typed:
            return self.check.on
        try:
            day = read_day(typed)
        except UnreadError as error:
            raise forms.ValidationError(str(error)) from error
        if not self.check.on <= day <= self.last:
            raise forms.ValidationError(f"请填 {self.check.on} 至 {self.last} 的一天")
        return day


class SideForm(QuestionsForm):
    """The answers of one side; without the echo of amounts, whose place only one side can have."""

    def __init__(self, data: Any, *, prefix: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.prefix = prefix
        for key in self.keys:
            field = self.fields[field_name(key)]
            field.widget.attrs = {
                name: value
                for name, value in field.widget.attrs.items()
                if not name.startswith("hx-")
            }
            if field.help_text and 'class="echo"' in field.help_text:
                fact = self.facts[key]
                field.help_text = f"单位：{fact.unit}；不清楚就空着"


class Side:
    """One variant as its form has it; a fact that was only just chosen keeps what is known of it."""

    def __init__(
        self,
        prefix: str,
        asked: QueryDict,
        keys: list[str],
        check: SelfCheck,
        facts: Mapping[str, Fact],
    ) -> None:
        self.prefix, self.title = prefix, SIDES[prefix]
        is_sent = f"{prefix}-on" in asked
        self.day = DayForm(asked if is_sent else None, check=check, prefix=prefix)
        self.is_valid = not is_sent or self.day.is_valid()
        on = self.day.cleaned_data.get("on", check.on) if is_sent else check.on
        carried = carry(check.answers, check.on.year, on.year, facts).answers
        known = with_implied(understood(carried, facts, on))
        sent = set(asked.get("shown", "").split(","))
        options = {"facts": facts, "known": known, "on": on, "prefix": prefix}
        self.forms = [
            SideForm(asked if is_old else None, keys=own, **options)
            for is_old in (True, False)
            if (own := [key for key in keys if (key in sent) is is_old])
        ]
        changes: dict[str, Any] = {}
        for form in self.forms:
            if not form.is_bound:
                del form.fields["confirmed"]
                changes |= {key: known.get(key) for key in form.keys}
            elif form.is_valid():
                changes |= {key: form.parsed.get(key) for key in form.keys}
            else:
                self.is_valid = False
        name = self.day.cleaned_data.get("name", "") if is_sent and self.day.is_bound else ""
        self.variant = Variant(name or self.title, on, changes)

    @property
    def problems(self) -> list[forms.BaseForm]:
        """Its forms that have errors."""
        return [form for form in (self.day, *self.forms) if form.is_bound and form.errors]
