"""A plan: steps over blocks of columns, each computed once, in buffers that are used again.

A step is a line of numpy that writes `{o}` from its parts `{0}`, `{1}` …; equal steps are one. What
no result needs is never computed. Outcomes are int8: -1 no, 0 unknown, 1 yes, so that *all* is the
minimum, *any* the maximum and *not* the negative.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from policies.rules.column_data import Array, Column

# Below 16,000 rows the calls cost more than the work; above 64,000 the buffers leave the cache.
ROWS_OF_BLOCK = 49_152
_FUNCTIONS = (
    "absolute", "fmax", "fmin", "add", "bitwise_and", "bitwise_or", "copyto", "divide", "equal", "greater",
    "frombuffer", "greater_equal", "invert", "less", "less_equal", "logical_and", "logical_or", "maximum", "minimum", "multiply",
    "negative", "not_equal", "subtract", "take",
)  # fmt: skip
# Room that every step may use for itself: truths, also as int8, and one or two of each kind; `nil` is 0.
_ROOM = {
    "t": "?", "f": "?", "g": "?", "u": "u1", "v": "u1", "s": "i1", "q": "i1", "x": "f8", "y": "f8", "x4": "f4",
    "nil": "i1",
}  # fmt: skip


class Node(NamedTuple):
    number: int
    dtype: str


Outcome = Node | int  # an int where it is the same for every firm


class _Step(NamedTuple):
    code: str
    parts: tuple[Node, ...]
    column: Column | None = None


class Plan:
    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._nodes: dict[Any, Node] = {}
        self._names: dict[Any, str] = {}
        self._space: dict[str, Any] = {name: getattr(np, name) for name in _FUNCTIONS}

    def _node(self, dtype: str, step: _Step) -> Node:
        key = (dtype, step)
        if key not in self._nodes:
            self._nodes[key] = Node(len(self._steps), dtype)
            self._steps.append(step)
        return self._nodes[key]

    def column(self, column: Column) -> Node:
        return self._node(column.dtype, _Step("", (), column))

    def step(self, dtype: str, code: str, *parts: Node) -> Node:
        return self._node(dtype, _Step(code, parts))

    def constant(self, value: Any, dtype: str | None = None) -> str:
        """The name of a constant. A number needs a type: one of Python takes ten times as long."""
        if dtype is not None:
            value = np.dtype(dtype).type(value)
        key = (dtype, value.tobytes() if isinstance(value, np.generic | np.ndarray) else id(value))
        if key not in self._names:
            self._names[key] = name = f"k{len(self._names)}"
            self._space[name] = value
        return self._names[key]

    def everywhere(self, value: Any, dtype: str) -> Node:
        return self.step(dtype, f"{{o}}.fill({self.constant(value, dtype)})")

    # --- outcomes -----------------------------------------------------------------------

    def outcome(self, code: str, *parts: Node) -> Node:
        return self.step("i1", code, *parts)

    def difference(self, yes: str, no: str, *parts: Node) -> Node:
        """Yes where one comparison holds, no where the other does."""
        return self.outcome(f"{yes}; {no}; subtract(t8, f8, out={{o}})", *parts)

    def all_of(self, *parts: Outcome) -> Outcome:
        return self._fold("minimum", parts, ends=-1)

    def any_of(self, *parts: Outcome) -> Outcome:
        return self._fold("maximum", parts, ends=1)

    def _fold(self, function: str, parts: Sequence[Outcome], ends: int) -> Outcome:
        if ends in parts:
            return ends
        nodes = sorted({part for part in parts if isinstance(part, Node)})
        if not nodes:
            return 0 if 0 in parts else -ends
        found = self._chain(function, nodes)
        # An array of noughts: against a single one these functions take ten times as long.
        return self.outcome(f"{function}({{0}}, nil, out={{o}})", found) if 0 in parts else found

    def _chain(self, function: str, nodes: Sequence[Node]) -> Node:
        if len(nodes) == 1:
            return nodes[0]
        code = [f"{function}({{0}}, {{1}}, out={{o}})"]
        code += [f"{function}({{o}}, {{{i}}}, out={{o}})" for i in range(2, len(nodes))]
        return self.outcome("; ".join(code), *nodes)

    def negate(self, part: Outcome) -> Outcome:
        if isinstance(part, int):
            return -part
        step = self._steps[part.number]
        return step.parts[0] if step.code == _NEGATE else self.outcome(_NEGATE, part)

    def known(self, part: Outcome) -> Outcome:
        """Yes where it is decided, else unknown."""
        return abs(part) if isinstance(part, int) else self.outcome("absolute({0}, {o})", part)

    def at_least_open(self, part: Outcome) -> Outcome:
        """The same, but unknown where it is no."""
        return self.any_of(part, 0)

    def at_most_open(self, part: Outcome) -> Outcome:
        return self.all_of(part, 0)

    def presumed(self, part: Outcome) -> Outcome:
        """No where it is no, else yes."""
        return self._two("greater_equal", part)

    def certain(self, part: Outcome) -> Outcome:
        """Yes where it is yes, else no."""
        return self._two("greater", part)

    def _two(self, function: str, part: Outcome) -> Outcome:
        if isinstance(part, int):
            return 1 if getattr(np, function)(part, 0) else -1
        zero, one = self.constant(0, "i1"), self.constant(1, "i1")
        return self.outcome(
            f"{function}({{0}}, {zero}, t); add(t8, t8, out={{o}}); subtract({{o}}, {one}, out={{o}})",
            part,
        )

    def by_code(self, codes: Node, table: Sequence[int]) -> Outcome:
        """The outcome of each code, unknown beyond the table: as ranges where these are few."""
        table = (*table, *[0] * (256 - len(table)))
        if len(set(table)) == 1:
            return table[0]
        runs = {outcome: _runs(table, outcome) for outcome in (-1, 0, 1)}
        without = max(runs, key=lambda outcome: len(runs[outcome]))
        if sum(len(found) for found in runs.values()) - len(runs[without]) > _MOST_RANGES:
            translation = self.constant(bytes(outcome % 256 for outcome in table))
            return self.outcome(
                f"copyto({{o}}, frombuffer({{0}}.tobytes().translate({translation}), i1))", codes
            )
        tests = {outcome: self._among(found) for outcome, found in runs.items()}
        if without == 0:
            code = f"{tests[1]('t')}; {tests[-1]('f')}; subtract(t8, f8, out={{o}})"
        elif without == -1:
            one = self.constant(1, "i1")
            code = (
                f"{tests[1]('t')}; {tests[0]('f')}; add(t8, t8, out={{o}}); "
                f"add({{o}}, f8, out={{o}}); subtract({{o}}, {one}, out={{o}})"
            )
        else:
            one = self.constant(1, "i1")
            code = (
                f"{tests[-1]('t')}; {tests[0]('f')}; add(t8, t8, out={{o}}); "
                f"add({{o}}, f8, out={{o}}); subtract({one}, {{o}}, out={{o}})"
            )
        return self.outcome(code, codes)

    def _among(self, runs: Sequence[tuple[int, int]]) -> Callable[[str], str]:
        """The line that puts into a truth whether a code lies in one of the ranges."""

        def code(truth: str) -> str:
            lines = []
            for first, last in runs:
                into = "g" if lines else truth
                low = self.constant(first, "u1")
                if first == last:
                    lines.append(f"equal({{0}}, {low}, {into})")
                else:
                    width = self.constant(last - first, "u1")
                    lines.append(f"subtract({{0}}, {low}, u); less_equal(u, {width}, {into})")
                if into == "g":
                    lines.append(f"logical_or({truth}, g, {truth})")
            return "; ".join(lines) or f"{truth}.fill(0)"

        return code

    def lacks(self, number: Node) -> Node:
        """Yes where a number is unknown, else no."""
        return self.difference("not_equal({0}, {0}, t)", "equal({0}, {0}, f)", number)

    # --- running ------------------------------------------------------------------------

    def compiled(self, results: Sequence[Node]) -> "Program":
        return Program(self, results)

    def needed(self, results: Sequence[Node]) -> list[int]:
        """The steps that results need, parts first."""
        found: dict[int, None] = {}
        waiting = [node.number for node in reversed(results)]
        while waiting:
            number = waiting[-1]
            lacking = [p.number for p in self._steps[number].parts if p.number not in found]
            if lacking and number not in found:
                waiting += reversed(lacking)
            else:
                found[number] = None
                waiting.pop()
        return list(found)


_MOST_RANGES = 5  # beyond which a translation of the bytes is faster


def _runs(table: Sequence[int], outcome: int) -> list[tuple[int, int]]:
    """The ranges of codes that have an outcome."""
    runs: list[tuple[int, int]] = []
    for code, found in enumerate(table):
        if found != outcome:
            continue
        if runs and runs[-1][1] == code - 1:
            runs[-1] = runs[-1][0], code
        else:
            runs.append((code, code))
    return runs


_NEGATE = "negative({0}, {o})"


class Program:
    """What computes results from columns, block by block."""

    def __init__(self, plan: Plan, results: Sequence[Node]) -> None:
        needed = plan.needed(results)
        steps = plan._steps
        dtypes = {node.number: node.dtype for node in plan._nodes.values()}
        self.columns = [column for n in needed if (column := steps[n].column) is not None]
        self.dtypes = [node.dtype for node in results]
        last = {part.number: n for n in needed for part in steps[n].parts}
        names: dict[int, str] = {}
        body: list[str] = []
        own = {node.number: position for position, node in reversed(list(enumerate(results)))}
        self._buffers: list[str] = []
        free: dict[str, list[str]] = defaultdict(list)
        position = 0
        for n in needed:
            code, parts, column = steps[n]
            if column is not None:
                names[n] = f"c{position}"
                body.append(f"c{position} = C[{position}][a:z]")
                position += 1
                continue
            if n in own:
                names[n] = f"r{own[n]}"
                body.append(f"r{own[n]} = R[{own[n]}][a:z]")
            elif free[dtypes[n]]:
                names[n] = free[dtypes[n]].pop()
            else:
                names[n] = f"b{len(self._buffers)}"
                self._buffers.append(dtypes[n])
            body.append(code.format(*(names[part.number] for part in parts), o=names[n]))
            for number in {part.number for part in parts}:
                if last[number] == n and names[number].startswith("b"):
                    free[dtypes[number]].append(names[number])
        for position, node in enumerate(results):
            if names[node.number] != f"r{position}":
                body.append(f"R[{position}][a:z] = {names[node.number]}")
        rooms = ", ".join([*_ROOM, *(f"b{i}" for i in range(len(self._buffers)))])
        self.source = "\n    ".join(
            [
                "def block(C, R, B, a, z):",
                f"{rooms}, = B",
                "t8 = t.view(i1); f8 = f.view(i1)",
                *body,
            ]
        )
        space = {**plan._space, "i1": np.int8, "i8": np.int64}
        # Lines of numpy written here; what editors write stands in constants.
        exec(compile(self.source, "<columns>", "exec"), space)  # noqa: S102
        self._block = space["block"]

    def run(
        self, columns: Mapping[Column, Array], rows: int, rows_of_block: int = ROWS_OF_BLOCK
    ) -> list[Array]:
        # Those of a kind in one piece: a large one costs the system a fraction of many small ones.
        pieces = {
            dtype: iter(np.empty((self.dtypes.count(dtype), rows), dtype))
            for dtype in dict.fromkeys(self.dtypes)
        }
        results = [next(pieces[dtype]) for dtype in self.dtypes]
        ordered = [columns[column] for column in self.columns]
        size = min(rows, rows_of_block)
        buffers = [np.zeros(size, dtype) for dtype in (*_ROOM.values(), *self._buffers)]
        with np.errstate(all="ignore"):
            for start in range(0, rows, rows_of_block):
                end = min(start + rows_of_block, rows)
                if end - start < size:
                    buffers = [buffer[: end - start] for buffer in buffers]
                self._block(ordered, results, buffers, start, end)
        return results
