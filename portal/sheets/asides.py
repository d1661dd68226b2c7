"""Rows beside the data of a list: totals and notes, known by how they begin."""

import re

from portal.sheets.reading import Row

IS_TOTAL, IS_NOTE = "合计", "说明"

_SUM = "(?:小计|合计|总计|共计|累计|总合计)"
# In the first cells, without white space: 合计, 沁水县小计, 合计（5家）, 共5家.
_TOTAL = re.compile(rf".{{0,12}}{_SUM}([:：（(].*)?|共\d+[家户项行件个].*")
# The same in any cell, where it says nothing else.
_TOTAL_ANYWHERE = re.compile(rf"[（(]?{_SUM}[)）]?[:：]?")
# 注：…, 附件2, 制表人：甲; but not a firm whose name begins like one of them.
_NOTE = re.compile(
    r"(注|备注|说明|附件|附表|附注)\d*([:：、.．（(].*)?"
    r"|(制表|填表|填报|审核|复核|经办|联系|咨询|监督|举报)(人|单位|部门|日期|时间|电话)?([:：].*)?"
    r"|(金额)?单位[:：].*|校验码.*|(以上|以下|上述).*|[（(]?(此页|以下)无正文[)）]?|[*※★].*"
)
# The office that signs a list, and the day.
_SIGNED = re.compile(
    r".{2,25}(局|委员会|厅|人民政府|办公室|领导小组|中心)(（盖?章）)?"
    r"|(\d{4}|[二〇零○一三四五六七八九]{4})[年./-].{1,3}[月./-].{1,3}日?"
)
# What heads a part of a list: 一、沁水县（3家）, （二）阳城县.
_SECTION = re.compile(
    r"([（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．]).*"
)


def aside_of(row: Row) -> str:
    """IS_TOTAL or IS_NOTE; empty where the row is neither."""
    if is_total(row):
        return IS_TOTAL
    # A title may have the unit or the day beside it.
    others = [text for text in _texts(row) if not _is_note(text)]
    return IS_NOTE if len(others) <= 1 or begins_as_note(row) else ""


def is_total(row: Row) -> bool:
    """Whether one of its first two texts says so, or any text and nothing else."""
    texts = _texts(row)
    return any(_TOTAL.fullmatch(text) for text in texts[:2]) or any(
        _TOTAL_ANYWHERE.fullmatch(text) for text in texts
    )


def begins_as_note(row: Row) -> bool:
    """Whether its first text says so."""
    return any(_NOTE.fullmatch(text) for text in _texts(row)[:1])


def is_line(row: Row) -> bool:
    """Whether it is a text alone that is a note, a signature, or heads what follows, in any column."""
    texts = _texts(row)
    if len(texts) != 1:
        return False
    is_across = "mm" in row.kinds  # merged over three columns or more
    return is_across or _is_note(texts[0]) or bool(_SECTION.fullmatch(texts[0]))


def _is_note(text: str) -> bool:
    return bool(_NOTE.fullmatch(text) or _SIGNED.fullmatch(text))


def _texts(row: Row) -> list[str]:
    return ["".join(cell.split()) for cell in row.cells if cell]
