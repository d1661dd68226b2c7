"""What people judge: who records it, what counts, and what it holds up."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Finding
from applications.cases.models.finding import criteria_to_judge
from applications.cases.services.errors import ApplicationError
from applications.cases.services.findings import record_findings
from applications.cases.services.review import decide
from applications.cases.workflow import Action, Status
from tests.applying import in_bulk
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    FindingFactory,
    StepFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def criterion(code, kind, outcome, text="没有其他明显不符的情况"):
    return {
        "id": code,
        "kind": kind,
        "text": text,
        "outcome": outcome,
        "values": {},
        "requires": "由评审人员判断",
        "gap": None,
        "reason": None,
        "missing": [],
        "sources": [{"document": "沁水县申报指南", "clause": "一"}],
    }


CRITERIA = [
    criterion("ZC.12", "gate", "met"),
    criterion("ZC.13", "manual", "manual"),
    criterion("ZC.14", "gate", "unknown"),
    criterion("PROV.4", "open", "unknown", "本年度取得认定"),
    criterion("PROV.5", "open", "met"),
    criterion("BC.9", "manual", "not_applicable"),
]


@pytest.fixture
def application():
    made = ApplicationFactory.build(edition=EditionFactory())
    return ApplicationFactory(
        edition=made.edition,
        status=Status.IN_REVIEW,
        assessment={**made.assessment, "criteria": CRITERIA},
    )


def record(application, actor=None, **findings):
    """Each finding given as ZC_13=("met", "")."""
    return record_findings(
        application=application,
        actor=actor or UserFactory(),
        findings={code.replace("_", "."): pair for code, pair in findings.items()},
        now=timezone.now(),
    )


def recommend(application):
    decide(
        application=application, action=Action.RECOMMEND, actor=UserFactory(), now=timezone.now()
    )


def case(application):
    return reverse("admin:cases_application_change", args=[application.pk])


def post(client, application, seen=None, **data):
    url = reverse("admin:cases_application_findings", args=[application.pk])
    fields = {name.replace("__", ".").replace("_", "-"): text for name, text in data.items()}
    return client.post(url, {"seen": application.version if seen is None else seen, **fields})


def test_people_judge_manual_and_undecided_open_criteria_only(application):
    codes = [row["id"] for row in criteria_to_judge(application.assessment)]
    assert codes == ["ZC.13", "PROV.4"]


def test_the_last_step_waits_for_every_judgement_and_names_what_lacks(application):
    with pytest.raises(ApplicationError, match=r"ZC\.13 .*还没有判断.*PROV\.4 .*还没有判断"):
        recommend(application)
    record(application, ZC_13=("met", ""), PROV_4=("not_met", "名单里没有"))
    with pytest.raises(
        ApplicationError, match=r"PROV\.4 本年度取得认定（判断为不符合）"
    ) as refused:
        recommend(application)
    assert "ZC.13" not in str(refused.value)
    record(application, PROV_4=("met", "补来了文件"))
    recommend(application)
    assert application.status == Status.APPROVED


def test_an_earlier_step_is_passed_before_everything_is_judged(application):
    for title in ("初审", "复核"):
        StepFactory(edition=application.edition, title=title)
    recommend(application)
    assert (application.status, application.current_step.title) == (Status.IN_REVIEW, "复核")
    with pytest.raises(ApplicationError, match="还没有判断"):
        recommend(application)


def test_a_later_not_met_counts_again(application):
    record(application, ZC_13=("met", ""), PROV_4=("met", ""))
    record(application, ZC_13=("not_met", "现场不符"))
    with pytest.raises(ApplicationError, match="判断为不符合"):
        recommend(application)


def test_the_same_judgement_is_not_repeated(application):
    first = UserFactory()
    record(application, first, ZC_13=("met", "看过现场"))
    assert record(application, UserFactory(), ZC_13=("met", " 看过现场 ")) == []
    assert application.findings.get().by == first
    # Whoever decides the case meanwhile decides on what they saw.
    assert application.version == 1


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"ZC_13": ("not_met", "  ")}, "请写明说明"),
        ({"ZC_12": ("met", "")}, r"没有这些.*ZC\.12"),
        ({"NO_1": ("met", "")}, "没有这些"),
    ],
)
def test_a_judgement_that_says_nothing_is_refused(application, findings, message):
    with pytest.raises(ApplicationError, match=message):
        record(application, **findings)
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    "status", [Status.RETURNED, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN]
)
def test_only_a_case_with_the_staff_is_judged(application, status):
    application.status = status
    application.save()
    with pytest.raises(ApplicationError, match="不能再作人工判断"):
        record(application, ZC_13=("met", ""))


def test_only_the_desk_judges(application):
    with pytest.raises(ApplicationError, match="县级办理"):
        record(application, UserFactory(jurisdiction_code="140500"), ZC_13=("met", ""))


def test_who_decides_while_another_judges_is_told(application):
    record(application, ZC_13=("met", ""), PROV_4=("met", ""))
    stale = type(application).objects.get(pk=application.pk)
    record(application, ZC_13=("met", "又看了现场"))
    with pytest.raises(ApplicationError, match="他人"):
        record(stale, PROV_4=("not_met", "也不符"))
    with pytest.raises(ApplicationError, match="他人"):
        recommend(stale)
    assert application.findings.count() == 3


def test_the_database_keeps_judgements(application):
    finding = FindingFactory(application=application)
    own = Finding.objects.filter(pk=finding.pk)
    for change in (lambda: own.update(outcome="not_met", note="改"), own.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    for wrong in ({"outcome": "not_met", "note": ""}, {"outcome": "perhaps"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FindingFactory(application=application, **wrong)


def test_the_case_page_is_a_checklist_with_who_judged_what(client, application):
    reviewer = UserFactory(username="reviewer")
    client.force_login(reviewer)
    page = client.get(case(application)).content.decode()
    assert page.count("还没有判断") == 2
    response = post(
        client, application, outcome_ZC__13="not_met", note_ZC__13="产品不符", note_PROV__4=""
    )
    assert response.status_code == 302
    application.refresh_from_db()
    post(client, application, outcome_ZC__13="met", note_ZC__13="")
    page = client.get(case(application)).content.decode()
    assert "reviewer，" in page
    assert "此前的判断" in page
    assert "产品不符" in page
    assert Finding.objects.count() == 2


def test_wrong_input_is_said_beside_the_field_and_keeps_what_was_typed(client, application):
    client.force_login(UserFactory())
    for data, message in (
        ({"outcome_ZC__13": "not_met", "note_PROV__4": "留着"}, "请写明说明"),
        ({"outcome_ZC__13": "perhaps", "note_PROV__4": "留着"}, "请选“符合”或“不符合”"),
        ({"outcome_ZC__13": "met", "note_PROV__4": "留着"}, "还没有选判断"),
        ({"outcome_ZC__13": "met", "note_PROV__4": "留着" + "长" * 2000}, "最多 2000 字"),
    ):
        response = post(client, application, **data)
        assert response.status_code == 400
        page = response.content.decode()
        assert message in page
        assert "留着" in page
    assert not Finding.objects.exists()


def test_a_page_grown_old_records_nothing(client, application):
    client.force_login(UserFactory())
    response = post(client, application, seen=7, outcome_ZC__13="met", note_ZC__13="留着")
    assert response.status_code == 400
    assert "留着" in response.content.decode()
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140522"}, 404),
        ({"permissions": ["view_application"]}, 403),
        ({"jurisdiction_code": "140500"}, 400),
        ({"is_staff": False}, 302),
    ],
)
def test_strangers_and_other_desks_judge_nothing(client, application, who, status):
    client.force_login(UserFactory(**who))
    assert post(client, application, outcome_ZC__13="met").status_code == status
    assert not Finding.objects.exists()
    url = reverse("admin:cases_application_findings", args=[application.pk])
    assert client.get(url).status_code in (405, 302)


def test_recommending_in_bulk_names_what_was_not_judged(client, application):
    client.force_login(UserFactory())
    url = reverse("admin:cases_application_changelist")
    data = in_bulk("recommend_selected", application)
    page = client.post(f"{url}?queue=all", data, follow=True).content.decode()
    assert f"{application.number}：人工判断的条件" in page
    assert "ZC.13 没有其他明显不符的情况（还没有判断）" in page
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW


def test_a_judgement_of_what_the_correction_settled_stays_in_sight(client, application):
    FindingFactory(application=application, criterion="OLD.1", note="当时的看法")
    client.force_login(UserFactory())
    assert "当时的看法" in client.get(case(application)).content.decode()
