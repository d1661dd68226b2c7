"""A small world with secrets: firms in three counties, all that is about them, and who looks at it.

Every text about a firm holds a marker that names the firm and the kind of secret, so that a page
that tells too much gives itself away.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from applications.cases.models import (
    Application,
    ApplicationEvent,
    CalendarDay,
    CaseNote,
    Cover,
    Message,
    MessageDelivery,
    PublishedYear,
)
from applications.centre.audit.samples import Question
from applications.centre.models import AuditRecord, ExportLog, OfficeList, SavedFilter, SheetImport
from applications.enterprises.models import EnterpriseChange
from applications.following.subscriptions import follow_firm
from applications.impact.models import Affected, Run, Variant
from applications.impact.services.plans import plans_of
from applications.money.models import Reclaim, SinglePersonPermit
from applications.money.services.payments import add_payment, make_batch
from applications.notices.models import Recognition, RecognitionLine, Revocation
from policies.catalogue.models import Conflict, Formula, Synonym
from policies.editors.edition_proposals import digest_now
from policies.editors.models import EditionProposal, PackImport, ProposedChange
from policies.self_check.questionnaire import FIRST_QUESTIONS
from portal.models import Delivery, Job, User
from portal.sheets.reading import Row, Sheet, as_json
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    AwardFactory,
    AwardLineFactory,
    BankAccountFactory,
    CalendarAddressFactory,
    CallFactory,
    ClaimFactory,
    ClauseFactory,
    CorrectionFactory,
    CriterionFactory,
    DocumentFactory,
    EditionFactory,
    EnterpriseFactory,
    ErrorReportFactory,
    ExampleFactory,
    ExpertAssignmentFactory,
    FactFactory,
    FirmUserFactory,
    FundFactory,
    InvitationFactory,
    JurisdictionFactory,
    LibraryFileFactory,
    MembershipFactory,
    ObjectionFactory,
    OfficeFactory,
    OriginalFactory,
    ProgrammeFactory,
    SelfCheckFactory,
    SubjectFactory,
    TrancheFactory,
    UserFactory,
    drafted_notice,
    posted_notice,
    ready,
    reject_event,
)
from tests.policies.packs import facts
from tests.two_editors import publish_edition

# The firms: one's own, another one in the same county, in another county, in another city.
OWN, NEXT, FAR, FOREIGN = TAGS = ("own", "next", "far", "foreign")
PLACES = {OWN: "140521", NEXT: "140521", FAR: "140522", FOREIGN: "140423"}
PROJECT_FACT = "project.total_investment"
KINDS = ("case", "contact", "note", "claim", "objector", "library", "account")
FILE = b"%PDF-1.7 "


def marker(tag: str, kind: str) -> str:
    """What tells whose secret a page tells, and of what kind; of an account, a part of its number."""
    if kind == "account":
        return f"777{TAGS.index(tag)}7777"
    return f"zz{tag}{kind}zz"


@dataclass
class World:
    """`rows`: by name and firm, or by name alone; `users`: by persona."""

    users: dict[str, User] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, name: str, row: Any, tag: str = "") -> Any:
        self.rows.setdefault(name, {})[tag] = row
        return row

    def get(self, name: str, tag: str) -> Any:
        rows = self.rows[name]
        return rows[tag] if tag in rows else rows[""]


def build_world() -> World:
    world = World()
    _add_places()
    _add_staff(world)
    _add_policies(world)
    for number, tag in enumerate(TAGS):
        _add_firm(world, tag, number)
    world.users |= {
        "owner": world.get("owner", OWN),
        "member": world.get("member", OWN).user,
        "other_firm": world.get("owner", NEXT),
        "claimant": world.get("claim", OWN).user,
    }
    _add_single_rows(world)
    _add_impact(world)
    return world


def _add_places() -> None:
    province = JurisdictionFactory(code="140000", name="山西省", level="province")
    cities = {
        "1405": JurisdictionFactory(parent=province),
        "1404": JurisdictionFactory(code="140400", name="长治市", parent=province),
    }
    for code, name in {"140521": "沁水县", "140522": "阳城县", "140423": "襄垣县"}.items():
        JurisdictionFactory(code=code, name=name, level="county", parent=cities[code[:4]])


def _add_staff(world: World) -> None:
    people = {
        "reviewer": ("审核员", "140521"),
        "reviewer_elsewhere": ("审核员", "140522"),
        "reviewer_city": ("审核员", "140500"),
        "reviewer_unplaced": ("审核员", ""),
        "expert": ("评审专家", "140500"),
        "editor": ("政策编辑", "140500"),
        "editor_elsewhere": ("政策编辑", "140400"),
        "editor_province": ("政策编辑", "140000"),
        "finance": ("财务", "140521"),
        "auditor": ("审计", "140521"),
        "head": ("负责人", "140521"),
        "user_manager": ("用户管理", "140500"),
    }
    for persona, (role, code) in people.items():
        user = UserFactory(username=persona, jurisdiction_code=code, permissions=[])
        user.groups.add(Group.objects.get(name=role))
        world.users[persona] = user
    world.users["superuser"] = UserFactory(
        username="superuser", jurisdiction_code="", is_superuser=True, permissions=[]
    )


def _add_policies(world: World) -> None:
    for key in (*FIRST_QUESTIONS, "enterprise.employees", PROJECT_FACT):
        fact = facts()[key]
        world.put(key, FactFactory(
            key=key, section=fact.section, label=fact.label, type=fact.type, unit=fact.unit or "",
            choices=fact.choices,
        ))  # fmt: skip
    FactFactory(key="first.products", type="item_list", choices={"complete": "成套装备"})
    by_project, draft = EditionFactory.create_batch(2)
    published = EditionFactory(programme__kind="service")  # which a result folds
    foreign = EditionFactory(programme__area=JurisdictionFactory(code="140400"))
    for edition in (by_project, published, foreign, draft):
        fact = PROJECT_FACT if edition == by_project else "enterprise.employees"
        rule = {"fact": fact, "at_least": 1}
        criterion = CriterionFactory(edition=edition, rule=rule)
        award = AwardFactory(edition=edition)
        TrancheFactory(award=award)
        if edition == foreign:
            world.put("catalogue.criterion", criterion, FOREIGN)
            world.put("catalogue.award", award, FOREIGN)
        example = ExampleFactory(edition=edition)
        if edition == foreign:
            world.put("catalogue.example", example, FOREIGN)
    publish_edition(ready(published))
    publish_edition(ready(by_project))
    world.put("published", published)
    world.put("by project", by_project)
    world.put("catalogue.edition", draft)
    world.put("catalogue.edition", foreign, FOREIGN)
    world.put("catalogue.programme", foreign.programme, FOREIGN)
    world.put("catalogue.criterion", criterion)
    world.put("catalogue.award", award)
    world.put("catalogue.example", example)
    world.put("catalogue.programme", published.programme)
    document = world.put("catalogue.document", DocumentFactory())
    world.put("catalogue.clause", ClauseFactory(document=document))
    world.put("original", OriginalFactory(document=document))
    world.put("catalogue.conflict", Conflict.objects.create(code="C99", text="两份文件不一致"))
    world.put("catalogue.office", OfficeFactory())
    world.put("catalogue.synonym", Synonym.objects.create(word="高企", means=["高新技术企业"]))
    world.put("catalogue.fact", FactFactory(key="enterprise.employees"))
    age = {"full_years": FactFactory(key="enterprise.founded_on", type="date").key}
    world.put(
        "catalogue.formula",
        Formula.objects.create(
            key="firm.age", effective_from=date(2026, 1, 1), label="年龄", quantity=age
        ),
    )
    world.put("portal.jurisdiction", JurisdictionFactory(code="140521"))
    world.put("pages.errorreport", ErrorReportFactory(programme=published.programme))
    world.put("pages.errorreport", ErrorReportFactory(programme=foreign.programme), FOREIGN)
    _add_proposal(world)


def _add_proposal(world: World) -> None:
    """The editor wants to word a fact otherwise; those of the other city are asked."""
    fact = world.get("catalogue.fact", "")
    proposal = ProposedChange.objects.create(
        content_type=ContentType.objects.get_for_model(fact), object_id=fact.pk, subject=str(fact),
        before={"label": fact.label}, after={"label": "从业人数"}, reason="照统计报表的说法",
        proposed_by=world.users["editor"], jurisdiction_code="140500", proposed_at=timezone.now(),
    )  # fmt: skip
    proposal.asked.set(["140400"])
    world.put("editors.proposedchange", proposal)
    sent = PackImport.objects.create(
        file_name="catalogue.zip", files={"synonyms.yaml": "synonyms:\n- {word: 升规, means: [小升规]}\n"},
        told={"rows": [], "editions": [], "kept": [], "same": {}}, reason="市里给的", proposed_by=world.users["editor"], jurisdiction_code="140500",
        proposed_at=timezone.now(),
    )  # fmt: skip
    world.put("editors.packimport", sent)
    draft = EditionFactory()
    CriterionFactory(edition=draft, kind="manual", rule=None)
    waiting = EditionProposal.objects.create(
        edition=draft, subject=str(draft), jurisdiction_code=draft.programme.area_id,
        act="publish", day=draft.effective_from, digest=digest_now(draft),
        proposed_by=world.users["editor"], proposed_at=timezone.now(),
    )  # fmt: skip
    world.put("editors.editionproposal", waiting)


def _add_impact(world: World) -> None:
    """What two drafts would change for every firm, and a variant of each."""
    now = timezone.now()
    for tag, editor in (("", "editor"), (FOREIGN, "editor_elsewhere")):
        edition = world.get("catalogue.edition", tag)
        edition.refresh_from_db()
        plans = [plan.as_json() for plan in plans_of(edition, [])]
        run = Run.objects.create(
            edition=edition, on=now.date(), plans=plans, facts_digest="0" * 64, asked_at=now,
            asked_by=world.users[editor], finished_at=now,
        )  # fmt: skip
        for firm in world.rows["enterprises.enterprise"].values():
            Affected.objects.create(
                run=run, plan=1, enterprise=firm, county_id=firm.county_id, change="in", after=1,
                now_least_before=0, later_least_before=0, now_least=20, later_least=0,
            )  # fmt: skip
        variant = Variant.objects.create(edition=edition, title="试", numbers=[])
        world.put("impact.run", run, tag)
        world.put("impact.variant", variant, tag)


def _add_single_rows(world: World) -> None:
    world.put("auth.group", Group.objects.create(name="本中心值班"))
    world.put("account.emailaddress", EmailAddress.objects.first())
    world.put(
        "cases.calendarday",
        CalendarDay.objects.create(date="2026-05-04", is_working_day=True, note="测试"),
    )
    # A notice of an editor's own county from when they reviewed cases.
    world.put("editor's message", _staff_message(world.get("case", OWN), world.users["editor"]))


def _add_firm(world: World, tag: str, number: int) -> None:
    county = JurisdictionFactory(code=PLACES[tag])
    case, contact = marker(tag, "case"), marker(tag, "contact")
    enterprise = EnterpriseFactory(name=case, credit_code=f"TESTCODE{number:010d}", county=county)
    world.put("enterprises.enterprise", enterprise, tag)
    _add_people(world, tag, enterprise)
    _add_account(world, tag, enterprise)
    _add_job(world, tag)
    world.put("subject", SubjectFactory(enterprise=enterprise, name=case), tag)
    edition = EditionFactory()
    fields = {"enterprise": enterprise, "edition": edition, "contact_name": contact}
    _add_case(world, tag, fields)
    returned = ApplicationFactory(**fields, subject=f"{case}退", status="returned")
    CorrectionFactory(
        application=returned, facts=["enterprise.employees"], reason=marker(tag, "note")
    )
    world.put("returned", returned, tag)
    rejected = ApplicationFactory(**fields, subject=f"{case}否", status="rejected")
    reject_event(rejected, UserFactory(jurisdiction_code=PLACES[tag]), marker(tag, "note"))
    world.put("rejected", rejected, tag)
    assessment = {**returned.assessment, "awards": {"county": {"status": "unpublished"}}}
    granted = ApplicationFactory(
        **fields, subject=f"{case}批", status="approved", assessment=assessment,
        enterprise_name=case,
    )  # fmt: skip
    world.put("granted", granted, tag)
    _add_notices(world, tag, fields)
    _add_cover(world, tag)
    change = EnterpriseChange.objects.create(
        enterprise=enterprise, kind="renamed", former_name=case, name=f"{case}新",
        document_number="测试变更1号", on=timezone.now().date(), proposed_at=timezone.now(),
        proposed_by=UserFactory(jurisdiction_code=PLACES[tag]),
    )  # fmt: skip
    world.put("enterprises.enterprisechange", change, tag)
    world.put("self_check", SelfCheckFactory(answers={"enterprise.employees": 85}), tag)
    called = CallFactory(programme=ProgrammeFactory(area=county), title=f"征集{tag}")
    world.put("catalogue.call", called, tag)


def _add_cover(world: World, tag: str) -> None:
    """Two who review at the place, of whom one is away."""
    away, substitute = (UserFactory(jurisdiction_code=PLACES[tag]) for _ in range(2))
    now = timezone.now()
    cover = Cover.objects.create(
        person=away, substitute=substitute, first=now.date(), last=now.date() + timedelta(days=5),
        entered_by=away, entered_at=now,
    )  # fmt: skip
    world.put("cover", cover, tag)


def _add_people(world: World, tag: str, enterprise: Any) -> None:
    contact, claim = marker(tag, "contact"), marker(tag, "claim")
    owner = FirmUserFactory(username=f"{contact}o", first_name=contact)
    member = FirmUserFactory(username=f"{contact}m", first_name=contact)
    acting = MembershipFactory(user=owner, enterprise=enterprise, contact_name=contact)
    CalendarAddressFactory(membership=acting, token=f"calendar-of-the-firm-{tag}")
    world.put("owner", owner, tag)
    follower = follow_firm(owner, f"{contact}@follows.example", enterprise, timezone.now())
    world.put("follower", follower, tag)
    world.put("portal.user", owner, tag)
    world.put(
        "member",
        MembershipFactory(user=member, enterprise=enterprise, role="member", contact_name=contact),
        tag,
    )
    invitation = InvitationFactory(
        enterprise=enterprise,
        invited_by=owner,
        email=f"{contact}@i.example",
        token=f"invited-by-a-letter-{tag}",
    )
    world.put("invitation", invitation, tag)
    claimed = ClaimFactory(
        enterprise=enterprise,
        user=FirmUserFactory(username=claim),
        enterprise_name=claim,
        message=claim,
        contact_name=claim,
    )
    world.put("claim", claimed, tag)
    world.put("enterprises.claim", claimed, tag)


def _add_account(world: World, tag: str, enterprise: Any) -> None:
    """One that the firm is paid on, and one that waits to be confirmed."""
    number = marker(tag, "account")
    owner = world.get("owner", tag)
    BankAccountFactory(
        enterprise=enterprise,
        number=f"1234{number}5678",
        entered_by=owner,
        confirmed_by=world.users["superuser"],
    )
    waiting = BankAccountFactory(
        enterprise=enterprise, number=f"4321{number}8765", entered_by=owner
    )
    world.put("enterprises.bankaccount", waiting, tag)


def _add_job(world: World, tag: str) -> None:
    """A list that the owner asked for, ready to be fetched."""
    case, now = marker(tag, "case"), timezone.now()
    job = Job.objects.create(
        kind="x", title=case, digest=tag, owner=world.get("owner", tag), state="done",
        file_name="list.csv", content_type="text/csv", asked_at=now, ended_at=now,
    )  # fmt: skip
    world.put("job", job, tag)


def _add_case(world: World, tag: str, fields: dict[str, Any]) -> None:
    """A case in review at the county, with all that a case can have."""
    case, contact, note = (marker(tag, kind) for kind in ("case", "contact", "note"))
    now, owner = timezone.now(), world.get("owner", tag)
    application = ApplicationFactory(
        **fields, enterprise_name=case, answers={"unknown.fact": case}, status="in_review"
    )
    for name in ("case", "cases.application"):
        world.put(name, application, tag)
    staff = _reviewer(world, tag)
    ApplicationEvent.objects.create(
        application=application, at=now, actor=staff, action="accept", source="submitted",
        target="in_review", opinion=note,
    )  # fmt: skip
    CaseNote.objects.create(
        application=application, author=owner, from_staff=False, text=note, at=now
    )
    enterprise = application.enterprise
    for name, title in (("file", case), ("library file", marker(tag, "library"))):
        body = FILE + title.encode()
        stored = LibraryFileFactory(enterprise=enterprise, title=title, body=body)
        world.put(name, stored, tag)
    AttachmentFactory(application=application, library_file=world.get("file", tag))
    expert = world.users["expert"] if tag == OWN else UserFactory(permissions=["score_application"])
    assignment = ExpertAssignmentFactory(application=application, expert=expert, assigned_by=staff)
    world.put("cases.expertassignment", assignment, tag)
    told = Message.objects.create(
        recipient=owner, enterprise=enterprise, application=application, kind="note",
        subject=case, text=note, created_at=now, key=f"firm-{tag}",
    )  # fmt: skip
    world.put("message", told, tag)
    delivery = Delivery.objects.create(
        key=told.key, recipient=owner, channel="email", address=f"{contact}@firm.example",
        subject=case, text=note, due_at=now,
    )  # fmt: skip
    MessageDelivery.objects.create(message=told, delivery=delivery)
    world.put("portal.delivery", delivery, tag)
    world.put("cases.message", _staff_message(application, staff), tag)


def _staff_message(application: Application, staff: User) -> Message:
    return Message.objects.create(
        recipient=staff,
        application=application,
        kind="arrival",
        subject=f"新到申报：{application.enterprise_name}",
        text=application.enterprise_name,
        created_at=timezone.now(),
        key=f"staff-{application.pk}-{staff.pk}",
    )


def _reviewer(world: World, tag: str) -> User:
    """Who reviews the firm's cases."""
    if tag == FOREIGN:
        return world.users["superuser"]
    return world.users["reviewer_elsewhere" if tag == FAR else "reviewer"]


