"""Load and endurance: the site as in service under people, in figures beside their goals.

Times are multiples of an empty page's median in the same crowd, rates are shares of other rates of
the same run: clients and site share the machine, and what else runs there slows both.
"""

import json
import os
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

from tests.load.browser import Browser
from tests.load.crowd import Crowd, Heard, joined, quantile
from tests.load.kills import kept_by, lost, small_disk, under_trouble, writers
from tests.load.people import (
    Member,
    Monitor,
    Person,
    Poller,
    Staff,
    Unit,
    Visitor,
    accounts_of,
    firms_of,
)
from tests.load.service import NO_LIMIT, Service

# Of twenty people, who they are.
VISITORS, MEMBERS, STAFF, UNITS = 12, 3, 4, 1
TWENTY = VISITORS + MEMBERS + STAFF + UNITS
FULL_REQUESTS = 10_000
# The rate of a cached page is measured by turns with theirs, so that noise meets both.
TURNS = 8
LONGEST_FULL = 150.0  # seconds
FILES = ("report asked", "report waiting", "report fetched", "list preview", "list out")


class Goals:
    """Goals beside figures, printed as they come and once more at the end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.missed = 0

    def tell(self, what: str, figure: str, goal: str, is_met: bool) -> None:
        self.missed += not is_met
        line = f"{'met   ' if is_met else 'MISSED'}  {what:58} {figure:>16}   (goal: {goal})"
        self.lines.append(line)
        print(line, flush=True)


def people_for(service: Service, plan: dict[str, Any], many: int = TWENTY) -> list[Person]:
    """So many in the proportions of the twenty, each logged in."""
    port = service.port
    counts = [many * share // TWENTY for share in (MEMBERS, STAFF, UNITS)]
    members, staff, units = (max(each, 1) for each in counts)
    visitors = max(many - members - staff - units, 1)
    chances = (Random(number) for number in range(10_000))
    people: list[Person] = [Visitor(Browser(port), plan, next(chances)) for _ in range(visitors)]
    people += [Unit(Browser(port), plan, next(chances)) for _ in range(units)]
    own: list[tuple[Any, Sequence[str]]] = [
        *((Member, each) for each in islice(cycle(firms_of(plan)), members)),
        *(
            (Staff, each)
            for each in islice(cycle(accounts_of(plan, "reviewer", "finance", "auditor")), staff)
        ),
    ]
    for kind, account in own:
        person = kind(Browser(port), plan, next(chances), account=account)
        person.browser.cookies = logged_in(person)
        people.append(person)
    return people


_cookies: dict[str, dict[str, str]] = {}


def logged_in(person: Any) -> dict[str, str]:
    """The cookies of an account, which logs in once: the others of a crowd share its session."""
    if person.account not in _cookies:
        person.log_in()
        person.browser.heard.clear()
        _cookies[person.account] = dict(person.browser.cookies)
    return dict(_cookies[person.account])


def alone(service: Service, kind: type[Person], seconds: float = 4) -> float:
    """Requests a second of one kind of page, asked for by eight clients at once."""
    people = [kind(Browser(service.port), {}, Random(number)) for number in range(8)]
    return Crowd(people, thinking=0).run(seconds).rate


def print_crowd(title: str, heard: Heard) -> None:
    unit = heard.unit
    shares = "  ".join(
        f"p{share} {heard.quantile(share / 100) / unit:6.1f}" for share in (50, 95, 99)
    )
    print(
        f"{title:34} {heard.rate:6.1f}/s  x empty page: {shares}  errors {len(heard.errors)}",
        flush=True,
    )
    if heard.errors:
        print(f"    {heard.told_errors()}")


def print_kinds(heard: Heard) -> None:
    """Each kind of page: how many, its queries, its time and its processor as multiples of the empty
    page's, and its share of the processor of all."""
    unit, costs, kinds = heard.unit, heard.processor(), heard.by_kind()
    of_all = sum(len(kinds[kind]) * cost for kind, cost in costs.items())
    print(f"    {'page':24} {'requests':>8} {'queries':>8}  p50 x   p99 x  processor x  share")
    for kind, requests in sorted(kinds.items()):
        counted = [each.queries for each in requests if each.queries is not None]
        queries = f"{statistics.mean(counted):.1f}" if counted else ""
        median, late = (quantile(heard.of(kind), share) for share in (0.5, 0.99))
        cost = costs.get(kind, 0.0)
        share = len(requests) * cost / of_all
        print(
            f"    {kind:24} {len(requests):8} {queries:>8} {median / unit:6.1f} {late / unit:7.1f}"
            f"  {cost / costs['empty']:11.1f}  {share:5.1%}"
        )


