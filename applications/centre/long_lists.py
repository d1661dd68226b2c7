"""Change lists that stay cheap however many rows they have."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.http import HttpRequest, HttpResponse

from portal.paging import CappedPaginator

NUMBER_BEGINS = re.compile(r"\d{6}-[\d-]*")
CREDIT_CODE = re.compile("[0-9A-Z]{18}")


class LongList:
    """Counts up to a limit only, and finds by index what looks like a code.

    `codes` leads from what a code looks like to the lookup that finds it.
    """

    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    codes: Mapping[re.Pattern[str], str] = {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context and context["cl"].paginator.is_capped:
            # “All of them” cannot be chosen where nobody counted them.
            context["actions_selection_counter"] = False
        return response

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """A whole credit code, or how a number begins, is found by index; other words anywhere."""
        term = search_term.strip().upper()
        for pattern, lookup in self.codes.items():
            if pattern.fullmatch(term):
                found = queryset.filter(**{lookup: term})
                # What only looks like a code is a word.
                if found.exists():
                    return found, lookup_spawns_duplicates(self.opts, lookup)
        return super().get_search_results(request, queryset, search_term)
