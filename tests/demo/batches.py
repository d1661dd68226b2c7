"""What happens to approved cases together: public notices, objections, recognition."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.ranking import Contest, decide_by_rank, ranking_of
from applications.cases.workflow import Status
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import keep_sheet, record_sheet
from applications.notices.models import Notice, Recognition
from applications.notices.services.drafts import change_notice, make_notice
from applications.notices.services.notices import end_notice, post_notice
from applications.notices.services.objections import record_objection, settle_objection
from applications.notices.services.recognitions import recognise
from applications.notices.services.withdrawal import withdraw_notice
from portal.models import User
from tests.demo.cases import Cast
from tests.demo.clock import Story
from tests.demo.money import award_story

OBJECTOR = {"name": "测试单位", "contact": "0356-7000001"}


@dataclass(frozen=True)
class Batch:
    """The cases of a batch so many `days` ago, in the hands of a reviewer of `place`; later
    where they are not all approved yet.

    `notice` says how far it comes: none, draft, posted, objected (not settled yet), ended;
    `in_error`: a first notice is withdrawn; `upheld`: one case falls by an objection. `money` says how far the awards come.
    """

    name: str
    place: str
    days: int
    notice: str = "none"
    in_error: bool = False
    upheld: bool = False
    recognised: bool = True
    by_sheet: bool = False
    money: str = "prepared"


def batch_story(cast: Cast, batch: Batch) -> Story:
    days = batch.days
    yield days
    while len(cast.batches.get(batch.name, ())) < max(cast.expected[batch.name], 1):
        days -= 1
        yield days
    actor = cast.staff[f"reviewer.{batch.place}"]
    if batch.notice != "none":
        notice = _draft(cast.batches[batch.name], actor)
        if batch.notice == "draft":
            return
        yield days
        if batch.in_error:
            notice = _post_in_error(notice, actor)
            days -= 1
            yield days
        notice = post_notice(notice=notice, actor=actor, now=timezone.now())
        if batch.notice == "posted":
            return
        yield days - 1
        record_objection(
            notice=notice,
            line=None,
            text="名单里的企业规模应再核实。",
            now=timezone.now(),
            **OBJECTOR,
        )
        if batch.notice == "objected":
            return
        yield days - 2
        _settle(notice, actor, upheld=batch.upheld)
        yield _weekday(notice.may_end_on)
        end_notice(notice=notice, actor=actor, now=timezone.now())
        if not batch.recognised:
            return
        yield _weekday(notice.ends_on + timedelta(days=4))
    own = [case.pk for case in cast.batches[batch.name]]
    cases = list(Application.objects.filter(pk__in=own, status=Status.APPROVED))
    _recognise(cases, batch, actor)
    yield from award_story(cast, cases, batch.money)


def _draft(cases: list[Application], actor: User) -> Notice:
    notice, _ = make_notice(applications=cases, actor=actor, now=timezone.now())
    change_notice(
        notice=notice,
        title=notice.title,
        text=notice.text,
        working_days=notice.minimum_days or 5,
    )
    return notice


def _post_in_error(notice: Notice, actor: User) -> Notice:
    """Post, withdraw, and draft the same cases again."""
    wrong = post_notice(notice=notice, actor=actor, now=timezone.now())
    cases = [line.application for line in wrong.lines.select_related("application")]
    reason = "公示正文的联系电话写错了，改正后重新公示。"
    withdraw_notice(notice=wrong, reason=reason, actor=actor, now=timezone.now())
    return _draft(cases, actor)


def _settle(notice: Notice, actor: User, *, upheld: bool) -> None:
    found = "经核实，所报产值与统计数不符。" if upheld else "经核实，材料与实际相符。"
    settle_objection(
        objection=notice.objections.get(outcome=""),
        outcome="upheld" if upheld else "dismissed",
        line=notice.lines.first() if upheld else None,
        handling=found,
        actor=actor,
        now=timezone.now(),
    )


def _weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def _document_number(year: int) -> str:
    """The next one of the year."""
    begins = f"演示认〔{year}〕"
    return f"{begins}{Recognition.objects.filter(document_number__startswith=begins).count() + 1}号"


def _recognise(cases: list[Application], batch: Batch, actor: User) -> None:
    now = timezone.now()
    number = _document_number(timezone.localdate(now).year)
    if batch.by_sheet:
        content = recognition_sheet(cases, number, timezone.localdate(now))
        sheet = keep_sheet(
            kind=RECOGNITIONS, name="认定名单.csv", content=content, user=actor, now=now
        )
        record_sheet(kind=RECOGNITIONS, sheet=sheet, user=actor, now=now)
        return
    recognise(
        applications=cases,
        document_number=number,
        on=timezone.localdate(now),
        actor=actor,
        now=now,
    )


def recognition_sheet(cases: list[Application], number: str, on: date) -> bytes:
    """A recognised list as it arrives: CSV that opens right in Excel."""
    lines = ["申报编号,统一社会信用代码,企业名称,文号,认定日期"]
    lines += [
        f"{case.number},{case.enterprise.credit_code},{case.enterprise_name},{number},{on}"
        for case in cases
    ]
    return "\ufeff{}\r\n".format("\r\n".join(lines)).encode()


def ranking_story(cast: Cast, contest: Contest, places: int, days: int) -> Story:
    """The city decides all cases of an expert step by their rank; those approved go on."""
    yield days
    actor = cast.staff["reviewer.jincheng"]
    ranking = ranking_of(contest, actor)
    decide_by_rank(
        ranking=ranking,
        places=places,
        reason="专家评分排在名额以外。",
        actor=actor,
        now=timezone.now(),
    )
    cast.batches["ranked"] = [
        entry.application for entry in ranking.ranked if entry.application.status == Status.APPROVED
    ]
