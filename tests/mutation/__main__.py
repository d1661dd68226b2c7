"""Put a seeded sample of small faults into the code, one at a time, and see which the tests notice.

Tests of their rooms run on SQLite; those that reach the line come first, the fastest of them first.
The unchanged code is tried the same way and has to pass.
"""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import yaml

from tests.mutation import trial
from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENTS = Path(__file__).with_name("equivalents.yaml")
ENOUGH = 0.9
RULES = ("tests/policies/rules",)
APPLICATIONS = (
    "tests/applications/money",
    "tests/applications/cases",
    "tests/applications/centre/test_award_admin.py",
    "tests/applications/centre/test_corrections.py",
    "tests/applications/centre/test_payment_results.py",
    "tests/applications/firm/test_apply.py",
    "tests/applications/firm/test_case.py",
    "tests/applications/firm/test_drafts.py",
    "tests/applications/notices/test_recognitions.py",
)
PACKAGES = {
    "policies/rules": RULES,
    "applications/money/services": APPLICATIONS,
    "applications/cases/services": APPLICATIONS,
}
# Seconds of the processor: what the tests of one fault may take, as recorded; how much longer they
# may then take, as a fault may turn a loop into one without end; and the tests that are recorded.
TESTS_OF_ONE = 30
TIMES_LONGER, AT_LEAST = 5, 30
RECORDED_WITHIN = 3600
PATIENCE = 10  # times these seconds by the clock, lest a process waits for ever


@dataclass(frozen=True)
class Work:
    """What a process of its own does, within so many seconds of the processor."""

    name: str
    function: Callable[..., int]
    arguments: tuple[Any, ...]
    seconds: float


def main() -> None:
    os.chdir(ROOT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    size, seed = int(os.environ.get("MUTANTS", "400")), os.environ.get("SEED", "1")
    begun = monotonic()
    found = [mutants_of(path) for path in sources(*PACKAGES)]
    every = [each for tree, mutants in found for each in mutants]
    trees = {mutants[0].path: tree for tree, mutants in found if mutants}
    chosen = sample(every, size, seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        migrate(folder / trial.MIGRATED)
        record = recorded(folder)
        print(f"{len(record.seconds)} tests recorded, {minutes(begun)}", flush=True)
        ends = dict(tried(chosen, trees, record, folder))
    report(ends, len(every))
    print(f"SEED={seed}, {minutes(begun)}")
    if len(survivors(ends)) > (1 - ENOUGH) * len(ends):
        sys.exit(f"Fewer than {ENOUGH:.0%} were noticed.")


def sources(*packages: str) -> list[str]:
    found = (path for package in packages for path in sorted((ROOT / package).glob("*.py")))
    return [str(path.relative_to(ROOT)) for path in found]


def sample(mutants: list[Mutant], size: int, seed: str) -> list[Mutant]:
    """So many by the seed, without those listed as no faults; exits where one listed is gone."""
    listed = {
        (path, row["line"], row["change"])
        for path, rows in yaml.safe_load(EQUIVALENTS.read_text(encoding="utf-8")).items()
        for row in rows
    }
    if gone := listed - {mutant.key for mutant in mutants}:
        sys.exit("\n".join(["Listed in equivalents.yaml, but gone:", *map(str, sorted(gone))]))
    ranked = sorted(mutants, key=lambda mutant: mutant.rank(seed))[:size]
    return [mutant for mutant in ranked if mutant.key not in listed]


def migrate(database: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"],
        env={**os.environ, "TEST_DATABASE_URL": f"sqlite:///{database}"},
        check=True,
    )


def recorded(folder: Path) -> trial.Record:
    """What every test reaches; exits where one fails."""
    rules, *others = PACKAGES
    parts = [(RULES, sources(rules))]
    parts += [(APPLICATIONS[part::2], sources(*others)) for part in (0, 1)]
    work = []
    for place, (tests, paths) in enumerate(parts):
        target = folder / f"record{place}.json"
        work.append(Work(target.stem, trial.record, (paths, tests, target), RECORDED_WITHIN))
    record = trial.Record()
    for each, code in in_turn(work, folder):
        if code != trial.PASSED:
            fail(each, folder)
        record.merge(folder / f"{each.name}.json")
    return record


def tried(
    chosen: Iterable[Mutant],
    trees: dict[str, ast.Module],
    record: trial.Record,
    folder: Path,
) -> Iterator[tuple[Mutant, int]]:
    """Each of the sample with how its tests ended; exits where they fail without any fault."""
    known, work, tried_by = frozenset(record.seconds), [], {}
    for place, mutant in enumerate(chosen):
        tests = record.tests_for(mutant.path, mutant.reached_by, TESTS_OF_ONE)
        if not tests:
            print(mutant, "reached by no test", sep="\n    ", flush=True)
            yield mutant, trial.NOTHING_RUN
            continue
        seconds = AT_LEAST + TIMES_LONGER * sum(record.seconds[test] for test in tests)
        arguments = (mutant, trees[mutant.path], tests, known)
        work.append(Work(f"trial{place}", trial.run, arguments, seconds))
        tried_by[work[-1].name] = mutant
    if work:
        tests = work[0].arguments[2]
        unchanged = Work("unchanged", trial.run, (None, None, tests, known), work[0].seconds)
        work.insert(0, unchanged)
    for each, code in in_turn(work, folder):
        if each.name in tried_by:
            if code in trial.SURVIVED:
                print(tried_by[each.name], flush=True)
            yield tried_by[each.name], code
        elif code != trial.PASSED:
            fail(each, folder)


def in_turn(work: Iterable[Work], folder: Path) -> Iterator[tuple[Work, int]]:
    """As many at a time as there are processors: each with how its process ended."""
    jobs = int(os.environ.get("JOBS", "0")) or len(os.sched_getaffinity(0))
    waiting, running = list(work)[::-1], {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                each = waiting.pop()
                process = trial.begin(
                    each.function, folder, each.name, *each.arguments, seconds=each.seconds
                )
                running[process.sentinel] = each, process, monotonic()
            wait(list(running), timeout=1)
            for sentinel, (each, process, since) in list(running.items()):
                if monotonic() - since > PATIENCE * each.seconds:
                    trial.end(process)
                if not process.is_alive():
                    del running[sentinel]
                    trial.forget(folder, each.name)
                    yield each, process.exitcode
    finally:
        for _, process, _ in running.values():
            trial.end(process)


def fail(work: Work, folder: Path) -> None:
    sys.exit((folder / f"{work.name}.txt").read_text(encoding="utf-8", errors="replace"))


def survivors(ends: dict[Mutant, int]) -> list[Mutant]:
    return [mutant for mutant, code in ends.items() if code in trial.SURVIVED]


def report(ends: dict[Mutant, int], total: int) -> None:
    """The rate of each package and of all; the faults that survived stand above."""
    tried_in = Counter(mutant.package for mutant in ends)
    kept_in = Counter(mutant.package for mutant in survivors(ends))
    rows = [(package, tried_in[package], kept_in[package]) for package in PACKAGES]
    print()
    for name, count, kept in (*rows, ("together", tried_in.total(), kept_in.total())):
        share = f"{(count - kept) / count:6.1%}" if count else ""
        print(f"{name:28} {count - kept:4} of {count:4} noticed {share}")
    late = sum(code < 0 for code in ends.values())
    print(f"{late} of them by a limit of time; a sample of {total} faults in all.")


def minutes(begun: float) -> str:
    return f"{(monotonic() - begun) / 60:.1f} min"


if __name__ == "__main__":
    main()
