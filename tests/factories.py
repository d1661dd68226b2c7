"""Rows with valid defaults for the tests."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.utils import timezone
from factory.django import DjangoModelFactory

from applications.cases.models import (
    Application,
    ApplicationDraft,
    ApplicationEvent,
    Attachment,
    Correction,
    ExpertAssignment,
    ExpertScore,
    Finding,
)
from applications.cases.services.calls import open_call
from applications.cases.workflow import Status
from applications.enterprises.models import (
    BankAccount,
    CalendarAddress,
    Claim,
    Enterprise,
    EnterpriseChange,
    Invitation,
    LibraryFile,
    Membership,
    ProfileAnswer,
    Subject,
)
from applications.enterprises.models.membership import INVITATION_LASTS, hash_token
from applications.money.models import AwardLine, Budget, Fund
from applications.notices.models import Objection, Recognition, RecognitionLine, Revocation
from applications.notices.services.drafts import make_notice
from applications.notices.services.notices import post_notice
from policies.catalogue.making_examples import ExampleError, add_missing_sides, fill_expected
from policies.catalogue.models import (
    Award,
    Call,
    Citation,
    Clause,
    Contact,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Material,
    Office,
    Original,
    Programme,
    Step,
    Tranche,
    Window,
)
from policies.catalogue.readiness import PAYING, WITH_FIGURES, ReadEdition
from policies.pages.models import ErrorReport
from policies.rules.years import dated
from policies.self_check.models import SelfCheck
from portal.models import Jurisdiction, User


class JurisdictionFactory(DjangoModelFactory):
    class Meta:
        model = Jurisdiction
        django_get_or_create = ["code"]

    code = "140500"
    name = "晋城市"
    level = "city"

    @factory.lazy_attribute
    def parent(self):
        if self.level == "nation":
            return None
        nation, _ = Jurisdiction.objects.get_or_create(
            code="100000", defaults={"name": "中华人民共和国", "level": "nation"}
        )
        return nation


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    number = factory.Sequence(lambda number: f"测试〔2024〕{number}号")
    title = "测试文件"
    issuer = "测试机关"


class ClauseFactory(DjangoModelFactory):
    class Meta:
        model = Clause

    document = factory.SubFactory(DocumentFactory)
    name = factory.Sequence(lambda number: f"第{number + 1}条")
    gist = "奖励标准"


class OriginalFactory(DjangoModelFactory):
    """The original of a document whose content, `body`, is not on the disk."""

    class Meta:
        model = Original

    class Params:
        body = factory.Sequence(lambda number: f"%PDF-1.7 original {number}".encode())

    document = factory.SubFactory(DocumentFactory)
    role = "晋城市政策编辑"
    original_name = "原件.pdf"
    content_type = "application/pdf"
    size = factory.LazyAttribute(lambda file: len(file.body))
    sha256 = factory.LazyAttribute(lambda file: sha256(file.body).hexdigest())
    scan = "clean"
    uploaded_at = factory.LazyFunction(timezone.now)


class FactFactory(DjangoModelFactory):
    class Meta:
        model = Fact
        django_get_or_create = ["key"]

    key = "revenue.main_business.y0"
    section = "经营情况"
    label = "主营业务收入"
    type = "decimal"
    unit = "万元"


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    id = factory.Sequence(lambda number: f"test-{number}")
    name = factory.Sequence(lambda number: f"测试项目{number}")
    family = "小升规"
    kind = "cash"
    area = factory.SubFactory(JurisdictionFactory)


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    jurisdiction = factory.SubFactory(JurisdictionFactory)
    name = factory.Sequence(lambda number: f"第{number}科")


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    programme = factory.SubFactory(ProgrammeFactory)
    office = factory.SubFactory(OfficeFactory)


class WindowFactory(DjangoModelFactory):
    class Meta:
        model = Window

    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.Sequence(lambda number: f"申报{number}")
    wording = "每年申报一次"
    document = factory.SubFactory(DocumentFactory)
    clause = "一"


class EditionFactory(DjangoModelFactory):
    class Meta:
        model = Edition

    programme = factory.SubFactory(ProgrammeFactory)
    effective_from = "2024-01-01"


class CallFactory(DjangoModelFactory):
    """A draft that asks for applications of today and the 30 days after."""

    class Meta:
        model = Call

    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.Sequence(lambda number: f"测试征集{number}")
    text = "请在网上申报。"
    opens_on = factory.LazyFunction(timezone.localdate)
    closes_on = factory.LazyAttribute(lambda call: call.opens_on + timedelta(days=30))
    places_are = "unpublished"
    office = "企业服务科"
    telephone = "0356-7000002"
    drafted_at = factory.LazyFunction(timezone.now)
    drafted_by = factory.LazyFunction(lambda: UserFactory(jurisdiction_code="140500"))


def opened_call(*, materials=(), now=None, by=None, **fields):
    """A call that a second person has opened; `materials` are names that it asks for."""
    call = CallFactory(**fields)
    for place, name in enumerate(materials, start=1):
        Material.objects.create(call=call, position=place, name=name)
    now = now or timezone.now()
    by = by or UserFactory(jurisdiction_code="140500", permissions=["manage_calls"])
    return open_call(call=call, seen=call.version, actor=by, now=now)


class ErrorReportFactory(DjangoModelFactory):
    class Meta:
        model = ErrorReport

    subject = "测试项目 T.1"
    seen_text = "主营业务收入达到2000万元"
    problem = "金额不对"


class CriterionFactory(DjangoModelFactory):
    class Meta:
        model = Criterion

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    code = "T.1"
    kind = "gate"
    text = "主营业务收入达到2000万元"
    rule = factory.LazyFunction(lambda: {"fact": "revenue.main_business.y0", "at_least": 2000})


class AwardFactory(DjangoModelFactory):
    class Meta:
        model = Award

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    level = "city"


class TrancheFactory(DjangoModelFactory):
    class Meta:
        model = Tranche

    award = factory.SubFactory(AwardFactory)
    position = factory.Sequence(lambda number: number + 1)
    amount = 20


class ExampleFactory(DjangoModelFactory):
    """A firm that says nothing, of which nothing is expected."""

    class Meta:
        model = Example

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    on = "2026-11-20"


def _drop_what_is_gone(draft):
    """Rows of examples on criteria and awards that the draft has no more."""
    for example, fault in reversed(ReadEdition.of(draft).faults):
        if fault.place:
            name, index = fault.place
            del getattr(example, name)[index]
            example.save()


def ready(draft):
    """The draft with what publishing asks for and it lacks: an award, sources, examples that hold."""
    if draft.programme.kind in PAYING and not draft.awards.exists():
        AwardFactory(edition=draft, level="county", status="unpublished")
    lacking = [{"criterion": row} for row in draft.criteria.filter(citations=None)]
    lacking += [
        {"award": row} for row in draft.awards.filter(citations=None, status__in=WITH_FIGURES)
    ]
    for owner in lacking:
        Citation.objects.create(document=DocumentFactory(), clause="一", **owner)
    try:
        for example in draft.examples.all():
            fill_expected(example)
            example.save()
        _drop_what_is_gone(draft)
        add_missing_sides(draft)
    except ExampleError:
        pass  # its rules cannot be read, which publishing says
    return draft


class UserFactory(DjangoModelFactory):
    """A member of staff of 沁水县 who may see, decide and export; traits say otherwise."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"staff{number}")
    jurisdiction_code = "140521"
    is_staff = True

    @factory.post_generation
    def permissions(self, create, names=None):
        if names is None:
            names = ["view_application", "decide_application", "export_lists"]
        self.user_permissions.set(Permission.objects.filter(codename__in=names))


