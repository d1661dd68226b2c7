"""What people read is Chinese: no page of the table tells them anything in English."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.access.table import PERSONAS, ROWS, concerns
from tests.access.test_access import address_of, send, tags_for, visit, world
from tests.access.world import TAGS

__all__ = ["visit", "world"]  # fixtures
# What has no other name here: kinds of files and encodings, and the keys of a keyboard.
TERMS = frozenset({
    "CSV", "Excel", "JPEG", "JSON", "MB", "KB", "ODS", "PDF", "PNG", "WPS", "Word", "XLS", "XLSX", "ZIP", "doc", "docx",
    "xls", "xlsx", "GBK", "UTF", "Cookie", "Command", "Control", "Ctrl", "Mac",
})  # fmt: skip
# Told as attributes: what is read aloud, shown in an empty field or on a button.
TOLD = ("aria-label", "title", "alt", "placeholder")
SILENT = ("script", "style", "template", "code", "textarea")
# What was typed into the world of the tests.
TYPED = re.compile(
    rf"zz[a-z]+zz[a-z]?|TESTCODE|(?<![A-Za-z.])(?:{'|'.join((*TAGS, *PERSONAS))})(?![A-Za-z.])",
    re.IGNORECASE,
)
# An identifier: letters with digits or the signs of a code, a word in quotes, the number of a request.
CODE = re.compile(
    r"""[\w@./:{}\[\]*-]*(?:[\d_@./:{}\[\]*]|-\w)[\w@./:{}\[\]*-]*|"[a-z_]+"|\b[0-9A-Z]{10}\b""",
    re.ASCII,
)
WORDS = re.compile(r"[A-Za-z][A-Za-z’']+(?:[ ,]+[A-Za-z][A-Za-z’']+)*")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Reader(HTMLParser):
    """All that a page tells, in pieces; what is said to be in another language is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        known = dict(attributes)
        self.told += [known[name] for name in TOLD if known.get(name)]
        if tag == "input" and known.get("type") in ("submit", "button", "reset"):
            self.told.append(known.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.told.append(data)


def english_in(html: str) -> Iterator[str]:
    reader = Reader()
    reader.feed(html)
    for told in reader.told:
        for found in WORDS.findall(CODE.sub(" ", TYPED.sub(" ", told))):
            if rest := [word for word in re.split("[ ,]+", found) if word not in TERMS]:
                yield f"{' '.join(rest)} (in “{' '.join(told.split())[:80]}”)"


def test_english_is_found():
    """So that the test below can fail."""
    page = '<p title="Add another">已改 Changed 名称，PDF 和 zzowncasezz1，a.b</p><script>let x</script>'
    assert [each.split(" (")[0] for each in english_in(page)] == ["Add another", "Changed"]


def beside_the_table() -> Iterator[str]:
    """Lists in which nothing is found, what is not there, and what not everybody may."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{reverse(f'{name}_changelist')}?q=nothing-1"
    yield "/admin/nowhere-1/"
    yield reverse("admin:portal_user_change", args=[10**6])
    yield reverse("admin:catalogue_document_add")


@pytest.mark.parametrize(
    "persona",
    [
        "reviewer",
        *(pytest.param(each, marks=pytest.mark.night) for each in PERSONAS if each != "reviewer"),
    ],
)
def test_no_page_tells_anything_in_english(world, visit, persona):
    client, problems = visit(persona), {}
    for row in (row for row in ROWS if concerns(row, persona) and persona in row.get | row.post):
        for tag in tags_for(row, persona):
            address = address_of(row, row.args(world, tag), row.query(world, tag))
            for method, who in (("get", row.get), ("post", row.post)):
                if persona not in who:
                    continue
                data = row.data(world, tag) if method == "post" else None
                response, _ = send(client, method, address, data)
                if response.get("Content-Type", "").startswith("text/html"):
                    for told in english_in(response.content.decode()):
                        problems.setdefault(told, f"{method} {row.key}")
    for address in beside_the_table():
        for told in english_in(client.get(address, follow=True).content.decode()):
            problems.setdefault(told, address)
    assert not problems, "\n".join(f"{where}: {told}" for told, where in problems.items())
