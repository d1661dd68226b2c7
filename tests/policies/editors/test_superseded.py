"""What rests on a superseded document is flagged to editors until it rests on another, and to readers."""

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.centre.workbench import waiting_work
from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Document, Edition, SourceCheck, Window
from policies.catalogue.source_checks import cited_clauses, record_check
from tests.factories import DocumentFactory, SelfCheckFactory
from tests.policies.editors.people import JINCHENG, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEWER = "新〔2026〕1号"
DESK = "依据的文件已被取代的项目"


@pytest.fixture
def editor(client, db):
    load_catalogue()
    user = editor_of(JINCHENG)
    client.force_login(user)
    return user


@pytest.fixture
def edition(editor):
    return Edition.objects.get(programme="jc-xsg")


def supersede(document):
    newer = DocumentFactory(number=NEWER)
    Document.objects.filter(pk=document.pk).update(superseded_by=newer)


def listed(client, model):
    page = client.get(reverse(f"admin:catalogue_{model}_changelist"), {"superseded": "yes"})
    rows = page.context["cl"].result_list
    return {getattr(row, "programme_id", row.pk) for row in rows}, page.content.decode()


def test_it_is_flagged_in_lists_pages_and_on_the_desk_whoever_has_looked(client, editor, edition):
    today, pages = (
        timezone.localdate(),
        {
            "edition": reverse("admin:catalogue_edition_change", args=[edition.pk]),
            "programme": reverse("admin:catalogue_programme_change", args=["jc-xsg"]),
        },
    )
    for model, page in pages.items():
        assert listed(client, model)[0] == set()
        assert "依据的文件已被取代，" not in client.get(page).content.decode()
    [document, *_] = cited_clauses(edition)
    supersede(document)
    record_check(
        edition=edition, documents=list(cited_clauses(edition)), against=SourceCheck.Against.PAPER,
        originals={}, note="", user=editor, role="编辑", now=timezone.now(),
    )  # fmt: skip
    for model, page in pages.items():
        found, html = listed(client, model)
        assert "jc-xsg" in found
        assert "依据的文件已被取代" in html
        told = client.get(page).content.decode()
        assert NEWER in told
        assert "依据的文件已被取代，" in told
    desk = {each.title: each.count for each in waiting_work(editor, today)}
    assert desk[DESK] == len(listed(client, "programme")[0])
    elsewhere = {each.title: each.count for each in waiting_work(editor_of(YUNCHENG), today)}
    assert elsewhere[DESK] == 0


def test_a_programme_rests_on_the_document_of_its_days_too(client, editor):
    window = Window.objects.filter(programme__area=JINCHENG).first()
    cited = Edition.objects.in_force(timezone.localdate()).filter(programme=window.programme)
    document = DocumentFactory()
    assert document not in cited_clauses(cited.get())
    Window.objects.filter(pk=window.pk).update(document=document)
    supersede(document)
    assert listed(client, "programme")[0] == {window.programme_id}
    assert listed(client, "edition")[0] == set()


def test_the_result_says_so_of_what_only_the_money_rests_on(client, edition):
    award = edition.awards.exclude(tranches=None).first()
    document = DocumentFactory(number="只管钱〔2020〕2号")
    draft = begin_correction(edition)
    own = draft.awards.get(position=award.position)
    own.citations.all().delete()
    own.citations.create(document=document, clause="一", position=1)
    publish_correction(draft, reason="换了依据", now=timezone.now())
    supersede(document)
    check = SelfCheckFactory()
    address = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    page = client.get(address).content.decode()
    assert "依据的文件有变：只管钱〔2020〕2号" in page
    assert NEWER in page
    other = reverse("self_check:result-programme", args=[check.token, "jc-share"])
    assert "依据的文件有变" not in client.get(other).content.decode()
