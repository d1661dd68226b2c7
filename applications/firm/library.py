"""What a firm has in its library, and which applications each file was handed in with."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from applications.cases.models import Application, Attachment
from applications.enterprises.models import Enterprise, LibraryFile


@dataclass(frozen=True)
class Entry:
    """A file, whether it has expired, and the applications it was handed in with."""

    file: LibraryFile
    is_expired: bool
    applications: list[Application]

    @property
    def words(self) -> str:
        """All that it can be found by; a case that ended counts like any other."""
        cases = (f"{case.number} {case.edition.programme.name}" for case in self.applications)
        return "\n".join([self.file.title, self.file.original_name, *cases]).casefold()


def library_of(enterprise: Enterprise, today: date, query: str = "") -> list[Entry]:
    """What the firm has; with `query` what is called so, or was handed in with such a case."""
    attachments = Attachment.objects.select_related("application__edition__programme").defer(
        "application__answers", "application__assessment"
    )
    files = LibraryFile.objects.in_library().filter(enterprise=enterprise)
    entries = [
        Entry(file, file.is_expired_on(today), _applications(file))
        for file in files.prefetch_related(Prefetch("attachments", attachments))
    ]
    wanted = query.strip().casefold()
    return [entry for entry in entries if wanted in entry.words]


def _applications(file: LibraryFile) -> list[Application]:
    by_key = {part.application_id: part.application for part in file.attachments.all()}
    return list(by_key.values())
