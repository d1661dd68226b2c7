"""How bench measures: medians, and ratios of two things done by turns."""

import statistics
import time
from collections.abc import Callable

REPEATS = 15


def median(work: Callable[[], object]) -> float:
    """Median seconds of REPEATS runs after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def ratio(
    work: Callable[[], object],
    other: Callable[[], object],
    repeats: int = REPEATS * 4,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Median time of `work` over that of `other`, run by turns so that noise meets both."""
    work()
    other()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for job, spent in zip((work, other), times, strict=True):
            begin = clock()
            job()
            spent.append(clock() - begin)
    return statistics.median(times[0]) / statistics.median(times[1])
