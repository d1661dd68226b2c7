"""One case from the first thing typed to the end that the plan gives it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft, Correction, ReviewRequest
from applications.cases.models.draft import MATERIAL
from applications.cases.models.finding import criteria_to_judge
from applications.cases.services.assignment import assign
from applications.cases.services.attachments import Chosen
from applications.cases.services.corrections import close_unanswered
from applications.cases.services.drafts import save_draft
from applications.cases.services.experts import (
    assign_experts,
    declare_conflict,
    score_application,
    withdraw_assignment,
)
from applications.cases.services.filling import Filling, unmet
from applications.cases.services.findings import record_findings
from applications.cases.services.notes import write_note
from applications.cases.services.review import (
    answer_correction,
    decide,
    request_correction,
    withdraw,
)
from applications.cases.services.review_requests import (
    answer_review,
    answerers,
    ask_for_review,
)
from applications.cases.services.submission import Submission, submit_application
from applications.cases.workflow import WITH_STAFF, Action, Status
from applications.enterprises.models import LibraryFile, Subject
from policies.catalogue.current import Catalogue
from policies.rules.answers import parse_answers
from policies.rules.assessment import assess
from policies.rules.facts import Fact
from portal.models import User
from tests.demo.accounts import PLACES
from tests.demo.answers import FITTING, SUBJECTS
from tests.demo.clock import Story
from tests.demo.firms import Firm, basics_of, subject_of, tell_profile

EXPERTS = ("expert1.jincheng", "expert2.jincheng", "expert3.jincheng")
STAFF_WROTE_IT = "县中心工作人员"
OPINIONS = ("材料齐全，数据与报表一致。", "现场核实属实，同意。", "符合申报条件，同意上报。")


@dataclass(frozen=True)
class Plan:
    """A firm asks for a programme so many `days` ago; `end` says how far its case comes.

    `answers` replace what would fit; `points` are the experts' scores, None for a declared
    conflict; `batch` names the notice and recognition it goes on to once it is approved.
    """

    programme: str
    firm: str
    days: int
    end: str = "approved"
    batch: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[str | None, ...] = ("82", "78.5", "90")
    subject: str = ""


@dataclass
class Cast:
    """Who plays: staff and firms by key, the catalogue's facts, and the cases of each batch.

    `expected` is how many cases a batch waits for.
    """

    staff: dict[str, User]
    firms: dict[str, Firm]
    facts: Mapping[str, Fact]
    now: datetime
    expected: Counter[str] = field(default_factory=Counter)
    batches: dict[str, list[Application]] = field(default_factory=dict)

    def reviewer_of(self, case: Application) -> User:
        """Whose desk the case lies on."""
        code = case.county_id if case.desk == "county" else case.county.parent_id
        return self.staff[f"reviewer.{place_of(code)}"]


def place_of(code: str) -> str:
    return next(place for place, (own, _) in PLACES.items() if own == code)


def case_story(cast: Cast, plan: Plan) -> Story:
    """Hand in, review and decide, as far as the plan says."""
    firm = cast.firms[plan.firm]
    county = cast.staff[f"reviewer.{place_of(firm.enterprise.county_id)}"]
    yield plan.days
    draft = _start(cast, plan, firm, county)
    if plan.end == "draft":
        return
    yield plan.days
    case = _hand_in(cast, plan, firm, draft, county)
    if plan.end == "submitted":
        return
    if plan.end == "withdrawn":
        yield plan.days - 3
        withdraw(
            application=case, actor=firm.owner, opinion="数据填错，改好后再报。", now=timezone.now()
        )
        return
    yield plan.days - 2
    _decide(cast, case, Action.ACCEPT)
    if plan.end == "accepted":
        return
    if plan.end in ("returned", "lapsed", "corrected", "approved after correction"):
        yield plan.days - 3
        correction = _ask_to_correct(cast, case)
        if plan.end == "returned":
            return
        if plan.end == "lapsed":
            yield correction.due_on + timedelta(days=1)
            _close(cast, case)
            return
        yield plan.days - 6
        _correct(cast, case, firm)
        if plan.end == "corrected":
            return
    if plan.end in ("rejected", "reopened", "review asked", "review upheld"):
        yield plan.days - 5
        reason = "主营业务收入没有达到文件规定的数额，不符合条件。"
        _decide(cast, case, Action.REJECT, reason)
        if plan.end == "reopened":
            yield plan.days - 8
            _decide(cast, case, Action.REOPEN, "企业补充了全年报表，重新审核。")
        if plan.end.startswith("review"):
            yield plan.days - 8
            reason = "审计报告的主营业务收入含技术服务收入，应当一并计算，请复核。"
            ask_for_review(application=case, actor=firm.owner, reason=reason, now=timezone.now())
        if plan.end == "review upheld":
            yield plan.days - 12
            _uphold(case)
        return
    if plan.end == "visited":
        yield plan.days - 4
        details = {"visited_on": timezone.localdate().isoformat()}
        _decide(cast, case, Action.VISIT, "到厂查看了生产线和账簿，情况属实。", details)
        _decide(cast, case, Action.TAKE_OVER)
        return
    yield from _review(cast, plan, case)
    if case.status == Status.APPROVED:
        cast.batches.setdefault(plan.batch, []).append(case)


def _start(cast: Cast, plan: Plan, firm: Firm, county: User) -> ApplicationDraft:
    """Fill in the profile and begin an application; a plain draft leaves questions open."""
    today, subject = timezone.localdate(), _subject(plan, firm)
    told = basics_of(firm) | FITTING[plan.programme](today) | dict(plan.answers)
    about = {
        key: value for key, value in told.items() if subject and key.startswith(f"{subject.kind}.")
    }
    own = {key: value for key, value in told.items() if key not in about}
    if plan.end == "draft":
        own = {key: value for key, value in own.items() if not key.startswith("stat.")}
    tell_profile(firm, own, cast.facts, staff=county)
    if subject:
        tell_profile(firm, about, cast.facts, staff=county, subject=subject)
    filling = Filling(firm.enterprise, plan.programme, today, subject)
    content = {name: [value] for name, value in firm.contact.items()}
    if plan.end == "draft":
        content |= {"stat.direct_reporting": ["true"], "stat.first_upgrade_year": [str(today.year)]}
    for material, files in _papers(filling, firm).items():
        content[f"{MATERIAL}{material.name}"] = [str(file.reference) for file in files]
    return save_draft(
        filling=filling,
        content=content,
        version=0,
        user=firm.owner or county,
        who="办公室" if firm.owner else STAFF_WROTE_IT,
        now=timezone.now(),
    )


def _subject(plan: Plan, firm: Firm) -> Subject | None:
    if plan.programme not in SUBJECTS:
        return None
    kind, name = SUBJECTS[plan.programme]
    return subject_of(firm, kind, plan.subject or name)


def _papers(filling: Filling, firm: Firm) -> dict[Any, list[LibraryFile]]:
    """The paper for each material, where the firm has it in its library by now."""
    found = {material: firm.papers_for(material, timezone.now()) for material in filling.materials}
    return {material: files for material, files in found.items() if files}


def _hand_in(
    cast: Cast, plan: Plan, firm: Firm, draft: ApplicationDraft, county: User
) -> Application:
    filling = Filling(firm.enterprise, plan.programme, timezone.localdate(), _subject(plan, firm))
    answers = filling.answers({})
    assessment = filling.assess(answers)
    chosen: Chosen = _papers(filling, firm)
    return submit_application(
        filling=filling,
        draft=draft,
        submission=Submission(
            given={},
            answers=answers,
            assessment=assessment,
            chosen=chosen,
            confirmed_unmet=unmet(assessment),
            **firm.contact,
        ),
        user=firm.owner or county,
        by_staff=firm.owner is None,
        now=timezone.now(),
    )


def _decide(
    cast: Cast,
    case: Application,
    action: Action,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    decide(
        application=case,
        action=action,
        actor=cast.reviewer_of(case),
        opinion=opinion,
        now=timezone.now(),
        details=details,
    )


def _uphold(case: Application) -> None:
    """By whoever may: here somebody of the city, since one person reviews for the county."""
    answer_review(
        application=case,
        outcome=ReviewRequest.Outcome.UPHELD,
        actor=answerers(case)[0],
        reason="技术服务收入在审计报告里单列，不是主营业务收入，仍没有达到。",
        now=timezone.now(),
    )


def _close(cast: Cast, case: Application) -> None:
    close_unanswered(
        application=case,
        actor=cast.reviewer_of(case),
        reason="到期没有补正，也没有说明原因。",
        now=timezone.now(),
    )


def _ask_to_correct(cast: Cast, case: Application) -> Correction:
    """The first figure that the case was judged by, and the first material."""
    figures = [key for key in case.answers if key.startswith(("revenue.", "enterprise.employees"))]
    materials = [material.name for material in case.edition.materials.all()[:1]]
    return request_correction(
        application=case,
        actor=cast.reviewer_of(case),
        facts=figures[:1],
        materials=materials,
        reason="数据与上年度审计报告不一致，请核对后改正，并重新上传材料。",
        now=timezone.now(),
    )


def _correct(cast: Cast, case: Application, firm: Firm) -> None:
    """The firm puts the asked figure right, by the edition that its case is pinned to, and says so on
    its last paper.
    """
    correction = case.corrections.get(answered_at=None)
    raw = dict(case.answers)
    for key in correction.facts:
        raw[key] = raw[key] + 15
    answers = parse_answers(raw, cast.facts, case.on)
    rules = Catalogue().pinned_edition(case.edition)
    materials = case.edition.materials.filter(name__in=correction.materials)
    answer_correction(
        application=case,
        answers=answers,
        assessment=assess([rules], answers, case.on, cast.facts)["programmes"][0],
        chosen=dict.fromkeys(materials, firm.files[-1:]) if firm.files else {},
        actor=firm.owner,
        now=timezone.now(),
    )


def _review(cast: Cast, plan: Plan, case: Application) -> Story:
    """Step after step until the case is approved or its plan stops it."""
    days, round_ = plan.days - 5, 0
    while case.status == Status.IN_REVIEW:
        days -= 3
        yield days
        if case.is_at_last_step:
            _judge(cast, case)
        if case.current_step.is_expert:
            yield from _ask_experts(cast, plan, case, days)
            days -= 4
            if plan.end in ("asked", "partly scored", "scored"):
                return
        details = None
        if not case.current_step.is_decided_here:
            details = {"document_number": f"演示省促〔{timezone.localdate().year}〕{case.pk}号"}
        _decide(cast, case, Action.RECOMMEND, OPINIONS[round_ % len(OPINIONS)], details)
        round_ += 1
        if plan.end == "recommended":
            return


def _judge(cast: Cast, case: Application) -> None:
    """Staff find that the criteria hold that no rule can decide."""
    criteria = criteria_to_judge(case.assessment)
    record_findings(
        application=case,
        actor=cast.reviewer_of(case),
        findings={criterion["id"]: ("met", "核对无误。") for criterion in criteria},
        now=timezone.now(),
    )


def _ask_experts(cast: Cast, plan: Plan, case: Application, days: int) -> Story:
    """Ask all experts; as many answer as the plan has points, None declares a conflict."""
    actor = cast.reviewer_of(case)
    experts = [cast.staff[name] for name in EXPERTS]
    assignments = assign_experts(application=case, experts=experts, actor=actor, now=timezone.now())
    if plan.end == "asked":
        yield days - 1
        withdraw_assignment(assignment=assignments[-1], actor=actor, now=timezone.now())
        return
    for assignment, points in zip(assignments, plan.points, strict=False):
        days -= 1
        yield days
        if points is None:
            declare_conflict(
                assignment=assignment, reason="近三年为该企业做过咨询。", now=timezone.now()
            )
        else:
            score_application(
                assignment=assignment,
                points=Decimal(points),
                reason="产品有市场，研发投入和财务状况与材料一致。",
                now=timezone.now(),
            )


def assign_story(cast: Cast, firm: str, reviewer: str, days: int) -> Story:
    """Who has the firm's newest case at the county's desk is said by a colleague there."""
    yield days
    own = cast.firms[firm].enterprise.applications.filter(desk="county", status__in=WITH_STAFF)
    while not own.exists():
        # It comes later on the same day.
        yield 0
    assignee = cast.staff[reviewer]
    colleagues = (cast.staff[key] for key in ("reviewer.qinshui", "reviewer2.qinshui"))
    assign(
        application=own.order_by("pk").last(),
        assignee=assignee,
        actor=next(each for each in colleagues if each != assignee),
        reason="按乡镇分工。",
        now=timezone.now(),
    )


def talk_story(cast: Cast, firm: str, days: int) -> Story:
    """The firm asks on its newest case, and staff answer."""
    yield days
    own = cast.firms[firm]
    case = own.enterprise.applications.order_by("pk").last()
    asked = "请问还要多久有结果？需要补什么材料吗？"
    write_note(application=case, author=own.owner, from_staff=False, text=asked, now=timezone.now())
    yield days - 1
    answer = "按顺序办理，办完会有消息提醒。"
    if case.status == Status.RETURNED:
        answer = "请按“需要补正”里写的改好，再提交一次。"
    write_note(
        application=case,
        author=cast.reviewer_of(case),
        from_staff=True,
        text=answer,
        now=timezone.now(),
    )
