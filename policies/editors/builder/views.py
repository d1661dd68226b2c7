"""What the template shows of a form: each node with its slots, in plain values."""

from collections.abc import Mapping
from typing import Any

from policies.editors.builder.kinds import (
    FAMILIES,
    OPERATORS,
    CodesSlot,
    FactSlot,
    FlagSlot,
    NumberSlot,
    OpensSlot,
    OperatorSlot,
    Part,
    Parts,
    Slot,
    TextSlot,
    ValuesSlot,
)
from policies.editors.builder.nodes import UNWRAP, WRAP, WRAPS, Node, Pick, lone_part, takes_in
from policies.editors.builder.values import (
    MOST_SHOWN,
    NOBODY,
    NOBODY_SAYS,
    PERCENT,
    shown_number,
    shown_value,
    unit_of,
)
from policies.editors.builder.vocabulary import Named, Vocabulary
from policies.editors.builder.writing import (
    NOTHING_AROUND,
    Around,
    below,
    choices_of,
    fitting,
    leaf_fact,
    number_unit,
)
from policies.rules.read_rule import SEVERAL, WITHOUT_VALUE
from policies.rules.tree import COMPARISONS

YES_NO = {"true": "是", "false": "否"}
UNITS = {PERCENT: "%，如 4%"}


