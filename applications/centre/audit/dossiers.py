"""Dossiers made by a worker: of one case a sealed ZIP, of several one that holds a sealed ZIP of each."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from applications.cases.models import Application, Attachment
from applications.cases.models.attachment import files_visible_to
from applications.centre.audit.dossier import Dossier, plain, with_content
from applications.centre.audit.rights import may_audit
from applications.centre.cases.bundles import (
    CHANGED,
    MOST_BYTES,
    MOST_CASES,
    NONE_LEFT,
    NOT_THERE,
    NOT_YOURS,
    SOME_LEFT,
    BundleError,
)
from applications.centre.exports.recording import scope_of
from applications.centre.models import ExportLog
from portal.files.names import clean_name
from portal.jobs.asking import ask, digest_of
from portal.jobs.kinds import JobError, job_kind
from portal.jobs.work import Work
from portal.models import DatabaseIdentity, Job, User
from portal.pdf import STYLES, html_to_pdf
from portal.sealed.checking import digest_of_file
from portal.sealed.writing import SealedZip

TITLE, KEY = "案卷", "dossier"
DOCUMENT, DATA, READ_ME = "案卷.pdf", "案卷.json", "说明.txt"
TOO_MANY = f"一次最多做 {MOST_CASES} 件申报的案卷，请分几次。"
TOO_LARGE = "所选 {count} 件申报提交过的文件共 {size}，一次最多 {most}，请分几次。"
MADE = "已做好 {done} 件，共 {count} 件"
HOW_TO_CHECK = """这是惠企政策资格自测平台做的案卷。

