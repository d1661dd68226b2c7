"""Small faults that can be put into Python code, one at a time.

A fault is named by its file, the line of source and the change, so that it keeps its name when lines
above it move. Not changed: texts and whatever else is a string, errors that are raised, annotations,
and `strict=` of `zip`, which asserts and decides nothing. Row locks stay, as SQLite has none; the
tests of races on PostgreSQL hold them.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COMPUTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
CALLED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "filter": "exclude", "exclude": "filter",
}  # fmt: skip
PASSED_OVER = {"annotation", "returns", "exc", "cause", "type_comment"}


@dataclass(frozen=True, eq=False)
class Mutant:
    """`change` of the source line `line`: puts `new` where the `parent` has another node."""

    path: str
    line: int
    source: str
    change: str
    reached_by: range  # the lines of which a test runs one when it reaches the change
    function: ast.FunctionDef | None  # the outermost one in whose body the change is
    parent: ast.AST
    field: str
    place: int | None
    new: Any

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.source}\n    {self.change}"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.path, self.source, self.change

    @property
    def package(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def function_line(self) -> int:
        """The first line of `function` and of what decorates it."""
        return min(each.lineno for each in (self.function, *self.function.decorator_list))

    def rank(self, seed: str) -> str:
        """Where it stands in the sample of a seed, whatever else there is."""
        return sha256("\n".join((seed, *self.key)).encode()).hexdigest()

    def put_in(self) -> None:
        """Into the tree that it was found in; there is no way back."""
        if self.place is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.place] = self.new


def mutants_of(path: str) -> tuple[ast.Module, list[Mutant]]:
    """The tree of a file and all faults that can be put into it."""
    text = Path(path).read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    found, seen = [], Counter()
    for parent, field, place, node, statement, function in _places(tree, tree):
        for new, change in _changes(node):
            source = lines[node.lineno - 1].strip()
            seen[source, change] += 1
            if (count := seen[source, change]) > 1:
                change += f" ({count})"
            new = ast.fix_missing_locations(ast.copy_location(new, node))
            found.append(
                Mutant(
                    path, node.lineno, source, change, _lines_of(statement), function,
                    parent, field, place, new,
                )
            )  # fmt: skip
    return tree, found


def _lines_of(statement: ast.AST) -> range:
    """Of a statement with a body its head; of a function all, as its head runs at import only."""
    if isinstance(statement, (ast.If, ast.For, ast.While, ast.With, ast.Try)):
        return range(statement.lineno, statement.body[0].lineno)
    return range(statement.lineno, statement.end_lineno + 1)


Place = tuple[ast.AST, str, int | None, ast.AST, ast.AST, ast.FunctionDef | None]


def _places(
    node: ast.AST, statement: ast.AST, function: ast.FunctionDef | None = None
) -> Iterator[Place]:
    """Each node with where it stands, the statement and the outermost function it is part of."""
    for field, value in ast.iter_fields(node):
        if field in PASSED_OVER or (field == "value" and isinstance(node, ast.JoinedStr)):
            continue
        within = function
        if within is None and field == "body" and isinstance(node, ast.FunctionDef):
            within = node
        children = value if isinstance(value, list) else [value]
        for place, child in enumerate(children):
            if not isinstance(child, ast.AST):
                continue
            if not hasattr(child, "lineno"):  # such as the arguments of a function
                yield from _places(child, statement, within)
                continue
            if _is_passed_over(child, field):
                continue
            own = child if isinstance(child, ast.stmt) else statement
            yield node, field, place if isinstance(value, list) else None, child, own, within
            yield from _places(child, own, within)


def _is_passed_over(node: ast.AST, field: str) -> bool:
    if field == "decorator_list":
        return True
    if isinstance(node, ast.Expr):
        return "select_for_update" in ast.unparse(node)
    return isinstance(node, ast.keyword) and node.arg in ("strict", "no_key")


def _is_atomic(node: ast.AST) -> bool:
    return ast.unparse(node) in ("transaction.atomic", "transaction.atomic()")


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What may stand instead of a node, and how that is told."""
    for kind, changes in _CHANGES.items():
        if isinstance(node, kind):
            for new in changes(node):
                yield new, _told(node, new)


def _told(node: ast.AST, new: ast.AST) -> str:
    if isinstance(new, ast.Pass):
        return f"without {_short(node)}"
    if isinstance(node, ast.FunctionDef):
        return "without @transaction.atomic"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return f"{_last_call(node)} → {_last_call(new)}"
    return f"{_short(node)} → {_short(new)}"


