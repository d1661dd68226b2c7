"""What a level pays in words: no part of nothing beside the part that there is."""

from decimal import Decimal

import pytest

from policies.presentation.words import level_in_words

NONE, TEN, TWENTY = ((Decimal(number), Decimal(number)) for number in (0, 10, 20))
UP_TO_TEN, FROM_FIVE = (Decimal(0), Decimal(10)), (Decimal(5), None)


@pytest.mark.parametrize(
    ("now", "later", "total", "text"),
    [
        (TEN, NONE, TEN, "合计 10 万元，现在给"),
        (NONE, TEN, TEN, "合计 10 万元，以后给"),
        (UP_TO_TEN, NONE, UP_TO_TEN, "合计 最高 10 万元，现在给"),
        (FROM_FIVE, NONE, FROM_FIVE, "合计 5 万元以上，现在给"),
        (TEN, TEN, TWENTY, "合计 20 万元（现在 10 万元，以后 10 万元）"),
        (UP_TO_TEN, UP_TO_TEN, TEN, "合计 10 万元（现在 最高 10 万元，以后 最高 10 万元）"),
        (NONE, NONE, NONE, "合计 0 万元"),
    ],
)
def test_a_level_says_when_its_money_comes(now, later, total, text):
    fields = {"status": "published", "now": now, "later": later, "total": total}
    assert level_in_words("city", fields)["text"] == text
