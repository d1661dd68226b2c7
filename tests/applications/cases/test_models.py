"""What the database itself refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent
from applications.cases.services.review import decide
from applications.cases.workflow import Action, Status
from applications.enterprises.models.enterprise import check_credit_code
from policies.catalogue.editions import EditionError, begin_correction
from tests.factories import (
    ApplicationFactory,
    CorrectionFactory,
    CriterionFactory,
    DraftFactory,
    EnterpriseFactory,
    SubjectFactory,
    UserFactory,
    ready,
)
from tests.two_editors import publish_correction, publish_edition, withdraw_edition

pytestmark = pytest.mark.django_db


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


@pytest.fixture
def decided():
    application = ApplicationFactory(status=Status.IN_REVIEW)
    decide(
        application=application,
        action=Action.RECOMMEND,
        actor=UserFactory(),
        now=application.submitted_at,
    )
    return application


def test_an_event_can_be_neither_changed_nor_deleted(decided):
    events = ApplicationEvent.objects.filter(application=decided)
    refused(lambda: events.update(opinion="另一种说法"))
    refused(events.delete)
    refused(lambda: events._raw_delete(events.db))


def test_what_was_submitted_can_be_neither_changed_nor_deleted(decided):
    own = Application.objects.filter(pk=decided.pk)
    refused(lambda: own.update(answers={"enterprise.county": "140522"}))
    refused(lambda: own.update(assessment={}))
    refused(lambda: own.update(county="140500"))
    refused(lambda: own.update(commitment=""))
    refused(lambda: own.update(submitted_by=UserFactory()))
    refused(lambda: own.update(edition=ApplicationFactory().edition))
    refused(ApplicationFactory().delete)


def test_whoever_acted_on_a_case_cannot_be_deleted(decided):
    with pytest.raises(IntegrityError):
        decided.events.get().actor.delete()


def test_only_a_correction_changes_the_answers():
    own = Application.objects.filter(pk=ApplicationFactory(status=Status.RETURNED).pk)
    refused(lambda: own.update(answers={"enterprise.employees": 5}))
    own.update(answers={"enterprise.employees": 5}, status=Status.IN_REVIEW)
    refused(lambda: own.update(answers={}))


def test_a_demand_to_correct_stays():
    correction = CorrectionFactory()
    own = type(correction).objects.filter(pk=correction.pk)
    refused(lambda: own.update(reason="另一个原因"))
    refused(own.delete)
    own.update(answered_at=correction.requested_at)
    refused(lambda: own.update(answered_at=None))


def test_two_granted_applications_of_one_firm_and_year_are_refused(decided):
    refused(lambda: ApplicationFactory(edition=decided.edition, status=Status.RECOGNISED))


def test_two_open_applications_of_one_firm_and_year_are_refused():
    first = ApplicationFactory()
    refused(lambda: ApplicationFactory(edition=first.edition, status=Status.RETURNED))
    ApplicationFactory(edition=first.edition, subject="二号基地")
    ApplicationFactory(edition=first.edition, year=first.year + 1)
    ApplicationFactory(edition=first.edition, status=Status.WITHDRAWN)


def test_two_drafts_for_the_same_are_refused():
    draft = DraftFactory()
    refused(lambda: DraftFactory(programme=draft.programme))
    subject = SubjectFactory()
    DraftFactory(programme=draft.programme, subject=subject)
    refused(lambda: DraftFactory(programme=draft.programme, subject=subject))


def test_an_unknown_status_is_refused():
    refused(lambda: ApplicationFactory(status="paid"))


def test_an_edition_that_an_application_uses_is_not_withdrawn():
    edition = ApplicationFactory().edition
    CriterionFactory(edition=edition, rule=None, kind="manual")
    publish_edition(ready(edition))
    with pytest.raises(EditionError, match="已有申报"):
        withdraw_edition(edition, reason="发布错了", now=timezone.now())
    with connection.cursor() as cursor:
        sql = "UPDATE catalogue_edition SET status = 'withdrawn', reason = 'x', closed_at = %s"
        refused(lambda: cursor.execute(sql, [timezone.now()]))


@pytest.mark.parametrize("status", ["withdrawn", "corrected"])
def test_no_application_is_pinned_to_what_was_replaced(status):
    edition = CriterionFactory(rule=None, kind="manual").edition
    publish_edition(ready(edition))
    edition.refresh_from_db()
    if status == "corrected":
        draft = begin_correction(edition)
        draft.criteria.update(text="更正后的条件")
        publish_correction(ready(draft), reason="文字有误", now=timezone.now())
    else:
        withdraw_edition(edition, reason="发布错了", now=timezone.now())
    edition.refresh_from_db()
    assert edition.status == status
    refused(lambda: ApplicationFactory(edition=edition))


@pytest.mark.parametrize(
    "code", ["", "91140521MA0K00001", "91140521MA0K000018", "9114 0521MA0K000019", "x" * 18]
)
def test_a_wrong_credit_code_is_refused(code):
    with pytest.raises(ValidationError, match="18 位"):
        check_credit_code(code)


def test_numbers_of_the_kept_assessment_come_back_exact():
    EnterpriseFactory()
    application = ApplicationFactory(answers={"rd.ratio": 0.1})
    application.refresh_from_db()
    assert str(application.answers["rd.ratio"]) == "0.1"


def test_staff_see_their_own_jurisdiction_and_all_below_it():
    application = ApplicationFactory()
    seen_by = Application.objects.visible_to
    for code in ("140521", "140500", "100000"):
        assert list(seen_by(UserFactory(jurisdiction_code=code))) == [application]
    for code in ("140522", "140800", ""):
        assert not seen_by(UserFactory(jurisdiction_code=code)).exists()
    assert not seen_by(UserFactory(is_staff=False)).exists()
    assert not seen_by(UserFactory(is_active=False)).exists()
    superuser = UserFactory(jurisdiction_code="", is_superuser=True)
    assert seen_by(superuser).exists()
