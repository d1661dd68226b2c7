"""Names of uploads, made fit to be shown and saved."""

import re
import unicodedata

LONGEST = 120
# What no file may be called on Windows; slashes are cut away before.
FORBIDDEN = re.compile(r'[<>:"|?*]')


def clean_name(name: str) -> str:
    """The last part of a path, visible and fit for any disk, at most 120 characters."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, suffix = FORBIDDEN.sub("_", visible(last)).strip(" .").rpartition(".")
    if not dot:
        return suffix[:LONGEST] or "未命名"
    return f"{stem.rstrip()[: LONGEST - 1 - len(suffix[:10])]}.{suffix[:10]}"


def visible(text: str) -> str:
    """One line without signs that hide or reorder, as the override that shows text backwards."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(sign for sign in line if unicodedata.category(sign)[0] != "C")


def suffix_of(name: str) -> str:
    """What follows the last dot, in lower case; empty without a dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""
