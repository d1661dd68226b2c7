"""The pages of expert review: what staff see of it, and the experts' own."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ExpertAssignment, ExpertScore
from applications.cases.workflow import Status
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.rules.assessment import assess, plain_values
from tests.applications.cases.test_experts import REASON, conflict, expert_case, score
from tests.applying import handed_in, in_bulk
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    ExpertAssignmentFactory,
    ExpertFactory,
    ExpertScoreFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

LIST = reverse("admin:cases_expertassignment_changelist")
STAFF = ["view_application", "decide_application", "assign_experts"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def page_of(row):
    return reverse("admin:cases_expertassignment_change", args=[row.pk])


def staff_page(case):
    return reverse("admin:cases_application_change", args=[case.pk])


def text(response):
    return response.content.decode()


def give(client, row, **data):
    url = reverse("admin:cases_expertassignment_score", args=[row.pk])
    return client.post(url, {"points": "85.5", "reason": REASON, "independent": "on"} | data)


def declare(client, row, reason="曾任该企业顾问"):
    url = reverse("admin:cases_expertassignment_conflict", args=[row.pk])
    return client.post(url, {"conflict_reason": reason})


def assign(client, case, *experts, seen=None):
    url = reverse("admin:cases_application_assign", args=[case.pk])
    case.refresh_from_db()
    seen = case.version if seen is None else seen
    return client.post(url, {"seen": seen, "experts": [expert.pk for expert in experts]})


def take_back(client, case, assignment):
    url = reverse("admin:cases_application_withdraw_assignment", args=[case.pk])
    return client.post(url, {"assignment": assignment})


def title_case(answers):
    """A case for the city's 专精特新 title, as its published edition judges these answers."""
    edition = Edition.objects.get(programme="jc-zjtx-city", status="published")
    known = Catalogue()
    given = {"enterprise.county": "140521"} | answers
    on = ApplicationFactory.build(edition=edition).on
    [assessment] = assess([known.pinned_edition(edition)], given, on, known.facts)["programmes"]
    return expert_case(edition, answers=given, assessment=plain_values(assessment))


@pytest.fixture
def case():
    return expert_case()


@pytest.fixture
def row(case):
    return ExpertAssignmentFactory(application=case)


@pytest.fixture
def clerk(client):
    user = UserFactory(jurisdiction_code="140500", permissions=STAFF, username="clerk")
    client.force_login(user)
    return user


@pytest.mark.usefixtures("files_root")
def test_no_page_of_a_case_tells_as_failed_what_another_way_makes_up_for(client):
    """A title that asks for a score or any of six feats: the firm has one, and is told so."""
    load_catalogue()
    case = title_case(
        {"zjtx.first_this_year": [], "heritage.listed": True, "standards.lead_count_2y": 0}
    )
    row = ExpertAssignmentFactory(application=case)
    clerk = UserFactory(jurisdiction_code="140500", permissions=STAFF)
    for user, address in ((row.expert, page_of(row)), (clerk, staff_page(case))):
        client.force_login(user)
        table = re.search(r"<table class=.*?</table>", text(client.get(address)), re.DOTALL)[0]
        lines = {
            re.search("<strong>(.*?)</strong>", line)[1]: line
            for line in re.findall("<tr>(?:(?!</tr>).)*<strong>.*?</tr>", table, re.DOTALL)
        }
        other = lines["近两年主持制（修）订标准1项以上"]
        assert 'class="outcome-not_needed" data-label="结果">不需要<' in other
        assert "已经符合（“属于国家级非遗或中华老字号”）" in other
        whole = lines["综合评分60分以上，或符合任一直通车条件"]
        assert "有一种就够" in whole
        assert "outcome-not_met" not in whole + other


@pytest.mark.usefixtures("files_root")
def test_an_expert_reads_the_case_without_contacts_and_scores_it(client):
    load_catalogue()
    case = handed_in()
    Application.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    row = ExpertAssignmentFactory(application=case, step=0)
    client.force_login(row.expert)
    page = text(client.get(page_of(row)))
    for shown in (case.enterprise_name, "晋市政办〔2021〕35号", "2000 万元", "申报材料"):
        assert shown in page
    for hidden in (case.contact_name, case.contact_telephone, case.enterprise.credit_code):
        assert hidden not in page
        assert hidden not in text(client.get(LIST))
    assert give(client, row).status_code == 302
    given = ExpertScore.objects.get()
    assert (str(given.points), given.reason) == ("85.5", REASON)
    assert "我的评分：85.5" in text(client.get(page_of(row)))


