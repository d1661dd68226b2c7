"""Running tests on the code as it is or with one fault in it, each time in a process of its own.

The process is forked before anything of the project was imported, so that whatever imports the
faulty module gets the fault. It has a copy of an empty database that was migrated once.
"""

import ast
import json
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from shutil import copy
from time import process_time
from typing import Any

import coverage
import pytest

from tests.mutation.mutants import Mutant

FORK = multiprocessing.get_context("fork")
QUIET = ["-q", "-p", "no:cacheprovider", "-p", "no:playwright", "-m", "not night", "--reuse-db"]
MEMORY = 3 << 30  # bytes of data that a fault may fill
PASSED, NOTHING_RUN = 0, 5  # what pytest exits with
SURVIVED = (PASSED, NOTHING_RUN)
MIGRATED = "migrated.sqlite3"
# What takes long to load and is nothing of the project's: so it is loaded once for all processes.
for heavy in ("django.contrib.admin", "factory", "faker.factory", "hypothesis.core", "numpy"):
    import_module(heavy)


@dataclass
class Record:
    """What each test takes, in seconds of the processor, and the lines that it reaches."""

    seconds: dict[str, float] = field(default_factory=dict)
    reached: dict[str, dict[int, set[str]]] = field(default_factory=dict)

    def tests_for(self, path: str, lines: range, most: float) -> list[str]:
        """Those that reach the lines and then those that reach the file, the fastest first.

        What is computed once and kept is reached by one test only, though others rest on it: so
        the rest of the file's tests come too, until together they take `most` seconds.
        """
        by_line = self.reached.get(path, {})
        near = set().union(*(by_line.get(line, ()) for line in lines))
        beside = set().union(*by_line.values()) - near
        found, spent = [], 0.0
        for test in (*sorted(near, key=self._cost), *sorted(beside, key=self._cost)):
            spent += self.seconds[test]
            if found and spent > most:
                break
            found.append(test)
        return found

    def _cost(self, test: str) -> tuple[float, str]:
        return self.seconds[test], test

    def merge(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        self.seconds |= data["seconds"]
        for name, lines in data["reached"].items():
            own = self.reached.setdefault(name, {})
            for line, tests in lines.items():
                own.setdefault(int(line), set()).update(tests)


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


class Chosen:
    """Keeps the chosen tests in their order, and those that the record does not know, at the end."""

    def __init__(self, tests: list[str], known: frozenset[str]) -> None:
        self._order, self._known = {test: place for place, test in enumerate(tests)}, known

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Any:
        def is_asked(item):
            return item.nodeid in self._order or item.nodeid not in self._known

        items[:] = sorted(
            filter(is_asked, items), key=lambda item: self._order.get(item.nodeid, len(self._order))
        )
        return (yield)


class Recorder:
    """Records what each test takes and reaches of some files."""

    def __init__(self, paths: list[str]) -> None:
        self._paths, self._seconds = paths, {}
        self._coverage = coverage.Coverage(data_file=None, include=paths, config_file=False)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._coverage.switch_context(item.nodeid)
        begun = process_time()
        done = yield
        self._seconds[item.nodeid] = process_time() - begun
        self._coverage.switch_context("")
        return done

    def write(self, target: Path) -> None:
        self._coverage.stop()
        data, reached = self._coverage.get_data(), {}
        for path in self._paths:
            lines = data.contexts_by_lineno(os.path.abspath(path))
            reached[path] = {
                line: [test for test in tests if test] for line, tests in lines.items()
            }
        text = json.dumps({"seconds": self._seconds, "reached": reached})
        target.write_text(text, encoding="utf-8")


def begin(
    work: Callable[..., int], folder: Path, name: str, *arguments: Any, seconds: float
) -> multiprocessing.Process:
    """A process that does `work` within so many seconds of the processor."""
    process = FORK.Process(target=_within, args=(work, folder, name, arguments, seconds), name=name)
    process.start()
    return process


def end(process: multiprocessing.Process) -> None:
    """Kill it and whatever it began."""
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


def forget(folder: Path, name: str) -> None:
    """Remove the database of a process that is over."""
    for path in folder.glob(f"{name}.sqlite3*"):
        path.unlink()


def _within(
    work: Callable[..., int], folder: Path, name: str, arguments: tuple, seconds: float
) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1,) * 2)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    output = os.open(folder / f"{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    database = copy(folder / MIGRATED, folder / f"{name}.sqlite3")
    os.environ |= {"TEST_DATABASE_NAME": str(database), "TEST_DATABASE_URL": ""}
    code = work(*arguments)
    sys.stdout.flush()
    os._exit(code)


def record(paths: list[str], tests: Sequence[str], target: Path) -> int:
    """Run all the tests and write what they reach of the files at `paths`."""
    recorder = Recorder(paths)
    code = pytest.main([*QUIET, *tests], plugins=[recorder])
    recorder.write(target)
    return code


def run(
    mutant: Mutant | None, tree: ast.Module | None, tests: list[str], known: frozenset[str]
) -> int:
    """Run the chosen tests with a fault, or without, until one fails."""
    if mutant:
        mutant.put_in()
        sys.meta_path.insert(0, Changed(mutant.path, tree))
    files = list(dict.fromkeys(test.split("::")[0] for test in tests))
    return pytest.main([*QUIET, "-x", *files], plugins=[Chosen(tests, known)])
