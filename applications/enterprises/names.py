"""What a name may hold: the site writes names into letters to people who never asked for them."""

import re
import unicodedata

from django.core.exceptions import ValidationError

ADDRESS_IN_NAME = (
    "名称里不能有网址、邮箱、电话号码等联系方式，也不能有句子的标点，请与营业执照一致。"
)
_ADDRESS = re.compile(
    r"""
    www\. | (?:\.|点)\s*(?:com|cn|net)                        # the web, also spelt out
    | [\w-]\s*\.\s*(?:[a-z]{2,}|中国|公司|网络|网址|商城)       # any other domain
    | (?:[0-9][\s()—–-]*){7}                                  # a telephone or chat number
    | [@!?;,:。<>"=/\\]                                       # mail, and what no firm's name has
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A number in words; names have a year or 三六五, never that many.
_IN_WORDS = re.compile(r"(?:[0-9〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖][\s()—–-]*){9}")


def has_address(name: str) -> bool:
    """Whether a name leads somewhere or speaks in sentences, in whatever width it is written."""
    plain = unicodedata.normalize("NFKC", name)
    is_strange = any(unicodedata.category(letter) in ("Cc", "Cf") for letter in plain)
    return is_strange or bool(_ADDRESS.search(plain) or _IN_WORDS.search(plain))


def check_name(name: str) -> None:
    """Raise ValidationError for a name that holds an address."""
    if has_address(name):
        raise ValidationError(ADDRESS_IN_NAME)
