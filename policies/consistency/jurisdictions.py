"""A programme's area agrees with those who pay for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem

# The levels of the GB/T 2260 tree that may pay an award of each level.
PAYING = {
    "national": ("nation",),
    "province": ("province",),
    "city": ("city",),
    "county": ("county",),
    "local": ("city", "county"),
}


@dataclass(frozen=True)
class Place:
    """A jurisdiction of the GB/T 2260 tree."""

    code: str
    name: str
    level: str
    parent: str | None


Places = Mapping[str, Place]


def check_jurisdictions(checked: CheckedEdition, places: Places) -> Iterator[Problem]:
    area = places.get(checked.edition.area)
    if area is None:
        yield checked.problem("", f"适用地区 {checked.edition.area} 不在行政区划里")
        return
    for name, _, award in checked.awards():
        if award.payer is None:
            continue
        payer = places.get(award.payer)
        if payer is None:
            yield checked.problem(name, f"支付地区 {award.payer} 不在行政区划里")
        elif not (_is_within(payer, area, places) or _is_within(area, payer, places)):
            yield checked.problem(name, f"支付地区{payer.name}与适用地区{area.name}不在同一条线上")
        elif payer.level not in PAYING[award.level]:
            yield checked.problem(name, f"奖补级别与支付地区{payer.name}的级别不一致")


def _is_within(place: Place, whole: Place, places: Places) -> bool:
    """Whether `place` is `whole` or lies below it."""
    step: Place | None = place
    for _ in places:
        if step is None or step == whole:
            break
        step = places.get(step.parent or "")
    return step == whole