class ExpertFactory(UserFactory):
    """An expert of the whole city of 晋城, who may score and nothing else."""

    username = factory.Sequence(lambda number: f"expert{number}")
    jurisdiction_code = "140500"

    @factory.post_generation
    def permissions(self, create, names=None):
        self.user_permissions.set(
            Permission.objects.filter(codename__in=names or ["score_application"])
        )


class SelfCheckFactory(DjangoModelFactory):
    """A self-check of a firm in 沁水县 that qualifies for 小升规; needs the real catalogue."""

    class Meta:
        model = SelfCheck

    answers = factory.LazyFunction(
        lambda: {
            "enterprise.county": "140521",
            "industry.section": "C",
            "revenue.main_business.y0": 2000,
            "stat.direct_reporting": True,
            "stat.first_time_above_scale": True,
            "stat.entry_path": "below_scale",
            "stat.first_upgrade_year": timezone.localdate().year,
        }
    )
    on = factory.LazyFunction(timezone.localdate)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=90))


class EnterpriseFactory(DjangoModelFactory):
    class Meta:
        model = Enterprise
        django_get_or_create = ["credit_code"]

    credit_code = "91140521MA0K000019"
    name = "沁水县测试制造有限公司"
    county = factory.SubFactory(
        JurisdictionFactory,
        code="140521",
        name="沁水县",
        level="county",
        parent=factory.SubFactory(JurisdictionFactory),
    )


