"""Lists with so many rows to record that no page waits for it: a worker does, all or nothing."""

from datetime import datetime
from typing import Any

from applications.centre.imports.kinds import IMPORTS, may_import
from applications.centre.imports.recording import SheetImportError, record_sheet
from applications.centre.models import SheetImport
from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import JobError, job_kind
from portal.jobs.work import Work
from portal.models import Job

TITLE = "登记{title}：{name}"
IS_RECORDING = "正在登记 {count} 行，要么全部登记，要么一行也不登记"
IS_GONE = "这份表已经换成后来上传的，没有登记；请在新的那份上登记。"
NO_RIGHT = "您现在没有登记这份名单的权限。"


def ask_to_record(*, sheet: SheetImport, count: int, user: Any, page: str, now: datetime) -> Job:
    """The job that records the new rows of a sheet; TooManyJobsError where too much waits already."""
    return ask(
        record_rows,
        {"sheet": sheet.pk, "count": count},
        title=TITLE.format(title=sheet.title, name=sheet.file_name)[:200],
        digest=digest_of(str(user.pk), "import", str(sheet.pk)),
        owner=user,
        page=page,
        now=now,
    )


@job_kind
def record_rows(work: Work) -> None:
    """One block: the rows, their record and the step hold together."""
    user, now = work.job.owner, work.clock()
    work.beat(IS_RECORDING.format(count=work.parameters["count"]))
    for _ in range(work.step, 1):
        sheet = SheetImport.objects.visible_to(user).filter(pk=work.parameters["sheet"]).first()
        if sheet is None:
            raise JobError(IS_GONE)
        kind = IMPORTS[sheet.kind]
        if not (user.is_active and may_import(user, kind)):
            raise JobError(NO_RIGHT)
        try:
            with work.block():
                record_sheet(kind=kind, sheet=sheet, user=user, now=now)
        except SheetImportError as error:
            raise JobError(str(error)) from error
