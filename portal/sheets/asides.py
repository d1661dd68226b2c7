"""Rows beside the data of a list: totals and notes, known by how they begin."""

import re

from portal.sheets.reading import Row

IS_TOTAL, IS_NOTE = "合计", "说明"

_SUM = "(?:小计|合计|总计|共计|累计|总合计)"
# In the first cells, without white space: 合计, 沁水县小计, 合计（5家）, 共5家.
_TOTAL = re.compile(
    rf".{{0,12}}{_SUM}([:：（(].*)?|共\d+[家户项行件个].*|(人民币)?[（(]?大写[)）]?[:：].*"
)
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
# 审核人：李四, 成功笔数：2, 经办人（签字）：, 第 2 页 共 3 页: what stands around a list in several cells.
_LABEL = re.compile(
    r"[\u4e00-\u9fff]{2,10}([（(][\u4e00-\u9fff]{1,6}[)）])?[:：].*|第\d+页.*|共\d+页"
)
# What tells that a row is no part of what the list grants, in columns that nobody reads.
_NEGATED = re.compile(
    "(评审|审核|审查|复核|核查|专家|初审|终审|最终|建议|拟|已|予以|主动|自愿|企业)*"
    "((不|未|没有)(予|能|获|获得)?(以)?"
    "(通过|认定|合格|达标|入选|支持|推荐|公示|批准|同意|受理|立项|兑现|发放|拨付|符合)|不予|落选|淘汰"
    "|否决|取消|撤销|撤回|放弃|退出|终止|暂缓|吊销|注销|剔除)(?!.*(情形|情况)).{0,12}"
)
_JUDGED = re.compile("认定|通过|入选|支持|公示|推荐|合格|符合|评审|审核|结论")
_NO = {"否", "不", "×", "X", "x", "✗", "✘", "N", "NO", "No"}
_LEFT = re.compile("^(未|待)(付|拨|发|支付|拨付|发放|兑付)")
_COUNT = re.compile(r"[（(]?\d{1,4}[家户](企业)?[)）]?")
_AMOUNT = re.compile(r"[\d,.]+(万?元)?")
_ORDINAL = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．]?")
_PLACE = re.compile(r".{1,10}([省市县旗州盟]|(?<![景厂校社园小库])区)([（(].*)?[:：]?")
# What heads a part of a list: 一、沁水县（3家）, （二）阳城县.
_SECTION = re.compile(
    r"([（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．]).*"
)


def aside_of(row: Row) -> str:
    """IS_TOTAL or IS_NOTE; empty where the row is neither."""
    if is_total(row):
        return IS_TOTAL
    # A title may have the unit or the day beside it.
    others = [text for text in _texts(row) if not _is_note(text) and not _LABEL.fullmatch(text)]
    is_section = heads_a_part(row)
    return IS_NOTE if len(others) <= 1 or begins_as_note(row) or is_section else ""


def is_total(row: Row) -> bool:
    """Whether one of its first two texts says so, or any text and nothing else; or a place and how
    many it has: 沁水县, 3家.
    """
    texts = _texts(row)
    place = 1 if texts[:1] and _ORDINAL.fullmatch(texts[0]) else 0
    if _PLACE.fullmatch("".join(texts[place : place + 1])) and _COUNT.fullmatch(
        "".join(texts[place + 1 : place + 2])
    ):
        return True
    return any(_TOTAL.fullmatch(text) for text in texts[:2]) or any(
        _TOTAL_ANYWHERE.fullmatch(text) for text in texts
    )


def is_negated(header: str, text: str) -> bool:
    """Whether a cell beside the data says that its row may not count: 不通过, 取消资格, 未付 20."""
    plain, above = "".join(text.split()), "".join(header.split())
    if _LEFT.search(above):
        return bool(re.search("[1-9]", plain))
    is_no = bool(_JUDGED.search(above)) and plain in _NO
    return is_no or bool(_NEGATED.fullmatch(plain))


def begins_as_note(row: Row) -> bool:
    """Whether its first text says so."""
    return any(_NOTE.fullmatch(text) for text in _texts(row)[:1])


def heads_a_part(row: Row) -> bool:
    """Whether it is a place after its Chinese number in a cell of its own, and its sums: 一, 沁水县, 3家."""
    ordinal, place, *sums = [*_texts(row), "", ""]
    return bool(
        _ORDINAL.fullmatch(ordinal)
        and _PLACE.fullmatch(place)
        and all(not text or _COUNT.fullmatch(text) or _AMOUNT.fullmatch(text) for text in sums)
    )


def is_line(row: Row, usual: str = "") -> bool:
    """Whether it is a text alone that is a note, a signature, or heads what follows, in any column;
    or several that each say what they are: 制表人：甲, 审核人：乙. `usual` are the kinds of cells in
    the headers: what is merged as they are is no line across.
    """
    texts = _texts(row)
    if len(texts) != 1:
        return heads_a_part(row) or all(_LABEL.fullmatch(text) for text in texts)
    is_across = "mm" in row.kinds and row.kinds != usual  # merged over three columns or more
    return is_across or _is_note(texts[0]) or bool(_SECTION.fullmatch(texts[0]))


def _is_note(text: str) -> bool:
    return bool(_NOTE.fullmatch(text) or _SIGNED.fullmatch(text))


def _texts(row: Row) -> list[str]:
    return ["".join(cell.split()) for cell in row.cells if cell]