class RenamingFactory(DjangoModelFactory):
    """The firm's name is new, by a document that another person confirmed."""

    class Meta:
        model = EnterpriseChange
        skip_postgeneration_save = True

    enterprise = factory.SubFactory(EnterpriseFactory)
    kind = "renamed"
    former_name = "沁水县曾用名测试有限公司"
    name = factory.SelfAttribute("enterprise.name")
    document_number = "准予变更〔2026〕1号"
    on = factory.LazyFunction(timezone.localdate)
    proposed_at = factory.LazyFunction(timezone.now)
    proposed_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def confirmed(self, create, confirmed=True, **options):
        if confirmed is not False:
            self.state, self.decided_at = "confirmed", timezone.now()
            self.decided_by = UserFactory()
            self.save()


class ApplicationFactory(DjangoModelFactory):
    """A submitted application; `status` sets another outcome."""

    class Meta:
        model = Application

    number = factory.Sequence(lambda number: f"140521-2025-{number + 1:04d}")
    enterprise = factory.SubFactory(EnterpriseFactory)
    enterprise_name = factory.SelfAttribute("enterprise.name")
    county = factory.SelfAttribute("enterprise.county")
    edition = factory.SubFactory(EditionFactory)
    contact_name = "办公室"
    contact_telephone = "0356-7000000"
    on = date(2026, 11, 20)
    year = 2026
    answers = factory.LazyFunction(dict)
    commitment = "内容真实。"
    submitted_at = factory.LazyFunction(timezone.now)
    arrived_at = factory.SelfAttribute("submitted_at")

    @factory.lazy_attribute
    def assessment(self):
        return {
            "programme": self.edition.programme_id,
            "edition": str(self.edition.effective_from),
            "name": self.edition.programme.name,
            "family": self.edition.programme.family,
            "verdict": "eligible",
            "criteria": [],
            "missing": [],
            "missing_for_amount": [],
            "awards": {},
            "tranches": [],
            "near_miss": None,
            "flags": [],
            "notices": [],
        }


def approved_cases(count=2, **fields):
    """Approved applications of as many firms of 沁水县 for one programme."""
    fields = {"edition": fields.get("edition") or EditionFactory(), **fields}
    return [
        ApplicationFactory(
            enterprise=EnterpriseFactory(
                credit_code=f"TESTCODE{number:010d}", name=f"沁水县第{number + 1}测试公司"
            ),
            status=Status.APPROVED,
            **fields,
        )
        for number in range(count)
    ]


class ManagerFactory(UserFactory):
    """A member of staff of 晋城市 who handles public notices and recognition."""

    jurisdiction_code = "140500"

    @factory.post_generation
    def permissions(self, create, names=None):
        names = names or ["view_application", "manage_notices"]
        self.user_permissions.set(Permission.objects.filter(codename__in=names))


def drafted_notice(cases, actor=None, now=None, working_days=5):
    """A draft batch of these cases, made by `actor`."""
    notice, _ = make_notice(
        applications=cases, actor=actor or ManagerFactory(), now=now or timezone.now()
    )
    notice.working_days = working_days
    notice.save()
    return notice


def posted_notice(cases, now, actor=None, working_days=5):
    """A notice of these cases that was posted at `now`."""
    actor = actor or ManagerFactory()
    notice = drafted_notice(cases, actor, now, working_days)
    return post_notice(notice=notice, actor=actor, now=now)


class ObjectionFactory(DjangoModelFactory):
    class Meta:
        model = Objection

    name = "测试单位"
    contact = "0356-7000001"
    text = "名单中的企业已经停产。"
    received_at = factory.LazyFunction(timezone.now)


class RevocationFactory(DjangoModelFactory):
    """A document that revoked the recognition of `application`, confirmed by another person."""

    class Meta:
        model = Revocation
        skip_postgeneration_save = True

    class Params:
        application = factory.SubFactory(ApplicationFactory, status=Status.RECOGNISED)

    document_number = "测试〔2026〕30号"
    on = factory.LazyFunction(timezone.localdate)
    reason = "提供虚假的收入证明"
    proposed_at = factory.LazyFunction(timezone.now)
    proposed_by = factory.SubFactory(UserFactory)

    @factory.lazy_attribute
    def line(self):
        case = self.application
        document = Recognition.objects.create(
            document_number="测试〔2026〕8号", on=self.on, programme=case.edition.programme,
            jurisdiction=case.county, created_at=self.proposed_at, created_by=self.proposed_by,
        )  # fmt: skip
        return RecognitionLine.objects.create(recognition=document, application=case)

    @factory.post_generation
    def confirmed(self, create, confirmed=True, **options):
        if confirmed is not False:
            self.state, self.decided_at = "confirmed", timezone.now()
            self.decided_by = UserFactory()
            self.save()


