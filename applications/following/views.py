"""Following programmes: asking, confirming by letter, and ending."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from applications.following.forms import AddressForm
from applications.following.models import Follower
from applications.following.subscriptions import (
    ask_to_confirm,
    confirmed_address,
    end,
    read_key,
)
from applications.following.subscriptions import follow as follow_wanted
from applications.following.wanted import read_wanted, search_in_words
from policies.catalogue.current import Catalogue
from portal.accounts.letters import TooManyLettersError
from portal.numbers import whole_number
from portal.public_pages import limited, private


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def follow(request: HttpRequest) -> HttpResponse:
    """One click for whoever is logged in, one field for all others; the address says of what."""
    wanted = read_wanted(request.GET, Catalogue(), timezone.localdate())
    if wanted is None:
        raise Http404("没有可以订阅的项目或查找条件")
    address, now = confirmed_address(request.user), timezone.now()
    data = request.POST if request.method == "POST" else None
    if data is not None and address:
        follower = follow_wanted(address, wanted, now, request.user)
        return redirect("following:following", follower.token)
    form = AddressForm(data)
    if data is not None and form.is_valid():
        try:
            ask_to_confirm(request, form.cleaned_data["email"], wanted, now)
        except TooManyLettersError as error:
            form.add_error("email", str(error))
        else:
            return redirect("following:asked")
    context = {"wanted": wanted, "form": form, "address": address}
    return render(request, "following/follow.html", context)


@require_safe
@private
def asked(request: HttpRequest) -> HttpResponse:
    """The same for every address."""
    return render(request, "following/asked.html")


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Opening the letter's link confirms nothing, as scanners of mail do: the button does."""
    found = read_key(key)
    wanted = found and read_wanted(QueryDict(found[1]), Catalogue(), timezone.localdate())
    if not found or wanted is None:
        return render(request, "following/over.html", status=410)
    if request.method == "POST":
        follower = follow_wanted(found[0], wanted, timezone.now())
        return redirect("following:following", follower.token)
    return render(request, "following/confirm.html", {"wanted": wanted, "address": found[0]})


@require_safe
@private
def following(request: HttpRequest, token: str) -> HttpResponse:
    """All that an address follows, each with its end."""
    follower = Follower.objects.filter(token=token).first()
    if follower is None:
        raise Http404("没有这个订阅，或已经结束")
    known, today = Catalogue(), timezone.localdate()
    rows = follower.subscriptions.select_related("programme", "enterprise").order_by("pk")
    context = {
        "follower": follower,
        "rows": [
            (row, search_in_words(row.query, known, today) if row.query else "") for row in rows
        ],
    }
    return render(request, "following/following.html", context)


@require_safe
@private
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What the address of whoever is logged in follows."""
    address = confirmed_address(request.user)
    follower = Follower.objects.filter(address=address).first() if address else None
    if follower is None:
        return render(request, "following/none.html")
    return redirect("following:following", follower.token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@private
def end_following(request: HttpRequest, token: str) -> HttpResponse:
    """End one subscription, or all of an address. What has ended before has ended.

    Programs of mail post one field without cookies (RFC 8058), for which the token is the key; the
    buttons of the site come with their own.
    """
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        for follower in Follower.objects.filter(token=token):
            end(follower)
        return render(request, "following/ended.html")
    return _end_by_button(request, token)


@csrf_protect
def _end_by_button(request: HttpRequest, token: str) -> HttpResponse:
    follower = Follower.objects.filter(token=token).first()
    if request.method == "POST":
        chosen = request.POST.get("subscription")
        if follower is not None:
            end(follower, None if chosen is None else whole_number(chosen))
            if Follower.objects.filter(pk=follower.pk).exists():
                return redirect("following:following", token)
        return render(request, "following/ended.html")
    if follower is None:
        raise Http404("没有这个订阅，或已经结束")
    return render(request, "following/end.html", {"follower": follower})
