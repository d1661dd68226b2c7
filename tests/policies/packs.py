"""The real catalogue, read once for all tests that need no database."""

from functools import cache
from pathlib import Path

import yaml

from policies.packs import Packs, read_packs
from policies.rules.edition import Edition

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DATA = Path(__file__).resolve().parent / "data"


@cache
def packs() -> Packs:
    return read_packs(FIXTURES)


@cache
def editions() -> tuple[Edition, ...]:
    return packs().compiled()


def read_data(name: str) -> dict:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
