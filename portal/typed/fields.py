"""Fields of forms that read what is typed; browsers send it as it is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from portal.typed.days import read_day, read_year
from portal.typed.quantities import read_quantity, read_whole
from portal.typed.signs import UnreadError
from portal.typed.words import plain_telephone


def _input(inputmode: str) -> forms.TextInput:
    # Not of type number: browsers drop what they do not understand.
    return forms.TextInput(attrs={"inputmode": inputmode, "autocomplete": "off"})


class _Typed:
    """Mixed into a field: asks back what `read` does not understand.

    A message for what is `invalid` says in addition what the field expects.
    """

    empty_values: list[Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.expected = (options.get("error_messages") or {}).get("invalid", "")

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except UnreadError as error:
            told = f"{error}。{self.expected}" if self.expected else str(error)
            raise ValidationError(told, code="invalid") from error

    def read(self, text: str) -> Any:
        raise NotImplementedError


class QuantityField(_Typed, forms.DecimalField):
    """A number in the field's unit."""

    def __init__(self, *, unit: str = "", **options: Any) -> None:
        self.unit = unit
        super().__init__(**{"widget": _input("decimal"), **options})

    def read(self, text: str) -> Any:
        return read_quantity(text, self.unit)


class WholeField(_Typed, forms.IntegerField):
    """A whole number in the field's unit."""

    def __init__(self, *, unit: str = "", **options: Any) -> None:
        self.unit = unit
        super().__init__(**{"widget": _input("numeric"), **options})

    def read(self, text: str) -> int:
        return read_whole(text, self.unit)


class YearField(_Typed, forms.IntegerField):
    """A year of four digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": _input("numeric"), **options})

    def read(self, text: str) -> int:
        return read_year(text)


class DayField(_Typed, forms.DateField):
    """A day, picked or typed."""

    def read(self, text: str) -> Any:
        return read_day(text)


class TelephoneField(forms.CharField):
    """The number of a telephone, however it was spaced."""

    def to_python(self, value: Any) -> str:
        return plain_telephone(super().to_python(value))


# For `formfield_overrides` of pages in the admin.
ADMIN_FIELDS: dict[Any, dict[str, Any]] = {
    models.DateField: {"form_class": DayField},
    models.DecimalField: {"form_class": QuantityField},
    models.IntegerField: {"form_class": WholeField, "widget": _input("numeric")},
}
