"""The admin's page of a row's history: to read, never to go back by."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin


class HistoryAdmin(SimpleHistoryAdmin):
    """Shows who changed what; scoped like the rows themselves."""

    history_list_per_page = 50

    def get_urls(self) -> list[Any]:
        """Without the library's form that writes an old state back."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        # The library would show the history of what the user may not see.
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404("没有这条记录")
        return super().history_view(request, object_id, extra_context)
