"""The packs' examples, tried on the catalogue as it stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from policies.catalogue.content import digest_of
from policies.catalogue.packs.catalogue_pack import Packs
from policies.catalogue.packs.problem import Problems
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.read_edition import UNREADABLE, compile_edition

OF_THE_EDITION = (
    "effective_from", "notices", "places", "formulas", "criteria", "awards", "materials", "steps",
)  # fmt: skip


def try_examples(
    packs: Packs, contents: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact]
) -> tuple[int, list[str], list[str]]:
    """How many editions were tried, those that say otherwise than their pack, and what is wrong.

    What editors changed has left its examples behind; what is not published has none to try.
    """
    packed = {
        (pack.row["id"], content["effective_from"]): digest_of(content)
        for pack in packs.programmes
        for _, content in pack.editions
    }
    editions: list[Edition] = []
    passed_over: list[str] = []
    for data in contents:
        key = (data["id"], data["effective_from"])
        if key not in packs.examples.by_edition:
            continue
        own = digest_of({name: data[name] for name in OF_THE_EDITION if name in data})
        if own != packed[key]:
            passed_over.append(f"{key[0]} {key[1]} 版")
            continue
        try:
            editions.append(compile_edition(data, facts))
        except UNREADABLE:
            continue  # told by the check of the catalogue
    problems = Problems()
    packs.examples.run(editions, facts, problems, all_known=False)
    return len(editions), passed_over, [str(problem) for problem in problems]
