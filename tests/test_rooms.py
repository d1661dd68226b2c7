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
# Words that are accessors of a room above, where they mean something else.
OTHER_MEANINGS = {
    # Whom a programme is for.
    ("policies/catalogue/models/programme.py", "enterprise"),
    ("policies/catalogue/models/service_guide.py", "enterprise"),
    ("policies/pages/forms.py", "enterprise"),
    # A table of cases within a rule.
    ("policies/pages/error_reports.py", "cases"),
    ("policies/catalogue/packs/export.py", "cases"),
    ("policies/editors/builder/kinds.py", "cases"),
    # The cookie of Django's messages.
    ("portal/public_pages.py", "messages"),
    # What a form's error says.
    ("applications/enterprises/services/changes.py", "messages"),
    ("policies/editors/builder/field.py", "messages"),
    # What a manifest says beside its files.
    ("portal/sealed/checking.py", "about"),
}
# Pure Python, which knows no rows.
PURE = {"policies.rules", "policies.consistency"}
# Triggers, roles and what made the database are kept after a migration, a session knows when it began;
# nothing else listens.
LISTENERS = {
    "portal/apps.py", "portal/migration_notes.py", "portal/past.py", "portal/triggers.py", "applications/centre/roles.py",
}  # fmt: skip
INCLUDED = re.compile(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")
LOADED = re.compile(r"{%\s*load\s+([\w ]+)%}")
TAGS = re.compile(r"{[{%].*?[%}]}", re.S)


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
    """Attributes, keywords, and the parts of every string that may be a path of names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
    for text in strings(tree):
        # Keys of facts and dotted names of modules look like paths too.
        if text.startswith(("enterprise.", *(f"{name}." for name in PROJECT))):
            continue
        if re.fullmatch(r"-?[a-z_]+([.][a-z_]+)*", text):
            yield from re.split(r"__|[.]", text.lstrip("-"))


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
        if own == room and path.name not in ("settings.py", "urls.py")
        for name in names_used(ast.parse(path.read_text()))
        if name in above
    ]
    assert set(used) <= OTHER_MEANINGS


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
        if re.search(r"\bsignals\b|@receiver|\bdispatch import", path.read_text())
    }
    assert listening == LISTENERS


def room_of_template(name: str) -> str:
    """The room in whose folder a template lies; Django's own, and those of the whole site, belong to
    the lowest."""
    if not (ROOT / "templates" / name).exists():
        return "portal"
    folders = name.removeprefix("admin/").split("/")[:-1]
    rooms = {room.rpartition(".")[2]: room for room in ROOMS}
    if name.startswith("admin/") and folders:
        # The pages of the admin are put together on top.
        if folders[0] in ("catalogue", "editors"):
            return "policies.editors"
        return "portal" if folders[0] == "portal" else "applications.centre"
    return rooms.get(folders[0], "portal") if folders else "portal"


def templates() -> Iterator[tuple[str, str, str]]:
    """Each template's name, room and text."""
    for path in (ROOT / "templates").rglob("*.*"):
        name = str(path.relative_to(ROOT / "templates"))
        yield name, room_of_template(name), path.read_text()


def room_of_tags(library: str) -> str | None:
    """The room of a library of template tags; None for those of packages."""
    found = [room for room, path in MODULES if path.parts[-2:] == ("templatetags", f"{library}.py")]
    return found[0] if found else None


def test_templates_use_no_template_or_tags_of_a_room_above():
    wrong = [
        (name, other)
        for name, room, text in templates()
        for other in [
            *map(room_of_template, INCLUDED.findall(text)),
            *(room_of_tags(tags) for names in LOADED.findall(text) for tags in names.split()),
        ]
        # The first page of the admin shows what waits in all rooms.
        if other and not may_use(room, other) and name != "admin/index.html"
    ]
    assert not wrong


def test_templates_lead_to_no_row_of_a_room_above():
    wrong = [
        (name, part)
        for name, room, text in templates()
        for tag in TAGS.findall(text)
        for part in re.findall(r"[.](\w+)", tag)
        if part in accessors_above(room)
    ]
    assert not wrong


def labels_above(room: str) -> set[str]:
    """What stands before the dot of models and permissions of rooms above."""
    return {
        each.label
        for each in apps.get_app_configs()
        if each.name.startswith(PROJECT) and not may_use(room, room_of(each.name))
    }


@pytest.mark.parametrize("room", ROOMS)
def test_no_string_names_what_a_room_above_has(room):
    """Models, permissions, dotted names and templates; addresses of pages may be named."""
    above = labels_above(room)
    named = [
        (str(path.relative_to(ROOT)), text)
        for own, path in MODULES
        if own == room and path.name not in ("settings.py", "urls.py")
        for text in strings(ast.parse(path.read_text()))
        if _names_above(text, room, above)
    ]
    assert not named


def _names_above(text: str, room: str, labels: set[str]) -> bool:
    if re.fullmatch(r"[\w/]+[.](html|txt)", text):
        return not may_use(room, room_of_template(text))
    if not re.fullmatch(r"\w+([.]\w+)+", text):
        return False
    first = text.split(".")[0]
    if first in PROJECT:
        return not may_use(room, room_of(text))
    return first in labels


def test_models_are_imported_and_not_looked_up():
    looking = {
        str(path.relative_to(ROOT))
        for _, path in MODULES
        if re.search(r"\bget_model\b|\bimport_module\b", path.read_text())
    }
    # Roles are made with the models as a migration knows them; what history keeps of roles has a model
    # in no module.
    assert looking == {"applications/centre/audit/people.py", "applications/centre/roles.py"}