def _add_notices(world: World, tag: str, fields: dict[str, Any]) -> None:
    """A draft, a posted notice with an objection, and a recognition; posted names are public."""
    now, case, objector = timezone.now(), marker(tag, "case"), marker(tag, "objector")
    for year in (now.year, now.year + 1):
        known, _ = PublishedYear.objects.get_or_create(year=year, document_number="测试〔2026〕1号")
    world.put("cases.publishedyear", known)
    actor = _reviewer(world, tag)
    if tag == FOREIGN:
        actor = UserFactory(jurisdiction_code=PLACES[tag], permissions=["manage_notices"])
    secret = ApplicationFactory(
        **fields, subject=f"{case}拟", status="approved", enterprise_name=case
    )
    draft = drafted_notice([secret], actor)
    # Of another programme: the draft of the first one in this place is taken.
    shown = ApplicationFactory(
        **{**fields, "edition": EditionFactory()},
        status="approved",
        enterprise_name=f"公示的企业{tag}",
    )
    posted = posted_notice([shown], now, actor)
    for name in ("posted", "notices.notice"):
        world.put(name, posted, tag)
    world.put("draft", draft, tag)
    world.put("objection", ObjectionFactory(notice=posted, name=objector, contact=objector), tag)
    recognised = ApplicationFactory(
        **fields, subject=f"{case}定", status="recognised", enterprise_name=case
    )
    recognition = Recognition.objects.create(
        document_number=f"测试认定{tag}", on=now.date(), programme=fields["edition"].programme,
        jurisdiction_id=PLACES[tag], created_at=now, created_by=actor,
    )  # fmt: skip
    own = RecognitionLine.objects.create(recognition=recognition, application=recognised)
    world.put("notices.recognition", recognition, tag)
    revocation = Revocation.objects.create(
        line=own, document_number=f"测试撤销{tag}", on=now.date(), reason=case, proposed_at=now,
        proposed_by=actor,
    )  # fmt: skip
    world.put("notices.revocation", revocation, tag)
    _add_money(world, tag, recognised)
    _add_sheets(world, tag)


