"""Writes the versions, days and licences of the notes' table of dependencies anew.

`make update` runs it after it has pinned anew. It asks the registries through pip, uv and npm; why a
package is there, people write, and a package without a row gets one that says so.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from tests.dependencies.pins import NPM, PYPI, ROOT, Pin, asked_for

BEGIN = "| package | version | released | licence | why |\n|---|---|---|---|---|\n"
NOT_STATED = "not stated"
NO_REASON = "**write why**"
# How classifiers say what an expression says shorter; of several kinds of one the newest.
LICENCE = "License ::"
ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<version>[^|]*) \| (?P<released>[^|]*) \| (?P<licence>[^|]*) \| (?P<why>[^|]*) \|$")  # fmt: skip


def licence_of(expression: str | None, classifiers: Iterable[str], text: str | None) -> str:
    """What the metadata of a package says: an expression, else its classifiers, else a short text."""
    if expression:
        return expression
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith(LICENCE)]
    if named:
        return ", ".join(named)
    return text if text and "\n" not in text and len(text) <= 40 else NOT_STATED


def rows_of(readme: str) -> dict[str, dict[str, str]]:
    """By name, the cells of the table; ValueError for a line that is none of its rows."""
    if readme.count(BEGIN) != 1:
        raise ValueError(
            "README.en.md has no table of dependencies with the columns of this module"
        )
    rows = {}
    for line in readme.partition(BEGIN)[2].split("\n"):
        if not line.startswith("|"):
            break
        if not (row := ROW.match(line)):
            raise ValueError(f"no row of the table of dependencies: {line}")
        if row["name"] in rows:
            raise ValueError(f"twice in the table of dependencies: {row['name']}")
        rows[row["name"]] = row.groupdict()
    return rows


def renewed(readme: str, facts: Mapping[str, tuple[str, str, str]]) -> str:
    """The README with `facts` (version, day, licence) in its table; rows that nobody asks for go.

    Rows of Debian's packages have no version and stay.
    """
    rows = rows_of(readme)
    kept = {name: row for name, row in rows.items() if name in facts or not row["version"]}
    for name, (version, released, licence) in facts.items():
        why = rows[name]["why"] if name in rows else NO_REASON
        kept[name] = {
            "name": name, "version": version, "released": released, "licence": licence, "why": why,
        }  # fmt: skip
    before, _, after = readme.partition(BEGIN)
    lines = after.split("\n")[len(rows) :]
    table = [f"| {' | '.join(row.values())} |" for row in kept.values()]
    return before + BEGIN + "\n".join([*table, *lines])


def facts_of(asked: Mapping[str, Pin]) -> dict[str, tuple[str, str, str]]:
    python = {name: pin for name, pin in asked.items() if pin.ecosystem == PYPI}
    licences, days = _licences(python.values()), _days(python.values())
    facts = {
        name: (pin.version, days[pin.name], licences[pin.name]) for name, pin in python.items()
    }
    for name, pin in asked.items():
        if pin.ecosystem == NPM:
            facts[name] = pin.version, *_of_browser(pin)
    return facts


def _run(*command: str, folder: Path = ROOT) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def _licences(pins: Iterable[Pin]) -> dict[str, str]:
    """As the registry's metadata says, of packages that are not installed here too."""
    wanted = [f"{pin.name}=={pin.version}" for pin in pins]
    report = _run(
        # Of its own: the pip that Python brings along may be too old to know licence expressions.
        str(ROOT / ".venv/bin/uvx"), "-q", "--python", sys.executable, "pip", "install", "-q", "--dry-run",
        "--ignore-installed", "--no-deps", "--report", "-", *wanted,
    )  # fmt: skip
    told: list[dict[str, Any]] = [each["metadata"] for each in json.loads(report)["install"]]
    return {
        canonicalize_name(each["name"]): licence_of(
            each.get("license_expression"), each.get("classifier", ()), each.get("license")
        )
        for each in told
    }


def _days(pins: Iterable[Pin]) -> dict[str, str]:
    """When each version was released, as uv notes it; files that do not fit together one by one."""
    by_file: dict[str, list[Pin]] = {}
    for pin in pins:
        by_file.setdefault(pin.file, []).append(pin)
    days = {}
    for some in by_file.values():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wanted = json.dumps([f"{pin.name}=={pin.version}" for pin in some])
            (folder / "pyproject.toml").write_text(
                '[project]\nname = "days"\nversion = "0"\nrequires-python = "==3.11.*"\n'
                f"dependencies = {wanted}\n"
            )
            _run(str(ROOT / ".venv/bin/uv"), "lock", "-q", folder=folder)
            locked = tomllib.loads((folder / "uv.lock").read_text())["package"]
        found = {each["name"]: each for each in locked}
        for pin in some:
            files = [*found[pin.name].get("wheels", ()), found[pin.name].get("sdist", {})]
            days[pin.name] = min(each["upload-time"] for each in files if each)[:10]
    return days


def _of_browser(pin: Pin) -> tuple[str, str]:
    """Day and licence."""
    told = json.loads(_run("npm", "view", f"{pin.name}@{pin.version}", "time", "license", "--json"))
    return told["time"][pin.version][:10], told["license"]


def main() -> None:
    path = ROOT / "README.en.md"
    path.write_text(renewed(path.read_text("utf-8"), facts_of(asked_for())), "utf-8")


if __name__ == "__main__":
    main()
