"""JSON whose numbers come back exact: 0.1 is Decimal("0.1")."""

import json
from decimal import Decimal
from typing import Any


class ExactDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})
