"""Change lists of the admin, without what Django does anew for each row or each look at a filter."""

from functools import cached_property
from typing import Any
from urllib.parse import quote as quote_for_path

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import RFC3986_SUBDELIMS
from django.utils.translation import gettext

from portal.autocomplete import KeptAutocompletes

# Stands for the key of a row.
KEY = "--key--"


class QuickList(ChangeList):
    """One address leads to all rows, and filters ask for their choices once."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # A text with NUL: PostgreSQL keeps none, and refuses to look for one.
        if "%00" in request.GET.urlencode():
            raise IncorrectLookupParameters("NUL")
        self._found_filters: Any = None
        super().__init__(request, *args, **kwargs)
        # Kept in the address that all rows share; Django would find out for each of them whether it
        # belongs there.
        self._kept, self.preserved_filters = self.preserved_filters, ""

    def get_results(self, request: HttpRequest) -> None:
        """A day of the address that SQLite cannot hold, such as the first of the year 1, is none."""
        try:
            super().get_results(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(str(error)) from error

    def get_filters(self, request: HttpRequest) -> Any:
        if self._found_filters is None:
            self._found_filters = super().get_filters(request)
        return self._found_filters

    def url_for_result(self, result: Any) -> str:
        before, after = self._address
        key = str(quote(getattr(result, self.pk_attname)))
        return f"{before}{quote_for_path(key, safe=RFC3986_SUBDELIMS + '/~:@')}{after}"

    @cached_property
    def _address(self) -> list[str]:
        """What stands before and after the key in the address of a row, as `reverse` makes it."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        address = reverse(name, args=[KEY], current_app=self.model_admin.admin_site.name)
        kept = {"preserved_filters": self._kept, "opts": self.opts}
        return add_preserved_filters(kept, address).split(KEY, 1)


class OrderOnly(QuickList):
    """A list for its filters and its order; nothing of it is counted or read."""

    def get_results(self, request: HttpRequest) -> None:
        self.result_list = []


class QuickListAdmin(KeptAutocompletes, admin.ModelAdmin):
    """What every admin of the site is, for its list."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QuickList]:
        return QuickList

    def action_checkbox(self, obj: Any) -> str:
        """As Django's, which renders four templates for each."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.pk,
            format_html(gettext("Select this object for an action - {}"), obj),
        )
