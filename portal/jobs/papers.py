"""Documents as PDF, made by the worker and kept by the digest of what they say."""

from datetime import datetime
from io import BytesIO

from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import job_kind
from portal.jobs.work import Work
from portal.models import Job, User
from portal.pdf import STYLES, html_to_pdf


def ask_for_paper(
    html: str,
    *,
    title: str,
    file_name: str,
    now: datetime,
    owner: User | None = None,
    style: str = "paper",
    page: str = "",
) -> Job:
    """The job that sets this document, or has set it already; TooManyJobsError where too many wait.

    `style` is a style sheet of `portal.pdf.STYLES`, `page` whence it was asked for.
    """
    return ask(
        make_paper,
        {"html": html, "file_name": file_name, "style": style},
        title=title,
        digest=digest_of(str(owner and owner.pk), file_name, html),
        owner=owner,
        page=page,
        now=now,
        keeps=True,
    )


@job_kind
def make_paper(work: Work) -> None:
    style = STYLES[work.parameters.get("style", "paper")]
    for _ in range(work.step, 1):
        content = html_to_pdf(work.parameters["html"], style)
        with work.block():
            work.keep(
                BytesIO(content),
                name=work.parameters["file_name"],
                content_type="application/pdf",
            )