class Page:
    """The views of the nodes of one builder; names begin with its `prefix`, and what stands at the
    path `focus` is where an editor goes on."""

    def __init__(self, prefix: str, known: Vocabulary, focus: str | None = None) -> None:
        self.prefix, self.known, self.focus = prefix, known, focus

    def node(
        self,
        node: Node | None,
        path: str,
        family: str,
        around: Around = NOTHING_AROUND,
        *,
        words: str = "",
        is_optional: bool = False,
        place: int | None = None,
        count: int = 0,
    ) -> dict[str, Any]:
        """A node; where there is none yet, the choice of its kind."""
        kinds = FAMILIES[family]
        own = node.kind.name if node else ""
        choices = [(name, kind.words, name == own) for name, kind in kinds.items()]
        if is_optional:
            choices.insert(0, ("", "—— 不写 ——", node is None))
        elif node is None:
            choices.insert(0, ("", "—— 选写法 ——", True))
        wraps = [
            (f"{WRAP}{name}", f"外面套上“{kinds[name].words}”")
            for name in (WRAPS.get(family, {}) if node else ())
        ]
        if node and lone_part(node):
            wraps.append((UNWRAP, "去掉这一层"))
        name = self._name(path)
        view: dict[str, Any] = {
            "name": name,
            "id": self._id(path),
            "path": path,
            "is_there": node is not None,
            "kind": own,
            # Rows of one kind have nothing to choose, unless they may be left out.
            "choices": choices if len(kinds) > 1 or is_optional or node is None else [],
            "wraps": wraps,
            "words": words,
            "help": node.kind.help if node else "",
            "place": place,
            "number": None if place is None else place + 1,
            "is_first": place == 0,
            "is_last": place is not None and place + 1 == count,
            "is_row": family not in ("rule", "amount"),
            "error": node.error if node else "",
            "slots": [],
            "hides": False,
            "has_focus": path == self.focus,
            "is_shown": bool(node and node.values.get("shown")),
        }
        if node:
            inner = below(node, self.known, around)
            for slot in node.kind.slots:
                if slot.is_extra and not view["is_shown"] and _is_empty(node.values.get(slot.name)):
                    view["hides"] = not node.errors.get(slot.name)
                    continue
                view["slots"].append(self._slot(slot, node, path, inner))
        return view

    def _name(self, path: str) -> str:
        return f"{self.prefix}.{path}" if path else self.prefix

    def _id(self, path: str) -> str:
        return self._name(path).replace(".", "-")

    def _slot(self, slot: Slot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        own = f"{path}.{slot.name}" if path else slot.name
        error = node.errors.get(slot.name, "")
        view = {
            "name": self._name(own),
            "id": self._id(own),
            "path": own,
            "words": slot.words,
            "error": error,
            "help": getattr(slot, "help", ""),
            "is_optional": slot.is_optional,
            "has_focus": own == self.focus,
        }
        return view | self._SLOTS[type(slot)](self, slot, node, own, inner)

    def _fact(self, slot: FactSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        pick: Pick = node.values.get(slot.name) or Pick("")
        text = self.known.shown(pick.key) if pick.key else pick.text
        found = [] if pick.key else [(key, self._described(key)) for key in pick.found]
        return {
            "is": "fact",
            "value": text,
            "found": found,
            "types": " ".join(slot.types),
            "asked": slot.is_asked,
            "key": pick.key or "",
        }

    def _described(self, key: str) -> str:
        named = self.known.named[key]
        return f"{named.label}（{named.section}）"

    def _number(self, slot: NumberSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        own = number_unit(slot, inner)
        value = shown_number(node.values.get(slot.name), own)
        return {"is": "number", "value": value, "unit": UNITS.get(own, own)}

    def _text(self, slot: TextSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        return {"is": "text", "value": node.values.get(slot.name) or ""}

    def _flag(self, slot: FlagSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        return {"is": "flag", "value": bool(node.values.get(slot.name))}

    def _codes(self, slot: CodesSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        choices = choices_of(slot, self.known, inner)
        return self._several(node.values.get(slot.name) or [], choices, slot.of)

    def _several(
        self, given: list[Any], choices: Mapping[str, str], source: str, *, nobody: bool = False
    ) -> dict[str, Any]:
        """Boxes to tick; of many choices a text that is completed."""
        if not choices or len(choices) > MOST_SHOWN:
            words = [
                NOBODY_SAYS if each == NOBODY else choices.get(str(each), str(each))
                for each in given
            ]
            return {"is": "many", "value": "；".join(words), "source": source}
        ticked = dict.fromkeys(str(each) for each in given)
        offered = {**choices, **({NOBODY: NOBODY_SAYS} if nobody else {})}
        # What is ticked stands in the order in which it was written, and is sent back so.
        in_order = iter([code for code in ticked if code in offered])
        codes = [next(in_order) if code in ticked else code for code in offered]
        options = [(code, offered[code], code in ticked) for code in codes]
        # What was typed before these were the choices is not lost.
        options += [(each, each, True) for each in ticked if each not in offered and each]
        return {"is": "ticks", "options": options}

    def _operator(self, slot: OperatorSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        own = node.values.get(slot.name) or ""
        names = list(fitting(slot, node, self.known))
        if own not in names:
            names.insert(0, own)
        options = [(name, OPERATORS.get(name, "——"), name == own) for name in names]
        return {"is": "operator", "options": options}

    def _values(self, slot: ValuesSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        operator, named = node.values.get("operator") or "", leaf_fact(node, self.known)
        given = node.values.get(slot.name) or []
        if operator in WITHOUT_VALUE:
            kept = "；".join(each for each in given if isinstance(each, str) and each.strip())
            return {"is": "number", "value": kept, "unit": ""} if kept else {"is": "none"}
        return self._of_fact(given, named, operator, nobody=operator in SEVERAL)

    def _of_fact(
        self, given: list[Any], named: Named | None, operator: str, *, nobody: bool = False
    ) -> dict[str, Any]:
        texts = [shown_value(named, operator, each) if each != NOBODY else each for each in given]
        choices = YES_NO if named and named.type == "bool" else named.choices if named else {}
        if choices and operator in (*SEVERAL, ""):
            return self._several(texts, choices, named.key if named else "", nobody=nobody)
        if choices and len(choices) > MOST_SHOWN:
            words = [choices.get(each, each) for each in texts]
            return {"is": "many", "value": "；".join(words), "source": named.key if named else ""}
        if choices:
            options = [(code, words, code in texts) for code, words in choices.items()]
            options += [(each, each, True) for each in texts if each and each not in choices]
            if not any(chosen for _, _, chosen in options):
                options.insert(0, ("", "——", True))
            return {"is": "select", "options": options}
        shown_unit = unit_of(named, operator)
        if operator == "between":
            return {
                "is": "ends",
                "ends": [*texts, "", ""][: max(2, len(texts))],
                "unit": shown_unit,
            }
        joined = "；".join(NOBODY_SAYS if each == NOBODY else each for each in texts)
        several = "；多个值之间用分号" if operator in SEVERAL else ""
        return {
            "is": "number",
            "value": joined,
            "unit": f"{UNITS.get(shown_unit, shown_unit)}{several}",
        }

    def _opens(self, slot: OpensSlot, node: Node, path: str, inner: Around) -> dict[str, Any]:
        operator, given = node.values.get(slot.name) or ("", [])
        named = leaf_fact(node, self.known)
        view = self._of_fact(given, named, operator)
        is_number = bool(named) and not named.choices and named.type != "bool"  # type: ignore[union-attr]
        if is_number or operator:
            view["by"] = [("", "下列的值", not operator)] + [
                (name, OPERATORS[name], name == operator)
                for name in COMPARISONS
                if name != "between"
            ]
        return view

    def _part(self, slot: Part, node: Node, path: str, inner: Around) -> dict[str, Any]:
        part = node.values.get(slot.name)
        view = self.node(
            part, path, slot.family, inner, words=slot.words, is_optional=slot.is_optional
        )
        return {"is": "part", "node": view}

    def _parts(self, slot: Parts, node: Node, path: str, inner: Around) -> dict[str, Any]:
        parts = node.parts(slot.name)
        if slot.by_operator:
            ends = ("从", "到") if len(parts) == 2 else ("",)
            views = [
                self.node(part, f"{path}.{place}", slot.family, inner, words=words)
                for place, (part, words) in enumerate(zip(parts, ends, strict=False))
            ]
            return {"is": "parts", "parts": views, "is_fixed": True}
        views = [
            self.node(part, f"{path}.{place}", slot.family, inner, place=place, count=len(parts))
            for place, part in enumerate(parts)
        ]
        is_in_list = path.rpartition(".")[0].rpartition(".")[2].isdigit()
        for place, view in enumerate(views):
            before = parts[place - 1] if place else None
            view["goes_in"] = before is not None and takes_in(before, slot.family)
            view["goes_out"] = is_in_list and node.family == slot.family
        return {"is": "parts", "parts": views, "is_fixed": False}

    _SLOTS = {
        FactSlot: _fact,
        TextSlot: _text,
        NumberSlot: _number,
        FlagSlot: _flag,
        CodesSlot: _codes,
        OperatorSlot: _operator,
        ValuesSlot: _values,
        OpensSlot: _opens,
        Part: _part,
        Parts: _parts,
    }


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], ("", []))
