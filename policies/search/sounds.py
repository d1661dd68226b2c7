"""How Chinese sounds: pinyin as people type and confuse it, initials, and the order of names.

Sounds are folded: Shanxi speaks -n and -ng, z and zh alike, and who types what he hears means the same.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from policies.search.text import is_chinese

# Cities and counties of Shanxi, each read by hand: of 长治, 繁峙, 洪洞 and 尧都 the dictionary is wrong.
# 解州 is Xièzhōu in books and Hàizhōu to those who live there.
PLACES = {
    "太原": ("tai yuan",), "大同": ("da tong",), "阳泉": ("yang quan",), "长治": ("chang zhi",),
    "晋城": ("jin cheng",), "朔州": ("shuo zhou",), "晋中": ("jin zhong",), "运城": ("yun cheng",),
    "忻州": ("xin zhou",), "临汾": ("lin fen",), "吕梁": ("lv liang",), "山西": ("shan xi",),
    "清徐": ("qing xu",), "阳曲": ("yang qu",), "娄烦": ("lou fan",), "古交": ("gu jiao",),
    "浑源": ("hun yuan",), "灵丘": ("ling qiu",), "广灵": ("guang ling",), "天镇": ("tian zhen",),
    "左云": ("zuo yun",), "云冈": ("yun gang",), "盂县": ("yu xian",), "平定": ("ping ding",),
    "长子": ("zhang zi",), "壶关": ("hu guan",), "黎城": ("li cheng",), "襄垣": ("xiang yuan",),
    "武乡": ("wu xiang",), "沁县": ("qin xian",), "沁源": ("qin yuan",), "屯留": ("tun liu",),
    "潞城": ("lu cheng",), "潞州": ("lu zhou",), "平顺": ("ping shun",), "上党": ("shang dang",),
    "沁水": ("qin shui",), "阳城": ("yang cheng",), "陵川": ("ling chuan",), "泽州": ("ze zhou",),
    "高平": ("gao ping",), "应县": ("ying xian",), "右玉": ("you yu",), "怀仁": ("huai ren",),
    "山阴": ("shan yin",), "平鲁": ("ping lu",), "榆次": ("yu ci",), "榆社": ("yu she",),
    "左权": ("zuo quan",), "和顺": ("he shun",), "昔阳": ("xi yang",), "寿阳": ("shou yang",),
    "太谷": ("tai gu",), "祁县": ("qi xian",), "平遥": ("ping yao",), "灵石": ("ling shi",),
    "介休": ("jie xiu",), "盐湖": ("yan hu",), "临猗": ("lin yi",), "万荣": ("wan rong",),
    "闻喜": ("wen xi",), "稷山": ("ji shan",), "新绛": ("xin jiang",), "绛县": ("jiang xian",),
    "垣曲": ("yuan qu",), "夏县": ("xia xian",), "平陆": ("ping lu",), "芮城": ("rui cheng",),
    "永济": ("yong ji",), "河津": ("he jin",), "解州": ("xie zhou", "hai zhou"),
    "忻府": ("xin fu",), "定襄": ("ding xiang",), "五台": ("wu tai",), "代县": ("dai xian",),
    "繁峙": ("fan shi",), "宁武": ("ning wu",), "静乐": ("jing le",), "神池": ("shen chi",),
    "五寨": ("wu zhai",), "岢岚": ("ke lan",), "河曲": ("he qu",), "保德": ("bao de",),
    "偏关": ("pian guan",), "原平": ("yuan ping",), "尧都": ("yao du",), "曲沃": ("qu wo",),
    "翼城": ("yi cheng",), "襄汾": ("xiang fen",), "洪洞": ("hong tong",), "古县": ("gu xian",),
    "安泽": ("an ze",), "浮山": ("fu shan",), "吉县": ("ji xian",), "乡宁": ("xiang ning",),
    "大宁": ("da ning",), "隰县": ("xi xian",), "永和": ("yong he",), "蒲县": ("pu xian",),
    "汾西": ("fen xi",), "侯马": ("hou ma",), "霍州": ("huo zhou",), "离石": ("li shi",),
    "文水": ("wen shui",), "交城": ("jiao cheng",), "兴县": ("xing xian",), "临县": ("lin xian",),
    "柳林": ("liu lin",), "石楼": ("shi lou",), "岚县": ("lan xian",), "方山": ("fang shan",),
    "中阳": ("zhong yang",), "交口": ("jiao kou",), "孝义": ("xiao yi",), "汾阳": ("fen yang",),
}  # fmt: skip
# What the dictionary reads otherwise than the words of policies.
WORDS = {"市长": ("shi zhang",), "规上": ("gui shang",), "降本": ("jiang ben",)}
OWN = PLACES | WORDS
_NASAL = re.compile(r"(?<=[aeiou])ng$")


def folded(syllable: str) -> str:
    """A syllable of pinyin without what is confused: nasals, and the tongue of z, c and s."""
    plain = syllable.replace("ü", "v").replace("lue", "lve").replace("nue", "nve")
    if plain[:2] in ("zh", "ch", "sh"):
        plain = plain[0] + plain[2:]
    return _NASAL.sub("n", plain)


@lru_cache(maxsize=100_000)
def sounds_of(signs: str) -> tuple[str, ...]:
    """Each way in which Chinese signs sound, folded, with a space between syllables."""
    if signs in OWN:
        return tuple(_folded(reading) for reading in OWN[signs])
    return (" ".join(map(folded, lazy_pinyin(signs))),)


def _folded(reading: str) -> str:
    return " ".join(map(folded, reading.split()))


def _own_readings(signs: Sequence[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Where two neighbours have a reading of their own, and that reading."""
    for place in range(len(signs) - 1):
        if read := OWN.get(signs[place] + signs[place + 1]):
            first, second = read[0].split()
            yield place, (first, second)


