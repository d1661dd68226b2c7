"""What happens around the cases: claims, self-checks, error reports, lists, messages read and sent."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.utils import timezone
from weasyprint import HTML

from applications.cases.models import Application, Message
from applications.cases.services.covers import enter_cover
from applications.centre.audit.samples import Question, draw_sample
from applications.centre.exports.applications import APPLICATIONS
from applications.centre.exports.awards import AWARDS
from applications.centre.exports.notices import NOTICES
from applications.centre.exports.payments import PAYMENTS
from applications.centre.exports.recording import export_list
from applications.enterprises.models import Claim
from applications.enterprises.services.memberships import (
    approve_claim,
    claim_enterprise,
    invite,
    reject_claim,
)
from applications.impact.models import Variant
from applications.impact.services.runs import ask_for_run
from applications.impact.services.variants import as_kept, draft_numbers, save_variant
from applications.money.models import AwardLine, Payment, PaymentBatch
from applications.notices.models import Notice
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import (
    Criterion,
    Document,
    Edition,
    Fact,
    Formula,
    SourceCheck,
)
from policies.catalogue.originals import put_original
from policies.catalogue.source_checks import record_check
from policies.editors.edition_proposals import approve, refuse
from policies.editors.edition_proposals import propose as propose_edition
from policies.editors.jurisdiction import role_of
from policies.editors.proposals import propose
from policies.pages.error_reports import find_subject
from policies.pages.models import ErrorReport
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import KEPT
from portal.guarded_admin import GuardedForm
from portal.jobs.work import work_off
from portal.models import Delivery
from portal.outbox.sending import try_to_send
from tests.demo.accounts import firm_user
from tests.demo.answers import FITTING
from tests.demo.cases import Cast, place_of
from tests.demo.clock import Story
from tests.demo.firms import basics_of
from tests.demo.mail import NO_MAILBOX
from tests.factories import SelfCheckFactory

READ_UNTIL = 6  # days ago
DRAFTED = "jc-xsg"


def cover_story(cast: Cast, days: int, until: int) -> Story:
    """The reviewer of a county is away for a week that is over, and again from tomorrow on."""
    yield days
    person, substitute = cast.staff["reviewer.qinshui"], cast.staff["reviewer2.qinshui"]
    today = timezone.localdate()
    for first, reason in (
        (today, "年休假"),
        (timezone.localdate(cast.now) + timedelta(days=1), "参加培训"),
    ):
        enter_cover(
            person=person,
            substitute=substitute,
            first=first,
            last=first + timedelta(days=until),
            reason=reason,
            actor=person,
            now=timezone.now(),
        )


def draft_with_formula(programme: str, day: date) -> None:
    """An editor drafts next year's edition of a programme with a condition on a formula."""
    Formula.objects.create(
        key="rd.share",
        effective_from=date(day.year - 1, 1, 1),
        label="研发费用占比",
        unit="比例",
        quantity={"quotient": ["rd.expense.y1", "revenue.operating.y1"]},
    )
    latest = Edition.objects.standing().filter(programme=programme).latest("effective_from")
    draft = copy_to_draft(latest, day)
    Criterion.objects.create(
        edition=draft,
        position=draft.criteria.count() + 1,
        code="DEMO.1",
        kind="gate",
        text="上年度研发费用占营业收入的比例（演示草稿）",
        rule={"fact": "rd.share", "at_least": 0.04},
    )


def keep_original(cast: Cast, number: str) -> None:
    """An editor uploads what stands for the original of a document."""
    editor = cast.staff["editor.jincheng"]
    content = HTML(string=f"<p>{number}：演示件，不是原件。</p>").write_pdf()
    put_original(
        SimpleUploadedFile("演示件（不是原件）.pdf", content),
        document=Document.objects.get(number=number),
        user=editor,
        role=role_of(editor),
        reason="",
        now=timezone.now(),
    )


def source_check_story(cast: Cast, programme: str, number: str, days: int) -> Story:
    """An editor compares the rules in force with the paper of a document."""
    yield days
    editor = cast.staff["editor.jincheng"]
    record_check(
        edition=Edition.objects.in_force(timezone.localdate()).get(programme=programme),
        documents=[Document.objects.get(number=number)],
        against=SourceCheck.Against.PAPER,
        originals={},
        note="逐条核对了条件、金额和分期，与文件一致（演示）。",
        user=editor,
        role=role_of(editor),
        now=timezone.now(),
    )


