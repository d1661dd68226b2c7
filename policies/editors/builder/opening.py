"""From JSON to a form."""

from collections.abc import Mapping
from typing import Any

from policies.editors.builder.kinds import (
    OPERATOR,
    OPERATORS,
    CodesSlot,
    FactSlot,
    FlagSlot,
    Kind,
    NumberSlot,
    OpensSlot,
    OperatorSlot,
    Part,
    Parts,
    Place,
    Slot,
    TextSlot,
    ValuesSlot,
    kind_written,
)
from policies.editors.builder.nodes import Node, Pick
from policies.editors.builder.values import NOBODY


def opened(family: str, data: Any) -> Node | None:
    """The node of what is written; None where no form can show it, or nothing is written."""
    if data is None:
        return None
    kind = kind_written(family, data)
    return None if kind is None else _opened(family, kind, kind.unfold(data))


def _opened(family: str, kind: Kind, data: Any) -> Node:
    node = Node(family, kind)
    for slot in kind.slots:
        if isinstance(slot, OperatorSlot):
            names = [name for name in data if name in OPERATORS]
            node.values[slot.name] = names[0] if names else ""
        else:
            value = _at(data, place_of(slot, node))
            node.values[slot.name] = _OPENED[type(slot)](slot, value)
    for slot in kind.slots:
        # One end of `between` two stands in a list already, the others by themselves.
        if isinstance(slot, Parts) and slot.by_operator:
            value = _at(data, place_of(slot, node))
            ends = value if isinstance(value, list) else [value]
            node.values[slot.name] = [each for end in ends if (each := opened(slot.family, end))]
    return node


def place_of(slot: Slot, node: Node) -> Place:
    return tuple(
        node.values.get("operator") or "" if step is OPERATOR else step for step in slot.place
    )


def _at(data: Any, place: Place) -> Any:
    for step in place:
        if isinstance(step, int):
            is_there = isinstance(data, list) and step < len(data)
        else:
            is_there = isinstance(data, Mapping) and step in data
        if not is_there:
            return None
        data = data[step]
    return data


def _opened_parts(slot: Any, value: Any) -> list[Node]:
    if slot.by_operator or not isinstance(value, list):
        return []
    return [each for item in value if (each := opened(slot.family, item))]


def _opened_values(slot: Any, value: Any) -> list[Any]:
    if value is None or isinstance(value, Mapping):
        return []
    if isinstance(value, list):
        return list(value) or [NOBODY]
    return [value]


def _opened_opens(slot: Any, value: Any) -> tuple[str, list[Any]]:
    """The comparison, empty for a list, and what stands beside it."""
    if isinstance(value, Mapping):
        return next(((name, [limit]) for name, limit in value.items()), ("", []))
    return "", list(value) if isinstance(value, list) else []


_OPENED: dict[type, Any] = {
    FactSlot: lambda slot, value: Pick(value or "", value) if isinstance(value, str) else Pick(""),
    TextSlot: lambda slot, value: "" if value is None else str(value),
    NumberSlot: lambda slot, value: "" if value is None else value,
    FlagSlot: lambda slot, value: value is True,
    CodesSlot: lambda slot, value: list(value) if isinstance(value, list) else [],
    ValuesSlot: _opened_values,
    OpensSlot: _opened_opens,
    Part: lambda slot, value: opened(slot.family, value),
    Parts: _opened_parts,
}
