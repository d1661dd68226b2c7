"""Writing on a case: each note is told to the other side."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from applications.cases.models import Application, CaseNote, Message
from applications.cases.services.messages import Announcement, staff_at, tell_firm, tell_staff
from portal.models import User

TO_FIRM = Announcement(Message.Kind.NOTE, "受理部门给您留言", "cases/messages/note_to_firm.txt")
TO_STAFF = Announcement(Message.Kind.NOTE, "企业留言", "cases/messages/note_to_staff.txt")


@transaction.atomic
def write_note(
    *, application: Application, author: User, from_staff: bool, text: str, now: datetime
) -> CaseNote:
    note = CaseNote.objects.create(
        application=application, author=author, from_staff=from_staff, text=text.strip(), at=now
    )
    context, key = {"note": note}, f"note-{note.pk}"
    if from_staff:
        tell_firm(application, TO_FIRM, context, key=key, now=now)
    else:
        tell_staff(application, staff_in_charge(application), TO_STAFF, context, key=key, now=now)
    return note


def staff_in_charge(application: Application) -> list[User]:
    """Who has the case, has acted or written on it, and sees it still; before that, staff of the county."""
    acted = application.events.exclude(actor=None).values("actor")
    wrote = application.notes.filter(from_staff=True).values("author")
    of_case = Q(pk__in=acted) | Q(pk__in=wrote) | Q(pk=application.assignee_id)
    known = User.objects.filter(of_case, is_staff=True)
    case = Application.objects.filter(pk=application.pk)
    seeing = [user for user in known if case.visible_to(user).exists()]
    return seeing or staff_at(application.county)