def test_others_scores_are_hidden_until_ones_own_is_in(client, case, row):
    other = ExpertScoreFactory(
        assignment__application=case, points="43.2", reason="看不出竞争力在哪里。"
    )
    client.force_login(row.expert)
    page = text(client.get(page_of(row)))
    assert "43.2" not in page
    assert other.reason not in page
    give(client, row)
    page = text(client.get(page_of(row)))
    assert other.reason in page
    assert "43.2" in page
    assert str(other.assignment.expert) not in page


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"points": "101"}, "0 到 100 之间"),
        ({"points": "-1"}, "0 到 100 之间"),
        ({"points": "abc"}, "0 到 100 之间"),
        ({"points": "85.55"}, "0 到 100 之间"),
        ({"points": "1000"}, "0 到 100 之间"),
        ({"points": "8,5"}, "8.5 还是 85"),
        ({"points": ""}, "请填评分"),
        ({"reason": ""}, "至少 10 个字"),
        ({"reason": "   "}, "至少 10 个字"),
        ({"reason": "太短"}, "至少 10 个字"),
        ({"reason": "长" * 2001}, "最多 2000 字"),
        ({"independent": ""}, "请确认没有利害关系"),
    ],
)
def test_a_wrong_score_is_said_beside_the_field_and_nothing_typed_is_lost(
    client, row, data, message
):
    client.force_login(row.expert)
    response = give(client, row, **data)
    assert response.status_code == 400
    page = text(response)
    assert message in page
    for name, typed in ({"points": "85.5", "reason": REASON} | data).items():
        assert name == "independent" or typed in page
    assert not ExpertScore.objects.exists()


def test_a_second_score_is_refused_and_the_first_stays(client, row):
    client.force_login(row.expert)
    give(client, row)
    response = give(client, row, points="10")
    assert response.status_code == 400
    assert "已经评过分" in text(response)
    assert str(ExpertScore.objects.get().points) == "85.5"


def test_after_the_step_has_ended_nothing_is_scored(client, case, row):
    Application.objects.filter(pk=case.pk).update(step=2)
    client.force_login(row.expert)
    assert "不在评审环节" in text(client.get(page_of(row)))
    for response in (give(client, row), declare(client, row)):
        assert response.status_code == 400
        assert "已不在您评审的环节" in text(response)


def test_who_declares_a_conflict_no_longer_sees_the_case(client, row):
    client.force_login(row.expert)
    response = declare(client, row, " ")
    assert response.status_code == 400
    assert "请写明是什么利害关系" in text(response)
    assert declare(client, row).status_code == 302
    assert client.get(page_of(row)).status_code == 404
    assert give(client, row).status_code == 404
    assert row.application.number not in text(client.get(LIST, {"waiting": "all"}))


def test_a_case_opens_for_its_own_experts_only(client, case, row):
    scored = ExpertScoreFactory(assignment__application=case).assignment
    taken_back = ExpertAssignmentFactory(application=case, withdrawn_at=timezone.now())
    for user, status in (
        (ExpertFactory(), 404),
        (scored.expert, 404),
        (taken_back.expert, 404),
        (ExpertFactory(jurisdiction_code="140522"), 404),
        (UserFactory(is_superuser=True, jurisdiction_code=""), 404),
        (UserFactory(), 404),
        (ExpertFactory(is_staff=False), 302),
    ):
        client.force_login(user)
        assert client.get(page_of(row)).status_code == status
        assert give(client, row).status_code == status
        assert declare(client, row).status_code == status
    assert ExpertScore.objects.count() == 1
    client.force_login(taken_back.expert)
    assert client.get(page_of(taken_back)).status_code == 404


def test_an_expert_who_moved_to_another_county_gets_404(client, row):
    row.expert.jurisdiction_code = "140522"
    row.expert.save()
    client.force_login(row.expert)
    assert client.get(page_of(row)).status_code == 404


def test_the_staffs_pages_stay_closed_to_experts(client, case, row):
    other = expert_case(case.edition, subject="二号")
    client.force_login(row.expert)
    assert client.get(staff_page(case)).status_code == 403
    assert client.get(staff_page(other)).status_code == 404
    assert assign(client, case, ExpertFactory()).status_code == 403
    for name in ("cases_application", "enterprises_enterprise", "money_awardline"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
    exported = reverse("admin:cases_application_list", args=["applications"])
    assert client.get(exported).status_code == 403
    index = text(client.get(reverse("admin:index")))
    assert "专家评审" in index
    assert "cases/application/" not in index


def test_answers_are_sent_with_post_only(client, row):
    client.force_login(row.expert)
    for name in ("score", "conflict"):
        url = reverse(f"admin:cases_expertassignment_{name}", args=[row.pk])
        assert client.get(url).status_code == 405
    for url in (page_of(row), reverse("admin:cases_expertassignment_add")):
        client.post(url, {"conflict": "none"})
    row.refresh_from_db()
    assert row.conflict == ""


def test_the_list_holds_what_waits_the_oldest_first(client, case):
    expert = ExpertFactory()
    newer = ExpertAssignmentFactory(application=case, expert=expert)
    older = ExpertAssignmentFactory(
        application=expert_case(case.edition, subject="二"),
        expert=expert,
        assigned_at=newer.assigned_at - timezone.timedelta(days=1),
    )
    done = ExpertScoreFactory(
        assignment__application=expert_case(case.edition, subject="三"), assignment__expert=expert
    ).assignment
    ExpertAssignmentFactory(application=case)
    client.force_login(expert)

    def listed(**query):
        return list(client.get(LIST, query).context["cl"].result_list)

    assert listed() == [older, newer]
    assert set(listed(waiting="all")) == {older, newer, done}


def test_the_list_takes_the_same_queries_for_many(client, case, django_assert_num_queries):
    row = ExpertAssignmentFactory(application=case)
    client.force_login(row.expert)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    for number in range(20):
        again = expert_case(case.edition, subject=f"{number}")
        ExpertAssignmentFactory(application=again, expert=row.expert)
    with django_assert_num_queries(7):
        assert "20" in text(client.get(LIST))


def test_staff_ask_experts_and_take_it_back(client, case, clerk):
    first, second = ExpertFactory(first_name="某", last_name="教授"), ExpertFactory()
    page = text(client.get(staff_page(case)))
    assert f"（{first.username}）" in page
    assert assign(client, case, first, second).status_code == 302
    assert ExpertAssignment.objects.count() == 2
    page = text(client.get(staff_page(case)))
    assert f"{first.username}、{second.username}" in page
    assert "没有可以指派的专家了" in page
    row = ExpertAssignment.objects.get(expert=second)
    assert take_back(client, case, row.pk).status_code == 302
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_at is None) == (clerk, False)
    assert take_back(client, case, row.pk).status_code == 400