def claim_story(cast: Cast, firm: str, name: str, days: int, outcome: str = "") -> Story:
    """Somebody says to act for a firm that is known already; the county decides, or not yet."""
    yield days
    own = cast.firms[firm]
    user, now = firm_user(name), timezone.now()
    claim_enterprise(
        user=user,
        credit_code=own.enterprise.credit_code,
        enterprise_name=own.enterprise.name,
        county=own.enterprise.county,
        message="新接手本企业的申报工作，附有授权书，可电话核实。",
        now=now,
        **own.contact,
    )
    if not outcome:
        return
    yield days - 2
    claim = Claim.objects.get(user=user)
    actor = cast.staff[f"reviewer.{place_of(own.enterprise.county_id)}"]
    if outcome == "approved":
        approve_claim(claim=claim, role="member", actor=actor, now=timezone.now())
    else:
        reject_claim(
            claim=claim, reason="电话核实，企业没有授权。", actor=actor, now=timezone.now()
        )


def invitation_story(cast: Cast, firm: str, email: str, days: int) -> Story:
    yield days
    own = cast.firms[firm]
    invite(
        enterprise=own.enterprise,
        email=email,
        invited_by=own.owner,
        page_of=lambda token: f"/invitation/{token}/",
        now=timezone.now(),
    )


def self_check_story(cast: Cast, firm: str, programme: str, days: int) -> Story:
    """Somebody checks without an account what a firm like this is entitled to."""
    yield days
    now = timezone.now()
    today, enterprise = timezone.localdate(now), cast.firms[firm].enterprise
    answers = {
        **basics_of(cast.firms[firm]),
        **FITTING[programme](today),
        "enterprise.county": enterprise.county_id,
    }
    SelfCheckFactory(answers=answers, on=today, expires_at=now + KEPT)


def last_self_check() -> SelfCheck:
    return SelfCheck.objects.latest("pk")


def report_story(query: dict[str, str], problem: str, days: int, note: str) -> Story:
    """A reader says that something is wrong; the editor answers where there is a note."""
    yield days
    subject = find_subject(query, timezone.localdate())
    report = subject.report(problem, "0356-7000002")
    if not note:
        return
    yield days - 3
    report = ErrorReport.objects.get(pk=report.pk)
    report.handled, report.note = True, note
    report.full_clean()
    report.save()


def proposal_story(cast: Cast, days: int) -> Story:
    """The editor of 运城 would word better what all programmes ask; another place has to agree."""
    yield days
    fact = Fact.objects.get(pk="enterprise.employees")
    better = {"help": "社保缴费人数，不含劳务派遣；看上月的社保缴费表。"}
    form = modelform_factory(Fact, form=GuardedForm, fields=["help"])(better, instance=fact)
    assert form.is_valid(), form.errors
    propose(
        form=form,
        fields=["help"],
        is_new=False,
        reason="企业常把劳务派遣人员也算进去，填出来的人数和社保对不上。",
        user=cast.staff["editor.yuncheng"],
        now=timezone.now(),
    )


def edition_story(cast: Cast, programme: str, days: int) -> Story:
    """One editor drafts the rules of a later day; another sends them back, then approves."""
    yield days
    first, second = cast.staff["editor.jincheng"], cast.staff["editor2.jincheng"]
    today = timezone.localdate()
    current = Edition.objects.in_force(today).get(programme=programme)
    draft = copy_to_draft(current, timezone.localdate(cast.now) + timedelta(days=120))
    asked = {"edition": draft, "act": "publish", "user": first}
    proposal = propose_edition(**asked, now=timezone.now(), reason="下一年度照旧，先备好。")
    reason = "材料清单里加一句：复印件盖章。"
    refuse(proposal=proposal, reason=reason, user=second, now=timezone.now())
    yield days - 1
    for material in draft.materials.all():
        material.note = "；".join(filter(None, (material.note, "复印件盖章")))
        material.save()
    proposal = propose_edition(**asked, now=timezone.now(), reason="已加上。")
    approve(proposal=proposal, user=second, now=timezone.now())
    later = copy_to_draft(draft, draft.effective_from + timedelta(days=30))
    propose_edition(
        edition=later,
        act="publish",
        user=first,
        now=timezone.now(),
        reason="次月另有一版，请审核。",
    )


