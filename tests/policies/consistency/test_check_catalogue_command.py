"""The check of the catalogue on the command line: exit 0 with a count, or 1 with a line each."""

import pytest
from django.core.management import call_command

from policies.catalogue.models import Edition, Fact
from tests.factories import CriterionFactory, EditionFactory
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import catalogue, load_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


@pytest.fixture
def run(capsys):
    def check():
        code = 0
        try:
            call_command("check_catalogue")
        except SystemExit as stop:
            code = stop.code
        return code, capsys.readouterr().out.splitlines()

    return check


def silence(key):
    fact = Fact.objects.get(key=key)
    fact.question = ""
    fact.save()


def test_the_catalogue_as_loaded_has_no_problem(run, django_assert_max_num_queries):
    count = sum(len(pack.editions) for pack in catalogue().programmes)
    with django_assert_max_num_queries(14):
        assert run() == (0, [f"核对了 {count} 个版本，没有发现问题。"])


def test_every_problem_has_a_line_and_the_exit_is_1(run):
    silence("tax.increase")
    silence("enterprise.rankings")
    code, lines = run()
    assert code == 1
    assert [line.split()[0] for line in lines] == ["yang-tax", "yang-top"]
    assert all(" 2022-01-01 版 条件 " in line and "没有提问" in line for line in lines)


@pytest.mark.parametrize(
    ("rule", "told"),
    [({"fact": "no.such", "is": 1}, "没有指标 no.such"), ({"fact": ["a"], "is": 1}, "写法不对")],
)
def test_what_does_not_compile_is_a_problem_and_no_trace(run, rule, told):
    publish_faulty(rule=rule)
    code, lines = run()
    assert code == 1
    assert told in lines[0]


def test_an_edition_that_says_nothing_is_a_problem(run):
    edition = EditionFactory()
    Edition.objects.filter(pk=edition.pk).update(status="published", digest="x")
    code, lines = run()
    assert code == 1
    assert "没有条件，也没有奖补" in lines[0]


def test_drafts_are_left_out(run):
    CriterionFactory(
        edition__status="draft", rule={"fact": "revenue.main_business.y0", "at_least": 0}
    )
    assert run()[0] == 0
