"""What is found in rows of data only, whatever the columns say."""

import re

from applications.enterprises.models.enterprise import compact_credit_code
from portal.sheets.columns import IS_SCIENTIFIC, loss_of, read_text
from portal.typed.signs import folded

CASE_NUMBER = re.compile(r"\d{6}-\d{4}-\d{4,}", re.ASCII)
# What stood before 2015: the code of an organisation, which is part of the one of today, and the
# number in the register of firms, which is not.
ORGANISATION = re.compile(r"[0-9A-Z]{8}-?[0-9A-Z]", re.ASCII)
REGISTERED = re.compile(r"\d{13}|\d{15}", re.ASCII)
# What systems put around a code, so that a spreadsheet keeps its digits: ="91…", '91….
_GUARD = re.compile(r"""^=?["'’‘“”`]+|["'’‘“”`]+$""")
CREDIT_CODE = re.compile(r"[0-9A-Za-z]{18}", re.ASCII)
# What people write where there is none.
NO_CODE = {"无", "/", "／", "-", "—", "——", "－"}
BATCH_NUMBER = re.compile(r"\d{6}-ZF\d{4}-\d{4,}", re.ASCII)


# Ours, however badly it was typed; systems of others have numbers of their own.
_LIKE_OURS = re.compile(r"\d{4,8}\D{1,4}\d{2,4}\D\d+")


def read_case_number(text: str) -> str | None:
    """None for the number that the row has in a system of others."""
    return read_text(20)(text) if _LIKE_OURS.fullmatch(folded(text)) else None


def read_batch_number(text: str) -> str | None:
    """None for the number that a bank gave to its own batch."""
    return read_text(24)(text) if _LIKE_OURS.fullmatch(folded(text)) else None


def read_credit_code(text: str) -> str:
    """A code as sign-up reads it: spaces, full-width signs and small letters change nothing.

    What a spreadsheet made a number of stays as it is: it is nobody's. Empty where it says none, or
    a number of the register of old, by which nobody is found.
    """
    text = _GUARD.sub("", text)
    if text in NO_CODE or REGISTERED.fullmatch(folded(text).replace(" ", "")):
        return ""
    if loss_of(text, "t") == IS_SCIENTIFIC:
        return text
    return read_text(18)(compact_credit_code(text))
