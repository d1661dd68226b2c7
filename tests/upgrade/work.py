"""Work on a database that was migrated to this release, as a day at a centre does."""

from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from applications.cases.models import Application
    from policies.catalogue.models import Edition
    from portal.past import rewritten_migrations
    from portal.triggers import missing_triggers
    from tests.breaking import broken_guards

    pinned = dict(Application.objects.values_list("pk", "edition"))
    merged = _offices_are_merged()
    call_command("load_catalogue")
    call_command("load_funds")
    assert pinned
    # To the packs they are what they loaded: none comes anew beside what was merged.
    assert _offices() >= merged
    assert dict(Application.objects.values_list("pk", "edition")) == pinned
    # Whatever the packs tell in a sentence now is told in one.
    told = Edition.objects.standing().filter(programme="jc-xsg", criteria__sentence__gt="")
    assert told.exists()
    assert missing_triggers() == []
    assert rewritten_migrations() == []
    _save_a_draft()
    _accept_a_case()
    _pay_a_batch()
    _publish_an_edition()
    # An empty table proves nothing here; the rows of the present are tried elsewhere.
    assert [each for each in broken_guards() if "no row" not in each] == []


def _offices() -> set[tuple[int, str, str, str]]:
    from policies.catalogue.models import Office

    return set(Office.objects.values_list("pk", "jurisdiction", "name", "telephone"))


def _offices_are_merged() -> set[tuple[int, str, str, str]]:
    """Those that contacts named each for themselves stand once, and the past as it was told."""
    from policies.catalogue.models import Contact, Office

    contacts = Contact.objects.select_related("office")
    assert len(contacts) > Office.objects.count() > 0
    for contact in contacts:
        told = contact.history.last()
        was = told.office_name, told.telephone, told.jurisdiction_id
        office = contact.office
        assert was == (office.name, office.telephone, office.jurisdiction_id)
        assert contact.history.first().office == office
    for office in Office.objects.all():
        [made] = office.history.all()
        assert f"{office.contacts.count()} 个项目" in made.history_change_reason
    return _offices()


def _save_a_draft() -> None:
    from django.utils import timezone

    from applications.cases.models import ApplicationDraft
    from applications.cases.services.drafts import save_draft
    from applications.cases.services.filling import Filling

    draft = ApplicationDraft.objects.earliest("pk")
    today = timezone.localdate()
    filling = Filling(draft.enterprise, draft.programme_id, today, draft.subject)
    saved = save_draft(
        filling=filling,
        content={"contact_name": ["升级后的联系人"]},
        version=draft.version,
        user=draft.updated_by,
        who="办公室",
        now=timezone.now(),
    )
    assert saved.version == draft.version + 1


def _accept_a_case() -> None:
    from django.utils import timezone

    from applications.cases.models import Application
    from applications.cases.services.review import decide
    from applications.cases.workflow import Action, Status
    from portal.models import User

    case = Application.objects.filter(status=Status.SUBMITTED).earliest("pk")
    place = case.county_id if case.desk == "county" else case.county.parent_id
    reviewer = User.objects.get(
        jurisdiction_code=place, email__startswith="reviewer.", is_active=True
    )
    decide(application=case, action=Action.ACCEPT, actor=reviewer, opinion="", now=timezone.now())
    case.refresh_from_db()
    assert case.status == Status.IN_REVIEW


def _pay_a_batch() -> None:
    from django.utils import timezone

    from applications.money.models import PaymentBatch
    from applications.money.services.payments import pay_batch
    from applications.money.services.two_people import answered_for
    from portal.models import User

    for batch in PaymentBatch.objects.filter(state="draft", payments__isnull=False).distinct():
        lines = [payment.line for payment in batch.payments.all()]
        place = batch.fund.jurisdiction_id
        clerks = User.objects.filter(jurisdiction_code=place, email__startswith="finance")
        for clerk in clerks:
            if not answered_for(lines, clerk):
                paid = pay_batch(
                    batch=batch,
                    voucher_number="升级记1",
                    paid_on=timezone.localdate(),
                    actor=clerk,
                    now=timezone.now(),
                )
                assert paid.state == "paid"
                return
    raise AssertionError("no batch to pay")


def _publish_an_edition() -> None:
    from django.utils import timezone

    from policies.catalogue.editions import copy_to_draft
    from policies.catalogue.models import Edition
    from tests.two_editors import publish_edition

    today = timezone.localdate()
    current = Edition.objects.in_force(today).earliest("pk")
    draft = copy_to_draft(current, today + timedelta(days=30))
    publish_edition(draft)
    draft.refresh_from_db()
    assert draft.status == Edition.Status.PUBLISHED


if __name__ == "__main__":
    main()
