"""Yes or no, and numbers of telephones."""

import re

from portal.typed.signs import folded

_YES = {"是", "有", "对", "yes", "y", "true"}
_NO = {"否", "不是", "无", "没有", "no", "n", "false"}
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:\+?86)?(?:\(?(0[0-9]{2,3})\)?)-?([0-9]{7,8})(?:(?:-|转)([0-9]{1,5}))?")


def read_yes_no(text: str) -> bool | None:
    """What is said; None where it is neither yes nor no."""
    plain = folded(text).lower()
    return True if plain in _YES else False if plain in _NO else None


def plain_telephone(text: str) -> str:
    """A telephone as the site keeps it, 13800138000 or 0356-7098132-8; any other text as it is."""
    plain = folded(text).replace(" ", "")
    if found := _MOBILE.fullmatch(plain.replace("-", "")):
        return found.group(1)
    if found := _LANDLINE.fullmatch(plain):
        return "-".join(part for part in found.groups() if part)
    return text
