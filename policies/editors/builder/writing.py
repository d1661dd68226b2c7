"""From a form to JSON, with what is wrong beside each slot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.editors.builder import kinds
from policies.editors.builder.kinds import (
    CodesSlot,
    FactSlot,
    FlagSlot,
    NumberSlot,
    OpensSlot,
    OperatorSlot,
    Part,
    Parts,
    Place,
    Slot,
    TextSlot,
    ValuesSlot,
)
from policies.editors.builder.nodes import Node, Pick, below_of, has_errors, is_blank, is_filled
from policies.editors.builder.opening import place_of
from policies.editors.builder.posting import TOO_DEEP
from policies.editors.builder.values import (
    NO_VALUE,
    NOBODY,
    NOBODY_SAYS,
    PERCENT,
    items_of,
    read_choice,
    read_number,
    read_value,
    unit_named,
)
from policies.editors.builder.vocabulary import FORMULA, Named, Vocabulary
from policies.rules.read_amount import read_amount
from policies.rules.read_award import read_award
from policies.rules.read_edition import UNREADABLE, read_places
from policies.rules.read_quantity import read_operand
from policies.rules.read_rule import FITTING, SEVERAL, WITHOUT_VALUE, RuleError, read_rule
from policies.rules.tree import COMPARISONS, MONEY_UNITS, MONTHS, YEARS
from portal.typed.signs import UnreadError

CHOOSE_FACT = "请选指标：写名称、分组、键或拼音"
NO_FACT = "没有找到“{text}”这个指标"
WHICH_FACT = "“{text}”可能是下面几个指标，请选一个"
NO_TEXT, NO_OPERATOR, NO_KIND = "请填写", "请选比较方式", "请选写法"
UNFIT = "这个指标不能用“{operator}”来比较"
TOO_FEW = "应至少有 {least} 项"
ONE_VALUE, TWO_VALUES = "只能填一个值；多个值请用“属于其中之一”等比较方式", "请填两个数"
NEEDLESS = "这种比较方式不用填值"
UNFINISHED = "还没有填完整"
NO_UNIT_HERE = "这里的数没有单位，请直接写数字，如 0.5 或 2000"


@dataclass(frozen=True)
class Around:
    """What a node is read by that stands in the node around it: a unit, a fact."""

    unit: str = ""
    named: Named | None = None


NOTHING_AROUND = Around()


def written(node: Node, known: Vocabulary, around: Around = NOTHING_AROUND) -> Any:
    """The JSON of a node, each error beside its slot. It means nothing while there are errors."""
    if node.error == TOO_DEEP:
        return None
    node.errors, node.error = {}, ""
    inner = below(node, known, around)
    pairs: list[tuple[Place, Any]] = []
    for slot in node.kind.slots:
        if isinstance(slot, OperatorSlot):
            _check_operator(slot, node, known)
            continue
        try:
            value = _WRITTEN[type(slot)](slot, node, known, inner)
        except UnreadError as error:
            node.errors[slot.name] = str(error).removesuffix("。") + "。"
            continue
        if value is not None:
            pairs.append((place_of(slot, node), value))
    data = node.kind.fold(_placed(pairs)) if pairs else None
    if not has_errors(node):
        _check(node, data, known)
    return data


# --- units ------------------------------------------------------------------------------


def below(node: Node, known: Vocabulary, around: Around) -> Around:
    """What the slots of a node, and the nodes right below it, are read by."""
    if node.family in ("quantity", "base"):
        if node.kind.name in ("sum", "difference", "growth"):
            return Around(_unit_of_parts(node, known) or around.unit)
        return around if node.kind.name == "number" else NOTHING_AROUND
    gives = node.kind.gives
    if not gives:
        return around
    given = node.values.get(gives)
    if isinstance(given, Pick):
        named = known.named.get(given.key or "")
        return Around(unit_named(named), named)
    return Around(unit(given, known)) if given else NOTHING_AROUND


def _unit_of_parts(node: Node, known: Vocabulary) -> str:
    return next(filter(None, (unit(part, known) for part in below_of(node))), "")


def unit(node: Node, known: Vocabulary) -> str:
    """The unit of a quantity as it stands in the form, % for a share; empty where it has none."""
    name = node.kind.name
    if name == "fact":
        named = known.named.get(node.values["fact"].key or "")
        return unit_named(named)
    if name == "growth":
        return PERCENT
    if name in ("full_years", "full_months"):
        return YEARS if name == "full_years" else MONTHS
    if name == "quotient":
        return _unit_of_quotient(*(unit(part, known) for part in below_of(node)[:2]))
    if name != "product":
        return _unit_of_parts(node, known)
    units = [unit(part, known) for part in below_of(node)]
    money = [each for each in units if each in MONEY_UNITS]
    counted = [each for each in units if each not in ("", PERCENT)]
    return money[0] if money else "×".join(counted) or (PERCENT if "" not in units else "")


def _unit_of_quotient(above: str, below: str) -> str:
    if above == below:
        return PERCENT if above else ""
    return f"{above}/{below}" if above and below else above


# --- slots ------------------------------------------------------------------------------


def _placed(pairs: list[tuple[Place, Any]]) -> Any:
    """The JSON in which each value stands at its place."""
    if pairs[0][0] == ():
        return pairs[0][1]
    groups: dict[Any, list[tuple[Place, Any]]] = {}
    for (first, *rest), value in pairs:
        groups.setdefault(first, []).append((tuple(rest), value))
    if all(isinstance(first, int) for first in groups):
        return [_placed(groups[first]) for first in sorted(groups)]
    return {first: _placed(group) for first, group in groups.items()}


def _fact(slot: FactSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    pick: Pick = node.values.get(slot.name) or Pick("")
    if pick.key is not None:
        if pick.key not in known.named:
            raise UnreadError(NO_FACT.format(text=pick.text))
        return pick.key
    if not pick.text:
        raise UnreadError(CHOOSE_FACT)
    told = WHICH_FACT if pick.found else NO_FACT
    raise UnreadError(told.format(text=pick.text[:40]))


def _text(slot: TextSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    text = (node.values.get(slot.name) or "").strip()
    if "\0" in text:
        raise UnreadError("含有不能识别的字符，请删去后再提交")
    if not text and not slot.is_optional:
        raise UnreadError(NO_TEXT)
    return text or None


def number_unit(slot: NumberSlot, inner: Around) -> str:
    """The unit in which a number is typed."""
    if slot.unit == "rate":  # a part of money, or so much for each of what is counted
        return PERCENT if inner.unit in (*MONEY_UNITS, PERCENT, "") else "万元"
    return inner.unit if slot.unit in ("of", "constant") else slot.unit


def _number(slot: NumberSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    value = node.values.get(slot.name, "")
    if not isinstance(value, str):
        return value
    if not value.strip():
        if slot.is_optional:
            return None
        raise UnreadError(NO_VALUE)
    own = number_unit(slot, inner)
    if slot.unit == "constant" and not own and set(value) & set("万亿"):
        raise UnreadError(NO_UNIT_HERE)
    # Units that are computed (人×户, 万元/人) are no words that anybody types.
    return read_number(value, "" if set(own) & set("×/") else own, is_whole=slot.is_whole)


def _codes(slot: CodesSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    choices = choices_of(slot, known, inner)
    codes = [read_choice(text, choices) for text in items_of(node.values.get(slot.name) or [])]
    if not codes and not slot.is_optional:
        raise UnreadError(NO_VALUE)
    return codes or None


def choices_of(slot: CodesSlot, known: Vocabulary, inner: Around) -> Mapping[str, str]:
    if slot.of == "industries":
        return known.industries
    return inner.named.choices if inner.named else {}


def leaf_fact(node: Node, known: Vocabulary) -> Named | None:
    return known.named.get(node.values["fact"].key or "")


def fitting(slot: OperatorSlot, node: Node, known: Vocabulary) -> tuple[str, ...]:
    """The operators that fit, all of them while the fact is not known."""
    if slot.among:
        return tuple(slot.among)
    named = leaf_fact(node, known)
    if named is None:
        return tuple(kinds.OPERATORS)
    return COMPARISONS if named.type == FORMULA else FITTING[named.type]


def _check_operator(slot: OperatorSlot, node: Node, known: Vocabulary) -> None:
    operator = node.values.get(slot.name) or ""
    if operator not in kinds.OPERATORS:
        node.errors[slot.name] = f"{NO_OPERATOR}。"
    elif operator not in fitting(slot, node, known):
        node.errors[slot.name] = f"{UNFIT.format(operator=kinds.OPERATORS[operator])}。"


def _values(slot: ValuesSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    operator, named = node.values.get("operator") or "", leaf_fact(node, known)
    given = node.values.get(slot.name) or []
    if operator in WITHOUT_VALUE:
        if any(isinstance(each, str) and each.strip() for each in given):
            raise UnreadError(NEEDLESS)
        return True
    if named is None or operator not in kinds.OPERATORS:
        # It is told beside the fact or the operator; what was typed stays.
        return given
    values = _read_values(given, named, operator)
    if operator in SEVERAL:
        return values
    if operator == "between":
        if len(values) != 2:
            raise UnreadError(TWO_VALUES)
        return values
    if len(values) != 1:
        raise UnreadError(ONE_VALUE if values else NO_VALUE)
    return values[0]


def _read_values(given: list[Any], named: Named, operator: str) -> list[Any]:
    """What was typed or ticked, read; what was opened as it is."""
    texts = [each for each in given if isinstance(each, str)]
    items = items_of(texts)
    others = [each for each in given if not isinstance(each, str)]
    if others:  # as it was written: numbers and truths
        return others
    nobody = [each for each in items if each in (NOBODY, NOBODY_SAYS)]
    if nobody and operator in SEVERAL:
        if len(items) > 1:
            raise UnreadError(f"“{NOBODY_SAYS}”不能和别的值同时选")
        return []
    if not items:
        raise UnreadError(NO_VALUE)
    return [read_value(named, operator, item) for item in items]


def _opens(slot: OpensSlot, node: Node, known: Vocabulary, inner: Around) -> Any:
    operator, given = node.values.get(slot.name) or ("", [])
    named = leaf_fact(node, known)
    if named is None or not any(map(is_filled, given)):
        return None
    values = _read_values(given, named, operator or "in")
    if not operator:
        return values or None
    if len(values) != 1:
        raise UnreadError(ONE_VALUE)
    return {operator: values[0]}


def _part(slot: Part, node: Node, known: Vocabulary, inner: Around) -> Any:
    part = node.values.get(slot.name)
    if part is None or (slot.is_optional and is_blank(part)):
        if slot.is_optional:
            if part is not None:
                part.errors, part.error = {}, ""
            return None
        raise UnreadError(NO_KIND)
    return written(part, known, inner)


def _parts(slot: Parts, node: Node, known: Vocabulary, inner: Around) -> Any:
    parts = node.parts(slot.name)
    least = slot.least
    if slot.by_operator:
        least = kinds.LEAST_ENDS.get(node.values.get("operator") or "", 1)
        parts = parts[:least]
    data = [written(part, known, inner) for part in parts]
    if len(parts) < least:
        raise UnreadError(TOO_FEW.format(least=least))
    return data[0] if slot.by_operator and least == 1 else data


_WRITTEN: dict[type, Any] = {
    FactSlot: _fact,
    TextSlot: _text,
    NumberSlot: _number,
    FlagSlot: lambda slot, node, known, inner: node.values.get(slot.name) or None,
    CodesSlot: _codes,
    ValuesSlot: _values,
    OpensSlot: _opens,
    Part: _part,
    Parts: _parts,
}


# --- what is wrong with what can be read --------------------------------------------------


def _of_award(name: str) -> Any:
    """Reads what stands in an award, as the edition will."""

    def read(data: Any, facts: Any, where: str) -> Any:
        status = "published" if name == "unsplit" else "unpublished"
        try:
            return read_award({"level": "city", "status": status, name: data}, facts, where)
        except RuleError as error:
            raise RuleError(error.where.removeprefix(f"{where}.{name}"), error.message) from error

    return read


def _read_places(data: Any, facts: Any, where: str) -> Any:
    try:
        return read_places(data)
    except RuleError as error:
        raise RuleError(error.where.removeprefix("places"), error.message) from error


READERS: dict[str, Any] = {
    "rule": read_rule,
    "amount": read_amount,
    "quantity": lambda data, facts, where: read_operand(data, facts, where, may_grow=True),
    **{name: _of_award(name) for name in ("unsplit", "undecided", "joint_cap", "claw_back")},
    "places": _read_places,
}


def _check(node: Node, data: Any, known: Vocabulary) -> None:
    """The node is read on its own; the parts below it have been."""
    read = READERS.get(node.family)
    if read is None:
        return
    try:
        read(data, known.facts, "")
    except RuleError as error:
        slot = _slot_at(node, error.where)
        if slot:
            node.errors[slot.name] = f"{error.message}。"
        else:
            node.error = f"{error.message}。"
    except UNREADABLE:
        node.error = f"{UNFINISHED}。"


def _slot_at(node: Node, where: str) -> Slot | None:
    """The slot whose place an error names."""
    for slot in node.kind.slots:
        own = "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in place_of(slot, node)
        )
        if own and where and (where.startswith(own) or own.startswith(f"{where}[")):
            return slot
    return None


def normal(data: Any) -> Any:
    """JSON without what says nothing: members that are null, flags that are false, a lone fact under
    `of`."""
    if isinstance(data, list):
        return [normal(each) for each in data]
    if not isinstance(data, Mapping):
        return data
    found = {
        name: normal(value)
        for name, value in data.items()
        if value is not None and not (name in ("first_of_kind", "per_item") and value is False)
    }
    if isinstance(found.get("of"), str):
        found["fact"] = found.pop("of")
    return kinds.unfold_items(found) if "items" in found else found
