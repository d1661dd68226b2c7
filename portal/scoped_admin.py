"""What every admin with pages of its own does: find a row within the scope, and show a page."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from portal.quick_lists import QuickListAdmin
from portal.typed.fields import ADMIN_FIELDS

CHECK_BELOW = "还没有办理：有几处请核对，已在下面标出；您填的内容都还在。"


class ScopedAdmin(QuickListAdmin):
    """What is not in one's scope is not found, whichever page asks for it."""

    formfield_overrides = ADMIN_FIELDS

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(request, *args, **kwargs)
        if found is None:
            raise Http404("没有这条记录")
        return found

    def find(self, request: HttpRequest, object_id: Any) -> Any:
        """The row of an address; Http404 to strangers, PermissionDenied to who may not look."""
        found = self.get_object(request, unquote(str(object_id)))
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def own_page(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """The address of a page for staff: `admin:<app>_<model>_<name>`."""
        named = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=named)

    def render(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any],
        status: int | None = None,
    ) -> HttpResponse:
        """A page within the admin's frame; a `problem` in its context makes it a bad request."""
        framed = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            # The filters of the list that the page was opened from; links back keep them.
            "preserved_filters": self.get_preserved_filters(request),
            **context,
        }
        status = status or (400 if context.get("problem") else 200)
        return TemplateResponse(request, template, framed, status=status)
