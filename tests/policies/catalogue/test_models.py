import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from policies.catalogue.editions import EditionError, begin_correction, copy_to_draft
from policies.catalogue.models import Citation, Criterion, Edition, Office, Tranche
from portal.models import Jurisdiction
from tests.factories import (
    AwardFactory,
    CriterionFactory,
    DocumentFactory,
    EditionFactory,
    FactFactory,
    JurisdictionFactory,
    TrancheFactory,
    ready,
)
from tests.two_editors import agree, publish_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    FactFactory()
    edition = EditionFactory(effective_from="2024-01-01")
    CriterionFactory(edition=edition)
    TrancheFactory(award=AwardFactory(edition=edition))
    publish_edition(ready(edition))
    edition.refresh_from_db()
    return edition


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_a_jurisdiction_holds_itself_and_all_below_it():
    city = JurisdictionFactory(code="140500", level="city")
    county = JurisdictionFactory(code="140521", level="county", parent=city)
    JurisdictionFactory(code="140800", level="city")
    assert set(Jurisdiction.objects.within("140500")) == {city, county}
    assert not Jurisdiction.objects.within("").exists()


def test_a_programme_has_one_edition_per_starting_day(published):
    again = EditionFactory(programme=published.programme, effective_from="2024-01-01")
    agree(again, "publish", digest="d")
    refused(lambda: Edition.objects.filter(pk=again.pk).update(status="published", digest="d"))
    CriterionFactory(edition=again)
    with pytest.raises(EditionError, match="已有一个已发布的版本"):
        publish_edition(ready(again))


@pytest.mark.parametrize("field", ["ends", "own_end"])
def test_an_edition_ends_after_it_starts(field):
    refused(lambda: EditionFactory(effective_from="2024-01-01", **{field: "2024-01-01"}))


def test_an_edition_ends_where_the_next_one_starts(published):
    later = EditionFactory(programme=published.programme, effective_from="2025-01-01")
    CriterionFactory(edition=later)
    publish_edition(ready(later))
    published.refresh_from_db()
    later.refresh_from_db()
    assert published.ends == later.effective_from
    assert list(Edition.objects.in_force(later.effective_from)) == [later]


def test_a_citation_has_exactly_one_owner():
    edition = EditionFactory()
    criterion, award = CriterionFactory(edition=edition), AwardFactory(edition=edition)
    document = DocumentFactory()
    refused(lambda: Citation.objects.create(document=document))
    refused(lambda: Citation.objects.create(document=document, criterion=criterion, award=award))
    Citation.objects.create(document=document, award=award)


@pytest.mark.parametrize("telephone", ["1" + "3" * 10, "办公室1" + "5" * 10])
def test_a_contact_never_shows_a_mobile_number(telephone):
    office = Office(jurisdiction=JurisdictionFactory(), name="科室", telephone=telephone)
    with pytest.raises(ValidationError, match="手机号码"):
        office.full_clean()
    refused(office.save)


def test_a_contact_shows_a_landline():
    office = Office(jurisdiction=JurisdictionFactory(), name="科室", telephone="0356-7098132")
    office.full_clean()
    office.save()
    assert Office.objects.get().telephone == "0356-7098132"


def test_a_criterion_has_a_rule_unless_a_person_judges_it():
    refused(lambda: CriterionFactory(rule=None))
    CriterionFactory(rule=None, kind="manual")


def test_rows_of_a_published_edition_cannot_be_changed(published):
    criterion, tranche = published.criteria.get(), Tranche.objects.get()
    refused(lambda: Criterion.objects.filter(pk=criterion.pk).update(text="另一条"))
    refused(lambda: Tranche.objects.filter(pk=tranche.pk).update(amount=99))
    refused(lambda: CriterionFactory(edition=published, position=9))
    refused(lambda: Edition.objects.filter(pk=published.pk).update(effective_from="2020-01-01"))
    refused(lambda: Edition.objects.filter(pk=published.pk).update(status="draft"))
    refused(lambda: Edition.objects.filter(pk=published.pk).update(notices=["新提示"]))


def test_rows_of_a_published_edition_cannot_be_deleted(published):
    refused(lambda: published.criteria.all().delete())
    refused(published.delete)


def test_a_copy_is_a_draft_with_the_same_content(published):
    draft = copy_to_draft(published, published.effective_from)
    assert draft.is_draft
    assert draft.effective_from > published.effective_from
    assert draft.criteria.get().rule == published.criteria.get().rule
    assert Tranche.objects.filter(award__edition=draft).count() == 1


def test_of_one_day_and_of_one_correction_there_is_one_draft(published):
    programme, day = published.programme, "2031-01-01"
    EditionFactory(programme=programme, effective_from=day)
    refused(lambda: EditionFactory(programme=programme, effective_from=day))
    begin_correction(published)
    same = {"programme": programme, "effective_from": published.effective_from}
    refused(lambda: Edition.objects.create(**same, corrects=published))
    # A pack writes its own beside an editor's for a moment.
    Edition.objects.create(programme=programme, effective_from=day, is_packed=True)
