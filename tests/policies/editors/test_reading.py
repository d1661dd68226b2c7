"""Who only reads a page of the catalogue reads words: no list, mapping or rule as a program has it."""

import re

import pytest

from policies.catalogue.models import (
    Award,
    Conflict,
    Criterion,
    Document,
    Edition,
    Fact,
    Programme,
)
from tests.factories import UserFactory
from tests.policies.editors.test_admin import url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
READ = re.compile(r'<div class="readonly[^"]*">(.*?)</div>', re.DOTALL)
RAW = re.compile(r"[\[{]|&#x27;|&quot;|\b(None|True|False|null|true|false)\b")
RIGHTS = [
    f"view_{name}"
    for name in (
        "programme", "edition", "criterion", "award", "tranche", "citation", "material", "step",
        "fact", "document", "conflict", "contact", "window",
    )
]  # fmt: skip


def read(client, row):
    page = client.get(url(f"{row._meta.model_name}_change", row.pk)).content.decode()
    found = [re.sub(r"<[^>]*>", " ", each) for each in READ.findall(page)]
    assert found
    return found


@pytest.mark.parametrize("model", [Programme, Edition, Criterion, Award, Fact, Document, Conflict])
def test_a_reader_reads_words(client, model):
    load_catalogue()
    draft = Edition.objects.get(programme="jc-share")
    client.force_login(UserFactory(permissions=RIGHTS))
    rows = list(model.objects.order_by("pk")[::7])
    if model is Award:
        rows += [*model.objects.exclude(unsplit=None)[:3], *model.objects.exclude(undecided=[])[:3]]
    if model is Edition:
        rows.append(draft)
    raw = {
        f"{row}: {text.strip()}" for row in rows for text in read(client, row) if RAW.search(text)
    }
    assert raw == set()


def test_the_words_are_those_of_the_rows(client):
    load_catalogue()
    client.force_login(UserFactory(permissions=RIGHTS))
    edition = Edition.objects.get(programme="jc-share")
    assert edition.notices[0] in "".join(read(client, edition))
    fact = Fact.objects.get(pk="enterprise.city")
    assert "140500：晋城市" in "".join(read(client, fact))
    award = Award.objects.get(edition=edition, level="county", payer="140522")
    text = "".join(read(client, award))
    assert "20" in text
    assert str(Conflict.objects.get(pk="C24")) in text or "C24" in text
