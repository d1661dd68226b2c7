"""Whether a file is one that the portal made, and how the same list reads today."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from applications.centre.audit.comparing import Cells, Compared, compare
from applications.centre.exports.long import pages_of
from applications.centre.models import ExportLog
from portal.lists.canonical import canonical
from portal.lists.check import NotAListError, read_list
from portal.lists.declaration import Tally
from portal.models import User
from portal.sealed.checking import digest_of_file

MOST_ROWS = 20_000
MADE_BY = "{day} 由 {user} 导出“{title}”（{ending}），{rows} 行，筛选条件：{filtered}"
TO_THE_BYTE = "和本站导出的文件逐字节相同。"
SAVED_ANEW = "不是逐字节相同，但每一行都和本站导出的一样：文件后来另存过，内容没有改。"
ROWS_CHANGED = (
    "是本站导出的名单，但行被改动过：文件写的校验码有导出记录，按现有的 {count} 行算出来的不是它。"
)
NOT_ON_RECORD = "行和文件自己写的校验码相符，但您管的地区里没有这份导出的记录：可能是别处导出的，也可能校验码也是改过以后重算的。"
NEITHER = (
    "行和文件自己写的校验码不符，这个校验码也没有导出记录：不是本站导出的，或者改得认不出来了。"
)
NO_LIST = (
    "和您管的地区里任何一份导出的文件都不是逐字节相同。{why}"
    "PDF 和材料包只能逐字节核对；升级到记录整个文件摘要以前导出的，只有 XLSX 和 CSV 能核对行。"
)
# Kept together with the filter.
NO_QUERY = "这份导出早于升级，没有记下网址里的筛选，不能重算。"
NO_LIST_NOW = "这份文件不是后台的名单，或者那种名单现在没有了，不能重算。"
NO_RIGHT = "导出的人现在没有导出这份名单的权限，不能照他看到的重算。"
TOO_LONG = f"这份名单超过 {MOST_ROWS} 行，页面上不重算。"


class RecountError(Exception):
    """A list that cannot be computed again; the message says why, in Chinese."""


@dataclass(frozen=True)
class ExportChecked:
    """`log` is the export that it is, was, or says to be; `rows` what the file holds, where it can be read."""

    is_ours: bool
    words: str
    logs: Sequence[ExportLog]
    sha256: str
    rows: list[Cells] | None = None

    @property
    def log(self) -> ExportLog | None:
        return self.logs[0] if self.logs else None


def check_export(file: BinaryIO, viewer: User) -> ExportChecked:
    """Look at a seekable file; three queries at most."""
    digest = digest_of_file(file)
    mine = ExportLog.objects.visible_to(viewer).select_related("user").order_by("at", "pk")
    same = list(mine.filter(sha256=digest))
    try:
        checked, lines = read_list(file)
    except NotAListError as error:
        if same:
            return ExportChecked(True, TO_THE_BYTE, same, digest)
        return ExportChecked(False, NO_LIST.format(why=error), [], digest)
    # Without the headers and the running numbers.
    rows = [tuple(line[1:]) for line in lines[1:]]
    if same:
        return ExportChecked(True, TO_THE_BYTE, same, digest, rows)
    known = list(mine.filter(checksum=checked.stated))
    if checked.is_intact:
        told = SAVED_ANEW if known else NOT_ON_RECORD
        return ExportChecked(bool(known), told, known, digest, rows)
    told = ROWS_CHANGED.format(count=checked.count) if known else NEITHER
    return ExportChecked(False, told, known, digest, rows)


def made_in_words(log: ExportLog) -> str:
    day = f"{timezone.localtime(log.at):%Y-%m-%d %H:%M:%S}"
    user = log.user.get_full_name() or log.user.get_username()
    told = {"title": log.title, "ending": log.ending.upper(), "filtered": log.filtered}
    return MADE_BY.format(day=day, user=user, rows=log.rows, **told)


@dataclass(frozen=True)
class Recount:
    """The list as it is today; `compared` where the rows of then are at hand."""

    count: int
    checksum: str
    is_same: bool
    compared: Compared | None


def recount(log: ExportLog, rows: Sequence[Cells] | None = None) -> Recount:
    """Compute the list of an export again, as who made it saw it then; RecountError where it cannot be.

    `rows` are those of the file, to be compared one by one. What a filter says of today, such as what
    is overdue, is asked of today.
    """
    if not log.sha256:
        raise RecountError(NO_QUERY)
    try:
        pages = pages_of(log.key)
        data_list, queryset, _ = pages.list_for(_as_then(log), log.key, log.query)
    except LookupError:
        raise RecountError(NO_LIST_NOW) from None
    except PermissionDenied:
        raise RecountError(NO_RIGHT) from None
    if data_list.summarise(queryset).count > MOST_ROWS:
        raise RecountError(TOO_LONG)
    tally = Tally(data_list)
    lines = tally.lines(data_list.rows(queryset))
    now = [tuple(canonical(value) for value in values[1:]) for values in lines]
    is_same = tally.checksum == log.checksum
    compared = None
    # Of columns that were chosen otherwise since, cells cannot be told apart.
    if rows is not None and all(len(row) == len(data_list.columns) for row in rows):
        compared = compare(data_list.headers[1:], rows, now)
    return Recount(tally.count, tally.checksum, is_same, compared)


def _as_then(log: ExportLog) -> Any:
    """Who made it, with the place that they had then; nothing of it is saved."""
    user = User.objects.get(pk=log.user_id)
    user.jurisdiction_code = log.jurisdiction_code
    user.is_active = user.is_staff = True
    return user
