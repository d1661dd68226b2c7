"""Documents as PDF, made by the worker and kept by the digest of what they say."""

from datetime import datetime
from io import BytesIO

from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import job_kind
from portal.jobs.work import Work
from portal.models import Job, User


def ask_for_paper(
    html: str, *, title: str, file_name: str, now: datetime, owner: User | None = None
) -> Job:
    """The job that sets this document, or has set it already; TooManyJobsError where too many wait."""
    return ask(
        make_paper,
        {"html": html, "file_name": file_name},
        title=title,
        digest=digest_of(str(owner and owner.pk), file_name, html),
        owner=owner,
        now=now,
        keeps=True,
    )


@job_kind
def make_paper(work: Work) -> None:
    # It loads Pango, which nothing else needs.
    from portal.pdf import html_to_pdf

    for _ in range(work.step, 1):
        content = html_to_pdf(work.parameters["html"])
        with work.block():
            work.keep(
                BytesIO(content),
                name=work.parameters["file_name"],
                content_type="application/pdf",
            )
