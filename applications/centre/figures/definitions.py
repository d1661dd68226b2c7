"""What each figure counts, in words, once for the page and the report."""

from applications.centre.figures.counted import CASES, LINES
from applications.centre.figures.steps import WORDS
from applications.centre.figures.tables import NONE_BEFORE

GENERAL = (
    (
        "日期",
        "都按北京时间，起止两天都算在内。上年同期是一年前的同一段日子，整月对整月，2 月 29 日也不漏不重。",
    ),
    (NONE_BEFORE, "上年同期一件（一项）也没有，不能比，不写成 0%。"),
    (
        "哪些地方",
        "按受理申报的县（市、区），只有所管的地区和下级；企业后来迁走的，仍算在受理的县。",
    ),
)


def definitions() -> list[tuple[str, str]]:
    """Title and words of each figure, then what holds for all."""
    return [
        *((each.title, each.words) for each in (*CASES, *LINES)),
        *WORDS.values(),
        *GENERAL,
    ]
