"""Filters of the list of cases whose choices are known without reading every case."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Max, Min
from django.http import HttpRequest

from applications.models import Application
from policies.models import Jurisdiction


class CountyFilter(admin.RelatedFieldListFilter):
    """The counties that the user is in charge of, whether they have cases or not."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]]:
        counties = Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY)
        user = request.user
        if not user.is_superuser or user.jurisdiction_code:
            counties = counties & Jurisdiction.objects.within(user.jurisdiction_code)
        return list(counties.values_list("code", "name"))


class YearFilter(admin.SimpleListFilter):
    title = "申报年度"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # Both ends come from the index.
        known = Application.objects.aggregate(first=Min("year"), last=Max("year"))
        if known["last"] is None:
            return []
        years = range(known["last"], known["first"] - 1, -1)
        return [(str(year), str(year)) for year in years]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        if self.value() not in dict(self.lookup_choices):
            raise IncorrectLookupParameters(self.value())
        return queryset.filter(year=self.value())