def test_asking_the_wrong_ones_is_refused(client, case, clerk):
    elsewhere = ExpertFactory(jurisdiction_code="140522")
    for experts, message in (([], "至少选一位"), ([elsewhere], "现在不能指派")):
        response = assign(client, case, *experts)
        assert response.status_code == 400
        assert message in text(response)
    url = reverse("admin:cases_application_assign", args=[case.pk])
    response = client.post(url, {"seen": case.version, "experts": ["abc"]})
    assert "现在不能指派" in text(response)
    response = assign(client, case, ExpertFactory(), seen=99)
    assert "已被他人处理" in text(response)
    for wrong in ("", "abc", "9" * 40, 0):
        assert take_back(client, case, wrong).status_code == 404
    assert not ExpertAssignment.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140800", "permissions": STAFF}, 404),
        ({"jurisdiction_code": "140500", "permissions": STAFF[:2]}, 403),
        ({"jurisdiction_code": "140521", "permissions": STAFF}, 400),
        ({"is_staff": False}, 302),
    ],
)
def test_only_staff_of_the_desk_with_the_permission_ask(client, case, row, who, status):
    client.force_login(UserFactory(**who))
    assert assign(client, case, ExpertFactory()).status_code == status
    assert take_back(client, case, row.pk).status_code == status
    assert ExpertAssignment.objects.filter(withdrawn_at=None).count() == 1
    url = reverse("admin:cases_application_assign", args=[case.pk])
    assert client.get(url).status_code in (405, 302)


def test_staff_see_the_scores_when_all_are_in_and_before_their_number(client, case, row, clerk):
    first = ExpertScoreFactory(assignment__application=case, points="60.0").assignment
    page = text(client.get(staff_page(case)))
    assert "1 份" in page
    assert row.expert.username in page
    assert "60.0" not in page
    assert "材料齐全，产品有竞争力" not in page
    score(row, "85.5")
    page = text(client.get(staff_page(case)))
    assert "72.75" in page
    assert "25.5 分" in page
    assert "相差较大" in page
    assert first.expert.username in page
    client.force_login(UserFactory())
    assert "72.75" not in text(client.get(staff_page(case)))


def test_staff_are_told_to_ask_another_after_a_conflict(client, case, row, clerk):
    conflict(row, "曾任该企业顾问")
    page = text(client.get(staff_page(case)))
    assert "声明有利害关系，已回避（曾任该企业顾问）" in page
    assert "请另请一位专家" in page


def test_passing_says_who_has_not_scored(client, case, row, clerk):
    url = reverse("admin:cases_application_decide", args=[case.pk])
    response = client.post(url, {"action": "recommend", "opinion": "同意", "seen": case.version})
    assert response.status_code == 400
    assert f"还有 1 位专家没有评分：{row.expert}" in text(response)
    changelist = reverse("admin:cases_application_changelist")
    data = in_bulk("recommend_selected", case)
    page = text(client.post(changelist, data, follow=True))
    assert f"{case.number}：还有 1 位专家没有评分" in page


def test_a_case_without_expert_steps_says_nothing_of_experts(client):
    client.force_login(UserFactory(permissions=STAFF))
    page = text(client.get(staff_page(ApplicationFactory(status=Status.IN_REVIEW))))
    assert 'id="experts"' not in page


def test_an_expert_opens_the_files_of_their_case_and_no_other(client, case, row, files_root):
    own = AttachmentFactory(application=case).library_file
    other = AttachmentFactory().library_file
    for file in (own, other):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_bytes(b"%PDF-1.7")
    client.force_login(row.expert)
    assert own.title in client.get(page_of(row)).content.decode()
    assert client.get(reverse("cases:file", args=[own.reference])).status_code == 200
    assert client.get(reverse("cases:file", args=[other.reference])).status_code == 404
