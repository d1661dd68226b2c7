"""Filters that a member of staff keeps under a name, above a list of the admin."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.filters import DateFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from applications.centre.models.saved_filter import LONGEST_NAME, LONGEST_QUERY, MOST, SavedFilter
from portal.quick_lists import OrderOnly, QuickList

NAME_MISSING = "请给这个筛选起个名称。"
NAME_TOO_LONG = f"名称最多 {LONGEST_NAME} 字，请起得短些：{{name}}"
QUERY_TOO_LONG = "这个筛选太长，存不下。"
TOO_MANY = f"一个名单最多保存 {MOST} 个筛选，请先删除一个。"
SAVED, REPLACED, REMOVED = "已保存“{name}”。", "已改成现在的筛选：“{name}”。", "已删除“{name}”。"
GONE = "“{name}”里的{gone}现在没有了，所以列不出什么；可以重新保存，或者删除它。"
UNKNOWN = "“{name}”里的{gone}这个名单已经不认识，没有按它筛选；可以重新保存，或者删除它。"
# Where one is in a list is no part of what is looked for.
PASSING = (PAGE_VAR, ERROR_FLAG)


def to_keep(asked: QueryDict) -> str:
    """What of an address is worth keeping, in one order."""
    kept = QueryDict(mutable=True)
    for key in sorted(asked.keys() - set(PASSING)):
        kept.setlist(key, asked.getlist(key))
    return kept.urlencode()


def _named(data: QueryDict) -> str:
    """The name in one line; a NUL, which no database keeps, is no sign of a name."""
    return " ".join(data.get("name", "").replace("\0", " ").split())


class SavedFilters:
    """The part of a list's admin that keeps filters; each person sees and removes their own."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("filters/save/", self.save_filter, "save_filter"),
            self.own_page("filters/<int:pk>/", self.open_filter, "open_filter"),
            self.own_page("filters/<int:pk>/remove/", self.remove_filter, "remove_filter"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QuickList]:
        return getattr(request, "changelist", None) or super().get_changelist(request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        now = to_keep(request.GET)
        context = {
            "saved_filters": self._own(request),
            "filter_now": now,
            "longest_name": LONGEST_NAME,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _own(self, request: HttpRequest) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return SavedFilter.objects.filter(user=request.user, of_list=self.opts.label_lower)

    def _address(self, query: str) -> str:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{address}?{query}" if query else address

    @method_decorator(require_POST)
    def save_filter(self, request: HttpRequest) -> HttpResponse:
        """Keep the filter of the list under a name; one of that name becomes it."""
        own, name = self._own(request), _named(request.POST)
        query = to_keep(QueryDict(request.POST.get("query", "")))
        is_known = own.filter(name=name).exists()
        problem = ""
        if not name:
            problem = NAME_MISSING
        elif len(name) > LONGEST_NAME:
            problem = NAME_TOO_LONG.format(name=name)
        elif len(query) > LONGEST_QUERY:
            problem = QUERY_TOO_LONG
        elif not is_known and own.count() >= MOST:
            problem = TOO_MANY
        if problem:
            self.message_user(request, problem, messages.ERROR)
            return redirect(self._address(query))
        SavedFilter.objects.update_or_create(
            user=request.user,
            of_list=self.opts.label_lower,
            name=name,
            defaults={"query": query},
        )
        told = REPLACED if is_known else SAVED
        self.message_user(request, told.format(name=name), messages.SUCCESS)
        return redirect(self._address(query))

    @method_decorator(require_POST)
    def remove_filter(self, request: HttpRequest, pk: int) -> HttpResponse:
        saved = get_object_or_404(self._own(request), pk=pk)
        saved.delete()
        self.message_user(request, REMOVED.format(name=saved.name), messages.SUCCESS)
        return redirect(self._address(to_keep(QueryDict(request.POST.get("query", "")))))

    @method_decorator(require_safe)
    def open_filter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list by a saved filter; of what it names and is no longer there, it is told."""
        saved = get_object_or_404(self._own(request), pk=pk)
        asked = QueryDict(saved.query, mutable=True)
        unknown, gone = [], []
        for key in list(asked):
            try:
                gone += self._gone(request, asked, key)
            except (IncorrectLookupParameters, DisallowedModelAdminLookup):
                unknown.append(f"“{key}={asked.pop(key)[-1]}”")
        for told, parts in ((UNKNOWN, unknown), (GONE, gone)):
            if parts:
                told = told.format(name=saved.name, gone="、".join(parts))
                self.message_user(request, told, messages.WARNING)
        return redirect(self._address(asked.urlencode()))

    def _gone(self, request: HttpRequest, asked: QueryDict, key: str) -> list[str]:
        """What a part of a filter names that the list does not offer now; errors as the list's."""
        alone = copy(request)
        alone.GET, alone.changelist = QueryDict(mutable=True), OrderOnly
        alone.GET.setlist(key, asked.getlist(key))
        listed = self.get_changelist_instance(alone)
        return [
            f"“{spec.title}：{asked[key]}”"
            for spec in listed.filter_specs
            if key in spec.expected_parameters()
            # Of days each person may name their own.
            and not isinstance(spec, DateFieldListFilter)
            and not any(choice["selected"] for choice in spec.choices(listed))
        ]
