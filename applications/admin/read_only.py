"""An admin page for looking; what changes goes through the services."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """Pages for looking; what changes goes through the services.

    What is not in one's scope is not found, whichever page asks for it.
    """

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(request, *args, **kwargs)
        if found is None:
            raise Http404("没有这条记录")
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
