"""The real catalogue, read once for all tests that need no database."""

from functools import cache
from pathlib import Path

import yaml

from policies.packs import Packs, read_packs
from policies.rules.edition import Edition
from policies.rules.facts import Fact

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DATA = Path(__file__).resolve().parent / "data"


@cache
def catalogue() -> Packs:
    return read_packs(FIXTURES)


@cache
def facts() -> dict[str, Fact]:
    return catalogue().facts


@cache
def editions() -> tuple[Edition, ...]:
    """The compiled editions of all screened programmes."""
    return catalogue().compiled()


def read_data(name: str) -> dict:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
