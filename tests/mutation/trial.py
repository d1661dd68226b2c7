"""Running tests on the code as it is or with one fault in it, each time in a process of its own.

A fault in a function that has not run yet is put into the function itself, in a process forked when
all tests were collected and the database made: most faults, in tenths of a second. Any other fault
needs a process forked before anything of the project was imported.
"""

import ast
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import accumulate, pairwise
from multiprocessing.connection import wait
from pathlib import Path
from sys import intern
from time import process_time
from types import CodeType, FunctionType
from typing import Any

import coverage
import hypothesis
import pytest

from tests.mutation.mutants import Mutant

FORK = multiprocessing.get_context("fork")
QUIET = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:playwright", "-m", "not night"]
Note = Callable[[str, int], None]
MEMORY = 3 << 30  # bytes of data that a fault may fill
# Seconds of the processor to start from nothing, with a database, and for a test; how much longer
# than was recorded it may take, as a fault may turn a loop into one without end; and times these
# seconds by the clock, lest it waits for ever.
TO_START, AT_LEAST, TIMES_LONGER, PATIENCE = 90, 10, 5, 20
# How a trial ends; less than 0 is a limit reached or a crash, anything else a fault of this tool.
PASSED, NOTICED, NO_TEST = 0, 10, 11
SURVIVED = (PASSED, NO_TEST)
# What takes long to load and is nothing of the project's: so it is loaded once for all processes.
for heavy in ("django.contrib.admin", "factory", "faker.factory", "hypothesis.core", "numpy"):
    import_module(heavy)
# The same examples each time, and none that another fault left behind.
hypothesis.settings.register_profile("mutation", database=None, derandomize=True)


@dataclass
class Record:
    """What each test takes, in seconds of the processor, and the lines that it reaches.

    `early` are the lines that run before any test: while modules are imported and tests collected.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    reached: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    early: dict[str, set[int]] = field(default_factory=dict)

    def tests_for(self, path: str, lines: range, most: float) -> list[str]:
        """Those that reach the lines and then those that reach the file, the fastest first.

        What is computed once and kept is reached by one test only, though others rest on it: so
        the rest of the file's tests come too, as many as together take `most` seconds; before them
        those named after it, as whoever reads a table reaches no line.
        """
        by_line = self.reached.get(path, {})
        near = set().union(*(by_line.get(line, ()) for line in lines))
        own = {test for test in self.seconds if f"/test_{Path(path).stem}.py::" in test} - near
        others = set().union(*by_line.values()) - near - own
        beside = [*self.fastest_first(own), *self.fastest_first(others)]
        spent = accumulate(self.seconds[test] for test in beside)
        few = [test for test, seconds in zip(beside, spent, strict=True) if seconds <= most]
        return [*self.fastest_first(near), *few]

    def fastest_first(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds[test], test))

    def is_live(self, mutant: Mutant) -> bool:
        """Whether the fault lies in a function of which nothing has run before the tests.

        One that names its class, as `super()` does, may need another closure with the fault.
        """
        if mutant.function is None:
            return False
        if any(
            isinstance(node, ast.Name) and node.id == "super" for node in ast.walk(mutant.function)
        ):
            return False
        body = range(mutant.function.body[0].lineno, mutant.function.end_lineno + 1)
        return self.early.get(mutant.path, set()).isdisjoint(body)

    def merge(self, other: "Record") -> None:
        self.seconds |= other.seconds
        for path, lines in other.reached.items():
            own = self.reached.setdefault(path, {})
            for line, tests in lines.items():
                own.setdefault(line, set()).update(tests)
        for path, early in other.early.items():
            self.early.setdefault(path, set()).update(early)

    def without(self, files: Iterable[str]) -> "Record":
        """The same without the tests of some files."""
        gone = tuple(f"{file}::" for file in files)
        kept = {test: spent for test, spent in self.seconds.items() if not test.startswith(gone)}
        reached = {
            path: {line: tests & kept.keys() for line, tests in lines.items()}
            for path, lines in self.reached.items()
        }
        return Record(kept, reached, self.early)


class Changed(MetaPathFinder, SourceFileLoader):
    """Finds one module, whose source has become `tree`."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self._tree = tree
        SourceFileLoader.__init__(self, path.removesuffix(".py").replace("/", "."), path)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, os.path.abspath(self.path), loader=self)

    def get_code(self, fullname: str) -> Any:
        return compile(self._tree, os.path.abspath(self.path), "exec")


Place = tuple[str, str, int]


class Live:
    """The functions of the files at `paths` that are in memory, however they came where they are."""

    def __init__(self, paths: Iterable[str]) -> None:
        files, self._functions = set(map(os.path.abspath, paths)), {}
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename in files:
                self._functions.setdefault(_place(each.__code__), []).append(each)

    def change(self, mutant: Mutant, tree: ast.Module) -> None:
        """Give the function in which the fault lies its code from the changed `tree`."""
        code = compile(tree, os.path.abspath(mutant.path), "exec")
        place = code.co_filename, mutant.function.name, mutant.function_line
        (new,) = (each for each in _codes(code) if _place(each) == place)
        for function in self._functions[place]:
            function.__code__ = new


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_name, code.co_firstlineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


