"""The signs that people type, in the one spelling that is read."""

LONGEST_SHOWN = 40
# Full-width forms one by one: NFKC would make 52 of 5² and 1 of ①.
_SPELLINGS = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPELLINGS |= dict.fromkeys(map(ord, "‐‑‒–—−﹣"), "-")
_SPELLINGS |= {ord("。"): ".", ord("﹪"): "%", ord("￥"): "¥"}
# Without width or meaning, they come along with pasted text. What turns the direction of text is not
# among them: it shows other numbers than it holds.
_SPELLINGS |= dict.fromkeys(map(ord, "\u200b\u200e\u2060\ufeff\u202a\u202c\u202d"))


class UnreadError(Exception):
    """What was typed is not understood, or may mean several things; the message says it in Chinese."""


def folded(text: str) -> str:
    """The text in half-width signs, single spaces and without spaces at its ends."""
    return " ".join(text.translate(_SPELLINGS).split())


def shown(text: str) -> str:
    """What was typed, as a message quotes it."""
    text = text.strip()
    return f"“{text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + '…'}”"
