"""Whatever a page asks for by name is there: in service a name that is not makes it an error."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines

NAMED = re.compile(r"""{%-?\s*static\s+["']([^"']+)["']""")


def named():
    """Each static file that a template of the site or of an installed app names."""
    for folder in engines["django"].template_dirs:
        for path in Path(folder).rglob("*.html"):
            yield from NAMED.findall(path.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(set(named())))
def test_a_static_file_that_a_template_names_is_there(name):
    assert finders.find(name), name


def test_no_template_names_one_without_the_tag():
    """Its name has no checksum, and a change would not reach browsers."""
    plain = re.compile(rf"""["'(]/{settings.STATIC_URL.strip("/")}/""")
    files = [
        path
        for room in ("portal", "policies", "applications", "templates")
        for path in (settings.BASE_DIR / room).rglob("*.*")
        if path.suffix in {".html", ".css", ".js"}
    ]
    assert len(files) > 100
    assert [path for path in files if plain.search(path.read_text("utf-8"))] == []