def sounds_in(run: Sequence[str]) -> list[str]:
    """The sound of each unit of a run, in its neighbourhood; letters sound as they are."""
    found = [_sound(unit) if is_chinese(unit) else unit for unit in run]
    for place, pair in _own_readings(run):
        found[place : place + 2] = map(folded, pair)
    return found


@lru_cache(maxsize=10_000)
def _sound(sign: str) -> str:
    return folded(lazy_pinyin(sign)[0])


@lru_cache(maxsize=20_000)
def initials_of(signs: str) -> str:
    """xsg of 小升规; of signs that are not Chinese the signs themselves."""
    letters = lazy_pinyin(signs, style=Style.FIRST_LETTER, errors=list)
    for place, pair in _own_readings(signs):
        letters[place : place + 2] = [syllable[0] for syllable in pair]
    return "".join(letters)


@lru_cache(maxsize=20_000)
def name_order(name: str) -> tuple[tuple[str, str], ...]:
    """By pinyin and tone, as a Chinese dictionary orders; what is no Chinese comes by itself, first."""
    reads = lazy_pinyin(name, style=Style.TONE3, errors=list)
    signs = [
        (read if is_chinese(sign) else f" {sign.casefold()}", sign)
        for sign, read in zip(name, reads, strict=True)
    ]
    for place, pair in _own_readings(name):
        for step, syllable in enumerate(pair):
            signs[place + step] = (syllable, name[place + step])
    return tuple(signs)


# --- what is typed as pinyin ------------------------------------------------------------------

_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu"
    "|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)"
)
_SYLLABLES = re.compile(_SYLLABLE)
LONGEST = 60
MOST_READINGS = 24


def readings_of(letters: str) -> list[tuple[str, ...]]:
    """Letters as syllables, folded, in each way they can be cut; none where they are no pinyin."""
    found: list[tuple[str, ...]] = []

    def cut(at: int, before: tuple[str, ...]) -> None:
        if len(found) >= MOST_READINGS:
            return
        if at == len(letters):
            found.append(before)
            return
        for end in range(min(at + 6, len(letters)), at, -1):
            if end in reachable and _SYLLABLES.fullmatch(letters, at, end):
                cut(end, (*before, folded(letters[at:end])))

    if not 2 <= len(letters) <= LONGEST or not letters.isalpha():
        return []
    # From where the end can be reached: a letter too many is found out at once.
    reachable = {len(letters)}
    for at in range(len(letters) - 1, -1, -1):
        if any(
            end in reachable and _SYLLABLES.fullmatch(letters, at, end)
            for end in range(at + 1, min(at + 6, len(letters)) + 1)
        ):
            reachable.add(at)
    if 0 in reachable:
        cut(0, ())
    return found
