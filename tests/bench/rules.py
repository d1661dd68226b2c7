"""One firm: the rules against other engines, against their earlier state, and beside an empty view."""

import json
import statistics
import subprocess
import sys
import time
from datetime import date
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import ratio
from tests.bench.peers.install import peers_python

ROOT = Path(__file__).resolve().parents[2]
# The rules before they became one tree; a shallow clone may not have it.
BEFORE = "88e334f066c00538051e75289a125fe25c8ad179"
ON = date(2026, 11, 20)
PROGRAMMES = 83
ROUNDS = 5


def write_catalogue(path: Path, firm: dict[str, object]) -> None:
    """What processes without Django read."""
    from tests.policies.packs import catalogue

    packs = catalogue()
    rows = [pack.data(content) for pack in packs.programmes for _, content in pack.editions]
    data = {"facts": packs.fact_rows, "editions": rows, "firm": firm}
    path.write_text(json.dumps(data, ensure_ascii=False, default=str), encoding="utf-8")


def print_rules(firm: dict[str, object]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.json"
        write_catalogue(path, firm)
        print_peers(path)
        print_document(path, Path(folder))
    print_page(firm)


def print_peers(path: Path) -> None:
    command = [peers_python(), "-m", "tests.bench.peers.one_firm", str(path)]
    subprocess.run(command, cwd=ROOT, check=True)


def print_document(path: Path, folder: Path) -> None:
    before = folder / "before"
    before.mkdir()
    archive = subprocess.run(
        ["git", "archive", BEFORE, "policies/rules", "policies/__init__.py"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if archive.returncode:
        print("whole document as JSON: the earlier state is not in this clone, nothing measured")
        return
    subprocess.run(["tar", "x"], input=archive.stdout, cwd=before, check=True)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for root, found in zip((ROOT, before), times, strict=True):
            found.append(_seconds(root, path))
    now, then = (statistics.median(each) for each in times)
    print(f"whole document, 83 programmes, JSON / before {now / then:.2f}  (at most 0.20)")


def _seconds(root: Path, path: Path) -> float:
    command = [sys.executable, str(ROOT / "tests/bench/document.py"), str(root), str(path)]
    return float(subprocess.run(command, cwd=root, capture_output=True, check=True).stdout)


def print_page(firm: dict[str, object]) -> None:
    """The rules' part of the result page, and the whole request, against an empty view."""
    from django.core.wsgi import get_wsgi_application
    from django.test import RequestFactory, override_settings

    from policies.rules.answers import parse_answers
    from policies.rules.explanation import explain
    from policies.rules.firm import Firm
    from policies.rules.inquiry import inquire
    from policies.rules.topics import TOPICS
    from policies.rules.totals import totals
    from tests.factories import SelfCheckFactory
    from tests.policies.packs import editions, facts

    answers = parse_answers(firm, facts(), ON)
    topics = [topic.code for topic in TOPICS]

    def rules() -> None:
        inquiry = inquire(editions(), answers, ON, facts(), topics)
        totals(inquiry.judgements)
        found = inquiry.next_question, inquiry.left, inquiry.not_asked
        own = Firm(answers, ON)
        for judgement in inquiry.judgements:
            if judgement.verdict == "eligible":
                explain(judgement, own)
        assert found

    with override_settings(ROOT_URLCONF="tests.bench.urls"):
        application = get_wsgi_application()

        def serve(path: str) -> None:
            environ = RequestFactory().get(path).environ
            response = application(environ, lambda status, headers: None)
            b"".join(response)
            response.close()

        empty = partial(serve, "/empty/")
        check = SelfCheckFactory(answers=firm, on=ON, topics=topics)
        share = ratio(rules, empty)
        page = ratio(partial(serve, f"/result/{check.token}/"), empty, 40)
    print(f"rules of the result page / empty view         {share:.1f} x  (at most 4)")
    print(f"whole result request / empty view             {page:.1f} x  (at most 80)")
    print(f"1,660 programmes / 83, all in area            {growth(answers):.1f} x  (at most 25)")


def growth(answers: dict[str, object]) -> float:
    """The time of twenty times the programmes, each read for itself, all in the firm's area."""
    from policies.rules.assessment import assess
    from policies.rules.firm import Firm
    from policies.rules.judgement import judge
    from policies.rules.read_edition import compile_edition
    from tests.policies.packs import catalogue, editions, facts

    firm = Firm(answers, ON)
    here = {each.programme for each in editions() if judge(each, firm).readings is not None}
    contents = [
        pack.data(content)
        for pack in catalogue().programmes
        for _, content in pack.editions
        if pack.row["id"] in here
    ]
    many = [
        compile_edition({**row, "id": f"{row['id']}-{number}"}, facts())
        for number, row in enumerate(islice(cycle(contents), 20 * PROGRAMMES))
    ]
    few = many[:PROGRAMMES]
    return ratio(
        lambda: assess(many, answers, ON, facts()),
        lambda: assess(few, answers, ON, facts()),
        10,
        time.process_time,
    )
