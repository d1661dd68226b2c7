"""An edition in force that does not compile, as only what goes round the forms can leave it."""

from policies.catalogue.models import Edition
from tests.factories import CriterionFactory, EditionFactory, ProgrammeFactory


def publish_faulty(programme="jc-faulty", rule=None, on="2024-01-01", **fields):
    fields = {"name": "写错的项目", "family": "小升规"} | fields
    edition = EditionFactory(
        programme=ProgrammeFactory(id=programme, **fields), effective_from=on, is_packed=True
    )
    CriterionFactory(edition=edition, text="写错的条件", rule=rule or {"fact": "no.such", "is": 1})
    Edition.objects.filter(pk=edition.pk).update(status="published", digest="x")
    return edition
