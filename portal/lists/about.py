"""What a file says of itself: whose it is, when it was made and what was left out."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from portal.lists.canonical import clean_text

UNIT = "万元"


@dataclass(frozen=True)
class About:
    """`scope` is the place whose rows the maker may see; `filtered` the filter in plain Chinese."""

    maker: str
    made_at: datetime
    scope: str
    filtered: str

    def made(self, *, holds_money: bool) -> str:
        parts = [
            f"制表人：{clean_text(self.maker)}",
            f"制表时间：{timezone.localtime(self.made_at):%Y-%m-%d %H:%M}",
            f"范围：{clean_text(self.scope)}",
        ]
        return "　".join([*parts, f"单位：{UNIT}"] if holds_money else parts)

    @property
    def chosen(self) -> str:
        return f"筛选条件：{clean_text(self.filtered)}"