def _add_money(world: World, tag: str, case: Application) -> None:
    """A fund of the county, a line of it and a draft of its payment."""
    fund = FundFactory(
        name=marker(tag, "case"), level="county", jurisdiction_id=PLACES[tag], jurisdiction=None
    )
    line = AwardLineFactory(application=case, level="county", fund=fund, state="approved")
    now, clerk = timezone.now(), UserFactory(is_superuser=True, jurisdiction_code="")
    draft = make_batch(fund=fund, actor=clerk, now=now)
    add_payment(batch=draft, line=line, actor=clerk, now=now)
    paid = AwardLineFactory(application=case, level="county", fund=fund, state="paid", paid=20)
    claim = Reclaim.objects.create(
        line=paid, amount=5, reason=marker(tag, "case"), document_number="测试追回1号",
        due_on=now.date(), proposed_at=now, proposed_by=clerk,
    )  # fmt: skip
    world.put("money.reclaim", claim, tag)
    world.put("money.fund", fund, tag)
    permit = SinglePersonPermit.objects.create(
        jurisdiction_id=PLACES[tag],
        reason="只有一名财务人员",
        starts_at=now,
        until=now + timedelta(days=30),
        granted_by=world.users["superuser"],
    )
    world.put("money.singlepersonpermit", permit, tag)
    world.put("money.awardline", line, tag)
    world.put("money.paymentbatch", draft, tag)
    world.put("payment", draft.payments.get(), tag)


