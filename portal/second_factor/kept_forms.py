"""A form that comes after the end of its session: kept until the same person has logged in again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from portal.forms import typed_in
from portal.second_factor.fresh import CODE, PASSKEY

KEPT = "kept_form"


def form_of(request: HttpRequest) -> dict[str, Any]:
    """What was sent, and by whom; files are not kept."""
    return {
        "user": request.user.pk,
        "address": request.get_full_path(),
        "typed": [pair for pair in typed_in(request) if pair[0] not in (CODE, PASSKEY)],
        "files": [file.name for files in request.FILES.lists() for file in files[1]],
    }


def keep_form(request: HttpRequest, form: dict[str, Any]) -> None:
    request.session[KEPT] = form


def drop_if_sent(request: HttpRequest) -> None:
    """Keep nothing that is being sent now, or was written by somebody else."""
    kept = request.session.get(KEPT)
    if kept is None:
        return
    is_sent = request.method == "POST" and kept["address"] == request.get_full_path()
    if is_sent or kept["user"] != request.user.pk:
        del request.session[KEPT]


@login_required
@never_cache
def kept_form(request: HttpRequest) -> HttpResponse:
    """Show that the form is still there and offer to send it; to nobody but who wrote it."""
    kept = request.session.get(KEPT)
    if kept is None:
        raise Http404("没有留下的表单")
    if request.method == "POST":
        del request.session[KEPT]
        messages.info(request, "没有提交，填的内容已经删除。")
        return redirect(kept["address"])
    return render(request, "mfa/kept_form.html", kept)
