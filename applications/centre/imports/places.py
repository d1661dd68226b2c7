"""Which place a list means, in its column, in the line above its rows or in the name of its sheet."""

import re
from collections import defaultdict
from collections.abc import Iterable

from portal.models import Jurisdiction
from portal.sheets.columns import SheetRow

_KIND = re.compile("(?:县|市|区|省|自治县|开发区)$")


class Places:
    """All places, read once."""

    def __init__(self) -> None:
        rows = list(Jurisdiction.objects.values_list("code", "name", "parent"))
        self._above = {code: parent for code, _, parent in rows}
        self._codes: dict[str, set[str]] = defaultdict(set)
        for code, name, _ in rows:
            self._codes[name].add(code)
            short = _KIND.sub("", name)
            if len(short) > 1:
                self._codes[short].add(code)

    def meant_by(self, text: str) -> set[str]:
        """Codes of the places that a text names, the innermost of 晋城市沁水县; empty where none."""
        plain = "".join(text.split())
        named = [name for name in self._codes if name in plain]
        # 沁水 within 沁水县 is the same name.
        named = [
            name for name in named if not any(name != other and name in other for other in named)
        ]
        found = {code for name in named for code in self._codes[name]}
        around = {above for code in found for above in self.around(code)}
        inner = found - around
        # 城区 there is in several cities: in the one that is named too.
        within = {code for code in inner if found & set(self.around(code))}
        return within or inner

    def around(self, code: str) -> Iterable[str]:
        """The places that a place lies in."""
        while code := self._above.get(code) or "":
            yield code

    def lies_in(self, code: str, places: set[str]) -> bool:
        return code in places or any(above in places for above in self.around(code))


def told_place(row: SheetRow, places: Places) -> tuple[str, set[str]]:
    """What a row, its heading or its sheet says of the place, and which it is; both may be empty.

    What the row itself says counts even where nobody knows the place.
    """
    if said := row.values.get("county"):
        return said, places.meant_by(said)
    for said in (row.section, row.sheet):
        if said and len(said) <= 30 and (found := places.meant_by(said)):
            return said, found
    return "", set()
