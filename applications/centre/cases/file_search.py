"""A case is also found by what was handed in with it."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from applications.cases.models import Attachment

# What a file is called in the library, what it was called where it came from, and what it is for.
NAMES = ("library_file__title", "library_file__original_name", "material__name")


class FilesFound:
    """Mixed into an admin of cases below what finds codes: words are also looked for among files."""

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, may_have_duplicates
        named = Q()
        for name in NAMES:
            named |= Q(**{f"{name}__icontains": search_term.strip()})
        # Two sets of keys: joined, each case would stand there once for each of its files.
        by_file = Attachment.objects.filter(named).order_by().values("application")
        own = found.order_by().values("pk")
        return queryset.filter(Q(pk__in=own) | Q(pk__in=by_file)), False
