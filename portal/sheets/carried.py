"""What was decided of one file, kept for the next that says the same."""

from collections.abc import Mapping, Sequence

from portal.sheets.account import account_of
from portal.sheets.columns import Field
from portal.sheets.reading import Sheet


def carried(
    before: Sequence[Sheet],
    decisions: Mapping[str, str],
    after: Sequence[Sheet],
    fields: Sequence[Field],
    keys: Sequence[str] = (),
) -> dict[str, str]:
    """What was decided of one file, for the tables and rows that say the same in another."""
    if not decisions:
        return {}
    told: dict[tuple[str, ...], set[str]] = {}
    for key, words in _words(before, decisions, fields, keys).items():
        if key in decisions:
            told.setdefault(words, set()).add(decisions[key])
    found = {}
    # Tables first: which rows are asked about depends on what is read.
    for _ in range(2):
        for key, words in _words(after, found, fields, keys).items():
            if len(told.get(words, ())) == 1:
                [found[key]] = told[words]
    return found


def _words(
    sheets: Sequence[Sheet],
    decisions: Mapping[str, str],
    fields: Sequence[Field],
    keys: Sequence[str],
) -> dict[str, tuple[str, ...]]:
    """By key what a table or a row in doubt says."""
    account = account_of(sheets, fields, decisions, keys)
    tables = {table.key: ("table", table.sheet, table.headers) for table in account.tables}
    rows = {
        entry.key: ("row", sheets[entry.place.sheet].name, entry.text)
        for entry in account.entries
        if entry.is_asked
    }
    return tables | rows
