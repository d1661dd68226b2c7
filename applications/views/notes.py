"""The firm's side of the conversation on a case."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from applications.forms import NoteForm
from applications.models import Application
from applications.services.notes import write_note
from applications.views.case import find_case, receipt_page


@require_POST
@login_required
def write(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Add a note; only for members of the firm, others do not learn that the case exists."""
    own = Application.objects.filter(enterprise__memberships__user=request.user)
    application = get_object_or_404(own, reference=reference)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return receipt_page(request, find_case(reference), note_form=form)
    write_note(
        application=application,
        author=request.user,
        from_staff=False,
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    messages.success(request, "留言已发送，受理部门会看到。")
    return redirect("applications:receipt", reference)
