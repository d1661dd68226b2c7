"""What can be said, as one table: each kind with its words and its slots.

A slot has a name in the form and a place in the JSON: keys of objects, positions in lists, and
OPERATOR for the key that the kind's operator is. A kind belongs to a family; slots that hold further
nodes name theirs.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from policies.editors.builder.vocabulary import FORMULA
from policies.rules.facts import NUMERIC_TYPES
from policies.rules.tree import COMPARISONS

OPERATOR = object()
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
Place = tuple[Any, ...]


# --- slots ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """`is_extra` is left out of the form until somebody wants it; `is_optional` may be empty."""

    name: str
    place: Place
    words: str
    is_optional: bool = False
    is_extra: bool = False


@dataclass(frozen=True)
class FactSlot(Slot):
    types: Collection[str] = ()
    is_asked: bool = False


@dataclass(frozen=True)
class TextSlot(Slot):
    help: str = ""


@dataclass(frozen=True)
class NumberSlot(Slot):
    """`unit` may be `of`, that of the quantity it is held against, or `rate`, a share of money or so
    many 万元 for each."""

    unit: str = ""
    is_whole: bool = False
    help: str = ""


@dataclass(frozen=True)
class FlagSlot(Slot):
    """True or nothing; `types` are those of the kind's fact for which it can be ticked."""


@dataclass(frozen=True)
class CodesSlot(Slot):
    """Several choices: of industries, or of the fact of the node around it."""

    of: str = "fact"


@dataclass(frozen=True)
class OperatorSlot(Slot):
    """Which key of JSON holds the value: by the type of the kind's fact, or `among` these."""

    among: Collection[str] = ()


@dataclass(frozen=True)
class ValuesSlot(Slot):
    """What the fact of a leaf is held against, by its operator."""


@dataclass(frozen=True)
class OpensSlot(Slot):
    """The values that leave a leaf open: a list, or a comparison with a number."""


@dataclass(frozen=True)
class Part(Slot):
    family: str = ""


@dataclass(frozen=True)
class Parts(Slot):
    """Several nodes in their order; `by_operator` one, of `between` two."""

    family: str = ""
    least: int = 1
    by_operator: bool = False


# --- kinds ------------------------------------------------------------------------------


def _same(data: Any) -> Any:
    return data


@dataclass(frozen=True)
class Kind:
    """`is_written` knows its JSON; `unfold` brings what is written in two ways into one, and `fold`
    back. `gives` names the slot by whose unit or choices those below it are read."""

    name: str
    words: str
    is_written: Callable[[Any], bool]
    slots: tuple[Slot, ...]
    unfold: Callable[[Any], Any] = _same
    fold: Callable[[Any], Any] = _same
    gives: str = ""
    help: str = ""

    def slot(self, name: str) -> Slot:
        return next(each for each in self.slots if each.name == name)


def has(*keys: str) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, Mapping) and all(key in data for key in keys)


def _is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


def _within(data: Any, name: str) -> Any:
    inner = data.get(name) if isinstance(data, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _unfold_base(*keys: str) -> Callable[[Any], Any]:
    """`{"fact": key}` as `{"of": key}`."""

    def unfold(data: Any) -> Any:
        inner = data
        for key in keys:
            inner = _within(inner, key)
        if "fact" not in inner or "of" in inner:
            return data
        rest = {name: value for name, value in inner.items() if name != "fact"}
        return _wrapped(keys, {"of": inner["fact"], **rest})

    return unfold


def _fold_base(*keys: str) -> Callable[[Any], Any]:
    def fold(data: Any) -> Any:
        inner = data
        for key in keys:
            inner = _within(inner, key)
        if not isinstance(inner.get("of"), str):
            return data
        rest = {name: value for name, value in inner.items() if name != "of"}
        return _wrapped(keys, {"fact": inner["of"], **rest})

    return fold


def _wrapped(keys: tuple[str, ...], data: Any) -> Any:
    for key in reversed(keys):
        data = {key: data}
    return data


_TERMS = ("kinds", "rate", "amount", "cap")


def unfold_items(data: Any) -> Any:
    """Terms that hold for every item as a row of their own."""
    spec = _within(data, "items")
    if not spec or "by_kind" in spec:
        return data
    row = {name: spec[name] for name in _TERMS if name in spec}
    rest = {name: value for name, value in spec.items() if name not in _TERMS}
    return {"items": {**rest, "by_kind": [row]}}


def _fold_items(data: Any) -> Any:
    spec = _within(data, "items")
    rows = spec.get("by_kind") or []
    if len(rows) != 1 or not isinstance(rows[0], Mapping) or "kinds" in rows[0]:
        return data
    rest = {name: value for name, value in spec.items() if name != "by_kind"}
    return {"items": {**rest, **rows[0]}}


NUMBERS = tuple(NUMERIC_TYPES)
_REASON_HELP = "口径编号（如 C07）或一句话"
_CAP_WORDS = "最高（万元，可空）"


def _of(words: str, *keys: str, family: str = "quantity") -> Part:
    return Part("of", (*keys, "of"), words, family=family)


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds}


