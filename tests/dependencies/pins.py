"""Every version that is pinned, of Python and of the browser, and what was asked for by name."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPI, NPM = "PyPI", "npm"
PINNED = re.compile(r"^[A-Za-z0-9][^\s;\\]*==[^\s;\\]+", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Pin:
    """`name` as its registry compares it; `file` is where it is pinned, from the root."""

    ecosystem: str
    name: str
    version: str
    file: str


def pins(root: Path = ROOT) -> list[Pin]:
    """All that is installed by whatever `make` installs, what others need too."""
    return [*_python_pins(root), *_browser_pins(root)]


def _python_pins(root: Path) -> Iterator[Pin]:
    for path in sorted((root / ".requirements").glob("*.txt")):
        for line in PINNED.findall(path.read_text("utf-8")):
            found = Requirement(line)
            [version] = [each.version for each in found.specifier]
            yield Pin(PYPI, canonicalize_name(found.name), version, str(path.relative_to(root)))


def _browser_pins(root: Path) -> Iterator[Pin]:
    path = root / ".front/package-lock.json"
    for place, package in json.loads(path.read_text("utf-8"))["packages"].items():
        if place:
            name = package.get("name") or place.rpartition("node_modules/")[2]
            yield Pin(NPM, name, package["version"], str(path.relative_to(root)))


def asked_for(root: Path = ROOT) -> dict[str, Pin]:
    """By the name that a file of ours asks for, what it was pinned to; LookupError where it was not."""
    pinned = {(pin.name, pin.file): pin for pin in pins(root)}
    found = {}
    for path in sorted((root / ".requirements").glob("*.in")):
        for line in path.read_text("utf-8").split("\n"):
            if line and not line.startswith(("-r", "#")):
                name = Requirement(line).name
                pins_of = str(path.with_suffix(".txt").relative_to(root))
                found[name] = pinned[canonicalize_name(name), pins_of]
    asked = json.loads((root / ".front/package.json").read_text("utf-8"))["dependencies"]
    for name in asked:
        found[name] = pinned[name, ".front/package-lock.json"]
    return found
