"""Lists that no page waits for: a worker writes them, and whoever asked fetches the file."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied

from applications.centre.exports.recording import file_name, record_export, write_file
from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import JobError, job_kind
from portal.jobs.work import Work
from portal.lists.declaration import DataList
from portal.lists.formats import FORMATS, ListTooLongError
from portal.lists.pdf_file import refuse_beyond_most
from portal.models import Job

# Rows that a page writes itself in half a second.
MOST_AT_ONCE = 2000
NO_LIST = "这种名单格式已被删除或改到别处用，请重新选择。"
NO_RIGHT = "您现在没有导出这份名单的权限。"
WRITTEN = "已读出 {done} 行，共 {count} 行"
SAY_EVERY = 500  # rows


def takes_long(data_list: DataList, queryset: Any, ending: str) -> bool:
    """Whether a worker has to write it; ListTooLongError where the format does not hold it."""
    count = data_list.summarise(queryset).count
    if ending == "pdf":
        refuse_beyond_most(data_list, count)
        return True
    return count > MOST_AT_ONCE


def ask_for_list(
    *, data_list: DataList, ending: str, query: str, user: Any, page: str, now: datetime
) -> Job:
    """The job that writes the list of a change list with that filter, as the user sees it."""
    asked = {
        "key": data_list.key,
        "ending": ending,
        "query": query,
    }
    return ask(
        make_list,
        asked,
        title=f"{data_list.title}（{ending.upper()}）",
        digest=digest_of(str(user.pk), *asked.values()),
        owner=user,
        page=page,
        now=now,
    )


@job_kind
def make_list(work: Work) -> None:
    """One block: the file, its record and the step hold together."""
    asked, user, now = work.parameters, work.job.owner, work.clock()
    pages = pages_of(asked["key"])
    for _ in range(work.step, 1):
        try:
            data_list, queryset, filtered = pages.list_for(user, asked["key"], asked["query"])
            told = _telling(data_list, data_list.summarise(queryset).count, work)
            file, tally = write_file(told, queryset, asked["ending"], user, filtered, now)
        except PermissionDenied:
            raise JobError(NO_RIGHT) from None
        except LookupError:
            raise JobError(NO_LIST) from None
        except ListTooLongError as error:
            raise JobError(str(error)) from error
        with file, work.block():
            work.keep(
                file,
                name=file_name(data_list, asked["ending"], now),
                content_type=FORMATS[asked["ending"]].content_type,
            )
            record_export(
                data_list, asked["ending"], user, filtered, now, tally, file, asked["query"]
            )


def pages_of(key: str) -> Any:
    """The pages of the change list that offers a list, or one of which it is another form.

    LookupError where no change list does.
    """
    family = key.partition("-")[0]
    for pages in admin.site._registry.values():
        if family in {offered.data_list.key for offered in getattr(pages, "list_pages", ())}:
            return pages
    raise LookupError(key)


def _telling(data_list: DataList, count: int, work: Work) -> DataList:
    """The same list, which says how far it is while its rows are read."""

    def rows(queryset: Any) -> Iterator[Any]:
        read: Iterable[Any] = data_list.rows(queryset)
        for number, row in enumerate(read):
            if number % SAY_EVERY == 0:
                work.beat(WRITTEN.format(done=number, count=count))
            yield row

    return replace(data_list, rows=rows)
