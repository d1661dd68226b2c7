"""Form fields that spare editors the JSON: lines of text, pairs, and rules built from choices."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator

from policies.catalogue import current as catalogue
from policies.catalogue.models import Conflict
from policies.catalogue.models.fact import CHOICE_CODE, CHOICE_CODE_SAYS
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact, plain
from policies.rules.read_amount import read_amount
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_rule import RuleError, read_rule
from portal.forms import STRANGE
from portal.typed.days import read_year
from portal.typed.quantities import read_quantity, read_whole
from portal.typed.signs import UnreadError, folded
from portal.typed.words import read_yes_no

Check = Callable[[Any, Mapping[str, Fact], str], Any]
NOT_JSON = "写法不对：应为合法的 JSON，请对照说明里的例子。"
OPERATORS = {
    "is": "是／等于",
    "in": "属于其中之一",
    "at_least": "不低于（≥）",
    "at_most": "不高于（≤）",
    "more_than": "高于（>）",
    "less_than": "低于（<）",
    "between": "在两者之间（含）",
    "is_year": "是申报年度的（0 当年，-1 上一年）",
    "full_years": "至今满几年",
    "full_months": "至今满几个月",
    "remaining_years": "剩余几年以上",
    "has": "含有",
    "has_any": "含有其中之一",
    "lacks": "不含",
    "lacks_all": "都不含",
    "non_empty": "至少有一项",
    "answered": "已填写",
}
SEVERAL = ("in", "between", "has_any", "lacks_all")
WITHOUT_VALUE = ("non_empty", "answered")
# Operators that take whole numbers, and their units.
WHOLE_NUMBERS = {"is_year": "", "full_years": "年", "full_months": "月", "remaining_years": "年"}
SHARE = "“{text}”是 {text}% 还是 {other}%？请写上百分号"


def refuse_strange(text: str) -> None:
    """Raise a ValidationError for the sign that PostgreSQL keeps in no text, in JSON spelt out."""
    if "\0" in text or "\\u0000" in text:
        raise ValidationError(STRANGE["null_characters_not_allowed"])


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        widget = forms.Textarea(attrs={"rows": 3, "cols": 80})
        super().__init__(**{"widget": widget, "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        refuse_strange(value or "")
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


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


def _fact_choices() -> list[tuple[str, str]]:
    asked = [(fact.key, f"{fact.section}｜{fact.label}") for fact in catalogue.facts().values()]
    derived = [(key, f"推算｜{each.label}") for key, each in DERIVED.items()]
    return [("", "—— 选指标 ——"), *asked, *derived]


class RuleWidget(forms.MultiWidget):
    """Fact, operator and value in a row, and JSON for what these cannot say."""

    template_name = "admin/editors/rule_widget.html"

    def __init__(self) -> None:
        super().__init__(
            {
                "fact": forms.Select(choices=CallableChoiceIterator(_fact_choices)),
                "operator": forms.Select(choices=[("", "——"), *OPERATORS.items()]),
                "value": forms.TextInput(attrs={"size": 30}),
                "json": forms.Textarea(attrs={"rows": 3, "cols": 80, "spellcheck": "false"}),
            }
        )

    def decompress(self, rule: Any) -> list[str]:
        if not rule:
            return ["", "", "", ""]
        operators = [name for name in rule if name != "fact"] if isinstance(rule, dict) else []
        is_leaf = isinstance(rule, dict) and isinstance(rule.get("fact"), str)
        if is_leaf and len(operators) == 1 and operators[0] in OPERATORS:
            key, operator = rule["fact"], operators[0]
            return [
                key,
                operator,
                _shown(meaning(key, catalogue.facts()), operator, rule[operator]),
                "",
            ]
        return ["", "", "", json.dumps(rule, ensure_ascii=False, indent=1)]


class RuleField(forms.MultiValueField):
    """A rule as one JSON value; an error says what was expected, and keeps what was typed."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        parts = [forms.CharField(required=False) for _ in range(4)]
        super().__init__(
            parts,
            **{
                "widget": RuleWidget(),
                "required": False,
                **options,
                "require_all_fields": False,
            },
        )

    def compress(self, values: list[str]) -> Any:
        key, operator, value, text = (part or "" for part in (values or [""] * 4))
        facts = catalogue.facts()
        if not (key or operator or value or text.strip()):
            return None
        if text.strip():
            if key or operator or value:
                raise ValidationError("指标一行和 JSON 只填一种。")
            return checked(_parsed(text), read_rule, facts)
        if not key or not operator:
            raise ValidationError("请选指标和比较方式，或改用 JSON。")
        rule = {"fact": key, operator: _typed(meaning(key, facts), operator, value)}
        return checked(rule, read_rule, facts)


