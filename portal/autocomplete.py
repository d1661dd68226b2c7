"""Fields that complete what is typed, in the admin: what cannot be a key is refused, not looked up."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.http import HttpRequest


class KeptAutocomplete(AutocompleteSelect):
    """Django's asks the database for whatever was posted, and fails where that is no number.

    The field beside it says that there is no such row.
    """

    def optgroups(self, name: str, value: Iterable[Any], attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if self._is_key(each)], attr)

    def _is_key(self, value: Any) -> bool:
        key = self.field.target_field
        try:
            key.to_python(value)
        except ValidationError:
            return False
        return True


class KeptAutocompletes:
    """Mixed into an admin or an inline with `autocomplete_fields`."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", KeptAutocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)
