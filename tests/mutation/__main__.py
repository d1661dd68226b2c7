"""Put a seeded sample of small faults into the code, one at a time, and see which the tests notice.

Tests of their rooms run on SQLite; those that reach the line come first, the fastest of them first.
What each fault came to is kept in `.mutation/` at once: an interrupted run goes on where it was while
nothing changes, and `SURVIVORS=1` tries those again that no test has noticed.
"""

import ast
import json
import os
import pickle
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import pytest
import yaml

from tests.mutation import trial
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.trial import Record, Trial

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENTS = Path(__file__).with_name("equivalents.yaml")
KEPT = ROOT / ".mutation"
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
    "tests/applications/firm/test_closed_programmes.py",
    "tests/applications/firm/test_drafts.py",
    "tests/applications/notices/test_recognitions.py",
)
PACKAGES = {
    "policies/rules": RULES,
    "applications/money/services": APPLICATIONS,
    "applications/cases/services": APPLICATIONS,
}
# What the tests stand on; results and records are kept while it stays as it is.
STANDS_ON = ("portal", "policies", "applications", "templates", "fixtures", "tests")
BESIDE = 10  # seconds of the processor, as recorded, for tests of the file that miss the line
FEW = 15  # tests that most faults are noticed by, where each file of tests must be loaded for it


