"""What a person typed, taken apart: amounts, numbers of documents, and words; pure Python.

What only makes a sentence of it, such as 怎么申请, asks for nothing; what every programme gives, such as
补贴, asks for little.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from policies.search.sounds import sounds_in
from policies.search.text import Run, normalised, runs
from portal.typed.numerals import numeral
from portal.typed.signs import UnreadError

# Said of any programme: taken away before anything is looked for.
_QUESTIONS = """
怎么申请 如何申请 怎样申请 怎么申报 如何申报 怎样申报 怎么办理 如何办理 怎样办理 怎么办 怎么领 怎么领取 怎么拿
怎么弄 怎么搞 怎么报 怎么做 怎么才能 怎么 如何 怎样 咋申请 咋办 咋弄 咋 申请条件 申报条件 认定条件 什么条件 哪些条件
需要什么条件 要什么条件 有什么条件 有哪些条件 条件是什么 条件 要求 申请材料 申报材料 需要什么材料 要什么材料
什么材料 哪些材料 需要哪些材料 材料 资料 流程 步骤 程序 在哪里办 在哪办 去哪里办 去哪办 到哪办 在哪里申请 在哪申请
去哪申请 哪里申请 在哪里 在哪 哪里 去哪 找谁 找哪个部门 哪个部门 什么部门 归谁管 谁管 谁负责 联系电话 电话
什么时候申请 什么时候申报 什么时候 啥时候 几月份 几月 截止时间 申报时间 申请时间 时间
多少钱 给多少钱 有多少钱 能给多少 能拿多少 能领多少 能拿到多少 给多少 拿多少 补多少 奖多少 多少 几万 几万块
有什么补贴 有哪些补贴 有没有补贴 有补贴吗 有什么奖励 有哪些奖励 有没有奖励 有什么政策 有哪些政策 有没有政策
有什么优惠 有哪些优惠 有什么支持 什么补贴 哪些补贴 什么政策 哪些政策 什么奖励 补贴政策 奖励政策 优惠政策 扶持政策
惠企政策 支持政策 相关政策 最新政策 新政策 政策文件 政策 有什么 有哪些 有没有 是什么意思 什么意思 是什么 是啥 什么 哪些 哪个 哪家 啥 谁
可以申请 可以申报 可以享受 可以拿 可以 能申请 能申报 能享受 能不能 能否 能拿 能领 能办 是否 是不是 想申请 想要 想办 想 要办 需要
申请 申报 办理 领取 享受 符合 请问 请教 咨询一下 咨询 了解 查询 查一下 一下 我们公司 我们企业 我们厂 我公司 我单位 我们 我家 我的 我 你们 你好
本公司 本企业 本单位 没有 这样 那样 今年 明年 去年 现在 目前 最近 最新 刚刚 刚 已经 准备 打算 关于 有关 相关 方面 的话 如果 以后 之后 怎么样 好不好
"""
# Said of nearly any programme: it counts, but nothing has to have it where more was typed.
_GENERAL = """
补贴 补助 奖励 奖补 奖金 奖 扶持资金 扶持 资金 资助 支持 优惠 项目 钱 费用 公司 企业 厂 厂子 工厂 单位 中小企业 小企业 小微企业 中小微企业 国家 政府
"""
# Who asks so wants to speak to somebody, whatever else was found.
_ASKS_WHOM = [
    "电话",
    "号码",
    "联系方式",
    "联系人",
    "怎么联系",
    "联系谁",
    "找谁",
    "问谁",
    "打给谁",
    "哪个部门",
    "什么部门",
    "归谁管",
    "谁管",
    "谁负责",
]
QUESTIONS, GENERAL = tuple(_QUESTIONS.split()), tuple(_GENERAL.split())
# Signs that make sentences; what holds none of the catalogue's words is not looked for in them.
_PARTICLES = set("拿领我你他她它们有没想要给能可以是在去到对为把和与及还都个些这那也吗呢的了啊吧呀嘛做办搞请问怎么什如何哪里谁多少几得着过被让就才又再很太最不地于之其或并而且但若该每各另等向从由用按跟后前时候麼嗎個們這還請問與爲")  # fmt: skip

_NUMERALS = "零一二两三四五六七八九十百千"
_AMOUNT = re.compile(
    rf"((?:\d[\d,]*(?:\.\d+)?|[{_NUMERALS}]+)(?: ?[千百])?) ?(亿元?|万(?:块钱?|元)?|元|块钱?"
    r"|w(?:an(?:yuan)?)?(?![a-z0-9]))"
)
_DOCUMENT = re.compile(
    r"(?:[〔\[(【] ?((?:19|20)\d\d) ?[〕\])】]|((?:19|20)\d\d) ?年?) ?第? ?(\d{1,4}) ?号(?:文件|文)?"
    r"|[〔\[(【] ?((?:19|20)\d\d) ?[〕\])】] ?第? ?(\d{1,4})"
    r"|(\d{1,4}) ?号(?:文件|文)"
)


@dataclass(frozen=True)
class Question:
    """`amounts` are 万元; `documents` year and number, the year empty where nobody typed one;
    `words` are the runs of each word between spaces, without all these."""

    amounts: tuple[Decimal, ...]
    documents: tuple[tuple[str, str], ...]
    words: tuple[tuple[Run, ...], ...]


def read_question(typed: str) -> Question:
    text = normalised(typed)
    documents = []
    for found in _DOCUMENT.finditer(text):
        years, numbers = found.group(1, 2, 4), found.group(3, 5, 6)
        documents.append(("".join(filter(None, years)), "".join(filter(None, numbers))))
    text = _DOCUMENT.sub(" ", text)
    amounts, rest = _without_amounts(text)
    words = tuple(found for word in rest.split() if (found := tuple(runs(word))))
    return Question(tuple(amounts), tuple(documents), words)


def asks_whom(typed: str) -> bool:
    """Whether a telephone, or an office, is asked for."""
    text = normalised(typed).replace(" ", "")
    return any(words in text for words in _ASKS_WHOM)


def amounts_in(text: str) -> set[Decimal]:
    """What a normalised text prints, 万元."""
    return set(_without_amounts(text)[0])


def _without_amounts(text: str) -> tuple[list[Decimal], str]:
    amounts: list[Decimal] = []

    def taken(found: re.Match[str]) -> str:
        amount = _in_ten_thousands(found[1].replace(" ", ""), found[2])
        if amount is None:
            return found[0]
        amounts.append(amount)
        return " "

    return amounts, _AMOUNT.sub(taken, text)


def _in_ten_thousands(digits: str, unit: str) -> Decimal | None:
    """None for what is no number after all, and for what is no round sum of money."""
    size = {"亿": 10**8, "万": 10**4, "w": 10**4}.get(unit[0], 1)
    try:
        value: Fraction = numeral(digits).value * size / 10**4
    except UnreadError:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.normalize() if value and Fraction(exact) == value else None


# --- words in a run -------------------------------------------------------------------------

# A syllable that was typed as letters stands for any sign that sounds so.
HEARD = "~"


class Phrases:
    """Words to be found in runs, each with what it means; the longest that fits counts."""

    def __init__(self, meanings: Iterable[tuple[str, object]]) -> None:
        self._by_first: dict[str, list[tuple[Run, tuple[str, ...], object]]] = {}
        for word, meaning in meanings:
            for run in runs(normalised(word))[:1]:
                sounds = tuple(sounds_in(run))
                entry = (run, sounds, meaning)
                for first in {run[0], HEARD + sounds[0]}:
                    self._by_first.setdefault(first, []).append(entry)
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def at(self, run: Run, place: int) -> tuple[int, object] | None:
        """Where the longest word that begins at `place` ends, and its meaning."""
        for signs, sounds, meaning in self._by_first.get(run[place], ()):
            end = place + len(signs)
            if end <= len(run) and all(map(_fits, run[place:end], signs, sounds)):
                return end, meaning
        return None


def _fits(unit: str, sign: str, sound: str) -> bool:
    return unit == sign or unit == HEARD + sound


def is_particle(unit: str) -> bool:
    return unit in _PARTICLES