def export_story(cast: Cast, days: int) -> Story:
    """Lists leave the portal: each by whom it is for, in another format."""
    yield days
    clerk, reviewer = cast.staff["finance.jincheng"], cast.staff["reviewer.qinshui"]
    funder, auditor = cast.staff["finance.yuncheng"], cast.staff["auditor.jincheng"]
    payments = Payment.objects.filter(batch__in=PaymentBatch.objects.visible_to(clerk))
    for data_list, queryset, ending, user in (
        (AWARDS, AwardLine.objects.visible_to(clerk), "xlsx", clerk),
        (APPLICATIONS, Application.objects.visible_to(reviewer), "csv", reviewer),
        (AWARDS, AwardLine.objects.visible_to(funder), "xlsx", funder),
        (NOTICES, Notice.objects.visible_to(auditor), "csv", auditor),
        (PAYMENTS, PaymentBatch.objects.filter(payments__in=payments).distinct(), "xlsx", clerk),
    ):
        file, _ = export_list(
            data_list=data_list,
            queryset=queryset,
            ending=ending,
            user=user,
            filtered="无，全部列出",
            now=timezone.now(),
            query="queue=all" if data_list is APPLICATIONS else "",
        )
        file.close()


def audit_story(cast: Cast, days: int) -> Story:
    """The auditor draws cases by a seed that was drawn in public, more of those with much money."""
    yield days
    now = timezone.now()
    year = timezone.localdate(now).year
    question = Question(
        first=date(year - 2, 1, 1), last=timezone.localdate(now), place="", programme="",
        state="granted", size=5, percent=None, least=0, by_money=True,
    )  # fmt: skip
    draw_sample(
        question,
        words="审核通过的，按奖补金额抽",
        seed="抽奖机 08 17 23",
        user=cast.staff["auditor.jincheng"],
        now=now,
    )


def reading_story(days: int) -> Story:
    """Whoever is told something reads it in time; what is newer is still unread."""
    yield days
    now = timezone.now()
    Message.objects.filter(created_at__lt=now - timedelta(days=READ_UNTIL)).mark_read(now)


def unreachable_story(cast: Cast, firm: str, days: int) -> Story:
    """The owner of a firm gave an address that no mail reaches."""
    yield days
    owner = cast.firms[firm].owner
    owner.emailaddress_set.update(email=NO_MAILBOX)
    owner.email = NO_MAILBOX
    owner.save(update_fields=["email"])


def deliver() -> None:
    """Send what was written in its own time: no later worker finds anything to send."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    while rows := list(waiting.order_by("due_at", "pk").values_list("pk", "due_at")):
        for pk, due_at in rows:
            try_to_send(pk, due_at + timedelta(seconds=5))


def try_a_draft(cast: Cast) -> None:
    """An editor tries what next year's 小升规 would cost the city, in two ways, and looks at it."""
    today = timezone.localdate(cast.now)
    standing = Edition.objects.in_force(today).get(programme=DRAFTED)
    draft = copy_to_draft(standing, today.replace(year=today.year + 1, month=1, day=1))
    numbers = draft_numbers(draft)
    limit = next(each.path for each in numbers if each.shown == "2000 万元")
    paid = next(
        each.path
        for each in numbers
        if each.group.startswith("奖补 市级") and each.shown == "20 万元"
    )
    for title, typed in (
        ("市级 30 万元", {paid: Decimal(30)}),
        ("市级 15 万元，从 1500 万元起", {paid: Decimal(15), limit: Decimal(1500)}),
    ):
        save_variant(Variant(edition=draft, title=title, numbers=as_kept(typed, numbers)))
    editor = cast.staff["editor.jincheng"]
    ask_for_run(draft, user=editor, now=cast.now, today=today, as_of_today=True)
    work_off(lambda: cast.now)
