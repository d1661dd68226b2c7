"""What is part of an edition can be added, changed and deleted only while it is a draft."""

from typing import Any

from django.contrib import admin

from policies.catalogue.models import Edition
from policies.editors.builder.field import BuilderWidget
from portal.typed.fields import ADMIN_FIELDS


def edition_of(row: Any) -> Edition | None:
    if row is None or isinstance(row, Edition):
        return row
    return row.edition


class DraftOnly:
    """Mixed into the admin of an edition, its parts, and their inlines."""

    formfield_overrides = ADMIN_FIELDS

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """The builders of a page know its request."""
        found = super().formfield_for_dbfield(db_field, request, **options)
        if found is not None and isinstance(found.widget, BuilderWidget):
            found.widget.request = request
        return found

    def _is_open(self, row: Any) -> bool:
        edition = edition_of(row)
        return edition is None or edition.is_draft

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        parent = (obj,) if isinstance(self, admin.options.InlineModelAdmin) else ()
        return super().has_add_permission(request, *parent) and self._is_open(obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(obj)
