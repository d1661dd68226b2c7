"""The list of cases when there are many: by index, in as many queries, and counted honestly."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.paging import CappedPaginator
from tests.factories import ApplicationFactory, EditionFactory, UserFactory
from tests.many import many_applications

LIST = reverse("admin:applications_application_changelist")
PAGES = [
    {},
    {"queue": "all"},
    {"queue": "all", "status__exact": "approved", "county__code__exact": "140521"},
    {"queue": "all", "status__exact": "approved", "year": "2024"},
    {"queue": "all", "q": "140521-2025-0100"},
    {"queue": "all", "q": "TESTCODE0000005000"},
]
pytestmark = pytest.mark.django_db


def scanned(plan):
    """The tables that a plan reads from end to end."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(scanned(part) for part in plan.get("Plans", [])))


def explain(statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans otherwise")
def test_the_list_of_many_cases_is_read_by_index(client):
    many_applications(20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client.force_login(UserFactory(jurisdiction_code="140500"))
    client.get(LIST)
    for query in PAGES:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(LIST, query)
        assert page.context["cl"].result_count > 0, query
        statements = [row["sql"] for row in captured if "applications_application" in row["sql"]]
        assert len(statements) >= 3
        for statement in statements:
            if query == {"queue": "all"} and "LIMIT 10001) subquery" in statement:
                continue  # any 10,001 rows will do, in whatever order they lie
            assert "applications_application" not in scanned(explain(statement)), statement


def test_the_list_of_many_cases_takes_as_many_queries_as_that_of_few(client):
    client.force_login(UserFactory(jurisdiction_code="140500"))
    edition = EditionFactory()
    ApplicationFactory(edition=edition)

    def count():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST, {"queue": "all"})
        return len(captured)

    count()
    few = count()
    for year in range(1990, 2020):
        ApplicationFactory(edition=edition, year=year)
    assert count() == few


def test_where_not_all_are_counted_the_page_says_so(client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "most", 60)
    client.force_login(UserFactory())
    edition = EditionFactory()
    for year in range(1960, 2020):
        ApplicationFactory(edition=edition, year=year)
    page = client.get(LIST, {"queue": "all"})
    assert "超过" not in page.content.decode()
    assert "选中所有的 60 个" in page.content.decode()
    ApplicationFactory(edition=edition, year=2020)
    page = client.get(LIST, {"queue": "all"})
    assert "超过 60 条" in page.content.decode()
    assert "选中所有的" not in page.content.decode()
    assert page.context["cl"].paginator.num_pages == 2
    assert "找到超过 60 条" in client.get(LIST, {"queue": "all", "q": "测试"}).content.decode()


def test_a_search_finds_codes_and_words(client):
    client.force_login(UserFactory())
    edition = EditionFactory()
    first = ApplicationFactory(edition=edition, number="140521-2025-0001", subject="一号基地")
    second = ApplicationFactory(
        edition=edition,
        number="140521-2026-0002",
        enterprise__credit_code="91140521MA0K00003X",
        subject="ABCDEFGHJKLMNPQRST",
    )

    def found(words):
        page = client.get(LIST, {"queue": "all", "q": words})
        return {row.number for row in page.context["cl"].result_list}

    assert found("140521-2025") == {first.number}
    assert found("2026-0002") == {second.number}
    assert found("91140521ma0k00003x") == {second.number}
    assert found("abcdefghjklmnpqrst") == {second.number}
    assert found("一号") == {first.number}
    assert found("140522-") == set()


@pytest.mark.parametrize("year", ["nonsense", "1234", "٢٠٢٦"])
def test_a_year_that_no_case_has_leads_back_to_the_list(client, year):
    client.force_login(UserFactory())
    ApplicationFactory()
    assert client.get(LIST, {"year": year}).status_code == 302
