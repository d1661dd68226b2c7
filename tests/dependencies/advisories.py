"""Checks every pinned version against a list of known faults, without asking anybody.

    python -m tests.dependencies.advisories FOLDER

The folder holds what osv.dev publishes: for each of PyPI and npm all entries, as the zip of that
ecosystem or unpacked. Ends with 0 when nothing is affected, 1 when something is, and 2 when the list
cannot be relied on: empty, old, or unreadable.
"""

import argparse
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from semver import Version as SemanticVersion

from tests.dependencies.pins import NPM, PYPI, Pin, pins

# OSV adds and changes entries every day.
OLD_AFTER = timedelta(days=14)
# Clocks differ; a list from tomorrow would never be old.
AHEAD = timedelta(days=1)
GET_ONE = (
    "请在能上网的机器上打开 osv.dev 的说明（Data dumps 一节），下载 PyPI 和 npm 两个目录里的 all.zip，"
    "放到 {folder} 里，文件名不限。"
)
EMPTY = "漏洞名单里没有 {ecosystem} 的条目。"
OLD = "漏洞名单里 {ecosystem} 的条目最新是 {day}，已超过 {days} 天。"
AHEAD_OF_TIME = "漏洞名单里 {ecosystem} 的条目写着 {day}，比现在还晚，请核对这台机器的时钟。"
UNREADABLE = "漏洞名单里的 {name} 读不懂：{why}。"
NO_VERSION = "漏洞名单里 {name} 的版本号 {version} 看不懂，不知道是否涉及 {package}。"
# At one version: what was mended there may come back there, what ends there began before.
KINDS = ("fixed", "introduced", "last_affected")

# As reviewed entries have it in a word, the worst first.
SEVERITIES = {"CRITICAL": "严重", "HIGH": "高危", "MODERATE": "中危", "LOW": "低危"}

# Before any version, one before its release too.
EVER = "0"

Parse = Callable[[str], Any]


class ListError(Exception):
    """The list cannot be relied on; the message says why, in Chinese."""


class _VersionError(ValueError):
    """A version that its ecosystem does not know; the message is the version."""


