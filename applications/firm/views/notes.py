"""The firm's side of the conversation on a case."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from applications.cases.forms.note import NoteForm
from applications.cases.services.notes import write_note
from applications.firm.views.case import case_page, find_case


@require_POST
@login_required
def write(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Add a note; only for members of the firm, others do not learn that the case exists."""
    application = find_case(request, reference)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return case_page(request, application, note_form=form)
    write_note(
        application=application,
        author=request.user,
        from_staff=False,
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    messages.success(request, "留言已发送，受理部门会看到。")
    return redirect("firm:case", reference)
