"""The admin's page of a row's history: to read, never to go back by."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from portal.scoped_admin import ScopedAdmin


class PlainWords(HistoricalRecordContextHelper):
    """Values as the forms show them: the label of a choice, yes or no."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        if isinstance(value, bool):
            return "是" if value else "否"
        if choices := getattr(field, "flatchoices", None):
            return dict(choices).get(value, value)
        return super().prepare_delta_change_value(change, value)


class HistoryAdmin(ScopedAdmin, SimpleHistoryAdmin):
    """Shows who changed what; scoped like the rows themselves."""

    history_list_per_page = 50

    def get_urls(self) -> list[Any]:
        """Without the library's form that writes an old state back."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> PlainWords:
        return PlainWords(self.model, historical_record)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        # The library would show the history of what the user may not see.
        self.get_object(request, unquote(object_id))
        return super().history_view(request, object_id, extra_context)