def _quantities(types: Collection[str]) -> dict[str, Kind]:
    return _kinds(
        Kind(
            "fact",
            "一个指标",
            lambda data: isinstance(data, str),
            (FactSlot("fact", (), "指标", types=types),),
        ),
        Kind(
            "number", "一个数字", _is_number, (NumberSlot("number", (), "数字", unit="constant"),)
        ),
        Kind(
            "sum",
            "几项相加",
            has("sum"),
            (Parts("parts", ("sum",), "相加的各项", family="quantity", least=2),),
        ),
        Kind(
            "difference",
            "两项相减",
            has("difference"),
            (
                Part("more", ("difference", 0), "从", family="quantity"),
                Part("less", ("difference", 1), "减去", family="quantity"),
            ),
        ),
        Kind(
            "product",
            "几项相乘",
            has("product"),
            (Parts("parts", ("product",), "相乘的各项", family="quantity", least=2),),
        ),
        Kind(
            "growth",
            "增长率",
            has("growth"),
            (
                Part("more", ("growth", 0), "本期", family="quantity"),
                Part("less", ("growth", 1), "基期", family="quantity"),
            ),
        ),
        Kind(
            "quotient",
            "两项相除",
            has("quotient"),
            (
                Part("more", ("quotient", 0), "被除数", family="quantity"),
                Part("less", ("quotient", 1), "除数", family="quantity"),
            ),
        ),
        Kind(
            "full_years",
            "从某天起满几年",
            has("full_years"),
            (FactSlot("fact", ("full_years",), "哪一天", types=("date",), is_asked=True),),
        ),
        Kind(
            "full_months",
            "从某天起满几个月",
            has("full_months"),
            (FactSlot("fact", ("full_months",), "哪一天", types=("date",), is_asked=True),),
        ),
    )


