"""Forms of impact: on which day firms are judged, and the numbers of a variant."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from applications.impact.models import Variant
from applications.impact.services.numbers import PERCENT, Number, shown
from applications.impact.services.variants import as_kept
from portal.typed.fields import QuantityField
from portal.typed.quantities import doubt_of_share

TODAY, FIRST_DAY = "today", "first_day"
OUT_OF_RANGE = "这个指标只能填 {least} 到 {most}。"
NOTHING_CHANGED = "还没有改动任何数字，请至少改一个。"


class RunForm(forms.Form):
    day = forms.ChoiceField(
        label="按哪一天测算",
        widget=forms.RadioSelect,
        error_messages={"required": "请选按哪一天测算。"},
    )

    def __init__(self, *args: Any, first_day: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["day"].choices = [
            (TODAY, "今天：好比今天就起用，用企业现在档案里的数"),
            (
                FIRST_DAY,
                f"起用那天（{first_day}）：年份往后移，那一年还没有人填的数算资料不足",
            ),
        ]


class NumberField(QuantityField):
    """A number typed in its unit, a share in percent; the cleaned value is as the content has it."""

    def __init__(self, number: Number) -> None:
        self.number = number
        label = f"{number.words}（现在 {number.shown}）"
        super().__init__(unit=number.unit, label=label, required=False)
        self.called = number.words

    def clean(self, value: Any) -> Decimal | None:
        read = super().clean(value)
        if read is None:
            return None
        number = self.number
        if number.unit == PERCENT:
            if doubt := doubt_of_share(value, read):
                raise forms.ValidationError(doubt)
            read /= 100
        least, most = number.least, number.most
        if (least is not None and read < least) or (most is not None and read > most):
            ends = {
                name: "不限" if end is None else shown(end, number.unit)
                for name, end in (("least", least), ("most", most))
            }
            raise forms.ValidationError(OUT_OF_RANGE.format(**ends))
        return read


class VariantForm(forms.Form):
    """The title, and a field for every number of the draft; what is left empty stays as it is."""

    title = forms.CharField(
        label="方案名称",
        max_length=60,
        help_text="如：20 万元，从 1500 万元起。",
        error_messages={"required": "请给方案起个名称。"},
    )

    def __init__(self, *args: Any, numbers: Sequence[Number], **options: Any) -> None:
        super().__init__(*args, **options)
        self.numbers = list(numbers)
        for number in self.numbers:
            self.fields[name_of(number)] = NumberField(number)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under the condition or the award that they belong to."""
        found: dict[str, list[forms.BoundField]] = {}
        for number in self.numbers:
            found.setdefault(number.group, []).append(self[name_of(number)])
        return list(found.items())

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and not self.kept:
            raise forms.ValidationError(NOTHING_CHANGED)
        return given

    @property
    def kept(self) -> list[dict[str, str]]:
        """What the variant keeps of what was typed."""
        typed = {each.path: self.cleaned_data.get(name_of(each)) for each in self.numbers}
        return as_kept({path: n for path, n in typed.items() if n is not None}, self.numbers)


def name_of(number: Number) -> str:
    return "n." + number.path.replace("/", ".")


def typed_of(variant: Variant, numbers: Sequence[Number]) -> dict[str, str]:
    """What a form begins with; a number that the draft no longer has is left out."""
    units = {each.path: each for each in numbers}
    return {"title": variant.title} | {
        name_of(units[each["path"]]): shown(Decimal(each["value"]), units[each["path"]].unit)
        for each in variant.numbers
        if each["path"] in units
    }
