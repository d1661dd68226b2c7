"""The form of a fact: in the order in which an editor knows it, with what may be left empty filled in."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max

from policies.catalogue.models import Fact, Formula
from policies.catalogue.models.fact import CHOICE_CODE
from policies.editors.fields import PairsField
from policies.rules.facts import LISTS, NUMERIC_TYPES
from policies.search.sounds import initials_of
from portal.guarded_admin import GuardedForm

# As an editor thinks of a question; where it comes last is what nobody has to know.
FIELDS = (
    "question", "label", "type", "unit", "choices", "minimum", "maximum", "decimals", "help",
    "section", "changeable", "key",
)  # fmt: skip
# What the site names by itself begins so, and is told from the keys of the packs.
OWN, LONGEST_KEY = "own", 40
NO_NUMBER = "只有数和金额才填；这一项是“{type}”。"
NO_DECIMALS = "只有小数、比例和金额才填；这一项是“{type}”。"
KEY_OF_FORMULA = "这个键已经是公式的键。"
ABOVE = "最大值不能小于最小值。"
HELP = {
    "question": "企业看到的整句，如“上年末从业人员有多少人？”；不填就用下面的指标名称。",
    "label": "短一些，条件、结果和这里的列表里都用它，如“从业人员”。",
    "type": "是否：只答是或不是。单选、多选：从下面写的选项里选。比例：如 4%。"
    "金额列表：几笔金额；逐项填写：每一项有金额，可以有种类和日期。",
    "unit": "整数、小数才填，如 人、万元、年。",
    "choices": "单选、多选才填，逐项填写的填种类。一行一个，写文字就行，代码会自动拟；"
    "要自己定代码，写“代码 文字”，中间空一格。",
    "minimum": "填得比它小，会请企业核对。不限就空着；比例写 0 到 1。",
    "maximum": "填得比它大，会请企业核对。不限就空着。",
    "decimals": "最多几位小数；空着不限。",
    "help": "写给企业，如“财务报表利润表第 1 行”。",
    "section": "在已有的里面选，也可以写一个新的；排在这一组的最后。",
    "changeable": "企业努力能改变的才选，如人数、投入；成立日期、注册地不选。选了，差多少才会建议企业去做。",
    "key": "规则里用的名称，保存后不能改。不填就按指标名称的拼音拟一个；"
    "自己写用小写英文字母、数字和下划线，分组之间用点，如 revenue.main_business.y0。",
}


class SuggestedInput(forms.TextInput):
    """A text that may be one of those there are already."""

    template_name = "admin/catalogue/suggested_input.html"

    def __init__(self, suggestions: Callable[[], Iterable[str]], attrs: Any = None) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{name}-suggestions"
        context["suggestions"] = list(self.suggestions())
        return context


class ChoicesField(PairsField):
    """Texts, one a line, of which each gets a code; `known` are codes that texts have already."""

    known: dict[str, str] = {}

    def to_python(self, value: Any) -> dict[str, str]:
        lines, given = (value or "").splitlines(), set()
        for line in lines:
            code, _, text = line.strip().partition(" ")
            given |= {code} if text.strip() else set()
        whole = []
        for line in lines:
            text = line.strip()
            # What might be a code by itself lacks its text: that is asked back.
            is_text = text in self.known or not re.search(CHOICE_CODE, text)
            if text and " " not in text and is_text:
                code = self.known.get(text) or proposed_code(text, given)
                given.add(code)
                text = f"{code} {text}"
            whole.append(text)
        return super().to_python("\n".join(whole))


def sections() -> list[str]:
    """Those there are, in the order of the questionnaire."""
    rows = Fact.objects.order_by("position", "key").values_list("section", flat=True)
    return list(dict.fromkeys(rows))


def proposed_code(text: str, taken: Collection[str]) -> str:
    """The initials of what a choice says."""
    return _free(_ascii(initials_of(text)) or "choice", taken)


def proposed_key(label: str, taken: Collection[str]) -> str:
    """A key that says by its initials what is asked."""
    return _free(f"{OWN}.{(_ascii(initials_of(label)) or 'fact')[:LONGEST_KEY]}", taken)


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with the first number behind it that nobody has where somebody has the name."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


class FactForm(GuardedForm):
    class Meta:
        model = Fact
        fields = [*FIELDS, "position"]
        field_classes = {"choices": ChoicesField}
        widgets = {"section": SuggestedInput(sections)}
        help_texts = HELP
        labels = {"question": "怎么问企业", "label": "指标名称", "choices": "选项"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance._state.adding and "key" in self.fields:
            self.fields["key"].required = False
        if "choices" in self.fields:
            known = {text: code for code, text in self.instance.choices.items()}
            self.fields["choices"].known = known

    def clean_key(self) -> str:
        key = self.cleaned_data["key"]
        if Formula.objects.filter(key=key).exists():
            raise ValidationError(KEY_OF_FORMULA)
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (label := cleaned.get("label")) and self.instance._state.adding:
            self._fill_in(label, cleaned)
        self._check_numbers(cleaned)
        return cleaned

    def _fill_in(self, label: str, cleaned: dict[str, Any]) -> None:
        """What a new one lacks; an old one keeps what it says and does not say."""
        if "question" in self.fields and not cleaned.get("question"):
            cleaned["question"] = label
        if not self.errors.get("key"):
            taken = set(Fact.objects.values_list("key", flat=True))
            taken |= set(Formula.objects.values_list("key", flat=True))
            cleaned["key"] = cleaned.get("key") or proposed_key(label, taken)

    def _check_numbers(self, cleaned: dict[str, Any]) -> None:
        found = cleaned.get("type") or self.instance.type
        told = dict(Fact.Type.choices).get(found, "")
        for name in ("minimum", "maximum"):
            if found not in (*NUMERIC_TYPES, *LISTS) and cleaned.get(name) is not None:
                self.add_error(name, NO_NUMBER.format(type=told))
        if found not in ("decimal", "ratio", *LISTS) and cleaned.get("decimals"):
            self.add_error("decimals", NO_DECIMALS.format(type=told))
        least, most = cleaned.get("minimum"), cleaned.get("maximum")
        if least is not None and most is not None and least > most:
            self.add_error("maximum", ABOVE)

    def save(self, commit: bool = True) -> Fact:
        """A new one comes last: the questionnaire asks section by section."""
        if self.instance._state.adding and not self.instance.position:
            last = Fact.objects.aggregate(last=Max("position"))["last"]
            self.instance.position = (last or 0) + 1
        return super().save(commit)