RULES = _kinds(
    Kind(
        "leaf",
        "一个指标达到要求",
        lambda data: isinstance(data, Mapping) and isinstance(data.get("fact"), str),
        (
            FactSlot("fact", ("fact",), "指标"),
            OperatorSlot("operator", (OPERATOR,), "比较"),
            ValuesSlot("value", (OPERATOR,), "值"),
            OpensSlot("opens", ("open",), "哪些值待定", is_optional=True, is_extra=True),
            TextSlot(
                "reason", ("reason",), "待定的原因", is_optional=True, is_extra=True,
                help=_REASON_HELP,
            ),
        ),
    ),
    Kind(
        "all", "都要满足", has("all"), (Parts("parts", ("all",), "都要满足的条件", family="rule"),)
    ),
    Kind(
        "any", "满足其中之一", has("any"),
        (Parts("parts", ("any",), "满足一个就行的条件", family="rule"),),
    ),
    Kind(
        "n_of",
        "至少满足几项",
        has("n_of"),
        (
            NumberSlot("count", ("n_of",), "至少几项", unit="项", is_whole=True),
            Parts("parts", ("of",), "其中的条件", family="rule"),
        ),
    ),
    Kind("not", "不能满足", has("not"), (Part("part", ("not",), "不能满足的条件", family="rule"),)),
    Kind(
        "presumed",
        "没填时视为满足",
        has("presumed"),
        (Part("part", ("presumed",), "没填时视为满足的条件", family="rule"),),
    ),
    Kind(
        "comparison",
        "算出来的数达到要求",
        has("quantity"),
        (
            Part("quantity", ("quantity",), "怎么算", family="quantity"),
            OperatorSlot("operator", (OPERATOR,), "比较", among=COMPARISONS),
            Parts("ends", (OPERATOR,), "界限", family="quantity", by_operator=True),
        ),
        gives="quantity",
    ),
    Kind(
        "ratio",
        "两个指标之比",
        has("ratio"),
        (
            FactSlot("part", ("ratio", 0), "分子", types=NUMBERS, is_asked=True),
            FactSlot("whole", ("ratio", 1), "分母", types=NUMBERS, is_asked=True),
            NumberSlot("at_least", ("at_least",), "不低于", unit="%"),
        ),
    ),
    Kind(
        "industry",
        "属于哪些行业",
        has("industry"),
        (CodesSlot("codes", ("industry",), "行业", of="industries"),),
        help="门类（C）、大类（C26）或房地产的细类，写名称或代码。",
    ),
    Kind(
        "first_reached",
        "首次达到",
        has("first_reached"),
        (
            FactSlot("fact", ("first_reached", "fact"), "指标", types=NUMBERS, is_asked=True),
            FactSlot(
                "before", ("first_reached", "before"), "以前的最高值", types=NUMBERS, is_asked=True
            ),
            Parts("limits", ("first_reached", "limits"), "各档", family="limit"),
        ),
        gives="fact",
    ),
    Kind(
        "cases",
        "分情况",
        has("cases"),
        (
            Parts("rows", ("cases",), "各种情况（从上往下，用第一个符合的）", family="case"),
            Part("otherwise", ("otherwise",), "其余情况", is_optional=True, family="rule"),
        ),
    ),
    Kind(
        "open",
        "来源没有列明，待定",
        has("open"),
        (TextSlot("reason", ("open",), "原因", help=_REASON_HELP),),
    ),
)  # fmt: skip

