"""Amounts of 万元 echoed in Chinese financial numerals."""

from decimal import Decimal

import pytest

from policies.rules.answers import amount_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2000", "贰仟万元"),
        ("1999.99", "壹仟玖佰玖拾玖万玖仟玖佰元"),
        ("0.5", "伍仟元"),
        ("10001", "壹亿零壹万元"),
        ("1020.3", "壹仟零贰拾万叁仟元"),
        ("0", "零元"),
        ("-20", "负贰拾万元"),
        ("0.000015", "壹角伍分"),
    ],
)
def test_amounts_read_as_a_bank_would_write_them(amount, words):
    assert amount_in_words(Decimal(amount)) == words
