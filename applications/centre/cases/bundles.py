"""The materials of cases, made by a worker: a cover, then the files in the order of the list.

As a ZIP, of one case or of several in a folder each; or of one case as one PDF, which holds the PDFs
and pictures, and of the others says on the cover that they are to be had beside it.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils import timezone

from applications.cases.models import Application, Attachment
from applications.cases.models.application import may_read_cases
from applications.cases.models.attachment import files_visible_to
from applications.centre.cases.materials import (
    COVER,
    Enclosed,
    Listed,
    folders_of,
    materials_of,
)
from applications.centre.models import ExportLog
from applications.enterprises.models import LibraryFile
from portal.bounded_reading import (
    Limits,
    ReadersBusyError,
    ReadingStoppedError,
    convert_bounded,
)
from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import JobError, job_kind
from portal.jobs.work import Work
from portal.models import Job, User
from portal.pdf import STYLES, html_to_pdf

MOST_CASES = 200
MOST_BYTES = 500 * 2**20
# Of what becomes one PDF: it is held in memory as a whole.
MOST_BYTES_IN_ONE = 200 * 2**20
PIECE = 1 << 20
MAKER = "portal.pdf_pages"
OF_ONE = Limits(processor=60, clock=120, memory=2**30, result=300 * 2**20)
OF_ALL = Limits(processor=180, clock=300, memory=3 * 2**30, result=2**30)
TITLE = "申报材料"
KEY = "materials"
ZIP, PDF = "zip", "pdf"
CONTENT_TYPES = {ZIP: "application/zip", PDF: "application/pdf"}
TOO_MANY = f"一次最多打包 {MOST_CASES} 件申报，请分几次选。"
TOO_LARGE = "所选 {count} 件申报的材料共 {size}，一次最多打包 {most}，请分几次。"
NONE_LEFT = "所选的申报您现在都看不到了，没有打包。"
SOME_LEFT = "所选 {count} 件申报中有 {gone} 件您现在看不到了，没有打包，请重新选择。"
NOT_THERE = "服务器上没有这个文件，没有放进来，请告诉网站管理员"
CHANGED = "内容与提交时不符，请告诉网站管理员"
NO_PAGES = "读不出页面（可能有密码或已损坏），没有并入，请另行下载"
OTHER_KIND = "{kind}不能并入 PDF，请另行下载"
TOO_BUSY = "服务器现在太忙，没有做成，请过一会儿再试。"
NOT_JOINED = "这些文件合不成一份 PDF，请改用 ZIP。"
NOT_YOURS = "您现在看不到这个文件，没有放进来"
PACKED = "已放入 {done} 件，共 {count} 件"


class BundleError(Exception):
    """Cases that are not packed; the message says why, in Chinese."""


@dataclass(frozen=True)
class _Packed:
    """A material with its files, and of each what was wrong with it."""

    number: int
    name: str
    files: list[tuple[Enclosed, str]]


def ask_for_bundle(
    applications: Sequence[Application],
    *,
    ending: str = ZIP,
    user: User,
    page: str,
    now: datetime,
) -> Job:
    """The job that packs these cases, or has packed them as they are now; BundleError beyond the limits.

    With the `ending` pdf one case becomes one document.
    """
    check_limits(applications, ending)
    keys = sorted(application.pk for application in applications)
    # What was handed in anew makes another bundle.
    stamp = [f"{each.pk}:{each.version}" for each in applications]
    title = f"{TITLE}（{ending.upper()}）：{applications[0].number}"
    if len(applications) > 1:
        title += f" 等 {len(applications)} 件"
    return ask(
        make_bundle,
        {"cases": keys, "ending": ending},
        title=title,
        digest=digest_of(KEY, ending, str(user.pk), *sorted(stamp)),
        owner=user,
        page=page,
        now=now,
        keeps=True,
    )


def check_limits(applications: Sequence[Application], ending: str) -> None:
    """BundleError where these are more than a worker packs at a time."""
    count = len(applications)
    if count > MOST_CASES:
        raise BundleError(TOO_MANY)
    found = Attachment.objects.current().filter(application__in=applications)
    size = found.aggregate(size=Sum("library_file__size"))["size"] or 0
    most = MOST_BYTES if ending == ZIP else MOST_BYTES_IN_ONE
    if size > most:
        raise BundleError(
            TOO_LARGE.format(count=count, size=filesizeformat(size), most=filesizeformat(most))
        )


@job_kind
def make_bundle(work: Work) -> None:
    """One block: the file, its record and the step hold together."""
    user, now, ending = work.job.owner, work.clock(), work.parameters["ending"]
    for _ in range(work.step, 1):
        cases = _cases(work.parameters["cases"], user)
        try:
            check_limits(cases, ending)
        except BundleError as error:
            raise JobError(str(error)) from error
        with TemporaryFile() as file:
            if ending == ZIP:
                pack(file, cases, user, now, work.beat)
            else:
                join(file, cases[0], user, now, work.beat)
            checksum = _checksum(file)
            file.seek(0)
            with work.block():
                name = _file_name(cases, ending, now)
                work.keep(file, name=name, content_type=CONTENT_TYPES[ending])
                _record(cases, ending, user, now, checksum)


def _cases(keys: Sequence[int], user: User) -> list[Application]:
    """The cases that the user still sees, in the order of their numbers; JobError where one is gone."""
    if not (user.is_active and may_read_cases(user)):
        raise JobError(NONE_LEFT)
    visible = Application.objects.visible_to(user).filter(pk__in=keys)
    cases = list(
        visible.select_related("enterprise", "county", "edition__programme", "call")
        .defer("answers", "assessment")
        .order_by("number")
    )
    if not cases:
        raise JobError(NONE_LEFT)
    if gone := len(keys) - len(cases):
        raise JobError(SOME_LEFT.format(count=len(keys), gone=gone))
    return cases


def _file_name(cases: Sequence[Application], ending: str, now: datetime) -> str:
    if len(cases) == 1:
        return f"{TITLE}-{cases[0].number}.{ending}"
    return f"{TITLE}-{len(cases)}件-{timezone.localdate(now):%Y%m%d}.zip"


def _record(
    cases: Sequence[Application], ending: str, user: User, now: datetime, checksum: str
) -> None:
    """What left the portal, by the digest of the whole file."""
    ExportLog.objects.create(
        at=now,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        key=KEY,
        title=TITLE,
        ending=ending,
        filtered="、".join(case.number for case in cases),
        rows=len(cases),
        checksum=checksum,
        sha256=checksum,
    )


def pack(
    file: BinaryIO, cases: Sequence[Application], user: User, now: datetime, beat: Any
) -> None:
    """Write the ZIP: one case as it is, several in a folder each."""
    folders = folders_of(cases) if len(cases) > 1 else {}
    with ZipFile(file, "w", ZIP_STORED) as bundle:
        for done, case in enumerate(cases):
            beat(PACKED.format(done=done, count=len(cases)))
            folder = f"{folders[case.pk]}/" if folders else ""
            materials = materials_of(case)
            mine = _visible(materials, user)
            packed = [
                _Packed(
                    material.number,
                    material.name,
                    [
                        (each, _put(bundle, folder, each, mine, now, beat))
                        for each in material.files
                    ],
                )
                for material in materials
            ]
            cover = _cover(case, packed, now)
            bundle.writestr(_info(f"{folder}{COVER}", now), cover)


def join(file: BinaryIO, case: Application, user: User, now: datetime, beat: Any) -> None:
    """Write one PDF: the cover, then the pages of each file, found by its name in the outline."""
    materials = materials_of(case)
    mine = _visible(materials, user)
    with TemporaryFile() as kept:
        with ZipFile(kept, "w", ZIP_STORED) as parts:
            packed = []
            for row in materials:
                told = [(each, _pages(parts, each, mine, now, beat)) for each in row.files]
                packed.append(_Packed(row.number, row.name, told))
            parts.writestr(_info(COVER, now), _cover(case, packed, now))
        _convert(kept, file, OF_ALL, NOT_JOINED)


def _pages(parts: ZipFile, enclosed: Enclosed, mine: set[int], now: datetime, beat: Any) -> str:
    """Put the pages of a file among the parts; what is wrong with it in words, or nothing."""
    stored: LibraryFile = enclosed.attachment.library_file
    if stored.pk not in mine:
        return NOT_YOURS
    if not stored.kind.is_shown_by_browsers:
        return OTHER_KIND.format(kind=stored.kind.label)
    try:
        content = stored.path.open("rb")
    except FileNotFoundError:
        return NOT_THERE
    with content, TemporaryFile() as pages:
        is_changed = _checksum(content) != stored.sha256
        try:
            _convert(content, pages, OF_ONE, "")
        except JobError as error:
            if str(error):
                raise
            return NO_PAGES
        with parts.open(_info(enclosed.name, now), "w") as target:
            shutil.copyfileobj(pages, target)
    beat()
    return CHANGED if is_changed else ""


def _convert(sent: BinaryIO, made: BinaryIO, limits: Limits, refusal: str) -> None:
    """JobError with the refusal where it cannot be made into pages."""
    try:
        convert_bounded(MAKER, sent, made, limits)
    except ReadingStoppedError:
        raise JobError(refusal) from None
    except ReadersBusyError:
        raise JobError(TOO_BUSY) from None


def _visible(materials: Iterable[Listed], user: User) -> set[int]:
    """Which of the files the user may take: as they may one by one."""
    keys = [each.attachment.library_file_id for row in materials for each in row.files]
    return set(files_visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))


def _put(
    bundle: ZipFile, folder: str, enclosed: Enclosed, mine: set[int], now: datetime, beat: Any
) -> str:
    """Copy a file into the bundle; what is wrong with it in words, or nothing."""
    stored: LibraryFile = enclosed.attachment.library_file
    if stored.pk not in mine:
        return NOT_YOURS
    try:
        content = stored.path.open("rb")
    except FileNotFoundError:
        return NOT_THERE
    digest = sha256()
    with content, bundle.open(_info(f"{folder}{enclosed.name}", now), "w") as target:
        while piece := content.read(PIECE):
            digest.update(piece)
            target.write(piece)
            beat()
    return "" if digest.hexdigest() == stored.sha256 else CHANGED


def _info(name: str, now: datetime) -> ZipInfo:
    return ZipInfo(name, timezone.localtime(now).timetuple()[:6])


def _cover(case: Application, packed: Sequence[_Packed], now: datetime) -> bytes:
    context = {
        "application": case,
        "materials": packed,
        "count": sum(len(row.files) for row in packed),
        "made_at": now,
    }
    html = render_to_string("admin/cases/application/cover.html", context)
    return html_to_pdf(html, STYLES["office"])


def _checksum(file: BinaryIO) -> str:
    file.seek(0)
    digest = sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
