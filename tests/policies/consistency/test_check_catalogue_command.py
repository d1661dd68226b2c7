"""The check of the catalogue on the command line: exit 0 with a count, or 1 with a line each."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from policies.catalogue.editions import begin_correction, replace_edition
from policies.catalogue.models import Edition, Fact
from tests.factories import CriterionFactory, EditionFactory, ready
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import catalogue, load_catalogue
from tests.two_editors import agree, publish_correction

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
    with django_assert_max_num_queries(17):
        assert run() == (0, [f"核对了 {count} 个版本、{tried} 个版本的例子，没有发现问题。"])


def test_an_example_that_comes_out_otherwise_or_lacks_is_a_problem(run):
    """Of a pack's own edition, whose examples come and go with the pack."""
    edition = Edition.objects.get(programme="jc-share")
    [example] = edition.examples.all()
    edition.examples.all().delete()
    rows = [row for row in example.criteria if row["code"] != "SH.6"]
    fails = next(row for row in rows if row["code"] == "SH.4" and row["is"] == "not_met")
    fails["is"] = "met"
    example.criteria = rows
    example.pk = None
    example.save(force_insert=True)
    code, lines = run()
    assert code == 1
    assert all(line.startswith("jc-share 2021-09-28 版 ") for line in lines)
    assert any("例子写“符合”，算出来是“不符合”" in line for line in lines)
    assert any("条件 SH.6" in line and "没有“不符合”的例子" in line for line in lines)


def test_what_editors_published_is_tried_by_its_own_examples(run):
    """And what was published before there were any says that it has none."""
    correction = begin_correction(Edition.objects.get(programme="jc-share"))
    correction.criteria.filter(code="SH.4").update(rule={"fact": "net_profit.sum3", "at_least": 10})
    publish_correction(ready(correction), reason="核对原件后更正", now=timezone.now())
    assert run()[0] == 0
    bare = begin_correction(Edition.objects.get(programme="jc-techenvoy"))
    bare.examples.all().delete()
    agree(bare, "correct")
    replace_edition(bare.corrects, bare, "从前发布的", timezone.now())
    code, lines = run()
    assert (code, lines[0]) == (
        0, "jc-techenvoy 2022-01-01 版：发布时还没有例子，没有用例子核对",
    )  # fmt: skip


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
