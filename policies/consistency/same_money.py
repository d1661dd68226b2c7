"""No two awards count the same money twice without saying so."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.awards import Award, pay
from policies.rules.firm import Firm
from policies.rules.readings import MET, NOT_MET, Reading, unknown
from policies.rules.witness import Read


def check_same_money(checked: CheckedEdition) -> Iterator[Problem]:
    """Two awards of one payer that a firm can get together are declared the same money."""
    paying = [(name, award) for name, _, award in checked.awards() if award.status == "published"]
    for (name, award), (other_name, other) in combinations(paying, 2):
        if (award.level, award.payer) != (other.level, other.payer):
            continue
        if award.same_money and award.same_money == other.same_money:
            continue
        if checked.find_admitted(_pays(award), _pays(other)) is not None:
            fault = f"与{name}由同一级同一地区支付，可能同时得到，没有声明是否为同一笔钱"
            yield checked.problem(other_name, fault)


def declared_once(editions: Iterable[CheckedEdition]) -> Iterator[Problem]:
    """A declaration needs another award that shares it."""
    declared = [
        (award.same_money, name, checked)
        for checked in editions
        for name, _, award in checked.awards()
        if award.same_money
    ]
    sharing: dict[str, set[tuple[str, str]]] = {}
    for code, name, checked in declared:
        sharing.setdefault(code, set()).add((checked.edition.programme, name))
    for code, name, checked in declared:
        if len(sharing[code]) == 1:
            yield checked.problem(name, f"声明与别项是同一笔钱（{code}），但没有别项这样声明")


def _pays(award: Award) -> Read:
    def read(firm: Firm) -> Reading:
        total = pay(award, firm).total
        if total.is_known and total.high == 0:
            return NOT_MET
        return unknown(total.missing) if total.missing else MET

    return read