class CorrectionFactory(DjangoModelFactory):
    class Meta:
        model = Correction

    application = factory.SubFactory(ApplicationFactory, status="returned")
    facts = ["revenue.main_business.y0"]
    reason = "收入与报表不符"
    requested_at = factory.LazyFunction(timezone.now)
    requested_by = factory.SubFactory(UserFactory)


def reject_event(application, actor, reason="收入没有达到文件规定的数额", *, at=None, **fields):
    """The record of a rejection at the step where the case stands; the case is left as it is."""
    step = application.current_step
    return ApplicationEvent.objects.create(
        **{
            "application": application,
            "at": at or timezone.now(),
            "actor": actor,
            "action": "reject",
            "source": "in_review",
            "target": "rejected",
            "step": step.title,
            "step_level": step.level,
            "step_place": application.step,
            "step_is_expert": step.is_expert,
            "opinion": reason,
            **fields,
        }
    )


class MaterialFactory(DjangoModelFactory):
    class Meta:
        model = Material

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    name = factory.Sequence(lambda number: f"测试材料{number + 1}")


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    kind = "review"
    level = "county"
    actor = "县级主管部门"
    title = "初审"


class LibraryFileFactory(DjangoModelFactory):
    """A file of the library whose content, `body`, is not on the disk."""

    class Meta:
        model = LibraryFile

    class Params:
        body = factory.Sequence(lambda number: f"%PDF-1.7 {number}".encode())

    enterprise = factory.SubFactory(EnterpriseFactory)
    title = factory.Sequence(lambda number: f"营业执照{number + 1}")
    original_name = factory.LazyAttribute(lambda file: f"{file.title}.pdf")
    content_type = "application/pdf"
    size = factory.LazyAttribute(lambda file: len(file.body))
    sha256 = factory.LazyAttribute(lambda file: sha256(file.body).hexdigest())
    content = factory.SelfAttribute("sha256")
    scan = "not_configured"
    uploaded_at = factory.LazyFunction(timezone.now)


class AttachmentFactory(DjangoModelFactory):
    class Meta:
        model = Attachment

    application = factory.SubFactory(ApplicationFactory)
    library_file = factory.SubFactory(
        LibraryFileFactory, enterprise=factory.SelfAttribute("..application.enterprise")
    )
    added_at = factory.LazyFunction(timezone.now)


PASSWORD = "a long pass phrase"


@cache
def hashed(password):
    """Hashing is slow on purpose; once is enough."""
    return make_password(password)


class FirmUserFactory(DjangoModelFactory):
    """Somebody of a firm, with a confirmed e-mail; `confirmed=False` says otherwise."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"firm{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@firm.example")
    password = factory.LazyFunction(lambda: hashed(PASSWORD))

    @factory.post_generation
    def confirmed(self, create, confirmed=True, **options):
        EmailAddress.objects.create(
            user=self, email=self.email, primary=True, verified=confirmed is not False
        )


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(FirmUserFactory)
    enterprise = factory.SubFactory(EnterpriseFactory)
    role = "owner"
    contact_name = "办公室"
    contact_telephone = "0356-7000000"


class InvitationFactory(DjangoModelFactory):
    """An open invitation; `token` is what its letter would hold."""

    class Meta:
        model = Invitation

    class Params:
        token = "a-token-that-was-sent-by-mail"

    enterprise = factory.SubFactory(EnterpriseFactory)
    email = "colleague@firm.example"
    token_hash = factory.LazyAttribute(lambda invitation: hash_token(invitation.token))
    invited_by = factory.SubFactory(FirmUserFactory)
    invited_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda row: row.invited_at + INVITATION_LASTS)


class CalendarAddressFactory(DjangoModelFactory):
    """The address of a member's calendar; `token` is what it ends in."""

    class Meta:
        model = CalendarAddress

    class Params:
        token = "a-token-told-once-to-its-member"

    membership = factory.SubFactory(MembershipFactory)
    token_hash = factory.LazyAttribute(lambda address: hash_token(address.token))
    made_at = factory.LazyFunction(timezone.now)


class ClaimFactory(DjangoModelFactory):
    """A claim that waits for the centre of 沁水县."""

    class Meta:
        model = Claim

    user = factory.SubFactory(FirmUserFactory)
    enterprise = factory.SubFactory(EnterpriseFactory)
    credit_code = factory.SelfAttribute("enterprise.credit_code")
    enterprise_name = factory.SelfAttribute("enterprise.name")
    county = factory.SelfAttribute("enterprise.county")
    contact_name = "办公室"
    contact_telephone = "0356-7000000"
    status = "pending"
    claimed_at = factory.LazyFunction(timezone.now)


