"""Beside what a firm says, and beside each clause, stand the files that bear it out."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Attachment
from tests.applications.cases.test_experts import expert_edition
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    CriterionFactory,
    ExpertAssignmentFactory,
    FactFactory,
    LibraryFileFactory,
    MaterialFactory,
    UserFactory,
)

REVENUE, HONEST, JOBS = "revenue.main_business.y0", "conduct.clean", "staff.jobs"
ANSWERS = {REVENUE: 3000, HONEST: True, JOBS: 30}
TEXTS = {"T.1": "收入", "T.2": "守信", "T.3": "综合"}
STAFF = ["view_application", "decide_application", "assign_experts"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def clause(code, text):
    return {
        "id": code, "kind": "gate", "text": text, "requires": "", "outcome": "met", "values": {},
        "sources": [], "gap": None, "reason": None, "missing": [],
    }  # fmt: skip


@pytest.fixture
def edition():
    """Asks for revenue (T.1), for honesty (T.2) and, by a person's judgement, for the rest (T.3)."""
    FactFactory()
    FactFactory(key=HONEST, label="守信", type="bool", unit="")
    FactFactory(key=JOBS, label="职工", type="int", unit="人")
    edition = expert_edition()
    CriterionFactory(edition=edition, code="T.1")
    CriterionFactory(edition=edition, code="T.2", rule={"fact": HONEST, "is": True})
    CriterionFactory(edition=edition, code="T.3", kind="manual", rule=None)
    return edition


def case_of(edition):
    assessment = ApplicationFactory.build(edition=edition).assessment
    criteria = [clause(*each) for each in TEXTS.items()]
    return ApplicationFactory(
        edition=edition, answers=ANSWERS, assessment={**assessment, "criteria": criteria},
        status="in_review", step=1, desk="city",
    )  # fmt: skip


@pytest.fixture
def pages(client):
    """The page of a case as a clerk has it, and as an expert."""

    def open_both(case):
        clerk = UserFactory(jurisdiction_code="140500", permissions=STAFF)
        assignment = ExpertAssignmentFactory(application=case)
        for user, name, row in (
            (clerk, "cases_application_change", case),
            (assignment.expert, "cases_expertassignment_change", assignment),
        ):
            client.force_login(user)
            yield client.get(reverse(f"admin:{name}", args=[row.pk])).content.decode()

    return open_both


def beside_clause(page, text):
    line = re.search(rf"<tr><td><strong>{text}</strong>.*?</tr>", page, re.DOTALL)[0]
    return line.partition('data-label="证明材料">')[2]


def beside_answer(page, label):
    return next(piece for piece in page.split("<div><dt>") if piece.startswith(label))


def handed_in(case, material, **file):
    row = LibraryFileFactory(enterprise=case.enterprise, **file)
    return AttachmentFactory(application=case, material=material, library_file=row).library_file


def test_a_file_stands_beside_the_answers_and_clauses_that_it_bears_out(edition, pages):
    report = MaterialFactory(edition=edition, name="审计报告", proves=[REVENUE])
    case = case_of(edition)
    file = handed_in(case, report, title="二〇二五年审计报告")
    preview = reverse("cases:file-preview", args=[file.reference])
    for page in pages(case):
        for told in (beside_clause(page, "收入"), beside_answer(page, "主营业务收入")):
            assert file.title in told
            assert f'<iframe src="{preview}"' in told
        for told in (beside_clause(page, "守信"), beside_clause(page, "综合")):
            assert "不需要材料" in told
            assert file.title not in told
        assert "不需要材料" in beside_answer(page, "职工")


def test_what_was_asked_for_and_not_handed_in_is_told(edition, pages):
    report = MaterialFactory(edition=edition, name="审计报告", proves=[REVENUE])
    MaterialFactory(edition=edition, name="信用报告", proves=[HONEST])
    case = case_of(edition)
    old = handed_in(case, report, title="旧的审计报告")
    Attachment.objects.filter(library_file=old).update(replaced_at=timezone.now())
    for page in pages(case):
        assert "没有材料" in beside_clause(page, "守信")
        assert "信用报告" in beside_clause(page, "守信")
        assert "没有材料" in beside_clause(page, "收入")
        assert old.title not in beside_clause(page, "收入")


def test_a_file_that_browsers_do_not_show_is_a_link(edition, pages):
    report = MaterialFactory(edition=edition, proves=[REVENUE])
    case = case_of(edition)
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    file = handed_in(case, report, original_name="报告.docx", content_type=word)
    for page in pages(case):
        told = beside_clause(page, "收入")
        assert reverse("cases:file", args=[file.reference]) in told
        assert "<details" not in told


def test_a_whole_set_leads_to_its_files_below(edition, pages):
    everything = MaterialFactory(edition=edition, name="申报材料", proves=["*"])
    case = case_of(edition)
    for _ in range(2):
        handed_in(case, everything)
    for page in pages(case):
        for told in (
            *(beside_clause(page, text) for text in TEXTS.values()),
            beside_answer(page, "职工"),
        ):
            assert f'<a href="#material-{everything.pk}">申报材料（2 份）</a>' in told
        assert page.count(f'id="material-{everything.pk}"') == 1


def test_an_edition_that_does_not_say_what_is_for_what_says_so(edition, pages):
    MaterialFactory(edition=edition, name="审计报告")
    case = case_of(edition)
    for page in pages(case):
        assert "没有写明哪份材料证明哪一条" in page
        assert "不需要材料" not in page


def test_many_files_take_no_more_queries(edition, client, django_assert_num_queries):
    case = case_of(edition)
    materials = [MaterialFactory(edition=edition, proves=[REVENUE, HONEST]) for _ in range(3)]
    handed_in(case, materials[0])
    client.force_login(UserFactory(jurisdiction_code="140500", permissions=STAFF))
    address = reverse("admin:cases_application_change", args=[case.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for material in materials * 3:
        handed_in(case, material)
    with django_assert_num_queries(len(few)):
        client.get(address)
