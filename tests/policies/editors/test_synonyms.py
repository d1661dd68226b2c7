"""What people call things: an editor adds a word and it finds; of others' words two decide."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.models import Synonym
from policies.catalogue.packs.loader import load_packs
from policies.editors.models import ProposedChange
from tests.policies.catalogue.test_packs import edit, folder  # noqa: F401
from tests.policies.editors.people import PROVINCE, QINSHUI, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue
from tests.policies.pages.test_search import found

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADD = reverse("admin:catalogue_synonym_add")


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def as_editor_of(code):
    client = Client()
    client.force_login(editor_of(code, username=f"editor{code}"))
    return client


def change(word):
    return reverse("admin:catalogue_synonym_change", args=[word])


def test_an_editor_adds_a_word_as_it_is_typed_and_it_finds_with_its_history(client):
    response = as_editor_of(QINSHUI).post(
        ADD, {"word": "ＤＬ瞪羚", "means": "高科技领军企业\n\n领军企业"}
    )
    assert response.status_code == 302
    row = Synonym.objects.get(word="dl瞪羚")
    assert row.means == ["高科技领军企业", "领军企业"]
    assert row.history.get().history_user.username == f"editor{QINSHUI}"
    assert found(client, "DL瞪羚") == ["yun-lead"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"word": "两 个词", "means": "小升规"}, "只写一个词"),
        ({"word": "瞪羚", "means": ""}, "means"),
        ({"word": "瞪羚", "means": "长" * 51}, "每个最多 50 个字"),
        ({"word": "高企", "means": "小升规"}, "已有这个词"),
    ],
)
def test_what_is_no_synonym_is_told_beside_its_field_and_kept(typed, told):
    response = as_editor_of(PROVINCE).post(ADD, typed)
    html = response.content.decode()
    assert response.status_code == 200
    assert told in html and f'value="{typed["word"]}"' in html
    assert Synonym.objects.get(word="高企").means == ["高新技术企业"]


def test_a_word_of_the_packs_is_changed_by_the_province_or_by_two():
    asked = as_editor_of(YUNCHENG).post(
        change("高企"), {"means": "高新技术企业\n高企", "why": "有的项目就叫高企"}
    )
    assert asked.status_code == 302
    assert Synonym.objects.get(word="高企").means == ["高新技术企业"]
    proposal = ProposedChange.objects.get()
    accept = reverse("admin:editors_proposedchange_accept", args=[proposal.pk])
    assert as_editor_of(QINSHUI).post(accept).status_code == 302
    row = Synonym.objects.get(word="高企")
    assert row.means == ["高新技术企业", "高企"]
    assert as_editor_of(PROVINCE).post(change("高企"), {"means": "高新技术企业"}).status_code == 302
    row.refresh_from_db()
    assert row.means == ["高新技术企业"]
    # Made by the load, and changed twice by people.
    assert row.history.count() >= 2


def test_a_load_keeps_what_an_editor_changed_and_refuses_a_wrong_pack(folder):  # noqa: F811
    row = Synonym.objects.get(word="高企")
    row.means = ["高新技术企业", "国家高新技术企业"]
    row.save()
    edit(folder, "means: [高新技术企业]", "means: [高新企业]", "synonyms.yaml")
    [line] = load_packs(folder, timezone.now()).kept
    assert "同义词 高企" in line and "保留后台的" in line
    row.refresh_from_db()
    assert row.means == ["高新技术企业", "国家高新技术企业"]