@dataclass(frozen=True)
class Trial:
    """A fault, or the code as it is, and the tests to run on it in this order."""

    mutant: Mutant | None
    tree: ast.Module | None
    tests: Sequence[str]
    record: Record
    name: str = "unchanged"

    def run(self, session: pytest.Session, folder: Path) -> None:
        """Run the tests until one fails, whose name then stands in the folder; ends the process."""
        found = {item.nodeid: item for item in session.items}
        items = [found[test] for test in self.tests if test in found]
        items += [item for test, item in found.items() if test not in self.record.seconds]
        for item, following in pairwise([*items, None]):
            (folder / f"{self.name}.test").write_text(item.nodeid, encoding="utf-8")
            _limit(AT_LEAST + TIMES_LONGER * self.record.seconds.get(item.nodeid, 0))
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                os._exit(NOTICED)
        os._exit(PASSED)


def _limit(seconds: float) -> None:
    """End this process after so many more seconds of the processor, or PATIENCE times by the clock."""
    most = int(process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds)


class FromTheStart:
    """Runs a trial in a process that has imported nothing of the project yet."""

    def __init__(self, trial: Trial, folder: Path) -> None:
        self._trial, self._folder = trial, folder

    def run(self) -> None:
        trial = self._trial
        _limit(TO_START)
        if trial.mutant:
            trial.mutant.put_in()
            sys.meta_path.insert(0, Changed(trial.mutant.path, trial.tree))
        try:
            _pytest(dict.fromkeys(test.split("::")[0] for test in trial.tests), self)
        finally:
            os._exit(NOTICED)  # it cannot even be imported

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if session.testsfailed:
            os._exit(NOTICED)
        if any("db" in item.fixturenames for item in session.items):
            _make_database(session)
        self._trial.run(session, self._folder)


class Forking:
    """Collects the tests and makes the database once; each trial runs in a fork of this process.

    At last those tests that noticed something run on the code as it is, and have to pass.
    """

    def __init__(self, trials: Iterable[Trial], folder: Path, note: Note) -> None:
        self._trials, self._folder, self._note = trials, folder, note

    def run(self, tests: Iterable[str], noticed: Callable[[], Trial]) -> int:
        """What pytest exits with; its output lies in the folder."""
        self._noticed = noticed
        with (self._folder / "forking.txt").open("w") as output, redirect_stdout(output):
            return _pytest(tests, self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            return None
        _make_database(session)
        live = Live(trial.mutant.path for trial in self._trials)
        gc.freeze()
        work = {trial.name: partial(self._try, trial, live, session) for trial in self._trials}
        for name, code in in_turn(work, self._folder):
            self._note(name, code)
        last = self._noticed()
        for name, code in in_turn(
            {last.name: partial(last.run, session, self._folder)}, self._folder
        ):
            self._note(name, code)
        return True

    def _try(self, trial: Trial, live: Live, session: pytest.Session) -> None:
        trial.mutant.put_in()
        live.change(trial.mutant, trial.tree)
        trial.run(session, self._folder)


class Recording:
    """Records what each test takes and reaches of `paths`, and what runs early of `every` file."""

    def __init__(self, paths: Sequence[str], every: Sequence[str]) -> None:
        self._paths, self._every, self._seconds = paths, every, {}
        self._coverage = coverage.Coverage(data_file=None, include=every, config_file=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if not session.testsfailed:
            _make_database(session)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._coverage.switch_context(item.nodeid)
        begun = process_time()
        done = yield
        self._seconds[item.nodeid] = process_time() - begun
        self._coverage.switch_context("")
        return done

    def run(self, tests: Sequence[str], target: Path) -> None:
        """Run the tests and write their record; the process ends as pytest does."""
        self._coverage.start()
        code = _pytest(tests, self)
        self._coverage.stop()
        record, data = Record(self._seconds), self._coverage.get_data()
        for path in self._every:
            lines = data.contexts_by_lineno(os.path.abspath(path))
            record.early[path] = {line for line, tests in lines.items() if "" in tests}
            if path in self._paths:
                record.reached[path] = {
                    line: {intern(test) for test in tests if test} for line, tests in lines.items()
                }
        target.write_bytes(pickle.dumps(record))
        os._exit(code)


def _pytest(tests: Iterable[str], plugin: object) -> int:
    os.environ |= {"TEST_DATABASE_NAME": "", "TEST_DATABASE_URL": ""}
    hypothesis.settings.load_profile("mutation")
    return pytest.main([*QUIET, *tests], plugins=[plugin])


class _Nothing(pytest.Item):
    """Comes after the database is made, so that nothing but that stays set up."""

    def runtest(self) -> None:
        pass


def _make_database(session: pytest.Session) -> None:
    """An empty one in memory, of which each fork has its own copy."""

    def database(db: None) -> None:
        pass

    module = session.items[0].getparent(pytest.Module)
    made = pytest.Function.from_parent(module, name="database", callobj=database)
    after = _Nothing.from_parent(session, name="nothing")
    session.config.hook.pytest_runtest_protocol(item=made, nextitem=after)


def in_turn(work: Mapping[str, Callable[[], None]], folder: Path) -> Iterator[tuple[str, int]]:
    """Each in a process of its own, as many at a time as there are processors: how it ended.

    What it prints lies in the folder.
    """
    jobs = int(os.environ.get("JOBS", "0")) or len(os.sched_getaffinity(0))
    waiting, running = list(work)[::-1], {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                name = waiting.pop()
                process = FORK.Process(target=_alone, args=(work[name], folder / f"{name}.txt"))
                process.start()
                running[process.sentinel] = name, process
            for sentinel in wait(list(running)):
                name, process = running.pop(sentinel)
                _end(process)
                yield name, process.exitcode
    finally:
        for _, process in running.values():
            _end(process)


def _alone(function: Callable[[], None], output: Path) -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for old, new in ((0, nothing), (1, written), (2, written)):
        os.dup2(new, old)
    function()


def _end(process: multiprocessing.Process) -> None:
    """Kill it, should it still run, and whatever it began."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
