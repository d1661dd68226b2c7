"""One edition of a pack as content: shared criteria copied in, short forms written out."""

import re
from typing import Any, Protocol

from policies.catalogue.packs import schema
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping, Sequence
from policies.rules.awards import UNTITLED

Row = dict[str, Any]


class Checks(Protocol):
    problems: Problems

    def known(self, owner: Any, key: str, code: str | None, kind: str) -> None: ...


def edition_content_of(
    row: Mapping, shared: Mapping, checks: Checks, places: dict[str, list[Mapping]]
) -> Row:
    """The content of an edition; `places` receives the rows that its entries came from."""
    criteria = _criteria_rows(row, shared, checks)
    awards = schema.sound_rows(row, "awards", schema.AWARD, checks.problems)
    places |= {"criteria": criteria, "awards": awards}
    if row.get("places"):
        schema.check_row(row["places"], schema.PLACES, row, "places", checks.problems)
    return {
        "effective_from": row["effective_from"],
        "notices": list(row.get("notices") or ()),
        **({"places": dict(row["places"])} if row.get("places") else {}),
        "criteria": [_criterion(item, checks) for item in criteria],
        "awards": [_award(item, checks) for item in awards],
        "materials": _plain_rows(row, "materials", schema.MATERIAL, checks),
        "steps": _plain_rows(row, "steps", schema.STEP, checks),
    }


def _filled(row: Mapping, *left_out: str) -> Row:
    """The row without its empty keys: absent, null and empty mean the same."""
    return {
        key: value
        for key, value in row.items()
        if key not in left_out and value not in (None, "", [], False)
    }


def _plain_rows(owner: Mapping, key: str, shape: schema.Shape, checks: Checks) -> list[Row]:
    return [_filled(row) for row in schema.sound_rows(owner, key, shape, checks.problems)]


def _criteria_rows(row: Mapping, shared: Mapping, checks: Checks) -> list[Mapping]:
    found: list[Mapping] = []
    items = row.get("criteria") or Sequence()
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and "use" in item:
            rows = shared.get(item["use"]) if set(item) == {"use"} else None
            if not isinstance(rows, Sequence):
                known = "、".join(shared) or "（没有）"
                checks.problems.add(item, "use", f"应单独写，且为 shared_criteria 之一：{known}")
                continue
            for place, each in enumerate(rows):
                if schema.check_row(each, schema.CRITERION, rows, place, checks.problems):
                    found.append(each)
        elif schema.check_row(item, schema.CRITERION, items, index, checks.problems):
            found.append(item)
    return found


def _sources(row: Mapping, checks: Checks) -> list[Row]:
    rows = schema.sound_rows(row, "sources", schema.SOURCE, checks.problems)
    for source in rows:
        checks.known(source, "document", source["document"], "document")
    return [{"document": row["document"], "clause": row.get("clause") or ""} for row in rows]


def _criterion(row: Mapping, checks: Checks) -> Row:
    _check_reason(row, "reason", row.get("reason"), checks)
    for key in ("rule", "when"):
        _check_reasons(row, key, row.get(key), checks)
    content = _filled(row, "sources")
    sources = _sources(row, checks)
    return content | ({"sources": sources} if sources else {})


def _check_reason(owner: Mapping, key: str, reason: str | None, checks: Checks) -> None:
    """A reason is the code of a conflict, or a plain line of its own."""
    if reason and re.fullmatch(r"[A-Z]+\d+", reason):
        checks.known(owner, key, reason, "conflict")


def _check_reasons(owner: Any, key: Any, value: Any, checks: Checks) -> None:
    """A rule says what leaves it open as `reason` or `open: C39`."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in ("reason", "open") and isinstance(item, str):
                _check_reason(value, name, item, checks)
            _check_reasons(value, name, item, checks)
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            _check_reasons(value, index, item, checks)


def _award(row: Mapping, checks: Checks) -> Row:
    checks.known(row, "payer", row.get("payer"), "jurisdiction")
    checks.known(row, "same_money", row.get("same_money"), "conflict")
    content = _filled(row, "sources", "tranches", "title", "amount")
    content.setdefault("status", "published")
    rows = schema.sound_rows(row, "tranches", schema.TRANCHE, checks.problems)
    for owner in (row, *rows):
        for code in owner.get("conflicts") or ():
            checks.known(owner, "conflicts", code, "conflict")
    tranches = [
        {"title": UNTITLED} | _filled(tranche) | {"amount": tranche["amount"]} for tranche in rows
    ]
    if row.get("amount") is not None:
        tranches.append({"title": row.get("title") or UNTITLED, "amount": row["amount"]})
    if tranches:
        content["tranches"] = tranches
    sources = _sources(row, checks)
    if sources:
        content["sources"] = sources
    elif content["status"] in ("published", "to_verify"):
        checks.problems.add(row, "sources", "有金额的奖补应写明文件和条款")
    for name, shape in (("joint_cap", schema.JOINT_CAP), ("claw_back", schema.CLAW_BACK)):
        if name in content:
            schema.check_row(row[name], shape, row, name, checks.problems)
    if "unsplit" in content:
        schema.check_row(row["unsplit"], schema.UNSPLIT, row, "unsplit", checks.problems)
    for item in schema.sound_rows(row, "undecided", schema.UNDECIDED, checks.problems):
        _check_reason(item, "reason", item["reason"], checks)
    return content