class AmountField(forms.CharField):
    """An amount in 万元: a number, or a formula as JSON."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        widget = forms.Textarea(attrs={"rows": 2, "cols": 60, "spellcheck": "false"})
        super().__init__(**{"widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        text = (value or "").strip()
        if not text:
            return None
        return checked(_parsed(text), read_amount, catalogue.facts())


class JSONField(forms.JSONField):
    """JSON of which every number is one."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            _parsed(value)
        return super().to_python(value)


def conflict_codes(codes: Iterable[str]) -> None:
    """Raise a ValidationError that names the codes of no conflict."""
    codes = set(codes)
    known = Conflict.objects.filter(pk__in=codes).values_list("pk", flat=True)
    if unknown := sorted(codes - set(known)):
        raise ValidationError(f"没有口径说明 {'、'.join(unknown)}。")


def meaning(key: str, facts: Mapping[str, Fact]) -> Fact | None:
    """The asked fact whose type and choices a fact's values have, if any."""
    derived = DERIVED.get(key)
    return facts.get(derived.worded_as or "") if derived else facts.get(key)


def checked(value: Any, compile_value: Check, facts: Mapping[str, Fact]) -> Any:
    """The value when it compiles; otherwise a ValidationError that says what was expected."""
    try:
        compile_value(value, facts, "写法")
    except RuleError as error:
        raise ValidationError(str(error)) from error
    except UNREADABLE as error:
        raise ValidationError(NOT_JSON) from error
    return value


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _no_number(text)


def _parsed(text: str) -> Any:
    refuse_strange(text)
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise ValidationError(NOT_JSON) from error


def _items(text: str) -> list[str]:
    return [item for item in re.split(r"[；;\s]+", text.strip()) if item]


def _typed(fact: Fact | None, operator: str, text: str) -> Any:
    """What was typed as the operand that the operator takes on this fact."""
    if operator in WITHOUT_VALUE:
        if text.strip():
            raise ValidationError("这种比较方式不用填值。")
        return True
    items = _items(text)
    if not items:
        raise ValidationError("请填值。")
    if operator == "between" and len(items) != 2:
        raise ValidationError("请填两个数，用分号隔开。")
    if operator not in SEVERAL and len(items) > 1:
        raise ValidationError("只能填一个值；多个值请用“属于其中之一”等比较方式。")
    values = [_value(fact, operator, item) for item in items]
    return values if operator in SEVERAL else values[0]


def _value(fact: Fact | None, operator: str, text: str) -> Any:
    if fact and fact.choices:
        codes = {label: code for code, label in fact.choices.items()}
        code = text if text in fact.choices else codes.get(text)
        if code is None:
            raise ValidationError(f"“{text}”不在选项中，应为：{'；'.join(codes)}")
        return code
    said = read_yes_no(text)
    if said is not None and operator in ("is", "in"):
        return said
    if fact and fact.type == "bool":
        raise ValidationError("请填“是”或“否”。")
    if fact is None and not re.fullmatch(r"-?[0-9.,]+%?", folded(text)):
        return text
    try:
        number = _number(fact, operator, text)
    except UnreadError as error:
        raise ValidationError(f"{error}。") from error
    return int(number) if number == number.to_integral_value() else float(number)


def _number(fact: Fact | None, operator: str, text: str) -> Decimal:
    if operator in WHOLE_NUMBERS:
        return Decimal(read_whole(text, WHOLE_NUMBERS[operator]))
    if folded(text).endswith("%") and (fact is None or fact.type == "ratio"):
        return read_quantity(text, "%") / 100
    if fact and fact.type == "ratio":
        other = plain(read_quantity(text) * 100)
        raise UnreadError(SHARE.format(text=text, other=other))
    if fact and fact.type == "int" and fact.unit == "年":
        return Decimal(read_year(text))
    return read_quantity(text, (fact and fact.unit) or "")


def _shown(fact: Fact | None, operator: str, operand: Any) -> str:
    if operator in WITHOUT_VALUE:
        return ""
    items = operand if isinstance(operand, list) else [operand]
    return "；".join(_item(fact, item) for item in items)


def _item(fact: Fact | None, item: Any) -> str:
    if isinstance(item, bool):
        return "是" if item else "否"
    if fact and str(item) in fact.choices:
        label = fact.choices[str(item)]
        return label if len(_items(label)) == 1 else str(item)
    if fact and fact.type == "ratio":
        return f"{plain(Decimal(str(item)) * 100)}%"
    return plain(Decimal(str(item))) if isinstance(item, int | float) else str(item)
