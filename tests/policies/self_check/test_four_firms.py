"""What four invented firms and two more read first: small pages, names and money in the first screen,
a report of few pages."""

import subprocess
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from policies.self_check.models import SelfCheck
from policies.self_check.views.report import _report
from portal.pdf import html_to_pdf
from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue, read_data

FIRMS = read_data("firms.yaml")
KILOBYTES, PAGES, QUERIES = 80, 4, 8
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(params=FIRMS)
def check(request, db):
    load_catalogue()
    firm = FIRMS[request.param]
    answers = {
        key: value / 100 if facts()[key].type == "ratio" else value
        for key, value in firm["answers"].items()
    }
    return SelfCheckFactory(
        answers=answers,
        on=date(2026, 11, 20),
        topics=firm["topics"],
        unclear=firm.get("unclear", []),
    )


def address(name, check, *more):
    return reverse(f"self_check:{name}", args=[check.token, *more])


def test_the_answer_is_small_and_begins_with_what_is_certain(
    client, check, django_assert_max_num_queries
):
    client.get(address("result", check))
    with django_assert_max_num_queries(QUERIES):
        response = client.get(address("result", check))
    text, page = response.content.decode(), response.context["page"]
    assert len(response.content) <= KILOBYTES * 1024
    assert "0 万元" not in page["headline"]["certain"].split()
    for row in page["certain"]:
        assert row["name"] in text
        assert row["amount"]
    # The certain programmes stand before everything that may come.
    if page["certain"] and page["one_away"]:
        assert text.index('id="certain"') < text.index('id="one-away"')


def test_every_fold_opens_and_says_why(client, check, django_assert_max_num_queries):
    page = client.get(address("result", check)).context["page"]
    for group in page["folded"]:
        client.get(address("result-group", check, group["name"]))
        with django_assert_max_num_queries(QUERIES):
            opened = client.get(address("result-group", check, group["name"])).context["page"]
        rows = [row for part in opened["parts"] for row in part["rows"]]
        assert len(rows) == group["count"]
        if group["name"] == "failed":
            assert all(row["why"] for row in rows)


def test_whom_to_call_is_never_empty(client, check):
    page = client.get(address("result", check)).context["page"]
    for row in (*page["certain"], *page["one_away"]):
        assert "问谁" in client.get(address("result-programme", check, row["id"])).content.decode()


def test_the_report_is_at_most_four_pages(check, tmp_path):
    request = RequestFactory().get("/")
    html = render_to_string("self_check/report.html", _report(request, check))
    path = tmp_path / "report.pdf"
    path.write_bytes(html_to_pdf(html))
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    [pages] = [line.split()[1] for line in info.stdout.splitlines() if line.startswith("Pages")]
    assert int(pages) <= PAGES
    assert SelfCheck.objects.count() == 1
