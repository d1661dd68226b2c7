"""What the buttons of a builder do: `verb:PATH` or `verb:PATH:KEY`, by the path of a node or slot."""

from collections.abc import Callable

from policies.editors.builder.kinds import FactSlot, Part, Parts, Slot
from policies.editors.builder.nodes import Node, Pick, blank, takes_in
from policies.editors.builder.vocabulary import Vocabulary


def done(root: Node | None, act: str, known: Vocabulary) -> tuple[Node | None, str, str]:
    """The form after an act, what is told of it, and the path that is to have the focus.

    What cannot be done any more, as in a form that stands in two windows, changes nothing.
    """
    verb, _, rest = act.partition(":")
    path, _, key = rest.partition(":")
    if verb not in _ACTS or root is None:
        return root, "", ""
    steps = path.split(".") if path else []
    try:
        return _ACTS[verb](root, steps, key, known)
    except (KeyError, IndexError, ValueError, StopIteration, AttributeError):
        return root, "", ""


Done = tuple[Node | None, str, str]


def _holder(root: Node, steps: list[str]) -> tuple[Node, Slot, int | None]:
    """The node that holds what a path names, in which slot and, of a list, where."""
    node, index = root, 0
    while True:
        slot = node.kind.slot(steps[index])
        is_list = isinstance(slot, Parts)
        place = int(steps[index + 1]) if is_list and index + 1 < len(steps) else None
        index += 2 if place is not None else 1
        if index >= len(steps):
            return node, slot, place
        held = node.values[slot.name]
        node = held[place] if place is not None else held


def _add(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    node, slot, _ = _holder(root, steps)
    if isinstance(slot, Parts):
        parts = node.values.setdefault(slot.name, [])
        new = blank(slot.family)
        parts.append(new)
        path = f"{'.'.join(steps)}.{len(parts) - 1}"
        first = new.kind.slots[0]
        inner = path if isinstance(first, Part | Parts) else f"{path}.{first.name}"
        return root, f"已添加第 {len(parts)} 项", inner
    return root, "", ""


def _cut(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    if not steps:
        return None, "已清空", ""
    node, slot, place = _holder(root, steps)
    if place is None:
        node.values[slot.name] = None
        return root, "已删除", ".".join(steps)
    del node.values[slot.name][place]
    return root, f"已删除第 {place + 1} 项", ".".join(steps[:-1])


def _move(by: int) -> Callable[[Node, list[str], str, Vocabulary], Done]:
    def move(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
        node, slot, place = _holder(root, steps)
        parts = node.values[slot.name]
        if place is None or not 0 <= place + by < len(parts):
            return root, "", ""
        parts[place], parts[place + by] = parts[place + by], parts[place]
        path = ".".join([*steps[:-1], str(place + by)])
        return root, f"已移到第 {place + by + 1} 项", path

    return move


def _into(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    """To the end of the group that stands before it."""
    node, slot, place = _holder(root, steps)
    parts = node.values[slot.name]
    if not place or not takes_in(parts[place - 1], parts[place].family):
        return root, "", ""
    inner = parts[place - 1].values["parts"]
    inner.append(parts.pop(place))
    path = ".".join([*steps[:-1], str(place - 1), "parts", str(len(inner) - 1)])
    return root, "已移入上一组", path


def _out(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    """Behind the group in which it stands."""
    node, slot, place = _holder(root, steps)
    group = steps[:-2]
    outer, outer_slot, outer_place = _holder(root, group)
    if place is None or outer_place is None or outer_slot.family != slot.family:  # type: ignore[attr-defined]
        return root, "", ""
    outer.values[outer_slot.name].insert(outer_place + 1, node.values[slot.name].pop(place))
    return root, "已移出这一组", ".".join([*group[:-1], str(outer_place + 1)])


def _take(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    node, slot, _ = _holder(root, steps)
    if not isinstance(slot, FactSlot) or key not in known.named:
        return root, "", ""
    node.values[slot.name] = Pick(known.shown(key), key)
    return root, f"已选“{known.shown(key)}”", ".".join(steps)


def _show(root: Node, steps: list[str], key: str, known: Vocabulary) -> Done:
    """The boxes of a node that are left out until somebody wants them."""
    node = root
    if steps:
        holder, slot, place = _holder(root, steps)
        held = holder.values[slot.name]
        node = held[place] if place is not None else held
    node.values["shown"] = True
    return root, "已显示", ".".join(steps)


_ACTS: dict[str, Callable[[Node, list[str], str, Vocabulary], Done]] = {
    "add": _add,
    "cut": _cut,
    "up": _move(-1),
    "down": _move(1),
    "into": _into,
    "out": _out,
    "take": _take,
    "show": _show,
}
