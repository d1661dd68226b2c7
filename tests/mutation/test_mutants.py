"""What `make mutate` changes, what it leaves alone, and that what it passes over is still there."""

import pytest

from tests.mutation.__main__ import PACKAGES, sample, sources
from tests.mutation.mutants import mutants_of


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
    first = sample(every, 400, "1")
    assert first == sample(every[::-1], 400, "1") != sample(every, 400, "2")