manifest.json 列出这里每个文件的大小和 SHA-256；manifest.seal 是它的校验码和平台用自己的密钥做的签名。
核对有没有被改动：把整个 ZIP 交给平台后台“审计 → 核对案卷”，或在服务器上运行 manage.py check_dossier 文件。
不用平台也能核对到一半：逐个计算文件的 SHA-256，和 manifest.json 里的对照；签名只有平台能核对。
"""


def ask_for_dossiers(cases: Sequence[Application], *, user: User, page: str, now: datetime) -> Job:
    """The job that makes them, or has made that of one case as it is now; BundleError beyond the limits."""
    check_limits(cases)
    keys = sorted(case.pk for case in cases)
    title = f"{TITLE}：{cases[0].number}"
    stamp = digest_of_case(cases[0], user) if len(cases) == 1 else now.isoformat()
    if len(cases) > 1:
        title += f" 等 {len(cases)} 件"
    return ask(
        make_dossiers,
        {"cases": keys},
        title=title,
        digest=digest_of(KEY, str(user.pk), *map(str, keys), stamp),
        owner=user,
        page=page,
        now=now,
        keeps=len(cases) == 1,
    )


def digest_of_case(case: Application, user: User) -> str:
    """Of what its dossier says, but for which dossiers were made."""
    [case] = with_content(Application.objects.filter(pk=case.pk))
    told = Dossier(case, user).as_json()
    told["tables"].pop("exportlog")
    told["course"] = []
    return sha256(_json(told)).hexdigest()


def check_limits(cases: Sequence[Application]) -> None:
    """BundleError where these are more than a worker makes at a time."""
    if len(cases) > MOST_CASES:
        raise BundleError(TOO_MANY)
    found = Attachment.objects.filter(application__in=cases)
    size = found.aggregate(size=Sum("library_file__size"))["size"] or 0
    if size > MOST_BYTES:
        told = {"size": filesizeformat(size), "most": filesizeformat(MOST_BYTES)}
        raise BundleError(TOO_LARGE.format(count=len(cases), **told))


@job_kind
def make_dossiers(work: Work) -> None:
    """One block: the file, its records and the step hold together."""
    user, now = work.job.owner, work.clock()
    for _ in range(work.step, 1):
        cases = _cases(work.parameters["cases"], user)
        try:
            check_limits(cases)
        except BundleError as error:
            raise JobError(str(error)) from error
        with TemporaryFile() as file:
            made: list[tuple[Sequence[Application], str, str]] = []
            if len(cases) == 1:
                seal = write_dossier(file, cases[0], user, now, work.beat)
            else:
                seal = _write_several(file, cases, user, now, work, made)
            made.append((cases, seal, digest_of_file(file)))
            with work.block():
                name = _file_name(cases, now)
                work.keep(file, name=name, content_type="application/zip")
                ExportLog.objects.bulk_create(
                    _record(told, user, now, seal, whole) for told, seal, whole in made
                )


def _cases(keys: Sequence[int], user: User) -> list[Application]:
    """The cases that the user still sees, in the order of their numbers; JobError where one is gone."""
    if not (user.is_active and may_audit(user)):
        raise JobError(NONE_LEFT)
    visible = Application.objects.visible_to(user).filter(pk__in=keys)
    cases = list(with_content(visible).order_by("number"))
    if not cases:
        raise JobError(NONE_LEFT)
    if gone := len(keys) - len(cases):
        raise JobError(SOME_LEFT.format(count=len(keys), gone=gone))
    return cases


def write_dossier(
    file: BinaryIO, case: Application, user: User, now: datetime, beat: Callable[..., Any]
) -> str:
    """Write the sealed ZIP of one case; returns the digest of its manifest."""
    dossier, packed = Dossier(case, user), SealedZip(file, now, beat)
    problems = _put_files(packed, dossier, user)
    beat()
    maker = _name(user)
    packed.add(DOCUMENT, html_to_pdf(dossier.as_html(problems, maker, now), STYLES["office"]))
    packed.add(DATA, _json(dossier.as_json()))
    packed.add(READ_ME, HOW_TO_CHECK.encode())
    return packed.seal(_about([case], user, now) | {"problems": problems})


def _put_files(packed: SealedZip, dossier: Dossier, user: User) -> dict[str, str]:
    """What is wrong with which file, by the name it has there."""
    problems: dict[str, str] = {}
    keys = [each.stored.pk for each in dossier.files]
    mine = set(files_visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    for each in dossier.files:
        if each.stored.pk not in mine:
            problems[each.name] = NOT_YOURS
            continue
        try:
            content = each.stored.path.open("rb")
        except FileNotFoundError:
            problems[each.name] = NOT_THERE
            continue
        with content:
            if packed.add(each.name, content) != each.stored.sha256:
                problems[each.name] = CHANGED
    return problems


def _write_several(
    file: BinaryIO,
    cases: Sequence[Application],
    user: User,
    now: datetime,
    work: Work,
    made: list[tuple[Sequence[Application], str, str]],
) -> str:
    packed = SealedZip(file, now, work.beat)
    for done, case in enumerate(cases):
        work.beat(MADE.format(done=done, count=len(cases)))
        with TemporaryFile() as one:
            seal = write_dossier(one, case, user, now, work.beat)
            made.append(([case], seal, digest_of_file(one)))
            packed.add(f"{TITLE}-{case.number}.zip", one)
    packed.add(READ_ME, HOW_TO_CHECK.encode())
    return packed.seal(_about(cases, user, now))


def _about(cases: Sequence[Application], user: User, now: datetime) -> dict[str, Any]:
    return {
        "title": TITLE,
        "cases": [case.number for case in cases],
        "made_at": timezone.localtime(now).isoformat(timespec="seconds"),
        "made_by": _name(user),
        "scope": scope_of(user),
        "database": str(DatabaseIdentity.objects.get().identity),
    }


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()


def _file_name(cases: Sequence[Application], now: datetime) -> str:
    if len(cases) == 1:
        return clean_name(f"{TITLE}-{cases[0].number}.zip")
    return f"{TITLE}-{len(cases)}件-{timezone.localdate(now):%Y%m%d}.zip"


def _record(
    cases: Sequence[Application], user: User, now: datetime, seal: str, whole: str
) -> ExportLog:
    """What left the portal: by the digest of its manifest, which outlives packing it anew, and whole."""
    return ExportLog(
        at=now,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        key=KEY,
        title=TITLE,
        ending="zip",
        filtered="、".join(case.number for case in cases),
        rows=len(cases),
        checksum=seal,
        sha256=whole,
    )


def _json(told: Any) -> bytes:
    return json.dumps(plain(told), ensure_ascii=False, indent=1).encode()
