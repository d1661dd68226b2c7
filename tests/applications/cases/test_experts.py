"""Expert review as it is recorded: who may be asked, who may score, and what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.cases.models import Application, ExpertAssignment, ExpertScore
from applications.cases.services.errors import ApplicationError
from applications.cases.services.experts import (
    assign_experts,
    declare_conflict,
    experts_for,
    score_application,
    withdraw_assignment,
)
from applications.cases.services.panels import may_see_scores, panel_now
from applications.cases.services.review import decide
from applications.cases.workflow import Action, Status
from policies.catalogue.models import Step
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    ExpertAssignmentFactory,
    ExpertFactory,
    ExpertScoreFactory,
    JurisdictionFactory,
    UserFactory,
)

REASON = "产品和技术在本市领先。"
pytestmark = pytest.mark.django_db


def expert_edition(**more):
    """An edition with a county review, the city's experts, and the city's last word."""
    edition = EditionFactory(**more)
    chain = (
        ("review", "county", "初审"),
        ("expert", "city", "专家评审"),
        ("review", "city", "集体审定"),
    )
    for position, (kind, level, title) in enumerate(chain):
        Step.objects.create(
            edition=edition, position=position, kind=kind, level=level, actor="中心", title=title
        )
    return edition


def expert_case(edition=None, **more):
    """A case under expert review at the city's desk."""
    fields = {"status": Status.IN_REVIEW, "step": 1, "desk": "city"} | more
    return ApplicationFactory(edition=edition or expert_edition(), **fields)


@pytest.fixture
def case():
    return expert_case()


@pytest.fixture
def city():
    return UserFactory(jurisdiction_code="140500")


def assign(case, actor, *experts):
    return assign_experts(application=case, experts=experts, actor=actor, now=timezone.now())


def score(assignment, points="80", reason=REASON):
    return score_application(
        assignment=assignment, points=Decimal(points), reason=reason, now=timezone.now()
    )


def conflict(assignment, reason="曾任该企业顾问"):
    declare_conflict(assignment=assignment, reason=reason, now=timezone.now())


def by(actor, case, action, opinion="同意"):
    decide(application=case, action=action, actor=actor, opinion=opinion, now=timezone.now())


def refused(message):
    return pytest.raises(ApplicationError, match=message)


def test_only_experts_in_charge_of_the_county_can_be_asked(case):
    of_the_city = ExpertFactory()
    of_the_county = ExpertFactory(jurisdiction_code="140521")
    ExpertFactory(jurisdiction_code="140522")
    ExpertFactory(jurisdiction_code="")
    ExpertFactory(is_active=False)
    ExpertFactory(is_staff=False)
    UserFactory()
    for code in ("", "140500"):
        UserFactory(is_superuser=True, jurisdiction_code=code)
    assert list(experts_for(case)) == sorted(
        [of_the_city, of_the_county], key=lambda user: user.username
    )


def test_asking_is_all_or_nothing_and_names_who_cannot_be_asked(case, city):
    good, elsewhere = ExpertFactory(), ExpertFactory(jurisdiction_code="140522")
    with refused(str(elsewhere)):
        assign(case, city, good, elsewhere)
    with refused("至少选一位"):
        assign(case, city)
    assert not ExpertAssignment.objects.exists()
    assign(case, city, good)
    with refused(str(good)):
        assign(case, city, good)
    row = ExpertAssignment.objects.get()
    assert (row.step, row.step_title, row.assigned_by) == (1, "专家评审", city)


@pytest.mark.parametrize(
    "fields",
    [
        {"step": 0, "desk": "city"},
        {"step": 2},
        {"status": Status.RETURNED},
        {"status": Status.REJECTED},
        {"status": Status.SUBMITTED},
    ],
)
def test_experts_are_asked_at_an_expert_step_only(city, fields):
    with refused("不在专家评审环节"):
        assign(expert_case(**fields), city, ExpertFactory())


def test_only_the_desk_asks_experts_and_takes_it_back(case, city):
    expert = ExpertFactory()
    with refused("市级办理"):
        assign(case, UserFactory(), expert)
    (row,) = assign(case, city, expert)
    with refused("市级办理"):
        withdraw_assignment(assignment=row, actor=UserFactory(), now=timezone.now())


