"""The eight programmes as an OpenFisca tax-benefit system: a variable for each fact, criterion,
verdict and amount."""

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from policies.rules.edition import DECIDING, LENIENT
from tests.bench.peers.expressions import Dialect, name_of

YEAR = "2026"


class Numpy(Dialect):
    """Expressions over columns; codes and sets of codes as small integers."""

    and_, or_, not_ = " & ", " | ", "~"
    true, false = "np.True_", "np.False_"

    def __init__(self, on, codes):
        super().__init__(on)
        self.codes = codes

    def fact(self, key):
        return f"of['{name_of(key)}']"

    def compare(self, key, sign, value):
        if isinstance(value, str):
            value = self.codes.get((key, value), -1)
        return f"({self.fact(key)} {sign} {self.literal(value)})"

    def among(self, key, values):
        return self.some([self.compare(key, "==", value) for value in values])

    def has(self, key, code):
        return f"(({self.fact(key)} & {1 << self.codes[key, code]}) != 0)"

    def negate(self, part):
        return f"np.logical_not({part})"

    def if_(self, when, then, otherwise):
        return f"np.where({when}, {then}, {otherwise})"

    def count(self, parts):
        return " + ".join(f"np.where({part}, 1, 0)" for part in parts)


class _Columns(dict):
    def __init__(self, firm, period):
        self.firm, self.period = firm, period

    def __missing__(self, name):
        return self.firm(name, self.period)


class System:
    def __init__(self, editions, inputs, on):
        self.entity = build_entity(key="firm", plural="firms", label="firm", is_person=True)
        self.system = TaxBenefitSystem([self.entity])
        self.codes = _codes(editions)
        self.inputs = [self._coded(each) for each in inputs]
        for name, value in self.inputs[0].items():
            self._add(name, {"b": bool, "i": int}.get(value.dtype.kind, float))
        dialect, self.criteria, self.results = Numpy(on, self.codes), [], []
        for edition in editions:
            strict, lenient = [], []
            stem = edition.programme.replace("-", "_")
            for place, criterion in enumerate(edition.criteria):
                if criterion.rule:
                    name = f"criterion_{stem}_{place}"
                    self._add(name, bool, dialect.criterion(criterion))
                    self.criteria.append(name)
                    if criterion.kind in DECIDING:
                        (lenient if criterion.kind in LENIENT else strict).append(f"of['{name}']")
            low, high = dialect.money(edition)
            for part, kind, formula in (
                ("strict", bool, dialect.every(strict)),
                ("lenient", bool, dialect.every(lenient)),
                ("low", float, low),
                ("high", float, high),
            ):
                self._add(f"{part}_{stem}", kind, formula)
                self.results.append(f"{part}_{stem}")

    def _add(self, name, kind, formula=None):
        body = {
            "value_type": kind,
            "entity": self.entity,
            "definition_period": DateUnit.YEAR,
            "label": name,
        }
        if formula:
            code = compile(formula, "<rules>", "eval")
            body["formula"] = lambda firm, period: np.broadcast_to(
                eval(code, {"np": np, "of": _Columns(firm, period)}), firm.count
            )
        self.system.add_variable(type(name, (Variable,), body))

    def _coded(self, values):
        by_name = {(name_of(key), code): number for (key, code), number in self.codes.items()}
        coded = {}
        for name, value in values.items():
            if isinstance(value, list):
                value = sum(1 << by_name[name, code] for code in value)
            elif isinstance(value, str):
                value = by_name.get((name, value), -2)
            kind = (
                bool if isinstance(value, bool) else np.int32 if isinstance(value, int) else float
            )
            coded[name] = np.array([value], dtype=kind)
        return coded

    def _simulation(self, number, trace):
        simulation = SimulationBuilder().build_default_simulation(self.system, count=1)
        simulation.trace = trace
        for name, value in self.inputs[number].items():
            simulation.set_input(name, YEAR, value)
        return simulation

    def decisions(self, number):
        simulation = self._simulation(number, trace=False)
        return [simulation.calculate(name, YEAR)[0] for name in self.results]

    def traced(self, number):
        simulation = self._simulation(number, trace=True)
        for name in (*self.results, *self.criteria):
            simulation.calculate(name, YEAR)


def _codes(editions):
    """A number for each choice of each fact."""
    from tests.bench.peers.expressions import INDUSTRIES

    facts = editions[0].facts
    codes = {
        (key, code): number
        for key, fact in facts.items()
        for number, code in enumerate(fact.choices)
    }
    codes |= {("region.city", code): n for n, code in enumerate(facts["enterprise.city"].choices)}
    codes |= {
        ("size.class", code): n for n, code in enumerate(("large", "medium", "small", "micro"))
    }
    return codes | {("industry.code", code): number for number, code in enumerate(INDUSTRIES)}