AMOUNTS = _kinds(
    Kind("fixed", "固定金额", _is_number, (NumberSlot("amount", (), "金额", unit="万元"),)),
    Kind(
        "range",
        "从多少到多少",
        has("range"),
        (
            NumberSlot("low", ("range", 0), "从", unit="万元"),
            NumberSlot("high", ("range", 1), "到", unit="万元"),
        ),
    ),
    Kind("cap", "最高多少", has("cap"), (NumberSlot("amount", ("cap",), "最高", unit="万元"),)),
    Kind(
        "at_least",
        "不少于多少",
        has("at_least"),
        (NumberSlot("amount", ("at_least",), "不少于", unit="万元"),),
    ),
    Kind(
        "share",
        "按比例",
        has("share"),
        (
            _of("按什么算", "share", family="base"),
            Part("rate", ("share", "rate"), "比例", family="rate"),
            NumberSlot("cap", ("share", "cap"), _CAP_WORDS, is_optional=True, unit="万元"),
            FlagSlot(
                "per_item", ("share", "per_item"), "逐项计算（只有逐项填写的指标才能勾）",
                is_optional=True,
            ),
        ),
        _unfold_base("share"),
        _fold_base("share"),
        gives="of",
    ),
    Kind(
        "actual",
        "等于某个数（如实际支出）",
        has("of"),
        (_of("等于什么"),),
        _unfold_base(),
        _fold_base(),
        gives="of",
    ),
    Kind(
        "ladder",
        "按达到的数分档",
        has("ladder"),
        (
            _of("按什么分档", "ladder"),
            Parts("steps", ("ladder", "steps"), "各档（由低到高）", family="step"),
        ),
        _unfold_base("ladder"),
        _fold_base("ladder"),
        gives="of",
    ),
    Kind(
        "each",
        "每满多少给多少",
        has("each"),
        (
            _of("按什么算", "each"),
            NumberSlot("every", ("each", "every"), "每满（空着为 1）", is_optional=True, unit="of"),
            NumberSlot("amount", ("each", "amount"), "给", unit="万元"),
            NumberSlot("cap", ("each", "cap"), _CAP_WORDS, is_optional=True, unit="万元"),
        ),
        _unfold_base("each"),
        _fold_base("each"),
        gives="of",
    ),
    Kind(
        "items",
        "逐项计算",
        has("items"),
        (
            FactSlot("fact", ("items", "fact"), "逐项填写的指标", types=("item_list",)),
            Parts("rows", ("items", "by_kind"), "各种类怎么算", family="terms"),
            NumberSlot(
                "first", ("items", "years", 0), "只算哪年起的", is_optional=True, is_whole=True,
                help="申报当年为 0，上一年为 -1；空着就都算",
            ),
            NumberSlot("last", ("items", "years", 1), "到哪年", is_optional=True, is_whole=True),
            FlagSlot("first_of_kind", ("items", "first_of_kind"), "同一种只算第一项",
                     is_optional=True),
            NumberSlot("most", ("items", "most"), "合计最高（万元，可空）", is_optional=True,
                       unit="万元"),
        ),
        unfold_items,
        _fold_items,
        gives="fact",
    ),
    Kind(
        "per_head_month",
        "每人每月多少元",
        has("per_head_month"),
        (
            NumberSlot("yuan", ("per_head_month", "yuan"), "每人每月", unit="元"),
            FactSlot("heads", ("per_head_month", "heads"), "人数", types=NUMBERS),
            FactSlot("months", ("per_head_month", "months"), "月数", types=NUMBERS),
            NumberSlot("least", ("per_head_month", "min_months"), "不满几个月不给（可空）",
                       is_optional=True, unit="月", is_whole=True),
            NumberSlot("most", ("per_head_month", "max_months"), "最多几个月（可空）",
                       is_optional=True, unit="月", is_whole=True),
        ),
    ),
    Kind(
        "cases",
        "分情况",
        has("cases"),
        (
            Parts("rows", ("cases",), "各种情况（从上往下，用第一个符合的）", family="amount_case"),
            Part("otherwise", ("otherwise",), "其余情况（没有就不给）", is_optional=True,
                 family="amount"),
        ),
    ),
    Kind(
        "together",
        "几项相加",
        has("together"),
        (
            Parts("parts", ("together", "amounts"), "相加的各项", family="amount", least=2),
            NumberSlot("cap", ("together", "cap"), "合计最高（万元，可空）", is_optional=True,
                       unit="万元"),
        ),
    ),
    Kind(
        "highest",
        "几项取最高的一项",
        has("highest"),
        (Parts("parts", ("highest",), "其中的各项", family="amount", least=2),),
    ),
    Kind(
        "times",
        "几倍",
        lambda data: "factor" in _within(data, "times"),
        (
            Part("part", ("times", "amount"), "哪项金额", family="amount"),
            NumberSlot("factor", ("times", "factor"), "倍数"),
        ),
    ),
    Kind(
        "times_cases",
        "分情况几倍",
        has("times"),
        (
            Part("part", ("times", "amount"), "哪项金额", family="amount"),
            Parts("rows", ("times", "cases"), "各种情况", family="factor_case"),
            NumberSlot("otherwise", ("times", "otherwise"), "其余情况的倍数（空着为 1）",
                       is_optional=True),
        ),
    ),
    Kind(
        "milestones",
        "首次达到各档（扣除已领的）",
        has("milestones"),
        (
            FactSlot("fact", ("milestones", "fact"), "指标", types=NUMBERS),
            FactSlot("before", ("milestones", "before"), "以前的最高值", types=NUMBERS),
            FactSlot("received", ("milestones", "received"), "以前已领的金额", types=NUMBERS),
            Parts("steps", ("milestones", "steps"), "各档（由低到高）", family="step"),
        ),
        gives="fact",
    ),
)  # fmt: skip


def _one(name: str, words: str, *slots: Slot) -> dict[str, Kind]:
    return _kinds(Kind(name, words, lambda data: True, slots))


