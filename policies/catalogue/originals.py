"""The original files of documents: how one comes in, takes another's place, and is taken down."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from policies.catalogue.models import Document, Original
from portal.files.store import Incoming, incoming, withdraw
from portal.models import User

SAME = "这个文件和现在的原件一样（SHA-256 相同），不用再传。"
WHY_REPLACED = "这份文件已有原件。要换，请写明为什么换，公开显示。"
NONE_NOW = "这份文件现在没有原件，可能刚被别人撤下。"


class OriginalError(Exception):
    """What cannot be done with an original; the message says why, in Chinese."""


def put_original(
    upload: UploadedFile, *, document: Document, user: User, role: str, reason: str, now: datetime
) -> Original:
    """The upload as the document's original from now on; what was there before stays on record.

    UploadRefusedError when the file cannot be kept, OriginalError when it may not take that place;
    then no row and no file is left.
    """
    with incoming(upload, owner=f"document {document.pk}") as content:
        original = Original(
            document=document, role=role, uploaded_at=now, uploaded_by=user, **content.fields
        )
        return _enter(original, content, reason)


def _enter(original: Original, content: Incoming, reason: str) -> Original:
    """Row and file together; uploads of one document take turns."""
    # Within a larger transaction that fails later, the file would stay without its row.
    with transaction.atomic(durable=True):
        Document.objects.select_for_update(no_key=True).get(pk=original.document_id)
        before = Original.objects.current().filter(document=original.document_id).first()
        if before and before.sha256 == original.sha256:
            raise OriginalError(SAME)
        if before and not reason:
            raise OriginalError(WHY_REPLACED)
        if before:
            _close(before, role=original.role, reason=reason, now=original.uploaded_at)
        original.save(force_insert=True)
        content.move_to(original.path)
    return original


def take_down(document: Document, *, role: str, reason: str, now: datetime) -> Original:
    """Nobody gets the document's original any more, and its content goes; its record stays."""
    with transaction.atomic():
        Document.objects.select_for_update(no_key=True).get(pk=document.pk)
        original = Original.objects.current().filter(document=document).first()
        if original is None:
            raise OriginalError(NONE_NOW)
        _close(original, role=role, reason=reason, now=now)
        withdraw(original, now)
    return original


def _close(original: Original, *, role: str, reason: str, now: datetime) -> None:
    original.closed_at, original.closed_role, original.closed_because = now, role, reason
    original.save(update_fields=["closed_at", "closed_role", "closed_because"])
