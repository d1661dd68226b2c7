"""The order of the rooms, where the linter of imports cannot look.

A room uses only those below it. Names of tables in SQL, accessors that lead from a row to what a
higher room hangs on it, and templates that are included count as uses too.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROJECT = ("portal", "policies", "applications")
# What takes the name of an accessor as a string.
TAKES_PATHS = {
    "Count", "F", "Max", "Min", "OuterRef", "Prefetch", "Sum", "defer", "order_by", "only",
    "prefetch_related", "prefetch_related_objects", "select_related", "values", "values_list",
    "getattr", "attrgetter",
}  # fmt: skip
# Pure Python, which knows no rows.
PURE = {"policies.rules", "policies.consistency"}
# Guards and roles are kept after a migration; nothing else listens.
LISTENERS = {"portal/guards.py", "applications/centre/roles.py"}
INCLUDED = re.compile(r"""{% (?:include|extends) ["']([^"']+)["']""")


@cache
def order() -> list[list[str]]:
    """The packages of the rooms from the top down, as the contract of imports lists them."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [contract] = [each for each in lint["contracts"] if each["name"] == "Rooms go one way"]
    return [[room.strip() for room in layer.split("|")] for layer in contract["layers"]]


@cache
def height(room: str) -> int:
    return next(number for number, layer in enumerate(reversed(order())) if room in layer)


def may_use(room: str, other: str) -> bool:
    return room == other or height(other) < height(room)


def room_of(name: str) -> str:
    """The room of a module."""
    return next(room for layer in order() for room in layer if f"{name}.".startswith(f"{room}."))


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the project with its room, without migrations."""
    for package in PROJECT:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts and parts not in {
                ("policies", "__init__"),
                ("applications", "__init__"),
            }:
                yield room_of(".".join(parts)), path


ROOMS = sorted(room for layer in order() for room in layer)
MODULES = list(modules())


def own_models() -> list[type]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith(PROJECT)
    ]


def tables_above(room: str) -> set[str]:
    return {
        model._meta.db_table
        for model in own_models()
        if not may_use(room, room_of(model._meta.app_config.name))
    }


def accessors_above(room: str) -> set[str]:
    """Names that lead from a row that the room knows to rows of a room that it does not."""
    upwards, known = set(), set()
    for model in own_models():
        if not may_use(room, room_of(model._meta.app_config.name)):
            continue
        known |= {field.name for field in model._meta.get_fields() if not field.auto_created}
        for relation in model._meta.related_objects:
            if not relation.related_model.__module__.startswith(PROJECT):
                continue
            owner = room_of(relation.related_model._meta.app_config.name)
            names = {relation.get_accessor_name(), relation.name} - {None}
            if may_use(room, owner):
                known |= names
            else:
                upwards |= names
    return upwards - known


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def names_used(tree: ast.AST) -> Iterator[str]:
    """Attributes, look-ups in keywords, and what strings lead through where they name a path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [text for each in node.args for text in strings(each)]
            yield from (
                name for text in texts if called in TAKES_PATHS for name in text.split("__")
            )
    for text in strings(tree):
        if re.fullmatch(r"-?[a-z_]+(__[a-z_]+)+", text):
            yield from text.lstrip("-").split("__")


def test_every_package_has_its_place_in_the_order():
    found = {
        f"{package}.{path.parent.name}"
        for package in ("policies", "applications")
        for path in (ROOT / package).glob("*/__init__.py")
    }
    assert found | {"portal"} == set(ROOMS)


def test_apps_are_installed_in_the_order_of_the_rooms():
    """So that migrations run in it, and roles are kept after the last one's."""
    installed = [name for name in settings.INSTALLED_APPS if name.startswith(PROJECT)]
    assert [height(name) for name in installed] == sorted(height(name) for name in installed)
    assert installed[-1] == "applications.centre"


@pytest.mark.parametrize("room", ROOMS)
def test_no_sql_names_a_table_of_a_room_above(room):
    above = tables_above(room)
    named = [
        (path.name, table)
        for own, path in MODULES
        if own == room
        for text in strings(ast.parse(path.read_text()))
        for table in re.findall(r"\w+", text)
        if table in above
    ]
    assert not named


@pytest.mark.parametrize("room", sorted(set(ROOMS) - PURE))
def test_no_accessor_leads_to_a_room_above(room):
    above = accessors_above(room)
    used = [
        (str(path.relative_to(ROOT)), name)
        for own, path in MODULES
        if own == room
        for name in names_used(ast.parse(path.read_text()))
        if name in above
    ]
    assert not used


def test_a_package_hands_on_nothing_but_models():
    packages = [path for _, path in MODULES if path.name == "__init__.py"]
    importing = {
        str(path.parent.relative_to(ROOT))
        for path in packages
        if any(
            isinstance(node, ast.Import | ast.ImportFrom)
            for node in ast.walk(ast.parse(path.read_text()))
        )
    }
    assert {Path(package).name for package in importing} == {"models"}


def test_nothing_listens_to_signals_to_reach_a_room_above():
    listening = {
        str(path.relative_to(ROOT))
        for _, path in MODULES
        if re.search(r"\bsignals\b|@receiver", path.read_text())
    }
    assert listening == LISTENERS


def room_of_template(name: str) -> str | None:
    """The room in whose folder a template lies; None for those of the whole site."""
    folders = name.removeprefix("admin/").split("/")[:-1]
    rooms = {room.rpartition(".")[2]: room for room in ROOMS}
    if not folders:
        return None
    if name.startswith("admin/"):
        # The pages of the admin are put together on top.
        is_catalogue = folders[0] in ("catalogue", "editors")
        return "policies.editors" if is_catalogue else "applications.centre"
    return rooms.get(folders[0])


def test_templates_include_none_of_a_room_above():
    wrong = []
    for path in (ROOT / "templates").rglob("*.*"):
        name = str(path.relative_to(ROOT / "templates"))
        room = room_of_template(name)
        for included in INCLUDED.findall(path.read_text()):
            other = room_of_template(included)
            if other and room and not may_use(room, other):
                wrong.append((name, included))
    assert not wrong