FAMILIES: dict[str, dict[str, Kind]] = {
    "rule": RULES,
    "amount": AMOUNTS,
    "quantity": _quantities((*NUMBERS, FORMULA)),
    # What a share is taken of may be written down item by item too.
    "base": _quantities((*NUMBERS, FORMULA, "money_list")),
    "rate": _kinds(
        Kind("span", "从多少到多少", lambda data: isinstance(data, list), (
            NumberSlot("least", (0,), "从", unit="rate"),
            NumberSlot("rate", (1,), "到", unit="rate"),
        )),
        Kind("up_to", "不超过", has("up_to"), (NumberSlot("rate", ("up_to",), "不超过", unit="rate"),)),
        Kind("exact", "正好", lambda data: True, (NumberSlot("rate", (), "比例", unit="rate"),)),
    ),
    "case": _one(
        "case", "一种情况",
        Part("when", ("when",), "如果", family="rule"),
        Part("then", ("then",), "就要求", family="rule"),
        TextSlot("id", ("id",), "编号", is_optional=True, is_extra=True),
        TextSlot("sentence", ("sentence",), "一句话说法", is_optional=True, is_extra=True,
                 help="写法同上面的“一句话说法”"),
    ),
    "amount_case": _one(
        "amount_case", "一种情况",
        Part("when", ("when",), "如果", family="rule"),
        Part("amount", ("amount",), "就给", family="amount"),
    ),
    "factor_case": _one(
        "factor_case", "一种情况",
        Part("when", ("when",), "如果", family="rule"),
        NumberSlot("factor", ("factor",), "几倍"),
    ),
    "limit": _one("limit", "一档", NumberSlot("limit", (), "达到", unit="of")),
    "step": _one(
        "step", "一档",
        NumberSlot("limit", (0,), "达到", unit="of"),
        NumberSlot("amount", (1,), "给", unit="万元"),
    ),
    "terms": _one(
        "terms", "一行",
        CodesSlot("kinds", ("kinds",), "种类（不选就是其余全部）", is_optional=True),
        NumberSlot("rate", ("rate",), "按比例（与每项金额填一个）", is_optional=True, unit="%"),
        NumberSlot("amount", ("amount",), "每项", is_optional=True, unit="万元"),
        NumberSlot("cap", ("cap",), "每项最高（万元，可空）", is_optional=True, unit="万元"),
    ),
    "unsplit": _one(
        "unsplit", "只公布合计",
        NumberSlot("amount", ("amount",), "合计", unit="万元"),
        Part("when", ("whole_when",), "给全部合计的前提（没有就空着）", is_optional=True,
             family="rule"),
    ),
    "undecided": _one(
        "undecided", "未定的情形", Parts("rows", (), "各种情形", family="undecided_row")
    ),
    "undecided_row": _one(
        "undecided_row", "一种情形",
        Part("when", ("when",), "如果", family="rule"),
        TextSlot("reason", ("reason",), "是否给付未定的原因", help=_REASON_HELP),
    ),
    "joint_cap": _one(
        "joint_cap", "几项奖补合计有最高额",
        TextSlot("group", ("group",), "这几项合起来叫什么", help="名称相同的奖补合在一起算"),
        NumberSlot("most", ("most",), "合计最高", unit="万元"),
    ),
    "claw_back": _one(
        "claw_back", "在某种情形下收回",
        TextSlot("when", ("when",), "什么情形下收回", help="如：迁出本市"),
        NumberSlot("years", ("years",), "几年之内（可空）", is_optional=True, unit="年",
                   is_whole=True),
        NumberSlot("share", ("share",), "收回多少（空着由主管部门定）", is_optional=True, unit="%",
                   help="全部收回写 100%"),
    ),
    "places": _one(
        "places", "有名额或择优",
        NumberSlot("most", ("most",), "名额（不限就空着）", is_optional=True, is_whole=True),
        TextSlot("period", ("period",), "每（空着为年）", is_optional=True, help="如：年、批"),
        TextSlot("ranked_by", ("ranked_by",), "按什么择优", is_optional=True, help="如：评分"),
    ),
}  # fmt: skip

# What a new node of a family is, where somebody adds one.
FIRST = {"rule": "leaf", "amount": "fixed", "quantity": "fact", "base": "fact", "rate": "exact"}
LEAST_ENDS = {"between": 2}


def first_kind(family: str) -> str:
    return FIRST.get(family) or next(iter(FAMILIES[family]))


def kind_written(family: str, data: Any) -> Kind | None:
    """The kind that JSON is of, None where no form can show it."""
    for kind in FAMILIES[family].values():
        unfolded = kind.unfold(data)
        if kind.is_written(unfolded):
            return kind
    return None