def main() -> None:
    os.chdir(ROOT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    # Whichever ends it, in the background too, no process is left over.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    size, seed = int(os.environ.get("MUTANTS", "400")), os.environ.get("SEED", "1")
    packages = packages_of(os.environ.get("AREA", ""))
    begun = monotonic()
    found = [mutants_of(path) for path in sources(*PACKAGES)]
    every = [each for _, mutants in found for each in mutants]
    trees = {mutants[0].path: tree for tree, mutants in found if mutants}
    chosen = sample(every, size, seed, packages)
    results = Results(digest(files(*STANDS_ON)))
    if os.environ.get("SURVIVORS"):
        chosen = [mutant for mutant in chosen if results.survived_last(mutant)]
    with TemporaryDirectory() as name:
        record = recorded(Path(name))
        print(f"{len(record.seconds)} tests recorded, {minutes(begun)}", flush=True)
        waiting = [each for each in chosen if each not in results]
        with suppress(KeyboardInterrupt):
            Trials(waiting, trees, record, results, Path(name)).run()
    report(
        [each for each in chosen if each in results],
        results,
        sum(each.package in packages for each in every),
    )
    print(f"SEED={seed}, {minutes(begun)}")
    if waiting := sum(each not in results for each in chosen):
        sys.exit(f"{waiting} not tried yet: the same command goes on.")
    survivors = sum(map(results.survived, chosen))
    if survivors > (1 - ENOUGH) * len(chosen):
        sys.exit(f"Fewer than {ENOUGH:.0%} were noticed.")


def packages_of(areas: str) -> list[str]:
    """Those in whose name a word of `areas` stands, or all; exits where a word stands in none."""
    words = areas.split()
    if unknown := [word for word in words if not any(word in name for name in PACKAGES)]:
        sys.exit(f"No area {' '.join(unknown)} in {', '.join(PACKAGES)}.")
    return [name for name in PACKAGES if not words or any(word in name for word in words)]


def sources(*packages: str) -> list[str]:
    found = (path for package in packages for path in sorted((ROOT / package).glob("*.py")))
    return [str(path.relative_to(ROOT)) for path in found]


def files(*places: str) -> list[str]:
    """All files there, but for what is made of them and this tool."""
    found = []
    for place in map(ROOT.joinpath, places):
        below = [place] if place.is_file() else sorted(place.rglob("*"))
        found += [path for path in below if path.is_file() and "__pycache__" not in path.parts]
    own = Path(__file__).parent
    return [str(path.relative_to(ROOT)) for path in found if path.parent != own]


def test_files(*places: str) -> list[str]:
    return [path for path in files(*places) if Path(path).name.startswith("test_")]


def digest(paths: Iterable[str]) -> str:
    total = sha256()
    for path in paths:
        total.update(path.encode() + sha256(Path(path).read_bytes()).digest())
    return total.hexdigest()


def sample(
    mutants: list[Mutant], size: int, seed: str, packages: Collection[str] = PACKAGES
) -> list[Mutant]:
    """So many of the packages by the seed, without those listed as no faults; exits where one listed is gone."""
    listed = {
        (path, row["line"], row["change"])
        for path, rows in yaml.safe_load(EQUIVALENTS.read_text(encoding="utf-8")).items()
        for row in rows
    }
    if gone := listed - {mutant.key for mutant in mutants}:
        sys.exit("\n".join(["Listed in equivalents.yaml, but gone:", *map(str, sorted(gone))]))
    of_packages = [mutant for mutant in mutants if mutant.package in packages]
    ranked = sorted(of_packages, key=lambda mutant: mutant.rank(seed))[:size]
    return [mutant for mutant in ranked if mutant.key not in listed]


class Results:
    """What each fault came to, a line each in a file: the last one of a fault counts.

    They are those of the code and tests of one `state`; of another state they only tell which
    survived last.
    """

    PATH = KEPT / "results.jsonl"

    def __init__(self, state: str) -> None:
        self._state, self._last = state, {}
        KEPT.mkdir(exist_ok=True)
        if self.PATH.exists():
            for line in self.PATH.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._last[tuple(row["fault"])] = row

    def __contains__(self, mutant: Mutant) -> bool:
        return self._last.get(mutant.key, {}).get("state") == self._state

    def write(self, mutant: Mutant, code: int, test: str) -> None:
        row = {"fault": mutant.key, "code": code, "test": test, "state": self._state}
        self._last[mutant.key] = row
        with self.PATH.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def forget(self, test: str) -> None:
        """What a test noticed that fails on its own."""
        self._last = {key: row for key, row in self._last.items() if row["test"] != test}
        rows = (json.dumps(row, ensure_ascii=False) + "\n" for row in self._last.values())
        self.PATH.write_text("".join(rows), encoding="utf-8")

    def survived_last(self, mutant: Mutant) -> bool:
        return self._last.get(mutant.key, {}).get("code") in trial.SURVIVED

    def survived(self, mutant: Mutant) -> bool:
        return mutant in self and self.survived_last(mutant)

    def ended_late(self, mutant: Mutant) -> bool:
        return self._last[mutant.key]["code"] < 0


def recorded(folder: Path) -> Record:
    """What every test reaches, of those that changed anew; exits where one fails."""
    path, known = KEPT / "record.pickle", test_files(*RULES, *APPLICATIONS)
    code = digest(each for each in files(*STANDS_ON) if each not in known)
    now = {each: digest([each]) for each in known}
    before, old, record = "", {}, Record()
    if path.exists():
        before, old, record = pickle.loads(path.read_bytes())
    if before != code:
        old, record = {}, Record()
    record = record.without(old.keys() - {each for each in known if old.get(each) == now[each]})
    changed = [each for each in known if old.get(each) != now[each]]
    rules = test_files(*RULES)
    others = [each for each in changed if each not in rules]
    parts = [[each for each in changed if each in rules], others[::2], others[1::2]]
    rooms, work = list(PACKAGES), {}
    for name, tests in zip(("rules", "others", "more"), parts, strict=True):
        if tests:
            reached = sources(*(rooms[:1] if name == "rules" else rooms[1:]))
            recording = trial.Recording(reached, sources(*rooms))
            work[name] = partial(recording.run, tests, folder / f"{name}.pickle")
    for name, ended in trial.in_turn(work, folder):
        if ended:
            fail(name, folder)
        record.merge(pickle.loads((folder / f"{name}.pickle").read_bytes()))
    path.write_bytes(pickle.dumps((code, now, record)))
    return record


class Trials:
    """Tries each fault on its tests and writes what it came to; exits where the tool itself fails."""

    def __init__(
        self,
        mutants: Iterable[Mutant],
        trees: Mapping[str, ast.Module],
        record: Record,
        results: Results,
        folder: Path,
    ) -> None:
        self._record, self._results, self._folder = record, results, folder
        self._trials: dict[str, Trial] = {}
        self._noticing: set[str] = set()
        self._failed: list[str] = []
        self._done = 0
        for place, mutant in enumerate(mutants):
            tests = record.tests_for(mutant.path, mutant.reached_by, BESIDE)
            name = f"trial{place}"
            self._trials[name] = Trial(mutant, trees[mutant.path], tests, record, name)

    def run(self) -> None:
        for name, each in list(self._trials.items()):
            if not each.tests:
                self.note(name, trial.NO_TEST)
        waiting = [each for each in self._trials.values() if each.tests]
        live = [each for each in waiting if self._record.is_live(each.mutant)]
        others, left = [each for each in waiting if each not in live], []
        self._load_as_it_is(others)
        for each, code in self._from_the_start(others):
            if code == trial.PASSED and each.tests[FEW:]:
                left.append(each)
            else:
                self.note(each.name, code)
        rest = (replace(each, tests=each.tests[FEW:]) for each in left)
        for each, code in self._from_the_start(rest, most=None):
            self.note(each.name, code)
        if waiting:
            tests = test_files(*RULES, *APPLICATIONS)
            code = trial.Forking(live, self._folder, self.note).run(tests, self.as_it_is)
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED):
                fail("forking", self._folder)
        for name in self._failed:
            fail(name, self._folder)

    def _from_the_start(
        self, trials: Iterable[Trial], most: int | None = FEW
    ) -> Iterator[tuple[Trial, int]]:
        """So many of their tests, as each file of tests takes its time to load."""
        found = {each.name: replace(each, tests=each.tests[:most]) for each in trials}
        work = {name: trial.FromTheStart(each, self._folder).run for name, each in found.items()}
        for name, code in trial.in_turn(work, self._folder):
            yield self._trials[name], code

    def _load_as_it_is(self, trials: Iterable[Trial]) -> None:
        """Exit where a file of their first tests cannot be loaded without any fault."""
        tests = {test.split("::")[0]: test for each in trials for test in each.tests[:FEW]}
        unchanged = Trial(None, None, list(tests.values()), self._record)
        work = {unchanged.name: trial.FromTheStart(unchanged, self._folder).run} if tests else {}
        for name, code in trial.in_turn(work, self._folder):
            if code != trial.PASSED:
                fail(name, self._folder)

    def as_it_is(self) -> Trial:
        """No fault, on the tests that noticed one."""
        return Trial(None, None, self._record.fastest_first(self._noticing), self._record)

    def note(self, name: str, code: int) -> None:
        last = self._folder / f"{name}.test"
        test = last.read_text(encoding="utf-8") if last.exists() else ""
        if name not in self._trials:
            if code != trial.PASSED:
                self._results.forget(test)
                self._failed.append(name)
            return
        if code > 0 and code not in (trial.NOTICED, trial.NO_TEST):
            self._failed.append(name)
            return
        mutant = self._trials[name].mutant
        self._results.write(mutant, code, test)
        self._done += 1
        if code == trial.NOTICED and test in self._record.seconds:
            self._noticing.add(test)
        word = "SURVIVED" if code in trial.SURVIVED else "noticed" if code > 0 else "late"
        told = test or ("at import" if code == trial.NOTICED else "reached by no test")
        print(f"{self._done}/{len(self._trials)} {word} {told}", file=sys.__stdout__)
        if code in trial.SURVIVED:
            print(mutant, file=sys.__stdout__)
        sys.__stdout__.flush()


def fail(name: str, folder: Path) -> None:
    sys.exit((folder / f"{name}.txt").read_text(encoding="utf-8", errors="replace"))


def report(tried: Sequence[Mutant], results: Results, total: int) -> None:
    """The faults that survived, and the rate of each package and of all."""
    kept = [mutant for mutant in tried if results.survived(mutant)]
    print("", *kept, "", sep="\n")
    tried_in = Counter(mutant.package for mutant in tried)
    kept_in = Counter(mutant.package for mutant in kept)
    rows = [(package, tried_in[package], kept_in[package]) for package in PACKAGES]
    for name, count, alive in (*rows, ("together", len(tried), len(kept))):
        share = f"{(count - alive) / count:6.1%}" if count else ""
        print(f"{name:28} {count - alive:4} of {count:4} noticed {share}")
    late = sum(map(results.ended_late, tried))
    print(f"{late} of them by a limit of time; a sample of {total} faults in all.")


def minutes(begun: float) -> str:
    return f"{(monotonic() - begun) / 60:.1f} min"


if __name__ == "__main__":
    main()
