"""Money in the database: whole 分 as integers, so that sums and limits are exact everywhere."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from portal.typed.fields import QuantityField

FEN_IN_WAN = 1_000_000
FEN = Decimal("0.000001")  # one 分 in 万元
NO_AMOUNT = "请填金额，单位万元，如 12.5。"
TOO_FINE = "金额最多六位小数（精确到分）。"


def to_fen(amount: Decimal) -> Decimal:
    """An amount in 万元 rounded to the 分: less cannot be paid."""
    return Decimal(str(amount)).quantize(FEN, ROUND_HALF_UP)


class MoneyField(models.BigIntegerField):
    """Decimal 万元 in Python, whole 分 in the database.

    SQLite keeps decimals as floats; integers add up exactly on both databases.
    """

    def from_db_value(self, value: Any, *args: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / FEN_IN_WAN

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(NO_AMOUNT, code="invalid") from error

    def get_prep_value(self, value: Any) -> int | None:
        """Raises ValueError for a fraction of a 分: whoever computes one has to round it."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        fen = Decimal(str(value)) * FEN_IN_WAN
        if fen != fen.to_integral_value():
            raise ValueError(TOO_FINE)
        return int(fen)

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"

    def formfield(self, **options: Any) -> Any:
        return amount_field(label=self.verbose_name, required=not self.blank, **_only_text(options))

    @property
    def validators(self) -> list[Any]:
        # The integer's own limits would be compared with 万元.
        return list(self._validators)


def _only_text(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("help_text", "initial") if name in options}


def amount_field(**options: Any) -> QuantityField:
    """A form's field for an amount in 万元."""
    return QuantityField(
        unit="万元",
        **{
            "max_digits": 15,
            "decimal_places": 6,
            "min_value": Decimal(0),
            "error_messages": {
                "required": NO_AMOUNT,
                "min_value": "金额不能是负数。",
                "max_decimal_places": TOO_FINE,
                "max_digits": "金额太大，请核对单位是不是万元。",
                "max_whole_digits": "金额太大，请核对单位是不是万元。",
            },
            **options,
        },
    )
