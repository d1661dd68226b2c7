"""Selection by rank: the order, the line, and what one action does with each case."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.services.ranking import Contest, contests_of, decide_by_rank, ranking_of
from applications.cases.workflow import Action, Status
from tests.applications.cases.test_experts import by, expert_case, expert_edition
from tests.factories import (
    EditionFactory,
    EnterpriseFactory,
    ExpertAssignmentFactory,
    ExpertFactory,
    ExpertScoreFactory,
    JurisdictionFactory,
    UserFactory,
    opened_call,
)

PAGE = reverse("admin:cases_application_ranking")
DECIDE = reverse("admin:cases_application_decide_ranking")
pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return UserFactory(jurisdiction_code="140500", username="city")


@pytest.fixture
def edition():
    return expert_edition()


@pytest.fixture
def contest(edition):
    return Contest(edition.programme_id, 2026, "专家评审")


def scored(edition, *points, subject="", **fields):
    """A case with these scores, of a base of its own."""
    case = expert_case(edition, subject=subject or f"基地{Application.objects.count()}", **fields)
    for each in points:
        ExpertScoreFactory(
            assignment__application=case, assignment__step=1, points=Decimal(str(each))
        )
    return case


def text(response):
    return response.content.decode()


def ranks(ranking):
    return [(entry.rank, entry.application.pk, entry.is_tied) for entry in ranking.ranked]


def decide(ranking, places, actor, reason="名额已满"):
    return decide_by_rank(
        ranking=ranking, places=places, reason=reason, actor=actor, now=timezone.now()
    )


def post(client, contest, places, seen, **more):
    data = {"of": contest.key, "places": places, "seen": seen, "reason": "名额已满"}
    return client.post(DECIDE, data | more, follow=True)


def statuses(*cases):
    rows = dict(Application.objects.values_list("pk", "status"))
    return [rows[case.pk] for case in cases]


def test_cases_are_ranked_by_their_mean_and_ties_share_a_rank(edition, contest, city):
    third = scored(edition, 60)
    first = scored(edition, 80, 100)
    tied, also = scored(edition, 70, 80), scored(edition, 75)
    ranking = ranking_of(contest, city)
    assert ranks(ranking) == [
        (1, first.pk, False),
        (2, tied.pk, True),
        (2, also.pk, True),
        (4, third.pk, False),
    ]


def test_means_that_differ_in_a_hair_are_no_tie(edition, contest, city):
    lower = scored(edition, "85.3", "85.3", "85.4")
    higher = scored(edition, "85.3", "85.4")
    assert ranks(ranking_of(contest, city)) == [(1, higher.pk, False), (2, lower.pk, False)]


def test_what_is_not_ready_is_named_and_not_ranked(edition, contest, city):
    ready = scored(edition, 80)
    missing = scored(edition, 99)
    ExpertAssignmentFactory(application=missing)
    nobody = scored(edition)
    with_the_firm = scored(edition, 99, status=Status.RETURNED)
    rejected = scored(edition, 99, status=Status.REJECTED)
    scored(edition, 99, status=Status.WITHDRAWN)
    expert_case(edition, step=0, desk="county", subject="初审中")
    ranking = ranking_of(contest, city)
    assert [entry.application for entry in ranking.ranked] == [ready]
    assert [e.application for e in ranking.unready] == [missing, nobody, with_the_firm]
    assert [entry.application for entry in ranking.rejected] == [rejected]
    assert ranking.on_the_way == 1
    expert_case(edition, step=0, desk="county", subject="初审没有通过", status=Status.REJECTED)
    assert ranking_of(contest, city).on_the_way == 1


def test_only_one_programme_year_and_jurisdiction_is_ranked(edition, contest, city):
    mine = scored(edition, 80)
    scored(edition, 90, year=2025)
    scored(expert_edition(), 90)
    scored(EditionFactory(programme=edition.programme, effective_from="2020-01-01"), 90)
    JurisdictionFactory(code="140800", name="运城市")
    elsewhere = JurisdictionFactory(
        code="140802", name="盐湖区", level="county", parent_id="140800"
    )
    firm = EnterpriseFactory(credit_code="91140802MA0K00005T", county=elsewhere)
    scored(edition, 90, enterprise=firm)
    assert [entry.application for entry in ranking_of(contest, city).ranked] == [mine]


def test_contests_are_those_of_ones_own_desk(edition, contest, city):
    scored(edition, 80)
    scored(edition, 80, year=2025)
    scored(edition)
    assert [one.key for one in contests_of(city)] == [
        f"{edition.programme_id}/2026/专家评审",
        f"{edition.programme_id}/2025/专家评审",
    ]
    assert contests_of(UserFactory()) == []
    assert contests_of(UserFactory(jurisdiction_code="140800")) == []
    assert len(contests_of(UserFactory(is_superuser=True, jurisdiction_code=""))) == 2
    assert contests_of(UserFactory(is_superuser=True)) == []  # one of the county
    case = Application.objects.first()
    ExpertAssignmentFactory(application=case, step_title="已不再有的环节")
    assert len(contests_of(city)) == 2


def test_what_one_call_brought_in_is_ranked_together_by_its_places(edition, client, city):
    before = scored(edition, 99)
    call = opened_call(
        programme=edition.programme,
        opens_on=date(2026, 1, 1),
        closes_on=date(2027, 1, 31),
        places_are="limited",
        places=2,
    )
    cases = [scored(edition, points, call=call, on=date(2026, 12, 1)) for points in (70, 80)]
    later = scored(edition, 90, call=call, on=date(2027, 1, 5), year=2027)
    [own, of_year] = sorted(contests_of(city), key=lambda one: one.call is None)
    assert call.title in own.label
    assert [each.application for each in ranking_of(own, city).ranked] == [later, *reversed(cases)]
    assert [each.application for each in ranking_of(of_year, city).ranked] == [before]
    client.force_login(city)
    response = client.get(PAGE, {"of": own.key})
    assert response.context["beyond"] == {cases[0].pk}
    assert "公布了 2 个名额，按它划线" in text(response)
    assert 'value="2"' in text(response)
    other = client.get(PAGE, {"of": own.key, "places": "3"})
    assert "公布了 2 个名额，这里按 3 个划线" in text(other)


def test_one_action_recommends_within_the_places_and_rejects_the_rest(edition, contest, city):
    second, first, third = scored(edition, 70), scored(edition, 90), scored(edition, 60)
    decided = decide(ranking_of(contest, city), 2, city)
    assert (decided.recommended, decided.rejected, decided.failures) == (2, 1, [])
    for case in (first, second, third):
        case.refresh_from_db()
    assert (first.step, second.step, third.step) == (2, 2, 1)
    assert third.status == Status.REJECTED
    event = third.events.get()
    assert event.opinion == "名额已满"
    expected = {"rank": 3, "of": 3, "mean": "60.00", "places": 2}
    assert event.details["ranking"] == expected
    with pytest.raises(ApplicationError, match="没有等待办理"):
        decide(ranking_of(contest, city), 2, city)


def test_all_find_a_place_without_a_reason(edition, contest, city):
    scored(edition, 70)
    scored(edition, 70)
    assert decide(ranking_of(contest, city), 5, city, reason="").recommended == 2


def test_rejecting_needs_a_reason(edition, contest, city):
    cases = scored(edition, 70), scored(edition, 60)
    with pytest.raises(ApplicationError, match="理由"):
        decide(ranking_of(contest, city), 1, city, reason="  ")
    assert statuses(*cases) == [Status.IN_REVIEW] * 2


@pytest.mark.parametrize(("places", "other"), [(2, "1 或 4"), (3, "1 或 4")])
def test_equals_are_not_parted_by_the_line(edition, contest, city, places, other):
    cases = [scored(edition, 90), *(scored(edition, 80) for _ in range(3)), scored(edition, 70)]
    with pytest.raises(ApplicationError, match=f"第 2 名有 3 件同分.*改为 {other}") as refused:
        decide(ranking_of(contest, city), places, city)
    assert cases[2].number in str(refused.value)
    assert statuses(*cases) == [Status.IN_REVIEW] * 5
    assert decide(ranking_of(contest, city), 4, city).rejected == 1


def test_the_tie_that_is_told_is_the_one_at_the_line(edition, contest, city):
    cases = [scored(edition, points) for points in (90, 85, 80, 80, 60)]
    with pytest.raises(ApplicationError, match=r"第 3 名有 2 件同分.*改为 2 或 4") as refused:
        decide(ranking_of(contest, city), 3, city)
    told = [case.number in str(refused.value) for case in cases]
    assert told == [False, False, True, True, False]


def test_a_tie_that_lies_beyond_or_within_the_line_stops_nothing(edition, contest, city):
    for points in (90, 90, 80, 70, 70):
        scored(edition, points)
    ranking = ranking_of(contest, city)
    assert [len(part) for part in ranking.cut(3)] == [3, 2]
    assert [len(part) for part in ranking.cut(2)] == [2, 3]
    assert [len(part) for part in ranking.cut(5)] == [5, 0]


def test_a_tie_at_the_top_names_the_only_way_out(edition, contest, city):
    scored(edition, 80), scored(edition, 80)
    with pytest.raises(ApplicationError, match="改为 2，"):
        decide(ranking_of(contest, city), 1, city)


def test_a_tie_that_staff_parted_by_hand_stands(edition, contest, city):
    first, second = scored(edition, 80), scored(edition, 80)
    by(city, Application.objects.get(pk=second.pk), Action.RECOMMEND)
    assert decide(ranking_of(contest, city), 1, city).rejected == 1
    assert statuses(first, second) == [Status.REJECTED, Status.IN_REVIEW]


def test_of_equals_at_the_line_the_one_who_passed_before_holds_the_last_place(
    edition, contest, city
):
    best, first, second = scored(edition, 90), scored(edition, 80), scored(edition, 80)
    by(city, Application.objects.get(pk=second.pk), Action.RECOMMEND)
    decided = decide(ranking_of(contest, city), 2, city)
    assert (decided.recommended, decided.rejected) == (1, 1)
    assert statuses(best, first, second) == [
        Status.IN_REVIEW, Status.REJECTED, Status.IN_REVIEW,
    ]  # fmt: skip


def test_what_was_approved_where_experts_have_the_last_word_has_passed(contest, city, edition):
    edition.steps.get(position=2).delete()
    granted, waiting = scored(edition, 80, status=Status.APPROVED), scored(edition, 90)
    ranking = ranking_of(contest, city)
    assert ranks(ranking) == [(1, waiting.pk, False), (2, granted.pk, False)]
    assert [entry.has_passed for entry in ranking.ranked] == [False, True]


def test_who_passed_before_holds_a_place(edition, contest, city):
    best, middle, last = scored(edition, 90), scored(edition, 80), scored(edition, 70)
    by(city, Application.objects.get(pk=best.pk), Action.RECOMMEND)
    decided = decide(ranking_of(contest, city), 2, city)
    assert (decided.recommended, decided.rejected) == (1, 1)
    assert statuses(middle, last) == [Status.IN_REVIEW, Status.REJECTED]


def test_who_passed_before_beyond_the_places_is_said(edition, contest, city):
    scored(edition, 90)
    last = scored(edition, 70)
    by(city, Application.objects.get(pk=last.pk), Action.RECOMMEND)
    with pytest.raises(ApplicationError, match=f"{last.number} 排第 2 名，已经通过"):
        decide(ranking_of(contest, city), 1, city)


def test_who_was_rejected_holds_no_place(edition, contest, city):
    best, next_best = scored(edition, 90), scored(edition, 80)
    by(city, Application.objects.get(pk=best.pk), Action.REJECT, "弄虚作假")
    assert decide(ranking_of(contest, city), 1, city).recommended == 1
    assert statuses(next_best) == [Status.IN_REVIEW]


def test_where_one_fails_its_reason_is_said_and_nobody_is_rejected(edition, contest, city):
    taken = scored(edition, 90)
    by(UserFactory(jurisdiction_code="140500"), taken, Action.TAKE_OVER)
    good, beyond = scored(edition, 80), scored(edition, 70)
    decided = decide(ranking_of(contest, city), 2, city)
    assert (decided.recommended, decided.rejected) == (1, 0)
    assert decided.failures[0].startswith(f"{taken.number}：这件申报现在由市级办理")
    assert "有 1 件没有办成，名额外的 1 件先不作" in decided.failures[1]
    assert statuses(beyond) == [Status.IN_REVIEW]
    good.refresh_from_db()
    assert good.step == 2


def test_a_case_that_changed_since_is_a_failure_not_a_victim(edition, contest, city):
    case, other = scored(edition, 90), scored(edition, 80)
    ranking = ranking_of(contest, city)
    by(city, Application.objects.get(pk=case.pk), Action.REJECT, "弄虚作假")
    decided = decide(ranking, 2, city)
    assert decided.recommended == 1
    assert f"{case.number}：" in decided.failures[0]
    assert statuses(case, other) == [Status.REJECTED, Status.IN_REVIEW]


def test_the_page_ranks_previews_and_decides(client, edition, contest, city):
    second, first = scored(edition, 60, 81), scored(edition, 90)
    client.force_login(city)
    assert contest.key in text(client.get(PAGE))
    page = text(client.get(PAGE, {"of": contest.key}))
    assert page.index(first.number) < page.index(second.number)
    assert "70.50" in page
    assert "较大" in page
    assert 'id="decision"' not in page
    response = client.get(PAGE, {"of": contest.key, "places": 1})
    assert "通过 1 件，不予通过 1 件" in text(response)
    assert statuses(first, second) == [Status.IN_REVIEW] * 2
    seen = response.context["ranking"].fingerprint
    page = text(post(client, contest, 1, seen))
    assert "本环节通过 1 件，不予通过 1 件" in page
    assert statuses(second) == [Status.REJECTED]
    history = reverse("admin:cases_application_change", args=[second.pk])
    assert "按专家评审第 2 名（共 2 件，平均 70.50 分，1 个名额）" in text(client.get(history))


def test_failures_are_shown_on_the_page(client, edition, contest, city):
    taken = scored(edition, 90)
    by(UserFactory(jurisdiction_code="140500"), taken, Action.TAKE_OVER)
    client.force_login(city)
    seen = ranking_of(contest, city).fingerprint
    page = text(post(client, contest, 1, seen))
    assert f"{taken.number}：这件申报现在由市级办理" in page
    assert "本环节通过 0 件" in page


def test_what_was_not_scored_must_be_left_out_knowingly(client, edition, contest, city):
    case, unready = scored(edition, 90), scored(edition)
    client.force_login(city)
    seen = ranking_of(contest, city).fingerprint
    response = post(client, contest, 1, seen)
    assert response.status_code == 400
    assert "还有 1 件没有评完" in text(response)
    assert statuses(case) == [Status.IN_REVIEW]
    post(client, contest, 1, seen, without_unready="on")
    case.refresh_from_db()
    assert case.step == 2
    assert statuses(unready) == [Status.IN_REVIEW]


def test_a_page_grown_old_decides_nothing_and_keeps_the_reason(client, edition, contest, city):
    case, other = scored(edition, 90), scored(edition, 80)
    client.force_login(city)
    seen = ranking_of(contest, city).fingerprint
    scored(edition, 95)
    response = post(client, contest, 1, seen, reason="写好的理由")
    assert response.status_code == 400
    assert "有变化，没有办理" in text(response)
    assert "写好的理由" in text(response)
    assert statuses(case, other) == [Status.IN_REVIEW] * 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"places": "0"}, "1 以上的整数"),
        ({"places": "-1"}, "1 以上的整数"),
        ({"places": "abc"}, "1 以上的整数"),
        ({"places": "1.5"}, "1 以上的整数"),
        ({"places": "99999"}, "名额最多"),
        ({"of": "no/2026/such"}, "没有这一项可以排名"),
        ({"of": ""}, "请选要排名的项目"),
        ({"reason": " "}, "不予通过的理由"),
        ({"reason": "长" * 2001}, "最多 2000 字"),
        ({"seen": ""}, "没有办理"),
    ],
)
def test_wrong_input_decides_nothing(client, edition, contest, city, data, message):
    cases = scored(edition, 90), scored(edition, 80)
    client.force_login(city)
    seen = ranking_of(contest, city).fingerprint
    response = client.post(
        DECIDE, {"of": contest.key, "places": 1, "seen": seen, "reason": "名额已满"} | data
    )
    assert response.status_code == 400
    assert message in text(response)
    assert statuses(*cases) == [Status.IN_REVIEW] * 2
    query = {"of": contest.key, "places": 1} | data
    if "of" in data or "places" in data:
        assert message in text(client.get(PAGE, query))


def test_the_line_through_a_tie_is_refused_on_the_page(client, edition, contest, city):
    cases = scored(edition, 80), scored(edition, 80)
    client.force_login(city)
    page = text(client.get(PAGE, {"of": contest.key, "places": 1}))
    assert "不能替您取舍" in page
    assert "并列" in page
    assert 'id="decision"' not in page
    response = post(client, contest, 1, ranking_of(contest, city).fingerprint)
    assert response.status_code == 400
    assert "不能替您取舍" in text(response)
    assert statuses(*cases) == [Status.IN_REVIEW] * 2


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140500", "permissions": ["view_application"]}, 403),
        ({"jurisdiction_code": "140500", "permissions": ["decide_application"]}, 403),
        ({"is_staff": False}, 302),
    ],
)
def test_the_page_is_for_those_who_decide(client, edition, contest, who, status):
    scored(edition, 90)
    client.force_login(UserFactory(**who))
    assert client.get(PAGE).status_code == status
    assert client.post(DECIDE).status_code == status
    client.force_login(ExpertFactory())
    assert client.get(PAGE).status_code == 403


def test_another_desk_or_city_finds_nothing_to_rank(client, edition, contest):
    case = scored(edition, 91.5)
    for code in ("140521", "140800"):
        client.force_login(UserFactory(jurisdiction_code=code))
        response = client.get(PAGE, {"of": contest.key, "places": 1})
        assert response.status_code == 400
        assert "91.5" not in text(response)
        assert post(client, contest, 1, "x").status_code == 400
    assert statuses(case) == [Status.IN_REVIEW]


def test_addresses_answer_only_to_their_methods(client, city):
    client.force_login(city)
    assert client.get(DECIDE).status_code == 405
    assert client.post(PAGE).status_code == 405


def test_the_ranking_takes_the_same_queries_for_many(
    client, edition, contest, city, django_assert_num_queries
):
    scored(edition, 80, 90)
    client.force_login(city)
    query = {"of": contest.key, "places": 3}
    client.get(PAGE, query)
    with django_assert_num_queries(11):
        client.get(PAGE, query)
    for number in range(15):
        scored(edition, 50 + number, 60)
    scored(edition)
    with django_assert_num_queries(11):
        assert "通过 3 件" in text(client.get(PAGE, query))