def test_who_lets_a_case_pass_while_another_asks_an_expert_is_told(case, city):
    ExpertScoreFactory(assignment__application=case)
    stale = Application.objects.get(pk=case.pk)
    (row,) = assign(case, city, ExpertFactory())
    with refused(str(row.expert)):
        by(city, stale, Action.RECOMMEND)
    score(row)
    with refused("他人"):
        by(city, stale, Action.RECOMMEND)


def test_a_case_passes_when_all_who_were_asked_have_scored(case, city):
    with refused("还没有收到评分"):
        by(city, case, Action.RECOMMEND)
    first, second, third = assign(case, city, *(ExpertFactory() for _ in range(3)))
    score(first)
    with refused(f"2 位.*{second.expert}、{third.expert}"):
        by(city, case, Action.RECOMMEND)
    conflict(second)
    with refused(f"1 位.*{third.expert}"):
        by(city, case, Action.RECOMMEND)
    withdraw_assignment(assignment=third, actor=city, now=timezone.now())
    by(city, case, Action.RECOMMEND)
    assert (case.step, case.current_step.title) == (2, "集体审定")


def test_conflicts_alone_let_nothing_pass(case, city):
    (row,) = assign(case, city, ExpertFactory())
    conflict(row)
    with refused("还没有收到评分"):
        by(city, case, Action.RECOMMEND)


def test_experts_do_not_hold_up_a_rejection(case, city):
    (row,) = assign(case, city, ExpertFactory())
    by(city, case, Action.REJECT, "弄虚作假")
    with refused("已不在您评审的环节"):
        score(row)
    with refused("已不在您评审的环节"):
        conflict(row)


@pytest.mark.parametrize("points", ["101", "-1", "100.1", "-0.1", "85.55", "NaN", "Infinity"])
def test_a_score_out_of_range_is_refused(points):
    with refused("0 到 100"):
        score(ExpertAssignmentFactory(), points)


@pytest.mark.parametrize("points", ["0", "100", "85.5", "1E+2"])
def test_the_limits_themselves_are_scores(points):
    assert score(ExpertAssignmentFactory(), points).points == Decimal(points)


@pytest.mark.parametrize("reason", ["", "  ", "好", "九个字的理由不够长", "   只有七个字的   "])
def test_a_score_without_a_reason_is_refused(reason):
    row = ExpertAssignmentFactory()
    with refused("至少写 10 个字"):
        score(row, reason=reason)
    row.refresh_from_db()
    assert row.conflict == ""


def test_an_expert_answers_once():
    row = ExpertAssignmentFactory()
    score(row)
    for again in (score, conflict):
        with refused("已经评过分"):
            again(row)
    assert ExpertScore.objects.count() == 1
    row.refresh_from_db()
    assert row.conflict == "none"


def test_who_declared_a_conflict_neither_scores_nor_is_asked_again(case, city):
    (row,) = assign(case, city, ExpertFactory())
    with refused("什么利害关系"):
        conflict(row, "  ")
    conflict(row)
    with refused("声明过回避"):
        score(row)
    with refused(str(row.expert)):
        assign(case, city, row.expert)
    by(city, case, Action.REJECT, "不符")
    later = expert_case(edition=case.edition, subject="二号")
    assert row.expert in set(experts_for(later))


def test_an_assignment_taken_back_ends_it(case, city):
    (row,) = assign(case, city, ExpertFactory())
    withdraw_assignment(assignment=row, actor=city, now=timezone.now())
    with refused("撤销"):
        score(row)
    with refused("不能再撤销"):
        withdraw_assignment(assignment=row, actor=city, now=timezone.now())
    scored = ExpertScoreFactory(assignment__application=case).assignment
    with refused("不能再撤销"):
        withdraw_assignment(assignment=scored, actor=city, now=timezone.now())


def test_an_expert_sees_only_what_they_were_asked_to_judge(case, city):
    other = expert_case(edition=case.edition, subject="二号")
    expert, colleague = ExpertFactory(), ExpertFactory()
    seen = Application.objects.visible_to
    assert not seen(expert).exists()
    (row,) = assign(case, city, expert)
    assign(other, city, colleague)
    assert list(seen(expert)) == [case]
    assert list(ExpertAssignment.objects.open_to(expert)) == [row]
    assert set(seen(city)) == {case, other}
    conflict(row)
    assert not seen(expert).exists()
    assert not ExpertAssignment.objects.open_to(expert).exists()


