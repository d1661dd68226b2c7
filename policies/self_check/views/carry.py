"""A self-check of an earlier year carried into this one: nothing is taken over unseen."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from policies.catalogue import current as catalogue
from policies.self_check.carried_page import carried_page
from policies.self_check.self_checks import (
    begin_from,
    carried_of,
    find_self_check,
    keep_for_next_year,
)
from portal.public_pages import limited, private


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def carry(request: HttpRequest, token: str) -> HttpResponse:
    """What was said, with its year, by what becomes of it; what changed since is ticked and asked anew."""
    check, now, facts = find_self_check(token), timezone.now(), catalogue.facts()
    today = timezone.localdate(now)
    if check.on.year >= today.year:
        return redirect("self_check:result", token)
    carried = carried_of(check, facts, today)
    if request.method == "POST":
        changed = set(request.POST.getlist("changed")) & carried.lasting.keys()
        new = begin_from(check, carried, changed, now)
        return redirect("self_check:self-check-step", new.token, _first_step(new))
    context: dict[str, Any] = {"check": check, "page": carried_page(check, carried, facts, today)}
    return render(request, "self_check/carry.html", context)


def _first_step(check: Any) -> int:
    """Where and what the firm is comes first where that has changed."""
    asks_first = check.steps and any(key not in check.answers for key in check.steps[0])
    return 1 if asks_first else len(check.steps) + 1


@require_POST
@limited
@private
def keep(request: HttpRequest, token: str) -> HttpResponse:
    """Keep it for next year's."""
    check = find_self_check(token)
    keep_for_next_year(check)
    until = timezone.localtime(check.expires_at)
    messages.success(
        request,
        f"保留到 {until.year}年{until.month}月{until.day}日。请收藏本页网址，或记下短码 {check.code_in_halves}。",
    )
    return redirect("self_check:result", token)
