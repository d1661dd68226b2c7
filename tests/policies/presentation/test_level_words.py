"""What a level pays in words: no part of nothing beside the part that there is."""

from decimal import Decimal

import pytest

from policies.presentation.words import (
    PARTLY_KNOWN,
    choices_in_words,
    claw_back_in_words,
    level_in_words,
)

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


@pytest.mark.parametrize(
    ("now", "later", "total", "text"),
    [
        (TEN, (Decimal(0), None), (Decimal(10), None), "合计 10 万元，现在给"),
        (
            TEN,
            (Decimal(10), None),
            (Decimal(20), None),
            "合计 20 万元（现在 10 万元，以后 10 万元）",
        ),
        (UP_TO_TEN, (Decimal(5), Decimal(50)), (Decimal(5), Decimal(60)), "合计 5 万元，以后给"),
    ],
)
def test_what_is_certain_is_told_beside_what_nobody_can_compute_yet(now, later, total, text):
    fields = {
        "status": "published", "partly_known": True, "now": now, "later": later, "total": total,
    }  # fmt: skip
    told = level_in_words("city", fields)
    assert (told["text"], told["note"]) == (text, PARTLY_KNOWN)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (None, ""),
        ({"when": "迁出", "years": 3, "share": 1}, "3 年内迁出的，收回全部奖补"),
        ({"when": "减产", "years": None, "share": Decimal("0.5")}, "减产的，收回 50% 奖补"),
        ({"when": "减产", "years": None, "share": None}, "减产的，收回部分或全部奖补"),
    ],
)
def test_what_is_given_back_in_words(row, words):
    assert claw_back_in_words(row) == words


@pytest.mark.parametrize("is_sure", [True, False])
def test_which_programme_counts_and_which_gives_way_in_words(is_sure):
    rows = [{"programme": "a", "amount": TEN}, {"programme": "b", "amount": UP_TO_TEN}]
    choice = {"counts": rows[:1], "gives_way": rows[1:], "is_sure": is_sure}
    names = {"a": "技改", "b": "贴息"}
    [line] = choices_in_words([choice, {**choice, "gives_way": []}], names)
    told = "就高不重复：合计只算“技改”（10 万元），“贴息”（最高 10 万元）较低，不再重复享受"
    assert line == told + ("。" if is_sure else "；有的金额还不确定，以最后核定的为准。")
