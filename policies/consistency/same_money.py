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
        if award.joint_cap and award.joint_cap == other.joint_cap:
            continue
        if checked.find_admitted(_pays(award), _pays(other)) is not None:
            fault = f"与{name}由同一级同一地区支付，可能同时得到，没有声明是否为同一笔钱"
            yield checked.problem(other_name, fault)


def declared_once(editions: Iterable[CheckedEdition]) -> Iterator[Problem]:
    """A declaration needs another award that shares it: a cap one of the same edition, a choice of
    the highest one of another programme."""
    declared = [
        (said, name, checked)
        for checked in editions
        for name, _, award in checked.awards()
        for said in _declared(award)
    ]
    sharing: dict[_Said, set[tuple[str, ...]]] = {}

    def key(said: _Said, checked: CheckedEdition) -> _Said:
        own = f"{checked.edition.programme} {checked.edition.edition}"
        return (*said, own) if said[0] == CAPPED else said

    for said, name, checked in declared:
        row = () if said[0] == ONE_OF else (name,)
        sharing.setdefault(key(said, checked), set()).add((checked.edition.programme, *row))
    for said, name, checked in declared:
        if len(sharing[key(said, checked)]) == 1:
            yield checked.problem(name, f"声明{said[0]}（{said[1]}），但没有别项这样声明")


_Said = tuple[str, ...]
SAME, CAPPED, ONE_OF = "与别项是同一笔钱", "与别项合计不超过一个数", "与别的项目就高不重复"


def _declared(award: Award) -> Iterator[_Said]:
    if award.same_money:
        yield SAME, award.same_money
    if award.joint_cap:
        yield CAPPED, award.joint_cap.group
    for group in award.only_highest:
        yield ONE_OF, group


def _pays(award: Award) -> Read:
    def read(firm: Firm) -> Reading:
        total = pay(award, firm).total
        if total.is_known and total.high == 0:
            return NOT_MET
        return unknown(total.missing) if total.missing else MET

    return read
