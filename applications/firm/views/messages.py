"""What the site told a firm's member: read, open, mark as read."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from applications.cases.models import Message
from portal.public_pages import private

ON_A_PAGE = 20


@require_safe
@private
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first; `?unread=1` leaves out what was read."""
    own = Message.objects.for_firms_of(request.user).select_related("application")
    only_unread = request.GET.get("unread") == "1"
    if only_unread:
        own = own.unread()
    page = Paginator(own, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "only_unread": only_unread}
    return render(request, "firm/messages.html", context)


@require_POST
@login_required
def open_message(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Note that it was read and lead to the case that it is about."""
    own = Message.objects.for_firms_of(request.user)
    message = get_object_or_404(own.select_related("application"), reference=reference)
    own.filter(pk=message.pk).mark_read(timezone.now())
    return redirect(message.address)


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the page showed, or all up to the newest it knew of, not what came meanwhile."""
    own = Message.objects.for_firms_of(request.user)
    shown = [UUID(text) for text in request.POST.getlist("shown") if _is_uuid(text)]
    number = own.filter(reference__in=shown).mark_read(timezone.now())
    until = request.POST.get("until", "")
    newest = own.filter(reference=until).first() if _is_uuid(until) else None
    if newest is not None:
        number += own.filter(pk__lte=newest.pk).mark_read(timezone.now())
    messages.success(request, f"{number} 条标为已读。" if number else "没有未读的。")
    address = reverse("firm:messages")
    return redirect(f"{address}?unread=1" if request.POST.get("unread") == "1" else address)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
