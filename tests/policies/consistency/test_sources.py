"""What rests on each clause of the documents; none is left without something or a reason."""

import pytest
from django.core.management import call_command

from policies.consistency.sources import Citation, Clause, sources_report
from tests.policies.packs import load_catalogue

A = "测试〔2024〕1号"


def clause(name, **more):
    return Clause(A, name, "一句话", (name,), **more)


def report(*clauses, citations=(), parts=None):
    return sources_report(clauses, citations, parts or {})


def test_what_cites_a_clause_rests_on_it():
    cited = [
        Citation(A, "一", "p", "P.1"),
        Citation(A, "一", "p", "P.2"),
        Citation(A, "一", "q", "Q.1"),
    ]
    lines, faults = report(clause("一"), citations=cited)
    assert lines == [A, "  一（一句话）：p（P.1、P.2）；q（Q.1）"]
    assert faults == []


def test_a_clause_without_anything_needs_a_reason():
    assert report(clause("一"))[1] == [f"{A} 一：没有项目依据它，也没有写原因"]
    lines, faults = report(clause("一", reason="只写目标"))
    assert lines[-1] == "  一（一句话）：没有项目依据它：只写目标"
    assert faults == []


def test_a_reason_beside_what_rests_on_it_is_a_fault():
    cited = [Citation(A, "一", "p", "P.1")]
    (fault,) = report(clause("一", reason="只写目标"), citations=cited)[1]
    assert "但有项目依据它：p（P.1）" in fault


def test_a_part_must_be_there():
    told = clause("一", parts=(("p", "steps"),))
    assert report(told, parts={"p": ["steps"]}) == ([A, "  一（一句话）：p（步骤）"], [])
    assert report(told)[1] == [f"{A} 一：p 没有步骤"]


def test_a_citation_of_no_clause_is_a_fault_in_documents_that_are_listed_only():
    cited = [Citation(A, "二", "p", "P.1"), Citation("别的", "二", "p", "P.1")]
    faults = report(clause("一", reason="只写目标"), citations=cited)[1]
    assert faults == [f"{A} 二：p 引用了它，但条款表没有这一条"]


@pytest.mark.django_db
def test_every_clause_of_the_five_documents_has_something_or_a_reason(capsys):
    load_catalogue()
    call_command("check_catalogue", sources=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        "晋市政办〔2021〕35号",
        "晋市政办〔2021〕36号",
        "沁水县申报指南",
        "阳城县服务企业事项一览表",
        "运政发〔2020〕38号",
    ]
    assert (
        "  三（八）（社会保险补贴）：jc-xsg-soc（SOC.2、SOC.3、SOC.4、第 1 项奖补（市级140500）、社会保险补贴）"
        in lines
    )
    assert any(
        line.startswith("  五（十五）") and "没有项目依据它：只对各级政府" in line for line in lines
    )