def _short(node: ast.AST) -> str:
    """The node's own line, without what hangs below it."""
    return ast.unparse(node).splitlines()[0]


def _last_call(node: ast.Call) -> str:
    """Of a chain of calls the last."""
    return ast.unparse(_changed(node, func=ast.Name(f".{node.func.attr}")))


def _changed(node: ast.AST, **fields: Any) -> ast.AST:
    new = copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _replaced(items: list, place: int, item: Any) -> list:
    return [*items[:place], item, *items[place + 1 :]]


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        if type(operator) in COMPARED:
            ops = _replaced(node.ops, place, COMPARED[type(operator)]())
            yield _changed(node, ops=ops)


def _junction(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _opposite(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand


def _is_text_or_type(node: ast.AST) -> bool:
    """Of these a changed operator makes an error at once, which tells nothing."""
    if isinstance(node, ast.Name):
        return node.id[0].isupper() and not node.id.isupper()
    return isinstance(node, (ast.JoinedStr, ast.Tuple, ast.List)) or (
        isinstance(node, ast.Constant) and not isinstance(node.value, (int, float))
    )


def _arithmetic(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in COMPUTED and not any(map(_is_text_or_type, (node.left, node.right))):
        yield _changed(node, op=COMPUTED[type(node.op)]())


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        for value in (0, 1) if node.value not in (0, 1) else (1 - node.value,):
            yield ast.Constant(node.value + 1 if value else node.value - 1)


def _returned(node: ast.Return) -> Iterator[ast.AST]:
    is_none = isinstance(node.value, ast.Constant) and node.value.value is None
    if node.value and not is_none and not isinstance(node.value, ast.JoinedStr):
        yield ast.Return(ast.Constant(None))


def _left_out(node: ast.stmt) -> Iterator[ast.AST]:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_name = isinstance(node, ast.Assign) and all(
        isinstance(target, (ast.Name, ast.Tuple)) for target in node.targets
    )
    if not is_text and not is_name:
        yield ast.Pass()


def _called(node: ast.Call) -> Iterator[ast.AST]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in CALLED:
        yield _changed(node, func=ast.Name(CALLED[function.id], ast.Load()))
    elif isinstance(function, ast.Attribute) and function.attr in ("filter", "exclude"):
        yield _changed(node, func=_changed(function, attr=CALLED[function.attr]))
    elif isinstance(function, ast.Attribute) and function.attr == "order_by":
        yield from _ordered(node)


def _ordered(node: ast.Call) -> Iterator[ast.AST]:
    """The other direction of the first name in `order_by`."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        name = first.value.removeprefix("-") if first.value[0] == "-" else f"-{first.value}"
        yield _changed(node, args=[ast.Constant(name), *node.args[1:]])


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for end in ("lower", "upper"):
        if getattr(node, end) is not None:
            yield _changed(node, **{end: None})


def _forced(node: ast.If | ast.IfExp) -> Iterator[ast.AST]:
    for value in (True, False):
        yield _changed(node, test=ast.copy_location(ast.Constant(value), node.test))


def _filtered(node: ast.expr) -> Iterator[ast.AST]:
    """A comprehension that takes everything."""
    for place, each in enumerate(node.generators):
        if each.ifs:
            generators = _replaced(node.generators, place, _changed(each, ifs=[]))
            yield _changed(node, generators=generators)


def _transaction(node: ast.With) -> Iterator[ast.AST]:
    if len(node.items) == 1 and _is_atomic(node.items[0].context_expr):
        yield ast.If(ast.Constant(True), node.body, [])


def _decorated(node: ast.FunctionDef) -> Iterator[ast.AST]:
    kept = [each for each in node.decorator_list if not _is_atomic(each)]
    if len(kept) < len(node.decorator_list):
        yield _changed(node, decorator_list=kept)


_CHANGES = {
    ast.Compare: _compare,
    ast.BoolOp: _junction,
    ast.UnaryOp: _opposite,
    ast.BinOp: _arithmetic,
    ast.Constant: _constant,
    ast.Return: _returned,
    (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break): _left_out,
    ast.Call: _called,
    ast.Slice: _slice,
    (ast.If, ast.IfExp): _forced,
    (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp): _filtered,
    ast.With: _transaction,
    ast.FunctionDef: _decorated,
}
