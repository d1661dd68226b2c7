"""The demo: one filling shows everything there is, adds up, and lets its accounts in."""

import subprocess
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import transaction
from django.db.models import F, Sum
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import (
    Application,
    ApplicationDraft,
    ApplicationEvent,
    Attachment,
    Correction,
    Cover,
    ExpertAssignment,
    Message,
    ReviewRequest,
)
from applications.cases.recount import assessed_again
from applications.cases.services.ranking import contests_of, ranking_of
from applications.cases.workflow import Status
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import keep_sheet, rehearse
from applications.centre.models import ExportLog, SheetImport
from applications.enterprises.models import BankAccount, Claim, Enterprise
from applications.enterprises.models.enterprise import check_credit_code
from applications.impact.models import Run
from applications.money.models import AwardEvent, AwardLine, Payment, PaymentBatch, Refund
from applications.money.models.award_line import counted_amount, net_paid
from applications.money.services.figures import budget_rows, rows_by, total_of
from applications.notices.models import Notice, Objection
from policies.catalogue.content import digest_of
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, CountyLastDay
from policies.editors.models import EditionProposal, ProposedChange
from policies.pages.models import ErrorReport
from portal.models import Delivery
from tests.breaking import broken_guards
from tests.catalogue_changes import CHANGES, NOTHING_FREE
from tests.demo.accounts import table_of
from tests.demo.around import last_self_check
from tests.demo.fill import RefusedError, fill, prepare, refuse_unless_empty
from tests.demo.firms import paper_of

FIRM_PAGES = ("enterprise", "awards", "messages", "library", "members", "profile", "apply-index")
STAFF_PAGES = (
    "cases.application", "money.awardline", "money.fund", "money.paymentbatch", "notices.notice",
    "notices.recognition", "enterprises.enterprise", "enterprises.claim", "enterprises.bankaccount", "centre.exportlog",
    "centre.sheetimport", "catalogue.call", "cases.message", "portal.delivery",
)  # fmt: skip
BY_DAY = (
    "指标的文字", "指标的最小值放宽", "口径说明的文字", "文件的标题和取代", "区划的名称和上级", "项目的文字",
    "项目的性质、受益对象和给什么", "项目的梯度", "项目的口径说明", "公式的新版本",
)  # fmt: skip
SENT_NOWHERE = {"MAIL_SERVER_BACKEND": "tests.demo.mail.NoMail"}


class UndoneError(Exception):
    """What a test did does not stay."""


def answer_of(assessment):
    """What an assessment comes to: verdict, conditions, money and what is missing; not the words."""
    names = ("verdict", "missing", "missing_for_amount", "awards", "together")
    criteria = [
        {name: entry.get(name) for name in ("id", "outcome", "missing", "gap", "values", "is_past")}
        for entry in assessment["criteria"]
    ]
    tranches = [
        {name: row.get(name) for name in ("level", "when", "year", "amount", "status")}
        for row in assessment["tranches"]
    ]
    found = {name: assessment.get(name) for name in names}
    return digest_of({**found, "criteria": criteria, "tranches": tranches})


