"""The answer document in the types of JSON."""

import json
from datetime import date
from decimal import Decimal

import pytest

from policies.rules.assessment import plain_values, to_json

VALUES = {
    "whole": Decimal("20.00"),
    "part": Decimal("0.5"),
    "codes": frozenset({"b", "a"}),
    "day": date(2026, 1, 2),
    "rows": ({"yes": True}, [None, "text"]),
}
PLAIN = {
    "whole": 20,
    "part": 0.5,
    "codes": ["a", "b"],
    "day": "2026-01-02",
    "rows": [{"yes": True}, [None, "text"]],
}


def test_values_have_a_plain_form():
    assert plain_values(VALUES) == json.loads(to_json(VALUES)) == PLAIN
    assert [type(plain_values(VALUES)[key]) for key in ("whole", "part")] == [int, float]


@pytest.mark.parametrize("told", [plain_values, to_json])
def test_what_has_none_is_refused(told):
    with pytest.raises(TypeError, match="bytes"):
        told({"x": b"1"})
