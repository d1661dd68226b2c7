"""Every criterion can be met and can fail, and all of an edition can be met together."""

from collections.abc import Iterator

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.edition import Criterion
from policies.rules.one_firm import read, reads_by
from policies.rules.readings import MET, all_of, negate
from policies.rules.tree import Cases, Rule
from policies.rules.witness import Read

NEVER_MET = "没有找到能使它符合的答案，请核对界限和选项"
NEVER_FAILS = "没有找到能使它不符合的答案，这个条件不起作用，请核对界限和选项"
NEVER_TOGETHER = "没有找到能同时符合全部条件的答案，请核对各条件是否互相矛盾"


def check_criteria(checked: CheckedEdition) -> Iterator[Problem]:
    found = False
    for name, _, criterion in checked.criteria():
        if criterion.rule is None or criterion.kind == "open":
            continue
        for row, when, rule in _tests(name, criterion):
            for fault in _faults(checked, when, rule):
                found = True
                yield checked.problem(row, fault)
    if not found and checked.edition.criteria and checked.find_admitted() is None:
        yield checked.problem("", NEVER_TOGETHER)


def _tests(name: str, criterion: Criterion) -> list[tuple[str, Read, Rule]]:
    """The criterion's test with its *when*, or each row of its table that has a code."""
    rule, when = criterion.rule, criterion.when
    applies = reads_by(when) if when else (lambda firm: MET)
    if not isinstance(rule, Cases) or not rule.has_codes:
        return [(name, applies, rule)] if rule else []
    return [
        (
            name.replace(criterion.code, case.id or criterion.code, 1),
            _both(applies, reads_by(case.when)),
            case.then,
        )
        for case in rule.rows
    ]


def _both(first: Read, second: Read) -> Read:
    return lambda firm: all_of([first(firm), second(firm)])


def _faults(checked: CheckedEdition, when: Read, rule: Rule) -> Iterator[str]:
    find, met = checked.witnesses.find, _both(when, reads_by(rule))
    is_met = find(met) is not None
    fails = find(_both(when, lambda firm: negate(read(rule, firm)))) is not None
    if (is_met and fails) or checked.witnesses.stays_open(met):
        return
    if not is_met:
        yield NEVER_MET
    if not fails:
        yield NEVER_FAILS
