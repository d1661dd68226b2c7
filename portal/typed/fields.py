"""Fields of forms that read what is typed; browsers send it as it is."""

from collections.abc import Callable
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


def _read(field: forms.Field, read: Callable[..., Any], value: Any, *about: Any) -> Any:
    if value in field.empty_values:
        return None
    if not isinstance(value, str):
        return value
    try:
        return read(value, *about)
    except UnreadError as error:
        raise ValidationError(str(error), code="invalid") from error


class QuantityField(forms.DecimalField):
    """A number in the field's unit."""

    def __init__(self, *, unit: str = "", **options: Any) -> None:
        self.unit = unit
        super().__init__(**{"widget": _input("decimal"), **options})

    def to_python(self, value: Any) -> Any:
        return _read(self, read_quantity, value, self.unit)


class WholeField(forms.IntegerField):
    """A whole number in the field's unit."""

    def __init__(self, *, unit: str = "", **options: Any) -> None:
        self.unit = unit
        super().__init__(**{"widget": _input("numeric"), **options})

    def to_python(self, value: Any) -> Any:
        return _read(self, read_whole, value, self.unit)


class YearField(forms.IntegerField):
    """A year of four digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": _input("numeric"), **options})

    def to_python(self, value: Any) -> Any:
        return _read(self, read_year, value)


class DayField(forms.DateField):
    """A day, picked or typed."""

    def to_python(self, value: Any) -> Any:
        return _read(self, read_day, value)


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