def _add_sheets(world: World, tag: str) -> None:
    """A list that went out, and one that came in and is not recorded yet."""
    user, now, case = _reviewer(world, tag), timezone.now(), marker(tag, "case")
    exported = ExportLog.objects.create(
        at=now, user=user, jurisdiction_code=PLACES[tag], key="applications", title="申报名单",
        ending="csv", filtered=f"查找：{case}", rows=1, checksum="0" * 64,
    )  # fmt: skip
    world.put("centre.exportlog", exported, tag)
    question = Question(
        first=now.date(), last=now.date(), place="", programme="", state="", size=1, percent=None, least=0,
        by_money=False,
    )  # fmt: skip
    drawn = world.get("case", tag)
    sample = AuditRecord.objects.create(
        at=now, user=user, jurisdiction_code=PLACES[tag], kind="sample", subject=case, outcome="抽出 1 件",
        sha256="0" * 64, details={
            "question": question.as_json(), "seed": "1", "size": 1, "population": 1, "with_money": 0,
            "total": 0, "drawn": [[drawn.number, "随机", 1, 0]],
        },
    )  # fmt: skip
    world.put("centre.auditrecord", sample, tag)
    chosen = OfficeList.objects.create(
        jurisdiction_id=PLACES[tag], kind="awards", title=f"{case}名单", issuer=case
    )
    world.put("centre.officelist", chosen, tag)
    payer = world.users["finance" if tag in (OWN, NEXT) else "superuser"]
    for of_list, whose in (
        ("cases.application", user), ("money.awardline", payer), ("money.paymentbatch", payer)
    ):  # fmt: skip
        saved = SavedFilter.objects.create(user=whose, of_list=of_list, name=f"{case}筛选")
        world.put(f"saved filter {of_list}", saved, tag)
    imported = SheetImport.objects.create(
        kind="recognitions", title="认定名单", file_name=f"{case}.csv", sha256="0" * 64,
        sheets=as_json([Sheet("", [Row(1, ["申报编号"], "t"), Row(2, [case], "t")])]), user=user,
        jurisdiction_code=PLACES[tag], uploaded_at=now,
    )  # fmt: skip
    world.put("centre.sheetimport", imported, tag)
