"""Who is away from when to when, and who decides meanwhile."""

from typing import Any

from django import forms

from applications.centre.cases.forms.assignee import ColleagueField
from portal.models import User
from portal.typed.fields import DayField

NOT_OFFERED = "请从列出的审核员中选。"


def _colleague(label: str, required: str) -> ColleagueField:
    return ColleagueField(
        label=label,
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": required, "invalid_choice": NOT_OFFERED},
    )


def _day(label: str, required: str) -> DayField:
    return DayField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": required},
    )


class CoverForm(forms.Form):
    person = _colleague("谁不在", "请选择谁不在。")
    first = _day("从哪天起", "请填从哪天起。")
    last = _day("到哪天止（含当天）", "请填到哪天止。")
    substitute = _colleague("由谁代办", "请选择由谁代办。")
    reason = forms.CharField(
        label="说明（可以不填）",
        required=False,
        max_length=200,
        error_messages={"max_length": "说明最多 200 字，请写得短些。"},
    )

    def __init__(self, data: Any = None, *, people: Any, me: User) -> None:
        super().__init__(data, initial={"person": me}, label_suffix="")
        for name in ("person", "substitute"):
            self.fields[name].queryset = people.order_by(
                "jurisdiction_code", "last_name", "username"
            )
