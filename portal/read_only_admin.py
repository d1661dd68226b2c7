"""An admin page for looking; what changes goes through the services."""

from typing import Any

from django.http import HttpRequest

from portal.scoped_admin import ScopedAdmin


class ReadOnlyAdmin(ScopedAdmin):
    """Pages for looking; what changes goes through the services."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
