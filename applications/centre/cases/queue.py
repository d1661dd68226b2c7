"""From one case to the next: the list that it was opened from, as far as it waits for the user."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from applications.cases.models import Application
from applications.cases.workflow import Action
from portal.numbers import whole_number
from portal.quick_lists import OrderOnly

# Cases of one list that are looked ahead to.
MOST = 1000
# The case stays with who did these.
STAYS = frozenset({Action.TAKE_OVER, Action.VISIT})
NONE_LEFT = "这个名单里没有等您办理的申报了。"


@dataclass(frozen=True)
class Queue:
    """The cases that wait, by row, in the order of the list; at most one more than MOST."""

    waiting: Sequence[int]

    def after(self, case: int) -> list[int]:
        """What waits after a case, from there round to it; all where it is not among them."""
        if case not in self.waiting:
            return list(self.waiting)
        place = self.waiting.index(case)
        return [*self.waiting[place + 1 :], *self.waiting[:place]]


def _first_of(cases: QuerySet[Application]) -> Queue:
    return Queue(list(cases.values_list("pk", flat=True)[: MOST + 1]))


def left_in_words(count: int) -> str:
    return f"{MOST} 件以上" if count > MOST else f"{count} 件"


class QueuePages:
    """The part of the case's admin that leads on, and back to the list as it was."""

    def get_urls(self) -> list[Any]:
        return [self.own_page("next/", self.next_case, "next"), *super().get_urls()]

    def queue_of(self, request: HttpRequest) -> Queue:
        """With the search, the filters and the order of the list that the page was opened from."""
        kept = parse_qs(self.get_preserved_filters(request)).get("_changelist_filters", [""])[0]
        asked = copy(request)
        asked.GET, asked.changelist = QueryDict(kept), OrderOnly
        mine = Application.objects.waiting_for(request.user, timezone.localdate()).values("pk")
        try:
            listed = self.get_changelist_instance(asked).get_queryset(asked)
            return _first_of(listed.filter(pk__in=mine))
        # The latter of a day that SQLite cannot hold.
        except (IncorrectLookupParameters, OverflowError):
            listed = self.get_queryset(request).order_by(*self.ordering)
            return _first_of(listed.filter(pk__in=mine))

    def address_of(self, request: HttpRequest, case: int | None = None, place: str = "") -> str:
        """Of a case, or of the list; with the list's filters."""
        opts = self.opts
        address = (
            reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
            if case is None
            else reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[case])
        )
        kept = {"opts": opts, "preserved_filters": self.get_preserved_filters(request)}
        return add_preserved_filters(kept, address) + place

    @method_decorator(require_safe)
    def next_case(self, request: HttpRequest) -> HttpResponse:
        """The one that waits after the case of the address: to look at another first."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        following = self.queue_of(request).after(whole_number(request.GET.get("after")) or 0)
        if not following:
            self.message_user(request, NONE_LEFT)
            return redirect(self.address_of(request))
        return redirect(self.address_of(request, following[0]))

    def on_to_next(
        self, request: HttpRequest, done: Application, said: str, following: Sequence[int]
    ) -> HttpResponse:
        """Say what was done and how many are left, and open the next; the list where none is."""
        # What goes on to a step of the same desk comes round after all others.
        waits = (
            Application.objects.waiting_for(request.user, timezone.localdate())
            .filter(pk=done.pk)
            .exists()
        )
        following = [*following, *([done.pk] if waits else [])]
        back = format_html('<a href="{}">{}</a>', self.address_of(request, done.pk), done.number)
        if not following:
            self.message_user(request, format_html("{}：{}。{}", back, said, NONE_LEFT))
            return redirect(self.address_of(request))
        left = left_in_words(len(following))
        which = "别的没有了，这一件还在您这里" if following[0] == done.pk else "下面是下一件"
        told = format_html("{}：{}。{}，等您办理的还有 {}。", back, said, which, left)
        self.message_user(request, told)
        return redirect(self.address_of(request, following[0]))
