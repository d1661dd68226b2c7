"""The check of the catalogue on the command line: exit 0 with a count, or 1 with a line each."""

import shutil

import pytest
from django.core.management import call_command
from django.utils import timezone

from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Edition, Fact
from tests.factories import CriterionFactory, EditionFactory
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import FIXTURES, catalogue, load_catalogue
from tests.two_editors import publish_correction

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


@pytest.fixture
def run(capsys):
    def check(*arguments):
        code = 0
        try:
            call_command("check_catalogue", *arguments)
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
    tried = len(catalogue().examples.by_edition)
    with django_assert_max_num_queries(14):
        assert run() == (0, [f"核对了 {count} 个版本、{tried} 个版本的例子，没有发现问题。"])


def test_an_example_that_comes_out_otherwise_is_a_problem(run, tmp_path):
    folder = shutil.copytree(FIXTURES, tmp_path / "fixtures")
    own = folder / "examples/jincheng-gugai.yaml"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("code: SH.4, is: not_met", "code: SH.4, is: met"), encoding="utf-8")
    code, lines = run(folder)
    assert code == 1
    assert any(
        "examples/jincheng-gugai.yaml 第 " in line
        and "例子写 SH.4 为 met，算出来是 not_met" in line
        for line in lines
    )


def test_what_editors_changed_is_not_held_against_the_packs_examples(run):
    correction = begin_correction(Edition.objects.get(programme="jc-share"))
    correction.criteria.filter(code="SH.4").update(rule={"fact": "net_profit.sum3", "at_least": 10})
    publish_correction(correction, reason="核对原件后更正", now=timezone.now())
    code, lines = run()
    assert code == 0
    assert lines[0] == "jc-share 2021-09-28 版：后台改过，没有用目录包的例子核对"


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
    edition = EditionFactory(is_packed=True)
    Edition.objects.filter(pk=edition.pk).update(status="published", digest="x")
    code, lines = run()
    assert code == 1
    assert "没有条件，也没有奖补" in lines[0]


def test_drafts_are_left_out(run):
    CriterionFactory(
        edition__status="draft", rule={"fact": "revenue.main_business.y0", "at_least": 0}
    )
    assert run()[0] == 0
