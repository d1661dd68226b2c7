"""The self-check on the command line: one document out, or exit 2 with each problem."""

import json

import pytest
from django.core.management import call_command

from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
DAY = "2026-11-20"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def run(tmp_path, capsys):
    def check(text, *options):
        path = tmp_path / "answers.json"
        path.write_text(text, encoding="utf-8")
        code = 0
        try:
            call_command("self_check", str(path), "--on", DAY, *options)
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return check


def test_it_prints_the_document_of_the_programmes_asked_for(run):
    code, out, _ = run('{"enterprise.county": "140521"}', "--programme", "jc-xsg")
    document = json.loads(out)
    assert code == 0
    assert document["on"] == DAY
    assert [result["programme"] for result in document["programmes"]] == ["jc-xsg"]
    assert document["programmes"][0]["verdict"] == "unknown"


def test_a_list_gives_a_list_in_the_same_order(run):
    _, out, _ = run('[{"enterprise.county": "140802"}, {}]', "--programme", "jc-xsg")
    verdicts = [item["programmes"][0]["verdict"] for item in json.loads(out)]
    assert verdicts == ["not_eligible", "unknown"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"revenue": 1}', "revenue"),
        ('{"enterprise.county": "999999"}', "enterprise.county"),
        ('{"enterprise.county": 140521}', "enterprise.county"),
        ('{"enterprise.employees": -1}', "enterprise.employees"),
        ('{"enterprise.employees": 1.5}', "enterprise.employees"),
        ('{"revenue.operating.y1": 1e30}', "revenue.operating.y1"),
        ('{"revenue.operating.y1": true}', "revenue.operating.y1"),
        ('{"stat.direct_reporting": 1}', "stat.direct_reporting"),
        ('{"project.progress.y1": 60}', "project.progress.y1"),
        ('{"enterprise.founded_on": "2025-02-30"}', "enterprise.founded_on"),
        ('{"enterprise.founded_on": "2030-01-01"}', "enterprise.founded_on"),
        ('{"enterprise.county": "140521", "enterprise.city": "140800"}', "enterprise.city"),
        ('{"industry.section": "A", "industry.division": "35"}', "industry.division"),
        ("[1]", ""),
        ("{", ""),
        ('{"enterprise.employees": NaN}', ""),
    ],
)
def test_bad_answers_exit_2_with_a_line_each_and_no_document(run, text, told):
    code, out, err = run(text)
    assert code == 2
    assert out == ""
    assert told in err
    assert "Traceback" not in err


def test_every_problem_has_its_own_line(run):
    _, _, err = run('{"a": 1, "b": 2, "enterprise.employees": -1}')
    assert len(err.strip().splitlines()) == 3


def test_an_unknown_programme_is_refused(run):
    code, _, err = run("{}", "--programme", "jc-none")
    assert code == 2
    assert "jc-none" in err
