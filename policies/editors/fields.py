"""Form fields that spare editors the JSON: lines of text, pairs, shares, and rules and amounts that are built."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from policies.catalogue.models import Conflict
from policies.catalogue.models.fact import CHOICE_CODE, CHOICE_CODE_SAYS
from policies.editors.builder.field import builder_field
from policies.editors.builder.pasted import refuse_strange
from policies.editors.builder.values import PERCENT, read_number, shown_number
from portal.typed.signs import UnreadError


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        widget = forms.Textarea(attrs={"rows": 3, "cols": 80})
        super().__init__(
            **{"widget": widget, "required": False, **options, "show_hidden_initial": False}
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        refuse_strange(value or "")
        return _lines_of(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _lines_of(data) != (initial or [])


def _lines_of(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class PairsField(forms.CharField):
    """Codes and their texts, one pair a line: `company 公司`."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        widget = forms.Textarea(attrs={"rows": 6, "cols": 60})
        super().__init__(**{"widget": widget, "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{code} {text}" for code, text in value.items())

    def to_python(self, value: Any) -> dict[str, str]:
        refuse_strange(value or "")
        pairs: dict[str, str] = {}
        for number, line in enumerate((value or "").splitlines(), 1):
            if not line.strip():
                continue
            code, _, text = line.strip().partition(" ")
            if not text.strip():
                raise ValidationError(f"第 {number} 行应为“代码 文字”，中间空一格。")
            if not re.search(CHOICE_CODE, code):
                raise ValidationError(f"第 {number} 行：{CHOICE_CODE_SAYS}")
            if code in pairs:
                raise ValidationError(f"第 {number} 行：代码 {code} 重复。")
            pairs[code] = text.strip()
        return pairs


RuleField = builder_field("rule")
WhenField = builder_field("rule", is_open=False)
AmountField = builder_field("amount")
UnsplitField = builder_field("unsplit")
UndecidedField = builder_field("undecided", empty=[])
JointCapField = builder_field("joint_cap")
ClawBackField = builder_field("claw_back")
PlacesField = builder_field("places")


class ShareField(forms.CharField):
    """A share of 0 to 1, typed in percent."""

    def __init__(self, **options: Any) -> None:
        for name in ("max_digits", "decimal_places"):
            options.pop(name, None)
        super().__init__(**{**options, "widget": forms.TextInput(attrs={"autocomplete": "off"})})

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else shown_number(value, PERCENT)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return Decimal(str(read_number(text, PERCENT)))
        except UnreadError as error:
            raise ValidationError(f"{error}。") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def conflict_codes(codes: Iterable[str]) -> None:
    """Raise a ValidationError that names the codes of no conflict."""
    codes = set(codes)
    known = Conflict.objects.filter(pk__in=codes).values_list("pk", flat=True)
    if unknown := sorted(codes - set(known)):
        raise ValidationError(f"没有口径说明 {'、'.join(unknown)}。")
