"""Comparing editions with their sources: what is asked, what is kept, and what is due again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.centre.workbench import waiting_work
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Clause, Document, Edition, SourceCheck
from policies.catalogue.source_checks import cited_clauses, record_check
from tests.factories import DocumentFactory, OriginalFactory
from tests.policies.editors.people import JINCHENG, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = reverse("admin:catalogue_edition_changelist")


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = editor_of(JINCHENG)
    client.force_login(user)
    return user


@pytest.fixture
def edition(db):
    return Edition.objects.get(programme="jc-xsg")


def page(edition):
    return reverse("admin:catalogue_edition_check", args=[edition.pk])


def filtered(client, check):
    rows = client.get(LIST, {"check": check, "all": ""}).context["cl"].queryset
    return set(rows.values_list("programme", flat=True))


def record(edition, user, *, days=0, documents=None):
    return record_check(
        edition=edition,
        documents=cited_clauses(edition) if documents is None else documents,
        against=SourceCheck.Against.PAPER,
        originals={},
        note="",
        user=user,
        role="晋城市政策编辑",
        now=timezone.now() - timedelta(days=days),
    )


def test_the_page_shows_what_to_compare_and_keeps_what_was_looked_at(
    client, editor, edition, django_assert_max_num_queries
):
    cited = cited_clauses(edition)
    client.get(page(edition))
    with django_assert_max_num_queries(30):
        shown = client.get(page(edition)).content.decode()
    for told in (
        "三（四）",
        "市级20、10、10万元",
        "奖补 市级 晋城市：首次升规：20 万元",
        "本站没有原件",
    ):
        assert told in shown
    document = Document.objects.get(number="晋市政办〔2021〕35号")
    first = {"documents": [document.pk], "against": "original", "note": "与 <b>原件</b> 一致"}
    # Nothing ticked, nothing chosen, an original that is not there: said beside the field, all kept.
    for data, told in (
        ({}, ("请勾选对照过的文件", "请选对照的是什么")),
        (first, ("没有 晋市政办〔2021〕35号 的原件", "与 &lt;b&gt;原件&lt;/b&gt; 一致", "checked")),
        ({**first, "documents": ["0"]}, ("选择一个有效的选项",)),
        ({**first, "against": "paper", "note": "长" * 301}, ("最多 300 字",)),
    ):
        response = client.post(page(edition), data)
        assert response.status_code == 400
        for each in told:
            assert each in response.content.decode(), each
    assert not SourceCheck.objects.exists()
    original = OriginalFactory(document=document)
    assert client.post(page(edition), first).status_code == 302
    [row] = SourceCheck.objects.all()
    assert (row.document, row.original, row.checked_by) == (document, original, editor)
    assert row.clauses == cited[document]
    assert row.role == "晋城市政策编辑"
    own = client.get(reverse("admin:catalogue_edition_change", args=[edition.pk]))
    assert "由晋城市政策编辑对照本站所存的原件核对" in own.content.decode()
    rest = [each.pk for each in cited if each != document]
    client.post(page(edition), {"documents": rest, "against": "issuer"})
    assert SourceCheck.objects.count() == len(cited)


def test_what_is_due_is_found_by_age_by_absence_and_by_what_superseded_it(client, editor, edition):
    every = set(Edition.objects.values_list("programme", flat=True))
    assert filtered(client, "never") == filtered(client, "due") == every
    cited = list(cited_clauses(edition))
    record(edition, editor, documents=cited[:-1])
    assert "jc-xsg" in filtered(client, "never")
    record(edition, editor, documents=cited[-1:], days=366)
    assert "jc-xsg" not in filtered(client, "never")
    assert filtered(client, "old") == {"jc-xsg"}
    record(edition, editor, documents=cited[-1:], days=364)
    assert "jc-xsg" not in filtered(client, "due")
    assert filtered(client, "old") == set()
    # Something takes the place of a document: until somebody has looked who knew.
    newer = DocumentFactory(number="新〔2026〕1号")
    Document.objects.filter(pk=cited[0].pk).update(superseded_by=newer)
    assert "jc-xsg" in filtered(client, "due")
    assert "jc-xsg" in filtered(client, "superseded")
    assert "yun-new" not in filtered(client, "superseded")
    assert "新〔2026〕1号" in client.get(page(edition)).content.decode()
    record(edition, editor)
    assert "jc-xsg" not in filtered(client, "due") | filtered(client, "superseded")
    Document.objects.filter(pk=cited[0].pk).update(superseded_by=DocumentFactory())
    assert "jc-xsg" in filtered(client, "superseded")
    # What ended needs nobody's look any more.
    Edition.objects.filter(pk=edition.pk).update(ends=timezone.localdate())
    assert "jc-xsg" not in filtered(client, "due")


def test_the_desk_counts_ones_own_and_the_menu_is_not_filled_with_them(client, editor, edition):
    def counted():
        work = waiting_work(editor, timezone.localdate())
        return next(each for each in work if each.title.startswith("要核对出处的版本"))

    before = counted()
    assert before.is_told
    own = Edition.objects.filter(programme__area__code__startswith="1405")
    assert before.count == own.count()
    record(edition, editor)
    assert counted().count == before.count - 1
    assert len(client.get(before.address).context["cl"].result_list) >= counted().count


def test_only_editors_of_the_place_check_and_only_what_stands(client, editor, edition):
    draft = copy_to_draft(edition, timezone.localdate() + timedelta(days=1))
    shown = client.get(page(draft)).content.decode()
    assert "只核对发布过" in shown
    document = next(iter(cited_clauses(draft)))
    data = {"documents": [document.pk], "against": "paper"}
    assert client.post(page(draft), data).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        record(draft, editor)
    client.force_login(editor_of(YUNCHENG))
    assert client.get(page(edition)).status_code == 404
    assert client.post(page(edition), data).status_code == 404
    assert not SourceCheck.objects.exists()


def test_a_check_stays_as_it_was_made(editor, edition):
    record(edition, editor)
    for write in (
        lambda: SourceCheck.objects.update(role="别人"),
        lambda: SourceCheck.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_what_a_clause_says_is_kept_by_editors_and_shown(client, editor):
    """One of a document that only the editor's place uses they change alone; a new one takes two."""
    clause = Clause.objects.get(document__number="晋市政办〔2021〕35号", name="三（四）")
    address = reverse("admin:catalogue_clause_change", args=[clause.pk])
    assert client.get(address).status_code == 200
    data = {
        "position": 6,
        "gist": "首次升规给20万元，再各10万元",
        "cited_as": "三\n\n三（四）（五）",
        "reason": "",
    }
    assert client.post(address, data).status_code == 302
    clause.refresh_from_db()
    assert clause.cited_as == ["三", "三（四）（五）"]
    shown = client.get(clause.document.get_absolute_url()).content.decode()
    assert "首次升规给20万元，再各10万元" in shown
    new = {**data, "document": clause.document_id, "name": "六", "why": "漏了"}
    client.post(reverse("admin:catalogue_clause_add"), new)
    assert not clause.document.clauses.filter(name="六").exists()
