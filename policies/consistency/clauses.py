"""Every figure names its document and clause."""

from collections.abc import Iterable, Iterator, Mapping

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.awards import Award


def check_clauses(checked: CheckedEdition) -> Iterator[Problem]:
    for name, _, criterion in checked.criteria():
        for fault in _faults(criterion.sources):
            yield checked.problem(name, fault)
    for name, _, award in checked.awards():
        if _has_figure(award):
            for fault in _faults(award.sources):
                yield checked.problem(name, fault)


def _has_figure(award: Award) -> bool:
    figures = (award.unsplit, award.fee_cap, award.price_cut, award.headline)
    return bool(award.tranches) or any(figure is not None for figure in figures)


def _faults(sources: Iterable[Mapping[str, str]]) -> Iterator[str]:
    sources = list(sources)
    if not sources:
        yield "没有写出处，请补上文件和条款"
    for source in sources:
        if not source.get("document"):
            yield "出处没有写文件"
        elif not source.get("clause"):
            yield f"出处 {source['document']} 没有写条款"
