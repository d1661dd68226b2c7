"""From what a browser posted to a form."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from policies.editors.builder.kinds import (
    FAMILIES,
    CodesSlot,
    FactSlot,
    FlagSlot,
    Kind,
    OpensSlot,
    Part,
    Parts,
    ValuesSlot,
)
from policies.editors.builder.nodes import Node, Pick, blank, changed
from policies.editors.builder.vocabulary import MOST_FOUND, Vocabulary
from policies.rules.read_quantity import DEEPEST

TOO_DEEP = f"嵌套太深，应不超过 {DEEPEST} 层"


class Posted(Protocol):
    def get(self, name: str, default: Any = None) -> Any: ...
    def getlist(self, name: str) -> list[str]: ...
    def __contains__(self, name: object) -> bool: ...


@dataclass
class Reading:
    """A form that is being read; `changes` says whether somebody wants another kind somewhere."""

    data: Posted
    known: Vocabulary
    changes: list[str] = field(default_factory=list)


def posted(form: Reading, name: str, family: str, depth: int = 0) -> Node | None:
    """The node that was posted under a name: as the kind that was shown, then as that which was
    chosen. None where there is none."""
    data = form.data
    kind, wanted = FAMILIES[family].get(data.get(f"{name}.is") or ""), data.get(f"{name}.kind")
    if kind is None:
        if wanted not in FAMILIES[family]:
            return None
        form.changes.append(name)
        return blank(family, wanted)
    if wanted == "":
        form.changes.append(name)
        return None
    node = _posted(form, name, kind, family, depth)
    if wanted and wanted != kind.name:
        form.changes.append(name)
        return changed(node, wanted)
    return node


def _posted(form: Reading, name: str, kind: Kind, family: str, depth: int) -> Node:
    data, known = form.data, form.known
    node = Node(family, kind)
    if f"{name}.shown" in data:
        node.values["shown"] = True
    if depth > 2 * DEEPEST:
        node.error = TOO_DEEP
        return node
    for slot in kind.slots:
        own = f"{name}.{slot.name}"
        if isinstance(slot, Part):
            node.values[slot.name] = posted(form, own, slot.family, depth + 1)
        elif isinstance(slot, Parts):
            parts: list[Node] = []
            while part := posted(form, f"{own}.{len(parts)}", slot.family, depth + 1):
                parts.append(part)
            node.values[slot.name] = parts
        elif isinstance(slot, FactSlot):
            node.values[slot.name] = picked(data.get(own, ""), slot, known)
        elif isinstance(slot, FlagSlot):
            node.values[slot.name] = data.get(own) == "on"
        elif isinstance(slot, OpensSlot):
            node.values[slot.name] = data.get(f"{own}-by", ""), data.getlist(own)
        elif isinstance(slot, CodesSlot | ValuesSlot):
            node.values[slot.name] = data.getlist(own)
        else:
            node.values[slot.name] = data.get(own, "")
    return node


def picked(text: str, slot: FactSlot, known: Vocabulary) -> Pick:
    """One fact is taken; of several that it may be, the editor chooses."""
    found = known.meant(text, slot.types, is_asked=slot.is_asked)
    if not found and text.strip() in known.named:
        return Pick(text.strip(), text.strip())  # its type is told to be wrong when it is read
    return Pick(text.strip(), found[0] if len(found) == 1 else None, found[:MOST_FOUND])