class BankAccountFactory(DjangoModelFactory):
    """An account of a firm that waits to be confirmed; with `confirmed_by` it is."""

    class Meta:
        model = BankAccount
        skip_postgeneration_save = True

    enterprise = factory.SubFactory(EnterpriseFactory)
    holder = factory.SelfAttribute("enterprise.name")
    bank = "中国农业银行测试支行"
    number = factory.Sequence(lambda number: f"62284812345{number:08d}")
    entered_at = factory.LazyFunction(timezone.now)
    entered_by = factory.SubFactory(FirmUserFactory)

    @factory.post_generation
    def confirmed_by(self, create, user):
        if user:
            self.state, self.decided_by, self.decided_at = "confirmed", user, timezone.now()
            self.save()


class SubjectFactory(DjangoModelFactory):
    class Meta:
        model = Subject

    enterprise = factory.SubFactory(EnterpriseFactory)
    kind = "project"
    name = "一号生产线"


class DraftFactory(DjangoModelFactory):
    class Meta:
        model = ApplicationDraft

    enterprise = factory.SubFactory(EnterpriseFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    year = 2026
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.SelfAttribute("created_at")
    updated_by = factory.SubFactory(FirmUserFactory)


class ProfileAnswerFactory(DjangoModelFactory):
    class Meta:
        model = ProfileAnswer

    enterprise = factory.SubFactory(EnterpriseFactory)
    fact_key = "enterprise.employees"
    year = factory.LazyAttribute(lambda row: dated(row.fact_key, timezone.localdate().year)[1])
    value = 85
    given_at = factory.LazyFunction(timezone.now)


class FindingFactory(DjangoModelFactory):
    """A judgement that a manual criterion is met."""

    class Meta:
        model = Finding

    application = factory.SubFactory(ApplicationFactory)
    criterion = "ZC.13"
    step = "审核"
    outcome = "met"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(timezone.now)


class ExpertAssignmentFactory(DjangoModelFactory):
    """An expert asked to judge a case at its present step."""

    class Meta:
        model = ExpertAssignment

    application = factory.SubFactory(ApplicationFactory, status="in_review")
    step = factory.SelfAttribute("application.step")
    step_title = "专家评审"
    expert = factory.SubFactory(ExpertFactory)
    assigned_by = factory.SubFactory(UserFactory, jurisdiction_code="140500")
    assigned_at = factory.LazyFunction(timezone.now)


class ExpertScoreFactory(DjangoModelFactory):
    """A score of 80 points, by an expert who declared no conflict."""

    class Meta:
        model = ExpertScore

    assignment = factory.SubFactory(
        ExpertAssignmentFactory,
        conflict="none",
        declared_at=factory.LazyFunction(timezone.now),
    )
    points = Decimal("80.0")
    reason = "材料齐全，产品有竞争力。"
    at = factory.LazyFunction(timezone.now)


class FinanceFactory(UserFactory):
    """A member of staff of 晋城市 who confirms and pays awards."""

    jurisdiction_code = "140500"

    @factory.post_generation
    def permissions(self, create, names=None):
        names = names or ["view_application", "view_awardline", "manage_awards", "pay_awards"]
        self.user_permissions.set(Permission.objects.filter(codename__in=names))


class FundFactory(DjangoModelFactory):
    """Money of 晋城市 with a budget of 100 万元 for 2026; `budget=False` leaves it without."""

    class Meta:
        model = Fund
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"测试资金{number + 1}")
    level = "city"
    jurisdiction = factory.SubFactory(JurisdictionFactory)
    document_number = "测试〔2026〕1号"

    @factory.post_generation
    def budget(self, create, amount=None, year=2026, **options):
        if amount is not False:
            amount = Decimal(100) if amount is None else amount
            Budget.objects.create(fund=self, year=year, amount=amount)


class AwardLineFactory(DjangoModelFactory):
    """A line of 20 万元 of 晋城市, due in 2026, with its fund; `state` sets how far it came."""

    class Meta:
        model = AwardLine

    application = factory.SubFactory(ApplicationFactory, status=Status.RECOGNISED)
    level = "city"
    payer = factory.SelfAttribute("fund.jurisdiction")
    position = factory.Sequence(lambda number: number + 1)
    title = "首次升规"
    year = 2026
    kind = "exact"
    low = factory.SelfAttribute("amount")
    high = factory.SelfAttribute("amount")
    amount = Decimal(20)
    fund = factory.SubFactory(FundFactory)
