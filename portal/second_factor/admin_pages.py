"""The admin behind the second factor: its log-in page, and the pages that change accounts."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import urlencode

from portal.second_factor.fresh import ask_for_factor


def log_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Lead to the site's log-in page: the framework's own takes a password alone, uncounted."""
    wanted = get_next_redirect_url(request) or reverse("admin:index")
    if not request.user.is_authenticated:
        query = urlencode({REDIRECT_FIELD_NAME: wanted})
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(wanted)


class FreshFactorAdmin(admin.ModelAdmin):
    """Adding, changing and deleting take a fresh check of the second factor; looking does not."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        changes = self.has_add_permission(request)
        if object_id is not None:
            changes = self.has_change_permission(request, self.get_object(request, object_id))
        asked = ask_for_factor(request) if changes else None
        return asked or super().changeform_view(request, object_id, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = ask_for_factor(request) if self.has_delete_permission(request) else None
        return asked or super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A list is read without; what is done with its rows is posted."""
        asked = ask_for_factor(request) if request.method == "POST" else None
        return asked or super().changelist_view(request, *args, **kwargs)
