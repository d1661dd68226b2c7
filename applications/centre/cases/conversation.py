"""The staff's side of the conversation on a case, and what the firm was told."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from applications.cases.forms.note import NoteForm
from applications.cases.models import Application
from applications.cases.services.messages import members_of
from applications.cases.services.notes import write_note
from portal.models import Delivery


def conversation_of(application: Application) -> dict[str, Any]:
    """What the case page shows: the notes, and each e-mail and text message to the firm."""
    deliveries = Delivery.objects.filter(about__message__application=application)
    return {
        "notes": application.notes.select_related("author"),
        "deliveries": deliveries.select_related("about__message").order_by("pk"),
        "firm_has_account": members_of(application.current_firm).exists(),
    }


def write_case_note(request: HttpRequest, application: Application) -> str:
    """Write what was posted to the firm; what is wrong with it, or nothing."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return form.errors["text"][0]
    write_note(
        application=application,
        author=request.user,
        from_staff=True,
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    return ""