def measure(service: Service, plan: dict[str, Any], goals: Goals, quick: bool) -> None:
    short = 8.0 if quick else 15.0
    empty, cached, health = (alone(service, kind) for kind in (Unit, Poller, Monitor))
    print(
        f"alone: empty page {empty:.0f}/s, cached page {cached:.0f}/s, /healthz {health:.0f}/s",
        flush=True,
    )
    for many in (20, 50, 100):
        heard = Crowd(people_for(service, plan, many)).run(short)
        print_crowd(f"{many} people who think for 1 s", heard)
        if many == TWENTY:
            errors_are_none(goals, "errors of 20 people who think", heard)
    full = measure_full(service, plan, goals, 1500 if quick else FULL_REQUESTS)
    measure_half(service, plan, goals, full, short)


def errors_are_none(goals: Goals, what: str, heard: Heard) -> None:
    goals.tell(what, f"{len(heard.errors)} of {len(heard.requests)}", "0", not heard.errors)
    if heard.errors:
        print(f"    {heard.told_errors()}")


def measure_full(service: Service, plan: dict[str, Any], goals: Goals, most: int) -> float:
    """Requests a second of people who do not think, by turns with a cached page alone.

    Memory of the web server is noted as the requests come in.
    """
    people = people_for(service, plan)
    for person in people:
        person.browser.counts = True
    memory: list[tuple[int, float]] = []
    turns: list[tuple[Heard, float]] = []
    used, of_cached, begun = Used(), Used(), time.monotonic()
    before = sent_by(people)

    def note_memory() -> None:
        memory.append((sent_by(people) - before, service.memory().get("web", 0.0)))

    while sent_by(people) - before < most and time.monotonic() - begun < LONGEST_FULL:
        crowd = Crowd(people, thinking=0, most=most // TURNS)
        with used.by(service):
            heard = crowd.run(LONGEST_FULL, note_memory)
        with of_cached.by(service):
            people_of_one = [Poller(Browser(service.port), {}, Random(n)) for n in range(8)]
            cached = Crowd(people_of_one, thinking=0).run(2)
        of_cached.requests += len(cached.requests)
        turns.append((heard, cached.rate))
    used.requests = sent = sent_by(people) - before
    heard = joined([each for each, _ in turns])
    print_crowd("20 people who do not think", heard)
    print(f"    of the processor the clients took {used.clients / (used.clients + used.site):.0%}")
    print_kinds(heard)
    print("    MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in service.memory().items()))
    shares = ", ".join(
        f"{name} {seconds / used.site:.0%}" for name, seconds in used.by_name.items()
    )
    print(f"    of the site's processor: {shares}")
    errors_are_none(goals, "errors of 20 people who do not think", heard)
    second, last = (
        statistics.mean([mb for at, mb in memory if low * sent <= at <= high * sent] or [1.0])
        for low, high in ((0.25, 0.5), (0.75, 1))
    )
    what = f"memory of the web server, last quarter of {sent} requests"
    goals.tell(what, f"{last / second:.3f}", "at most 1.05 of the second's", last <= 1.05 * second)
    share = statistics.median(cached / each.rate for each, cached in turns)
    goals.tell("full throughput", f"1/{share:.1f}", "at least 1/12 of a cached page's", share <= 12)
    site = used.site / used.requests / (of_cached.site / of_cached.requests)
    print(f"    a mixed request takes {site:.1f} times the site's processor of a cached page")
    return heard.rate


def sent_by(people: Sequence[Person]) -> int:
    return sum(len(person.browser.heard) for person in people)


class Used:
    """Seconds of the processor that the site and the clients took, for so many requests."""

    def __init__(self) -> None:
        self.clients = 0.0
        self.by_name: Counter[str] = Counter()
        self.requests = 0

    @property
    def site(self) -> float:
        return sum(self.by_name.values())

    @contextmanager
    def by(self, service: Service) -> Iterator[None]:
        site, clients = service.processor_seconds(), time.process_time()
        yield
        self.by_name.update(service.processor_seconds() - site)
        self.clients += time.process_time() - clients


def measure_half(
    service: Service, plan: dict[str, Any], goals: Goals, full: float, seconds: float
) -> None:
    """At half of the full rate, by turns without PDFs and lists and with them."""
    people = people_for(service, plan, max(int(full / 2), TWENTY))
    Crowd(people, thinking=0).run(seconds / 2)  # so that they are not all at the beginning
    without, with_files = [], []
    for turn in range(4):
        takes_files = bool(turn % 2)
        for person in people:
            if isinstance(person, Visitor):
                person.reports = takes_files
            elif isinstance(person, Staff):
                person.exports = takes_files
        (with_files if takes_files else without).append(Crowd(people).run(seconds))
    for title, runs in (("without PDFs and lists", without), ("with them", with_files)):
        for heard in runs:
            print_crowd(f"half of full {title}", heard)

    def p99(runs: list[Heard]) -> float:
        return statistics.mean(
            heard.quantile(0.99, lambda kind: kind not in FILES) / heard.unit for heard in runs
        )

    late = statistics.mean(heard.quantile(0.99) / heard.unit for heard in with_files)
    goals.tell("p99 at half of full", f"{late:.1f} x", "at most 12 x an empty page", late <= 12)
    lifted = p99(with_files) / p99(without)
    goals.tell(
        "PDFs and lists lift the p99 of others", f"{lifted:.2f} x", "at most 1.5 x", lifted <= 1.5
    )


def measure_writing(
    service: Service, plan: dict[str, Any], goals: Goals, seconds: float
) -> set[int]:
    """Uploads and decisions beside self-checks; which cases were decided."""
    people = writers(service, plan, set())
    people.append(Unit(Browser(service.port), plan, Random(1)))
    heard = Crowd(people, thinking=0.2).run(seconds)
    print_crowd("uploads and decisions", heard)
    errors_are_none(goals, "errors with uploads and decisions", heard)
    kept = kept_by(people)
    counts = ", ".join(f"{len(what)} {kind}" for kind, what in sorted(kept.items()))
    kept.pop("reports", None)
    missing = lost(service, kept)
    goals.tell(f"lost of {counts}", str(len(missing)), "0", not missing)
    return {int(Path(path).parts[4]) for path, _ in kept.get("decisions", ())}


def measure_trouble(
    service: Service, plan: dict[str, Any], goals: Goals, used: set[int], on_small_disk: bool
) -> None:
    trouble, heard, missing = under_trouble(service, plan, used, on_small_disk)
    for name, seconds in trouble.told.items():
        told = "not back" if seconds is None else f"back in {seconds:.1f} s"
        goals.tell(name, told, "by itself", seconds is not None)
    if not on_small_disk:
        print("    no disk was filled: only root may mount one")
    print(
        f"    meanwhile {len(heard.errors)} of {len(heard.requests)} requests failed: {heard.told_errors()}"
    )
    goals.tell("lost of what was acknowledged meanwhile", str(len(missing)), "0", not missing)
    for line in missing[:10]:
        print(f"    {line}")


def measure_sqlite(goals: Goals, folder: Path, seconds: float) -> None:
    """Twenty writers at once on SQLite."""
    service = Service(folder, postgres=False)
    try:
        service.run("manage.py", "migrate", "-v0")
        service.run("manage.py", "load_catalogue")
        service.start_site()
        people: list[Person] = [
            Visitor(Browser(service.port), {"programmes": []}, Random(number), reports=False)
            for number in range(20)
        ]
        for person in people:
            person.round = person.check  # type: ignore[attr-defined]
        heard = Crowd(people, thinking=0).run(seconds)
        kept = kept_by(people)
        missing = lost(service, kept)
    finally:
        service.stop()
    what = f"SQLite, 20 writers: lost of {len(kept['checks'])} answers"
    goals.tell(what, str(len(missing)), "0", not missing)
    errors_are_none(goals, "SQLite, 20 writers: errors", heard)


def main(*said: str) -> int:
    begun, goals, quick = time.monotonic(), Goals(), "quick" in said
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    print(f"ANONYMOUS_POST_RATE={NO_LIMIT}: all clients have one address, so no limit on use hits")
    with small_disk() as disk:
        folder = disk or Path(mkdtemp(prefix="portal-load."))
        service = Service(folder)
        try:
            service.start_database()
            service.run("manage.py", "collectstatic", "--no-input", "-v0")
            sheet = str(folder / "recognitions.csv")
            plan = json.loads(service.run("-m", "tests.load.filling", sheet, DEBUG="1"))
            service.start_site()
            print(f"filled and started after {time.monotonic() - begun:.0f} s", flush=True)
            measure(service, plan, goals, quick)
            used = measure_writing(service, plan, goals, 10 if quick else 20)
            measure_trouble(service, plan, goals, used, disk is not None)
        finally:
            service.stop()
            if not disk:
                shutil.rmtree(folder)
    with_sqlite = Path(mkdtemp(prefix="portal-load."))
    try:
        measure_sqlite(goals, with_sqlite, 10)
    finally:
        shutil.rmtree(with_sqlite)
    print(
        f"\nload of the machine after: {os.getloadavg()[0]:.1f}; {time.monotonic() - begun:.0f} s in all"
    )
    print("\n".join(goals.lines))
    return 1 if goals.missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
