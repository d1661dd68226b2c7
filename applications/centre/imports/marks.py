"""What is found in rows of data only, whatever the columns say."""

import re

from applications.enterprises.models.enterprise import compact_credit_code
from portal.sheets.columns import IS_SCIENTIFIC, loss_of, read_text

CASE_NUMBER = re.compile(r"\d{6}-\d{4}-\d{4,}", re.ASCII)
CREDIT_CODE = re.compile(r"[0-9A-Za-z]{18}", re.ASCII)
# What people write where there is none.
NO_CODE = {"无", "/", "／", "-", "—", "——", "－"}
BATCH_NUMBER = re.compile(r"\d{6}-ZF\d{4}-\d{4,}", re.ASCII)


def read_credit_code(text: str) -> str:
    """A code as sign-up reads it: spaces, full-width signs and small letters change nothing.

    What a spreadsheet made a number of stays as it is: it is nobody's. Empty where it says none.
    """
    if text in NO_CODE:
        return ""
    if loss_of(text, "t") == IS_SCIENTIFIC:
        return text
    return read_text(18)(compact_credit_code(text))
