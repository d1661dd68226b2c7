"""What stands around the rows on paper: as a list of the site, or as an office hands it on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from portal.lists.about import UNIT, About
from portal.lists.canonical import CHECKSUM, clean_text

STAMP = ("制表单位（盖章处）：", "负责人：")
NO_DAY = "　　　　年　　月　　日"


@dataclass(frozen=True)
class Paper:
    """A list as an office hands it on: who draws it up, what the sum is in words, who signs.

    `in_words` gets the totals by header. What tells where the list came from stands small below.
    """

    issuer: str
    signs: Sequence[str]
    in_words: Callable[[Mapping[str, Decimal | int]], str]


@dataclass(frozen=True)
class Line:
    """A line of text from left to right, of an even share of the width each; `is_tall`: to be signed."""

    parts: Sequence[str]
    is_tall: bool = False
    is_small: bool = False


def above(paper: Paper | None, about: About, *, holds_money: bool) -> list[Line]:
    """The lines between the title and the headers."""
    if paper is None:
        return [Line([about.made(holds_money=holds_money)]), Line([about.chosen])]
    day = f"{timezone.localtime(about.made_at):%Y-%m-%d}"
    unit = [f"单位：{UNIT}"] if holds_money else []
    issuer = f"编制单位：{clean_text(paper.issuer)}"
    return [Line([issuer, day, *unit])]


def below(
    paper: Paper | None,
    about: About,
    totals: Mapping[str, Decimal | int],
    checksum: str,
    day: str = NO_DAY,
) -> list[Line]:
    """The lines under the totals; `day` is that of the signature, to be written by hand as a rule."""
    tells = f"{CHECKSUM}：{checksum}"
    if paper is None:
        return [Line([tells]), Line([*STAMP, f"日期：{day}"], is_tall=True)]
    source = f"{about.made(holds_money=False)}　{about.chosen}"
    words = paper.in_words(totals)
    return [
        *([Line([words])] if words else []),
        Line([f"{sign}：" for sign in paper.signs], is_tall=True),
        Line([source], is_small=True),
        Line([tells], is_small=True),
    ]