@pytest.mark.one_database
@override_settings(**SENT_NOWHERE)
class TestFilledDatabase(TestCase):
    """One filling for all that is asked of it."""

    @classmethod
    def setUpTestData(cls):
        folder = TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        files = override_settings(MEDIA_ROOT=Path(folder.name) / "files")
        files.enable()
        cls.addClassCleanup(files.disable)
        prepare()
        cls.sheet = Path(folder.name) / "list.csv"
        cls.accounts = fill(timezone.now(), cls.sheet)

    def staff(self, role, where):
        return next(one.user for one in self.accounts if (one.role, one.where) == (role, where))

    def client_of(self, user):
        client = Client()
        client.force_login(user)
        return client

    def test_every_state_occurs_in_three_counties(self):
        def found(queryset, field):
            return set(queryset.order_by().values_list(field, flat=True))

        assert found(Application.objects, "status") == set(Status)
        assert found(AwardLine.objects, "state") == set(AwardLine.State)
        assert found(AwardLine.objects, "kind") >= {"exact", "range", "unpublished"}
        assert found(Notice.objects, "status") == set(Notice.Status)
        assert found(Objection.objects, "outcome") == {"", *Objection.Outcome}
        assert found(PaymentBatch.objects, "state") == set(PaymentBatch.State)
        assert found(BankAccount.objects, "state") == {"pending", "confirmed", "refused"}
        drafted = Payment.objects.filter(batch__state="draft").annotate(
            now=BankAccount.objects.current_field("pk", "line__application__")
        )
        assert drafted.exclude(account=F("now")).exists(), "no account changed since a draft"
        assert found(Claim.objects, "status") >= {"pending", "approved", "rejected"}
        assert found(ExpertAssignment.objects, "conflict") == {"", "none", "yes"}
        assert found(ErrorReport.objects, "handled") == {True, False}
        assert found(ProposedChange.objects, "outcome") == {""}
        assert found(EditionProposal.objects, "state") == {"pending", "confirmed", "refused"}
        assert found(Refund.objects, "pay_again") == {True, False}
        assert found(ExportLog.objects, "ending") == {"xlsx", "csv"}
        assert found(Application.objects, "county") == {"140521", "140522", "140802"}
        assert found(Application.objects, "edition__programme__family") >= {
            "小升规", "专精特新", "股份制改造", "双创基地", "民营企业重点项目", "运城中小微企业",
        }  # fmt: skip
        assert ApplicationDraft.objects.count() >= 3
        assert found(Call.objects, "status") >= {"draft", "open"}
        assert Application.objects.exclude(call=None).count() >= 3
        assert Message.objects.filter(kind="call").exists()
        assert CountyLastDay.objects.exists()
        assert Cover.objects.filter(first__gt=timezone.localdate()).exists()
        assert found(ReviewRequest.objects, "outcome") == {"", "upheld"}
        assigned = Application.objects.exclude(assignee=None).with_held().filter(held=True)
        assert {case.assignee.email for case in assigned} >= {
            "reviewer.qinshui@demo.example", "reviewer2.qinshui@demo.example",
        }  # fmt: skip
        assert Enterprise.objects.count() >= 40
        assert 80 <= Application.objects.count() <= 110
        assert SheetImport.objects.exclude(done_at=None).exists()
        answered = Correction.objects.filter(answered_at=None)
        assert answered.exists()
        assert Correction.objects.exclude(pk__in=answered).exists()

    def test_each_paper_is_what_its_material_asks_for_and_says_what_the_firm_says(self):
        handed_in = Attachment.objects.filter(added_at=F("application__submitted_at"))
        handed_in = handed_in.select_related("library_file", "material")
        assert handed_in.count() > 60
        for each in handed_in:
            assert each.library_file.title == paper_of(each.material)
        case = Application.objects.filter(
            edition__programme="jc-xsg", enterprise__memberships__user__username="qinshui9"
        ).latest("pk")
        [paper] = handed_in.filter(application=case)
        read = subprocess.run(
            ["pdftotext", "-layout", paper.library_file.path, "-"], capture_output=True, check=True
        )
        text = read.stdout.decode()
        assert case.enterprise_name in text
        assert "2380" in text

    def test_no_statement_gets_around_the_guards(self):
        # Nobody in the demo changes a role; tests/applications/centre/test_staff.py does.
        roles = (
            "historicalgroup",
            "historicalgroup_permissions",
            "historicaluser_user_permissions",
        )
        # All of its editions come with the packs, and so do their examples;
        # tests/policies/catalogue/test_example_rows.py has an editor's.
        # No pack is imported either; tests/policies/editors/test_pack_imports.py has them.
        tables = {
            "catalogue_example",
            "editors_packimport",
            *(f"portal_{table}" for table in roles),
        }
        assert set(broken_guards()) <= {f"{table}: no row that stays" for table in tables}

    def test_lines_are_paid_in_part_scheduled_and_due_this_year(self):
        approved = AwardLine.objects.filter(state="approved")
        assert approved.filter(paid__gt=0).exists()
        assert approved.filter(scheduled__gt=0).exists()
        due = AwardLine.objects.due(timezone.localdate().year)
        assert due.filter(title="连续在规两年").exists()
        assert due.filter(title="连续在规三年").exists()
        assert AwardLine.objects.without_year().exists()

    def test_every_case_has_its_history_in_order_and_none_lies_ahead(self):
        now = timezone.now()
        for case in Application.objects.prefetch_related("events"):
            events = list(case.events.all())
            assert [each.at for each in events] == sorted(each.at for each in events)
            assert events[0].action == "submit"
            assert events[-1].target == case.status
            assert events[-1].at <= now
        assert not AwardEvent.objects.filter(at__gt=now).exists()
        assert ApplicationEvent.objects.dates("at", "year").count() > 3

    def test_every_line_followed_from_the_events_that_it_has(self):
        for line in AwardLine.objects.prefetch_related("events"):
            events = sorted(line.events.all(), key=lambda event: event.pk)
            assert events[0].action == "prepare"
            assert events[-1].target == line.state

    def test_two_people_pay_each_line_or_one_by_a_permit(self):
        paid = AwardEvent.objects.filter(action="pay")
        for event in paid.select_related("line"):
            granters = event.line.events.filter(action__in=["confirm", "approve"])
            is_own = event.actor_id in granters.values_list("actor", flat=True)
            assert is_own == (event.permit_id is not None)
        assert paid.filter(permit=None).exists()
        assert paid.exclude(permit=None).exists()

    def test_figures_of_the_budgets_are_the_sums_of_the_lines(self):
        year = timezone.localdate().year
        users = [one.user for one in self.accounts if one.role in ("财务", "超级用户")]
        for user in users:
            for past in (0, 1):
                lines = AwardLine.objects.visible_to(user).filter(year=year - past)
                total = total_of(budget_rows(user, year - past))
                paid = lines.aggregate(sum=Sum(net_paid(), default=0))["sum"]
                planned = lines.aggregate(sum=Sum(counted_amount(), default=0))["sum"]
                assert (total.paid, total.planned) == (paid, planned)
                by_county = rows_by(user, year - past, "application__county__name")
                assert total_of(by_county).planned == planned
                assert paid > 0

    def test_one_budget_is_scarce_and_the_printed_fund_shows_its_three_parts(self):
        year = timezone.localdate().year
        rows = budget_rows(self.staff("财务", "运城市"), year)
        fund = next(row for row in rows if row.fund and row.fund.yearly == Decimal(3000))
        assert [part.budget for part in fund.parts] == [500, 500, 2000]
        assert all(part.figures.planned for part in fund.parts)
        own = budget_rows(self.staff("财务", "沁水县"), year)
        assert [row.is_scarce for row in own if row.fund] == [True, False]

    def test_nothing_waits_to_be_sent_and_nothing_was(self):
        states = Counter(Delivery.objects.values_list("state", flat=True))
        assert set(states) == {"sent", "failed"}
        assert states["failed"] < states["sent"] / 20
        assert not mail.outbox
        assert Message.objects.unread().exists()
        assert Message.objects.exclude(read_at=None).exists()

    def test_codes_are_valid_and_no_telephone_is_a_mobile_one(self):
        for enterprise in Enterprise.objects.all():
            check_credit_code(enterprise.credit_code)
            assert "测试" in enterprise.name
        telephones = set(Application.objects.values_list("contact_telephone", flat=True))
        assert telephones == {"0356-7000000", "0359-2000000"}

    def test_every_account_of_the_table_logs_in_with_its_password(self):
        table = table_of(self.accounts)
        for account in self.accounts:
            # They are more than may log in from one address in a minute.
            caches["default"].clear()
            assert account.password in table
            client = Client()
            typed = {"login": account.user.email, "password": account.password}
            response = client.post(reverse("account_login"), typed)
            assert response.status_code == 302, account
            assert client.get(response.url).status_code == 200, account
        assert len({account.password for account in self.accounts}) == len(self.accounts)

    def test_other_users_have_no_password_that_anybody_knows(self):
        known = {account.user.pk for account in self.accounts}
        others = [
            member.user
            for enterprise in Enterprise.objects.prefetch_related("memberships__user")
            for member in enterprise.memberships.all()
            if member.user_id not in known
        ]
        assert others
        assert not any(user.has_usable_password() for user in others)

    def test_cases_compute_again_to_the_same_after_what_editors_change(self):
        """Some of it at once; at night each kind on its own."""
        self.assert_cases_as_they_were("as it is")
        for name in BY_DAY:
            assert CHANGES[name](), name
        self.assert_cases_as_they_were("all changes")

    @pytest.mark.night
    def test_cases_compute_again_to_the_same_after_every_kind_of_change(self):
        for name, change in CHANGES.items():
            with self.subTest(name), suppress(UndoneError), transaction.atomic():
                changed = change()
                assert bool(changed) != (name in NOTHING_FREE), f"{name}: {changed}"
                self.assert_cases_as_they_were(name)
                raise UndoneError

    def assert_cases_as_they_were(self, after):
        known = Catalogue()
        cases = Application.objects.select_related("edition").order_by("pk")
        assert len(cases) > 50
        for case in cases:
            then, now = (answer_of(each) for each in (case.assessment, assessed_again(case, known)))
            assert then == now, (after, case.number)

    @pytest.mark.night
    def test_pages_of_staff_open(self):
        for account in self.accounts:
            if not account.user.is_staff:
                continue
            client = self.client_of(account.user)
            assert client.get(reverse("admin:index")).status_code == 200
            for label in STAFF_PAGES:
                room, model = label.split(".")
                address = reverse(f"admin:{room}_{model}_changelist")
                if not account.user.has_perm(f"{room}.view_{model}"):
                    continue
                response = client.get(address, {"queue": "all"} if model == "application" else {})
                assert response.status_code == 200, (account.role, model)
                for row in response.context["cl"].result_list[:3]:
                    page = reverse(f"admin:{room}_{model}_change", args=[row.pk])
                    assert client.get(page).status_code == 200, (account.role, page)

    def test_a_draft_was_tried_in_two_ways_on_all_firms(self):
        run = Run.objects.exclude(finished_at=None).get()
        client = self.client_of(self.staff("政策编辑", "晋城市"))
        shown = client.get(reverse("admin:impact_run_result", args=[run.pk]))
        plans = shown.context["result"].plans
        assert [plan.title for plan in plans][2:] == [
            "市级 30 万元",
            "市级 15 万元，从 1500 万元起",
        ]
        assert plans[0].verdicts[1] == plans[1].verdicts[1] > 0
        assert plans[2].paid("city", "now").most > plans[1].paid("city", "now").most > 0
        assert shown.context["of_cases"].rows > 5
        assert not shown.context["stale"]

    def test_pages_of_finance_open(self):
        client = self.client_of(self.staff("财务", "晋城市"))
        for name in ("fund_figures", "awardline_list"):
            args = ["awards"] if name.endswith("list") else []
            assert client.get(reverse(f"admin:money_{name}", args=args)).status_code == 200

    def test_experts_have_cases_to_score_and_the_city_ranks_them(self):
        expert = self.client_of(self.staff("评审专家", "晋城市"))
        address = reverse("admin:cases_expertassignment_changelist")
        assert expert.get(address, {"waiting": "all"}).context["cl"].result_count > 5
        city = self.staff("审核员", "晋城市")
        contests = contests_of(city)
        rankings = [ranking_of(one, city) for one in contests if one.programme == "jc-zjtx-city"]
        waiting = max(
            ([entry for entry in each.ranked if not entry.has_passed] for each in rankings), key=len
        )
        assert len(waiting) >= 4
        assert any(entry.is_tied for entry in waiting)

    def test_pages_of_firms_open(self):
        for account in self.accounts:
            if account.user.is_staff:
                continue
            client = self.client_of(account.user)
            for name in FIRM_PAGES:
                response = client.get(reverse(f"firm:{name}"))
                assert response.status_code == 200, (account.where, name)
            for case in Application.objects.of_firms_of(account.user):
                page = reverse("firm:case", args=[case.reference])
                assert client.get(page).status_code == 200

    def test_public_pages_show_notices_and_a_self_check(self):
        client = Client()
        assert client.get(reverse("notices:notice-list")).status_code == 200
        for notice in Notice.objects.public():
            page = reverse("notices:notice", args=[notice.number])
            assert client.get(page).status_code == 200
        result = reverse("self_check:result", args=[last_self_check().token])
        assert client.get(result).status_code == 200

    def test_the_written_list_can_be_imported_as_it_is(self):
        user, now = self.staff("审核员", "晋城市"), timezone.now()
        sheet = keep_sheet(
            kind=RECOGNITIONS,
            name=self.sheet.name,
            content=self.sheet.read_bytes(),
            user=user,
            now=now,
        )
        rehearsal = rehearse(kind=RECOGNITIONS, sheet=sheet, user=user, now=now)
        assert (rehearsal.new, rehearsal.open, list(rehearsal.problems)) == (2, 0, [])

    def test_a_second_filling_is_refused(self):
        with self.settings(DEBUG=True), pytest.raises(RefusedError, match="holds firms already"):
            refuse_unless_empty()


@pytest.mark.django_db
def test_an_empty_database_of_a_developer_may_be_filled(settings):
    settings.DEBUG = True
    refuse_unless_empty()


def test_a_portal_in_service_is_not_filled(settings):
    settings.DEBUG = False
    with pytest.raises(RefusedError, match="DEBUG is off"):
        refuse_unless_empty()
