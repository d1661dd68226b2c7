"""What `make mutate` changes and leaves alone, that a fault is in effect, and what is kept of a run."""

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.mutation import trial
from tests.mutation.__main__ import PACKAGES, Results, packages_of, sample, sources
from tests.mutation.mutants import mutants_of
from tests.mutation.trial import Live, Record


@pytest.fixture
def changes(tmp_path):
    def find(source):
        path = tmp_path / "code.py"
        path.write_text(source, encoding="utf-8")
        return {mutant.change for mutant in mutants_of(str(path))[1]}

    return find


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"without a < b", "a < b → a <= b"}),
        ("x = a and not b", {"a and (not b) → a or not b", "not b → b"}),
        ("x = 5", {"5 → 4", "5 → 6"}),
        ("x = a[1:]", {"1: → :", "1 → 0"}),
        ("x = min(a)", {"min(a) → max(a)"}),
        ("x = rows.filter(a=1).order_by('b')", {
            ".order_by('b') → .order_by('-b')", ".filter(a=1) → .exclude(a=1)", "1 → 0",
        }),
        ("x = [a for a in b if a]", {"[a for a in b if a] → [a for a in b]"}),
        ("if a:\n    b.c = d", {
            "if a: → if True:", "if a: → if False:", "without b.c = d",
        }),
        ("@transaction.atomic\ndef f():\n    return a", {
            "without @transaction.atomic", "return a → return None",
        }),
        ("def f(a=True):\n    raise Error('text %s' % 5)", {
            "True → False", "without raise Error('text %s' % 5)",
        }),
    ],
)  # fmt: skip
def test_each_small_fault_that_can_be_put_into_code(changes, source, expected):
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""Five < 6."""',
        "x = f'{a}: ' + 'text'",
        "x: Literal[5] = y",
        "x = Row | Table",
        "x = zip(a, b, strict=True)",
        "rows.select_for_update(no_key=True).get(pk=row)",
        "@lru_cache(maxsize=5)\ndef f() -> Literal[5]:\n    return f'{a}'",
    ],
)
def test_texts_types_locks_and_assertions_are_left_alone(changes, source):
    assert changes(source) == set()


def test_a_fault_keeps_its_name_when_lines_above_it_move(tmp_path):
    path, keys = tmp_path / "code.py", []
    for above in ("", "y = a\n\n"):
        path.write_text(f"{above}x = 5, 5\n", encoding="utf-8")
        keys.append([mutant.key for mutant in mutants_of(str(path))[1]])
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 4


def test_what_is_listed_as_equivalent_is_still_there_and_stays_out_of_the_sample():
    every = [mutant for path in sources(*PACKAGES) for mutant in mutants_of(path)[1]]
    chosen = sample(every, len(every), "1")
    assert 0 < len(every) - len(chosen) < len(every) / 100
    of_money = sample(every, 50, "1", packages_of("money"))
    assert {mutant.package for mutant in of_money} == {"applications/money/services"}
    first = sample(every, 400, "1")
    assert first == sample(every[::-1], 400, "1") != sample(every, 400, "2")


def test_an_area_is_a_word_of_the_name_of_a_package_and_none_stands_for_all():
    assert packages_of("") == list(PACKAGES)
    assert packages_of("cases rules") == ["policies/rules", "applications/cases/services"]
    with pytest.raises(SystemExit, match="No area mony in policies/rules"):
        packages_of("money mony")


SOURCE = """
from functools import lru_cache


@lru_cache
def kept(number=1):
    return number + 5


class Counter:
    def more(self, number):
        return (lambda: number + 7)()

    def __str__(self):
        return super().__str__()


TABLE = {"kept": kept, "sum": lambda number: number + 3}
"""


@pytest.fixture
def module(tmp_path):
    """A module as the project's: imported, and in use elsewhere under other names."""
    path = tmp_path / "code.py"
    path.write_text(SOURCE, encoding="utf-8")
    spec = spec_from_file_location("code_with_faults", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.path = str(path)
    return module


def put_in(module, change):
    tree, mutants = mutants_of(module.path)
    (mutant,) = (each for each in mutants if each.change == change)
    mutant.put_in()
    Live([module.path]).change(mutant, tree)


def test_a_fault_is_in_effect_wherever_its_function_has_come_to(module):
    elsewhere, counter = module.TABLE["kept"], module.Counter()
    put_in(module, "number + 5 → number - 5")
    assert elsewhere(1) == -4
    put_in(module, "number + 7 → number - 7")
    assert counter.more(1) == -6


def test_only_what_has_not_run_before_the_tests_is_put_into_live_functions(module):
    mutants = {each.change: each for each in mutants_of(module.path)[1]}
    record = Record(early={module.path: set()})
    inner = "number + 5 → number - 5"
    assert record.is_live(mutants[inner])
    # Tables, and what a function takes when it is not told, are made at import.
    assert not record.is_live(mutants["number + 3 → number - 3"])
    assert not record.is_live(mutants["1 → 0"])
    # Without its call, it would no longer name its class.
    assert not record.is_live(mutants["return super().__str__() → return None"])
    record.early[module.path].add(mutants[inner].line)
    assert not record.is_live(mutants[inner])


def test_an_interrupted_run_goes_on_and_survivors_are_tried_again(module, tmp_path, monkeypatch):
    monkeypatch.setattr(Results, "PATH", tmp_path / "results.jsonl")
    survivor, noticed, other = mutants_of(module.path)[1][:3]
    results = Results("now")
    results.write(survivor, trial.PASSED, "")
    results.write(noticed, trial.NOTICED, "tests/test_code.py::test_sum")
    again, later = Results("now"), Results("after a change")
    assert [each in again for each in (survivor, noticed, other)] == [True, True, False]
    assert [each in later for each in (survivor, noticed, other)] == [False, False, False]
    assert [each.survived_last(survivor) for each in (again, later)] == [True, True]
    assert not later.survived_last(noticed)
    later.write(survivor, trial.NOTICED, "tests/test_code.py::test_sum")
    assert not Results("after a change").survived_last(survivor)
    # What a test noticed that turned out to fail without any fault was not tried.
    later.forget("tests/test_code.py::test_sum")
    assert noticed not in Results("now") and survivor not in Results("after a change")
