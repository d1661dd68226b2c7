"""The documents: searched in Chinese, paged, and each with the clauses that rest on it."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import escape

from policies.catalogue.models import Citation, Conflict, Document, Edition, Programme
from tests.factories import DocumentFactory
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = "/documents/"
UPGRADE = "晋市政办〔2021〕35号"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def read(client, url, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def page_of(number):
    return reverse("pages:document", args=[Document.objects.get(number=number).pk])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("上规", UPGRADE),
        ("运城", "运政发〔2020〕38号"),
        ("晋市政办[2021]35", UPGRADE),
        ("上规 晋城", UPGRADE),
        ("  35号  ", UPGRADE),
    ],
)
def test_documents_are_found_by_short_words(client, words, shown):
    assert shown in read(client, LIST, q=words)


def test_all_words_must_be_there(client):
    page = read(client, LIST, q="上规 运城")
    assert "文件有 0 份" in page
    assert "少写几个字" in page


@pytest.mark.parametrize("words", ["%", "_", "'", "<b>", "\\"])
def test_signs_of_the_database_are_plain_text(client, words):
    assert "文件有 0 份" in read(client, LIST, q=words)


@pytest.mark.parametrize("words", ["啊" * 51, "a\x00b"])
def test_a_bad_search_is_told_beside_the_field_and_kept(client, words):
    page = read(client, LIST, q=words)
    assert 'id="q-error"' in page
    assert f'value="{words}"' in page
    assert UPGRADE in page


@pytest.mark.parametrize(("page", "number"), [("2", 2), ("99", 2), ("一", 1), ("-1", 2), ("", 1)])
def test_any_page_number_shows_a_page(client, page, number):
    assert f"第 {number} 页，共 2 页" in read(client, LIST, page=page)


def test_paging_keeps_the_search(client):
    for number in range(30):
        DocumentFactory(title=f"分页 {number}")
    assert "?q=%E5%88%86%E9%A1%B5&amp;page=2" in read(client, LIST, q="分页")


def test_lists_take_the_same_few_queries_however_long(client, django_assert_num_queries):
    """Once the catalogue is compiled: of one the list sees that nothing has changed."""
    read(client, LIST)
    for url, queries in ((f"{LIST}?q=", 4), (page_of(UPGRADE), 6), (page_of("沁水县申报指南"), 7)):
        with django_assert_num_queries(queries):
            read(client, url)


def test_a_document_shows_its_programmes_clauses_and_missing_date(client):
    page = read(client, page_of(UPGRADE))
    assert "2021年9月28日" in page
    assert "小升规奖励（首次升规及稳规）" in page
    assert "三（四）" in page
    assert "条件：首次由规下升为规上" in page
    assert "奖补：市级 晋城市" in page
    assert "未印日期" in read(client, page_of("沁水县申报指南"))


def test_the_list_counts_editions_in_force_only_and_the_page_names_earlier_ones(client):
    Edition.objects.update(ends=date(2024, 1, 1))
    page = read(client, page_of(UPGRADE))
    assert "2021年9月28日起的以前版本" in page
    assert "报错：" not in page
    assert "依据它的项目（" not in read(client, LIST)


def test_what_superseded_a_document_is_linked_both_ways(client):
    newer = DocumentFactory(number="新〔2026〕1号")
    older = Document.objects.get(number=UPGRADE)
    older.superseded_by = newer
    older.save()
    assert page_of("新〔2026〕1号") in read(client, page_of(UPGRADE))
    assert page_of(UPGRADE) in read(client, page_of("新〔2026〕1号"))
    assert "已被取代" in read(client, LIST, q="上规升级的实施意见")


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40, "abc"])
def test_an_unknown_document_is_not_found(client, pk):
    assert client.get(f"{LIST}{pk}/").status_code == 404


def test_documents_are_only_read(client):
    assert client.post(LIST).status_code == 405
    assert client.post(page_of(UPGRADE)).status_code == 405


def test_every_note_on_how_documents_are_read_is_said_where_it_matters(client):
    """On the pages of the programmes that it touches, else on the page of all documents."""
    shown = client.get(LIST).content.decode()
    for programme in Programme.objects.all():
        shown += client.get(reverse("pages:programme", args=[programme.pk])).content.decode()
    unsaid = [row.code for row in Conflict.objects.all() if escape(row.text) not in shown]
    assert unsaid == []


@pytest.mark.parametrize(
    ("programme", "code"),
    [
        ("jc-xsg", "C01"), ("jc-xsg", "C02"), ("jc-xsg", "C03"), ("jc-xsg", "C06"),
        ("jc-zjtx-giant-nat", "C18"), ("jc-share", "C21"), ("jc-share", "C24"),
        ("jc-zjtx-list", "C49"), ("jc-base-city", "C61"), ("jc-xsg-tax", "C38"),
    ],
)  # fmt: skip
def test_a_programme_says_what_touches_its_criteria_and_awards(client, programme, code):
    shown = client.get(reverse("pages:programme", args=[programme])).content.decode()
    assert escape(Conflict.objects.get(code=code).text) in shown


def test_programmes_rest_on_every_document_but_newer_rules_that_change_no_figure():
    cited = set(Citation.objects.values_list("document_id", flat=True))
    idle = Document.objects.exclude(pk__in=cited).values_list("number", flat=True)
    assert set(idle) == {"晋财规建〔2025〕1号", "工信部企业〔2026〕2号"}
