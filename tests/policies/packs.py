"""The real catalogue, read once for all tests that need no database."""

from functools import cache
from pathlib import Path

import yaml

from policies.packs.catalogue_pack import CataloguePack, read_catalogue
from policies.rules.edition import Edition, compile_edition
from policies.rules.facts import Fact

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DATA = Path(__file__).resolve().parent / "data"


@cache
def catalogue() -> CataloguePack:
    return read_catalogue(FIXTURES)


@cache
def facts() -> dict[str, Fact]:
    return {row["key"]: Fact.from_data(row) for row in catalogue().facts}


@cache
def editions() -> tuple[Edition, ...]:
    """The compiled editions of all screened programmes."""
    return tuple(
        compile_edition(
            {**programme.row, "family": programme.family, "effective_from": row["effective_from"]}
            | content,
            facts(),
        )
        for programme in catalogue().programmes
        if programme.row["screened"]
        for row, content in programme.editions
    )


def read_data(name: str) -> dict:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
