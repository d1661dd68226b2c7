"""Rows beside the data of a list: totals and notes, known by how they begin."""

import re

from portal.sheets.reading import Row

IS_TOTAL, IS_NOTE = "合计", "说明"

# In the first cells, without white space: 合计, 沁水县小计, 合计（5家）, 共5家.
_TOTAL = re.compile(r".{0,12}(小计|合计|总计|共计|累计)([:：（(].*)?|共\d+[家户项行件个].*")
# 注：…, 附件2, 制表人：甲; but not a firm whose name begins like one of them.
_NOTE = re.compile(
    r"(注|备注|说明|附件|附表|附注)\d*([:：、.．（(].*)?"
    r"|(制表|填表|填报|审核|复核|经办|联系)(人|单位|日期|时间)?([:：].*)?"
    r"|单位[:：].*|校验码.*"
)


def aside_of(row: Row) -> str:
    """IS_TOTAL or IS_NOTE; empty where the row is neither."""
    if is_total(row):
        return IS_TOTAL
    texts = _texts(row)
    return IS_NOTE if len(texts) == 1 or begins_as_note(row) else ""


def is_total(row: Row) -> bool:
    """Whether one of its first two texts says so."""
    return any(_TOTAL.fullmatch(text) for text in _texts(row)[:2])


def begins_as_note(row: Row) -> bool:
    """Whether its first text says so."""
    return any(_NOTE.fullmatch(text) for text in _texts(row)[:1])


def _texts(row: Row) -> list[str]:
    return ["".join(cell.split()) for cell in row.cells if cell]