@dataclass
class Advisories:
    """The entries that speak of a wanted package, and when each ecosystem was last changed."""

    entries: dict[tuple[str, str], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    newest: dict[str, datetime] = field(default_factory=dict)
    count: int = 0


@dataclass(frozen=True)
class Finding:
    """A fault of a pinned version; several databases may tell of the same one, each by a number of
    its own."""

    pin: Pin
    advisory: str
    summary: str
    severity: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        severity = f"（{self.severity}）" if self.severity else ""
        fixed = f"已在 {'、'.join(self.fixed)} 修复" if self.fixed else "还没有修复的版本"
        return f"{self.pin.name} {self.pin.version}（{self.pin.file}）：{self.advisory}{severity} {self.summary}；{fixed}"


def read_list(folder: Path, wanted: set[tuple[str, str]]) -> Advisories:
    """What the folder says of the wanted packages, each an ecosystem and a name; ListError."""
    read = Advisories()
    for name, content in _files(folder):
        try:
            entry = orjson.loads(content)
            modified = datetime.fromisoformat(entry["modified"]).astimezone(UTC)
            packages = {_key(each["package"]) for each in _affected(entry)}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ListError(UNREADABLE.format(name=name, why=error)) from error
        read.count += 1
        for ecosystem, _ in packages:
            read.newest[ecosystem] = max(modified, read.newest.get(ecosystem, modified))
        for key in packages & wanted:
            read.entries[key].append(entry)
    return read


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    try:
        paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        for path in paths:
            if path.suffix == ".json":
                yield path.name, path.read_bytes()
            elif path.suffix == ".zip":
                with zipfile.ZipFile(path) as packed:
                    for name in packed.namelist():
                        if name.endswith(".json"):
                            yield f"{path.name}/{name}", packed.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise ListError(UNREADABLE.format(name=folder, why=error)) from error


def _affected(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What is affected within a registry; of a source tree without one there is no package."""
    return [each for each in entry.get("affected") or () if each.get("package")]


def _key(package: dict[str, str]) -> tuple[str, str]:
    ecosystem = package["ecosystem"].partition(":")[0]
    name = package["name"]
    return ecosystem, canonicalize_name(name) if ecosystem == PYPI else name


def check_list(read: Advisories, now: datetime, ecosystems: set[str]) -> None:
    """ListError where it says nothing of an ecosystem, or nothing new."""
    for ecosystem in sorted(ecosystems):
        newest = read.newest.get(ecosystem)
        if newest is None:
            raise ListError(EMPTY.format(ecosystem=ecosystem))
        day = newest.date().isoformat()
        if newest > now + AHEAD:
            raise ListError(AHEAD_OF_TIME.format(ecosystem=ecosystem, day=day))
        if newest < now - OLD_AFTER:
            raise ListError(OLD.format(ecosystem=ecosystem, day=day, days=OLD_AFTER.days))


def findings(pinned: list[Pin], read: Advisories) -> list[Finding]:
    """What is affected, by package; entries that were withdrawn say nothing. ListError."""
    found = []
    for pin in sorted(pinned):
        hits = []
        for entry in read.entries.get((pin.ecosystem, pin.name), ()):
            if entry.get("withdrawn"):
                continue
            about = [
                each
                for each in _affected(entry)
                if _key(each["package"]) == (pin.ecosystem, pin.name)
            ]
            try:
                hit = [each for each in about if is_affected(pin, each)]
                fixed = {text for each in hit for text in _fixed_after(pin, each)}
            except _VersionError as error:
                raise ListError(
                    NO_VERSION.format(name=entry["id"], version=error, package=pin.name)
                ) from error
            if hit:
                hits.append((entry, fixed))
        found += [_told(pin, same) for same in _same_faults(hits)]
    return found


Hit = tuple[dict[str, Any], set[str]]


def _same_faults(hits: list[Hit]) -> list[list[Hit]]:
    """Entries that are one another's aliases, or have one in common, together."""
    groups: list[tuple[set[str], list[Hit]]] = []
    for hit in hits:
        names, members = {hit[0]["id"], *(hit[0].get("aliases") or ())}, [hit]
        for group in [each for each in groups if each[0] & names]:
            groups.remove(group)
            names, members = group[0] | names, group[1] + members
        groups.append((names, members))
    return [members for _, members in groups]


def _told(pin: Pin, hits: list[Hit]) -> Finding:
    entries = [entry for entry, _ in hits]
    # A title, where one of them has one.
    texts = [entry.get("summary") or "" for entry in entries] + [
        entry.get("details") or "" for entry in entries
    ]
    summary = next((text for text in texts if text), "")[:100]
    words = [str((entry.get("database_specific") or {}).get("severity")) for entry in entries]
    severity = next((SEVERITIES[word] for word in SEVERITIES if word in words), "")
    numbers = "、".join(sorted(entry["id"] for entry in entries))
    fixed = {text for _, mended in hits for text in mended}
    return Finding(pin, numbers, " ".join(summary.split()), severity, tuple(sorted(fixed)))


def is_affected(pin: Pin, affected: dict[str, Any]) -> bool:
    """Whether a version is listed, or lies in a range; as the OSV schema says under Evaluation."""
    parse = PARSE[pin.ecosystem]
    version = parse(pin.version)
    if any(_is_same(text, version, parse) for text in affected.get("versions") or ()):
        return True
    ranges = [each for each in affected.get("ranges") or () if each["type"] != "GIT"]
    return any(_lies_in(version, each["events"], parse) for each in ranges)


def _lies_in(version: Any, events: list[dict[str, str]], parse: Parse) -> bool:
    limits = [each["limit"] for each in events if "limit" in each]
    if limits and not any(limit == "*" or version < parse(limit) for limit in limits):
        return False
    steps = [
        (parse(text), KINDS.index(kind))
        for each in events
        for kind, text in each.items()
        if kind in KINDS and text != EVER
    ]
    inside = any(each.get("introduced") == EVER for each in events)
    for at, kind in sorted(steps):
        if KINDS[kind] == "introduced":
            inside = inside or version >= at
        elif version > at or (KINDS[kind] == "fixed" and version == at):
            inside = False
    return inside


def _is_same(text: str, version: Any, parse: Parse) -> bool:
    try:
        return bool(parse(text) == version)
    except _VersionError:
        return False  # what is pinned was read, so it is another one


def _fixed_after(pin: Pin, affected: dict[str, Any]) -> Iterator[str]:
    parse = PARSE[pin.ecosystem]
    for each in affected.get("ranges") or ():
        for event in each["events"] if each["type"] != "GIT" else ():
            if "fixed" in event and parse(event["fixed"]) > parse(pin.version):
                yield event["fixed"]


def _python_version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise _VersionError(text) from error


def _semantic_version(text: str) -> SemanticVersion:
    try:
        return SemanticVersion.parse(text.removeprefix("v"), optional_minor_and_patch=True)
    except ValueError as error:
        raise _VersionError(text) from error


PARSE: dict[str, Parse] = {PYPI: _python_version, NPM: _semantic_version}


def main() -> int:
    parser = argparse.ArgumentParser(description="用下载好的漏洞名单核对所有锁定的版本，不上网。")
    parser.add_argument("folder", type=Path, help="放名单的文件夹，或一个 zip 文件")
    folder = parser.parse_args().folder
    pinned = pins()
    wanted = {(pin.ecosystem, pin.name) for pin in pinned}
    try:
        read = read_list(folder, wanted)
        check_list(read, datetime.now(UTC), {ecosystem for ecosystem, _ in wanted})
        found = findings(pinned, read)
    except ListError as error:
        print(f"没有核对：{error}{GET_ONE.format(folder=folder)}", file=sys.stderr)
        return 2
    days = "，".join(f"{name} 最新 {day.date()}" for name, day in sorted(read.newest.items()) if name in PARSE)  # fmt: skip
    print(f"用 {read.count} 条漏洞（{days}）核对了 {len(pinned)} 个版本，涉及 {len(found)} 个。")
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
