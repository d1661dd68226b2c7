"""Forms of expert review: whom staff ask, and what an expert answers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator, MinValueValidator

from applications.cases.models.expert import HIGHEST, LOWEST, SHORTEST_REASON
from portal.typed.fields import QuantityField

LONGEST_REASON = 2000
OUT_OF_RANGE = "请填 0 到 100 之间的数，最多一位小数，如 85.5。"
REASON_TOO_SHORT = f"请写出理由，至少 {SHORTEST_REASON} 个字。"
REASON_TOO_LONG = f"最多 {LONGEST_REASON} 字，请写得短些。"


class ExpertChoiceField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, expert: Any) -> str:
        name = expert.get_full_name()
        return f"{name}（{expert.username}）" if name else expert.username


class AssignmentForm(forms.Form):
    """Whom to ask; the choices are those who may be."""

    experts = ExpertChoiceField(
        label="可以指派的专家",
        queryset=get_user_model().objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选一位专家。",
            "invalid_choice": "有一位专家现在不能指派，请重新选。",
            "invalid_pk_value": "有一位专家现在不能指派，请重新选。",
            "invalid_list": "请从列出的专家中选。",
        },
    )

    def __init__(self, data: Any = None, *, candidates: Any) -> None:
        super().__init__(data)
        self.fields["experts"].queryset = candidates


def _reason(label: str, shortest: int, too_short: str) -> forms.CharField:
    """A longer text, with its refusals in plain words."""
    return forms.CharField(
        label=label,
        min_length=shortest,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": too_short,
            "min_length": too_short,
            "max_length": REASON_TOO_LONG,
        },
    )


class ScoreForm(forms.Form):
    """Points, why, and the word that there are no ties with the firm."""

    points = QuantityField(
        unit="分",
        label="评分（0–100，最多一位小数）",
        max_digits=4,
        decimal_places=1,
        validators=[
            MinValueValidator(Decimal(LOWEST), OUT_OF_RANGE),
            MaxValueValidator(Decimal(HIGHEST), OUT_OF_RANGE),
        ],
        error_messages={
            "required": "请填评分。",
            "invalid": OUT_OF_RANGE,
            "max_digits": OUT_OF_RANGE,
            "max_decimal_places": OUT_OF_RANGE,
            "max_whole_digits": OUT_OF_RANGE,
        },
    )
    reason = _reason(f"评分理由（至少 {SHORTEST_REASON} 个字）", SHORTEST_REASON, REASON_TOO_SHORT)
    independent = forms.BooleanField(
        label="我与这家企业没有利害关系，独立作出评分",
        error_messages={"required": "请确认没有利害关系；有的话，请在下面声明回避。"},
    )


class ConflictForm(forms.Form):
    """What ties the expert has with the firm."""

    conflict_reason = _reason("是什么利害关系", 1, "请写明是什么利害关系，以便中心另请专家。")
