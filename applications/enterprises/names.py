"""What a name may hold: the site writes names into letters to people who never asked for them."""

import re
import unicodedata

from django.core.exceptions import ValidationError

ADDRESS_IN_NAME = (
    "名称里不能有网址、邮箱、电话号码等联系方式，也不能有句子的标点，请与营业执照一致。"
)
# Between the parts of an address, also spelt out or in brackets.
_DOT = r"[\s(\[【]*(?:[.·・‧•]|点|點|dot)[\s)\]】]*"
_ADDRESS = re.compile(
    rf"""
    www | -- | (?:\.|点)\s*(?:com|cn|net)                          # the web, also spelt out
    | [\w-]\s*\.\s*(?:[a-z]{{2,}}|中国|公司|网络|网址|商城)      # any other domain
    | [a-z0-9]{_DOT}[a-z]{{2,}}
    | (?:微\s*信|[v薇]\s*信|qq|扣扣)\s*号?\s*[a-z0-9]          # a chat
    | [@!?;,:。<>"=/\\、_*~|+]                                # mail, and what no firm's name has
    """,
    re.VERBOSE | re.IGNORECASE,
)
# What may stand between letters and digits of a name; digits apart are one number all the same.
_BESIDE = "()·・‧•.-—–‐&'[]【】“”‘’《》"
_TELEPHONE = re.compile(r"[0-9]{7}")
# A number in words; names have a year or 三六五, never that many.
_IN_WORDS = re.compile(r"[0-9〇零幺一二三四五六七八九壹贰叁肆伍陆柒捌玖]{9}")


def _is_strange(letter: str) -> bool:
    """Whether it is neither a letter of Chinese or English, nor an Arabic digit, nor beside these."""
    is_plain = letter.isascii() and letter.isalnum()
    is_chinese = "CJK UNIFIED IDEOGRAPH" in unicodedata.name(letter, "") or letter == "〇"
    return not (is_plain or is_chinese or letter in _BESIDE)


def has_address(name: str) -> bool:
    """Whether a name leads somewhere or speaks in sentences, in whatever width it is written."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    joined = "".join(letter for letter in plain if letter not in _BESIDE)
    return (
        any(map(_is_strange, plain))
        or bool(_ADDRESS.search(plain))
        or bool(_TELEPHONE.search(joined) or _IN_WORDS.search(joined))
    )


def check_name(name: str) -> None:
    """Raise ValidationError for a name that holds an address."""
    if has_address(name):
        raise ValidationError(ADDRESS_IN_NAME)
