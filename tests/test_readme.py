"""The READMEs keep pace with what they describe."""

import json
import re
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands

from portal.setting_table import SETTINGS
from tests.policies.packs import load_catalogue

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
NOTES = (ROOT / "README.en.md").read_text("utf-8")
# Of tests alone; the settings do not read it.
OF_TESTS = {"TEST_DATABASE_URL"}


def test_the_changes_begin_with_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changes = README.partition("\n## 版本变化\n")[2]
    version = re.search(r"\*\*([\d.]+)\*\*，\d{4}-\d\d-\d\d。", changes)[1]
    assert version == project["version"]


def test_every_setting_stands_in_the_table_and_nothing_else_does():
    table = README.partition("\n## 设置\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert told - OF_TESTS == SETTINGS.keys()


@pytest.mark.parametrize("text", [README, NOTES])
def test_every_command_and_file_that_is_named_exists(text):
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert commands <= set(get_commands())
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert set(re.findall(r"`?make ([a-z]+)", text)) - {"of", "calls"} <= set(targets)
    for path in re.findall(r"[`(]((?:\.?\w+/)+[\w./-]+\.\w+)[`)]", text):
        if not path.startswith(("tests/upgrade/recorded/VERSION", ".data/")):
            assert (ROOT / path).exists(), path


def is_within(said: Any, found: Any) -> bool:
    """Whether all that is said is so; what is found may say more."""
    if isinstance(said, dict):
        return all(key in found and is_within(value, found[key]) for key, value in said.items())
    if isinstance(said, list):
        return len(said) == len(found) and all(map(is_within, said, found))
    return said == found


@pytest.mark.django_db
def test_the_answer_document_is_as_the_example_says(tmp_path):
    load_catalogue()
    answers, expected = re.findall(r"```json\n(.*?)```", NOTES, re.S)
    asked = re.search(r"with `(--on [^`]+)`", NOTES)[1].split()
    (tmp_path / "answers.json").write_text(answers, "utf-8")
    printed = StringIO()
    call_command("self_check", str(tmp_path / "answers.json"), *asked, stdout=printed)
    found = json.loads(printed.getvalue())
    assert is_within(json.loads(expected), found)
    assert not is_within({"totals": {"now": [80, 81]}}, found)