def test_an_expert_who_moves_to_another_county_sees_nothing_of_this_one(case):
    row = ExpertAssignmentFactory(application=case)
    JurisdictionFactory(code="140522", level="county")
    row.expert.jurisdiction_code = "140522"
    row.expert.save()
    assert not Application.objects.visible_to(row.expert).exists()
    assert not ExpertAssignment.objects.open_to(row.expert).exists()


def test_staff_who_are_experts_too_keep_their_jurisdiction(case):
    both = ExpertFactory(permissions=["score_application", "view_application"])
    assert list(Application.objects.visible_to(both)) == [case]
    assert not ExpertAssignment.objects.open_to(both).exists()


def test_an_assignment_taken_back_is_not_seen(case, city):
    (row,) = assign(case, city, ExpertFactory())
    withdraw_assignment(assignment=row, actor=city, now=timezone.now())
    assert not Application.objects.visible_to(row.expert).exists()
    assert not ExpertAssignment.objects.open_to(row.expert).exists()


def test_scores_are_for_the_desk_and_only_when_all_are_in(case, city):
    county, elsewhere = UserFactory(), UserFactory(jurisdiction_code="140800")
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    first, second = assign(case, city, ExpertFactory(), ExpertFactory())
    score(first, "60")
    assert not may_see_scores(case, panel_now(case), city)
    score(second, "85.5")
    panel = panel_now(case)
    assert may_see_scores(case, panel, city)
    assert may_see_scores(case, panel, root)
    assert not may_see_scores(case, panel, county)
    assert not may_see_scores(case, panel, elsewhere)
    with refused("只能由市级的人"):
        by(county, case, Action.TAKE_OVER)


@pytest.mark.parametrize(
    ("points", "mean", "spread", "is_wide"),
    [
        (["80"], "80", "0", False),
        (["60", "80"], "70", "20", False),
        (["60", "80.1"], "70.05", "20.1", True),
        (["0", "100", "50"], "50", "100", True),
    ],
)
def test_mean_and_spread_of_what_is_in(case, points, mean, spread, is_wide):
    for each in points:
        ExpertScoreFactory(assignment__application=case, points=Decimal(each))
    ExpertAssignmentFactory(
        application=case, conflict="yes", conflict_reason="亲属", declared_at=timezone.now()
    )
    ExpertAssignmentFactory(application=case, withdrawn_at=timezone.now())
    panel = panel_now(case)
    assert (panel.mean, panel.spread, panel.is_wide) == (Decimal(mean), Decimal(spread), is_wide)
    assert panel.is_complete


def test_the_queue_of_an_expert_holds_what_can_be_scored_now(case):
    expert = ExpertFactory()
    waiting = ExpertAssignmentFactory(application=case, expert=expert)
    ExpertScoreFactory(
        assignment__application=expert_case(case.edition, subject="二"), assignment__expert=expert
    )
    for number, gone in enumerate(({"step": 2}, {"status": "returned"}, {"status": "rejected"})):
        application = expert_case(case.edition, subject=f"去{number}", **gone)
        ExpertAssignmentFactory(application=application, expert=expert, step=1)
    mine = ExpertAssignment.objects.open_to(expert)
    assert list(mine.to_score()) == [waiting]
    assert mine.count() == 5


def test_the_database_keeps_assignments_and_scores():
    given = ExpertScoreFactory()
    asked = ExpertAssignmentFactory()

    def rows(row):
        return type(row).objects.filter(pk=row.pk)

    for change in (
        lambda: rows(given).update(points=1),
        lambda: rows(given).delete(),
        lambda: rows(given.assignment).update(conflict="yes", conflict_reason="晚了"),
        lambda: rows(given.assignment).update(withdrawn_at=timezone.now()),
        lambda: rows(asked).update(expert=ExpertFactory()),
        lambda: rows(asked).update(assigned_at=timezone.now() - timedelta(days=1)),
        lambda: rows(asked).update(conflict="yes", declared_at=timezone.now()),
        lambda: rows(asked).update(conflict="none"),
        lambda: rows(asked).update(conflict="no", declared_at=timezone.now()),
        lambda: rows(asked).delete(),
        lambda: ExpertAssignmentFactory(application=asked.application, expert=asked.expert),
        lambda: ExpertScoreFactory(assignment=given.assignment),
        lambda: ExpertScoreFactory(points=Decimal("100.1")),
        lambda: ExpertScoreFactory(points=Decimal("-0.1")),
        lambda: ExpertScoreFactory(reason="太短"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
