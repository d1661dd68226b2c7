"""The firm's document library."""

from datetime import date
from typing import Any

from django.db import models

from applications.enterprises.models.enterprise import Enterprise
from portal.models import StoredFile

EXPIRED = "“{title}”的有效期到 {day} 为止，已经过期。请换一份有效的，或在资料库中更正有效期。"


class LibraryFileQuerySet(models.QuerySet):
    def in_library(self) -> "LibraryFileQuerySet":
        """What a firm can still choose from."""
        return self.filter(withdrawn_at=None)

    def locked(self) -> "LibraryFileQuerySet":
        """The rows with those of the store that they extend, for as long as the transaction lasts."""
        return self.select_for_update(no_key=True, of=("self", "storedfile_ptr"))

    def of_firms_of(self, user: Any) -> "LibraryFileQuerySet":
        """What a member may see: the files of their firms."""
        return self.in_library().filter(enterprise__memberships__user=user)


class LibraryFile(StoredFile):
    """A file of a firm's library; the same one can serve many applications.

    The same content is in a library once. `content` is the SHA-256 of the stored file while it is
    there, and none once it is withdrawn: so the database can tell.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="files"
    )
    title = models.CharField("名称", max_length=100)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    content = models.CharField("在库内容（SHA-256）", max_length=64, null=True, editable=False)  # noqa: DJ001 (rows without are not alike)

    objects = LibraryFileQuerySet.as_manager()

    class Meta:
        verbose_name = "企业资料"
        verbose_name_plural = "企业资料"
        constraints = [
            models.UniqueConstraint(
                name="file_is_in_a_library_once",
                fields=["enterprise", "content"],
                violation_error_message="资料库里已有这个文件。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def is_expired_on(self, day: date) -> bool:
        return self.valid_until is not None and self.valid_until < day

    @property
    def expiry_in_words(self) -> str:
        """Why an expired file cannot be handed in."""
        return EXPIRED.format(title=self.title, day=self.valid_until)
