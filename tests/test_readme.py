"""The README keeps pace with what it describes."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_changes_begin_with_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changes = (ROOT / "README.md").read_text("utf-8").partition("\n## Changes\n")[2]
    version = re.search(r"\*\*([\d.]+)\*\*, (\d{4}-\d\d-\d\d)\.", changes)[1]
    assert version == project["version"]
