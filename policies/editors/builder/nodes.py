"""The nodes of a form: what stands in each slot, and what is wrong with it.

Nothing that was typed is thrown away: a slot holds its text until it can be read, and an error stands
beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from policies.editors.builder.kinds import (
    FAMILIES,
    CodesSlot,
    FactSlot,
    FlagSlot,
    Kind,
    NumberSlot,
    OpensSlot,
    OperatorSlot,
    Part,
    Parts,
    TextSlot,
    ValuesSlot,
    first_kind,
)


@dataclass
class Pick:
    """A fact that somebody named: its key where that is certain, else what it may be."""

    text: str
    key: str | None = None
    found: list[str] = field(default_factory=list)


@dataclass
class Node:
    """What a slot holds is by its class: a Pick, text, a number as written, a list of values, nodes."""

    family: str
    kind: Kind
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""

    def parts(self, name: str) -> list["Node"]:
        return self.values.get(name) or []


# What a slot holds where nobody has filled it in.
_EMPTY: dict[type, Callable[[], Any]] = {
    FactSlot: lambda: Pick(""),
    TextSlot: str,
    NumberSlot: str,
    FlagSlot: bool,
    CodesSlot: list,
    OperatorSlot: str,
    ValuesSlot: list,
    OpensSlot: lambda: ("", []),
}


def blank(family: str, kind: str = "") -> Node:
    """A new node with room for the least that its kind needs."""
    found = FAMILIES[family][kind or first_kind(family)]
    node = Node(family, found)
    for slot in found.slots:
        if isinstance(slot, Parts):
            node.values[slot.name] = [blank(slot.family) for _ in range(slot.least)]
        elif isinstance(slot, Part):
            node.values[slot.name] = None if slot.is_optional else blank(slot.family)
        else:
            node.values[slot.name] = _EMPTY[type(slot)]()
    return node


def below_of(node: Node) -> list[Node]:
    found: list[Node] = []
    for slot in node.kind.slots:
        value = node.values.get(slot.name)
        if isinstance(slot, Part) and value is not None:
            found.append(value)
        elif isinstance(slot, Parts):
            found += value or []
    return found


def has_errors(node: Node) -> bool:
    return bool(node.errors or node.error) or any(map(has_errors, below_of(node)))


def first_error(node: Node) -> str:
    own = node.error or next(iter(node.errors.values()), "")
    return own or next(filter(None, map(first_error, below_of(node))), "")


def count_errors(node: Node) -> int:
    return bool(node.error) + len(node.errors) + sum(map(count_errors, below_of(node)))


def is_blank(node: Node | None) -> bool:
    """Whether nobody has filled in anything."""
    if node is None:
        return True
    for slot in node.kind.slots:
        value = node.values.get(slot.name)
        if isinstance(slot, OperatorSlot):
            continue
        if isinstance(slot, Part):
            has_value = not is_blank(value)
        elif isinstance(slot, Parts):
            has_value = not all(map(is_blank, value or []))
        elif isinstance(slot, FactSlot):
            has_value = bool(value and value.text)
        elif isinstance(slot, OpensSlot):
            has_value = bool(value and any(map(is_filled, value[1])))
        elif isinstance(value, list):
            has_value = any(map(is_filled, value))
        else:
            has_value = value is not False and is_filled(value)
        if has_value:
            return False
    return True


def is_filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


# --- other kinds -----------------------------------------------------------------------

WRAP, UNWRAP = "wrap-", "unwrap"
# What can be put around a rule, and around an amount, and the slot that then holds it.
WRAPS = {
    "rule": {"all": "parts", "any": "parts", "n_of": "parts", "not": "part", "presumed": "part"},
    "amount": {"together": "parts", "highest": "parts", "times": "part"},
}


def changed(node: Node, wanted: str) -> Node:
    """The node as another kind, or with another around it; what fits is kept."""
    if wanted.startswith(WRAP):
        kind = wanted.removeprefix(WRAP)
        name = WRAPS.get(node.family, {}).get(kind)
        if name is None:
            return node
        outer = blank(node.family, kind)
        outer.values[name] = [node, *outer.parts(name)[1:]] if name == "parts" else node
        return outer
    if wanted == UNWRAP:
        return lone_part(node) or node
    if wanted not in FAMILIES[node.family]:
        return node
    other = blank(node.family, wanted)
    taken = {name for name in node.values if _takes(other, name, node)}
    for name in taken:
        other.values[name] = node.values[name]
    inner = [each for each in _nodes(node) if not is_blank(each)]
    own = next((s for s in other.kind.slots if s.name in ("parts", "part")), None)
    if own is None or own.name in taken or getattr(own, "family", "") != node.family:
        return other
    if not inner and not is_blank(node):
        inner = [node]  # a condition becomes the first of several
    if isinstance(own, Parts) and inner:
        other.values[own.name] = [*inner, *other.parts(own.name)[len(inner) :]]
    elif inner:
        other.values[own.name] = inner[0] if len(inner) == 1 else node
    return other


def lone_part(node: Node) -> Node | None:
    """What alone stands within a node that could go; None where there are several, or it says more."""
    inner = _nodes(node)
    return inner[0] if len(inner) == 1 and node.kind.name in WRAPS.get(node.family, {}) else None


def takes_in(node: Node, family: str) -> bool:
    """Whether a node is a group of such nodes."""
    return any(
        isinstance(slot, Parts) and (slot.name, slot.family) == ("parts", family)
        for slot in node.kind.slots
    )


def _takes(other: Node, name: str, node: Node) -> bool:
    """Whether a slot of the same name holds the same sort of thing."""
    theirs = next((slot for slot in other.kind.slots if slot.name == name), None)
    own = next((slot for slot in node.kind.slots if slot.name == name), None)
    if theirs is None or own is None or type(theirs) is not type(own):
        return False
    if getattr(theirs, "family", "") != getattr(own, "family", ""):
        return False
    return node.values[name] not in (None, [])


def _nodes(node: Node) -> list[Node]:
    """The nodes of the same family right below."""
    found: list[Node] = []
    for slot in node.kind.slots:
        value = node.values.get(slot.name)
        if isinstance(slot, Part | Parts) and slot.family == node.family:
            found += value if isinstance(value, list) else [value] if value else []
    return found
