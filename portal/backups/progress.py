"""What long work tells while it goes on."""

import time
from collections.abc import Callable

from django.template.defaultfilters import filesizeformat

Tell = Callable[[str], None]
EVERY = 5.0  # seconds


class Progress:
    """Counts files and bytes, and tells of them now and then."""

    def __init__(self, what: str, total: int, tell: Tell) -> None:
        self.what, self.total, self.tell = what, total, tell
        self.files = self.size = 0
        self._told = time.monotonic()

    def add(self, size: int) -> None:
        """One more file."""
        self.files += 1
        self.size += size
        self.now_and_then(
            lambda: f"{self.what}：{self.files}/{self.total} 个文件，{filesizeformat(self.size)}"
        )

    def now_and_then(self, words: Callable[[], str]) -> None:
        if time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            self.tell(words())
