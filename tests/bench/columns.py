"""Columns of a million firms against numpy by hand, Polars and DuckDB; then from Parquet to Parquet.

Runs where those are installed, beside what the site itself has: `make bench` sees to it.
"""

import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import numpy as np

from policies.rules.column_data import Array, Column, FirstWholeYear, columns_of
from policies.rules.columns import ColumnReader
from tests.bench.memory import memory
from tests.bench.peers import EIGHT
from tests.bench.peers.firms import firms

ON = date(2026, 11, 20)
FIRMS = 1_000_000
INVENTED = 20_000  # different ones, each of which comes again and again in no order
ROUNDS = 5
WANTED = ("verdict", "now_least", "now_most")


def many(small: dict[Column, Array], rows: int) -> dict[Column, Array]:
    places = np.random.default_rng(1).integers(0, INVENTED, rows)
    return {column: np.ascontiguousarray(array[places]) for column, array in small.items()}


def alternated(jobs: dict[str, Any]) -> dict[str, float]:
    """Median seconds of CPU of each, one after the other in every round."""
    spent: dict[str, list[float]] = {key: [] for key in jobs}
    for work in jobs.values():
        work()
    for _ in range(ROUNDS):
        for key, work in jobs.items():
            begin = time.process_time()
            work()
            spent[key].append(time.process_time() - begin)
    return {key: statistics.median(each) for key, each in spent.items()}


def against_peers(unknown: float) -> None:
    from tests.bench.peers.by_hand import ByHand
    from tests.bench.peers.engines import DuckDB, Polars, arrow_table
    from tests.policies.packs import editions, facts

    own = {edition.programme: edition for edition in editions() if edition.programme in EIGHT}
    eight = [own[programme] for programme in EIGHT]
    keys = dict.fromkeys(key for edition in eight for key in edition.fact_keys)
    reader, by_hand = ColumnReader(eight, ON, WANTED), ByHand(facts(), ON)
    small = columns_of(firms(keys, facts(), ON, INVENTED, unknown), reader.columns)
    columns = many(small, FIRMS)
    named = {
        "first whole year" if isinstance(column, FirstWholeYear) else column.fact: array
        for column, array in columns.items()
    }
    table = arrow_table(columns, FIRMS, own, facts(), ON)
    polars, duckdb = Polars(facts(), ON), DuckDB(facts(), ON)
    jobs = {
        "columns": lambda: reader.read(columns, FIRMS),
        "numpy by hand": lambda: by_hand.read(named),
        "Polars": polars.query(own, table),
        "DuckDB": duckdb.query(own, table),
    }
    expected = jobs["columns"]().arrays
    hand = jobs["numpy by hand"]()
    others = [peer.arrays(jobs[key]()) for key, peer in (("Polars", polars), ("DuckDB", duckdb))]
    for place, programme in enumerate(EIGHT):
        for column, (result, end) in enumerate(
            zip(WANTED, ("verdict", "least", "most"), strict=True)
        ):
            own_array = expected[result][place]
            for array in (hand[column][place], *(each[f"{end} {programme}"] for each in others)):
                assert np.array_equal(own_array, array), (programme, result)
    spent = alternated(jobs)
    columns_spent = spent["columns"]
    print(f"a million firms, eight programmes, {unknown:.0%} unknown, all answers alike:")
    print(f"columns                              {columns_spent * 1000:.0f} ms of CPU")
    aims = {"numpy by hand": "0.50", "Polars": "0.33", "DuckDB": "0.125"}
    for key, aim in aims.items():
        ratio = columns_spent / spent[key]
        print(f"columns / {key:13}              {ratio:.3f}  (aim: at most {aim})")
    tracemalloc.start()
    results = reader.read(columns, FIRMS).arrays
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    held = sum(array.nbytes for arrays in results.values() for array in arrays)
    print(f"above data and results               {(peak - held) / 2**20:.1f} MB  (at most 16)")


def through_parquet(step: str, folder: Path, rows: int) -> None:
    """One step in a process of its own, so that its memory is its own."""
    import pyarrow

    from tests.bench import parquet
    from tests.policies.packs import editions, facts

    pyarrow.set_cpu_count(1)
    given, results = folder / "firms.parquet", folder / "results.parquet"
    if step == "make":
        keys = list(dict.fromkeys(key for edition in editions() for key in edition.fact_keys))
        parquet.write_firms(given, facts(), keys, ON, rows)
        return
    reader = ColumnReader(editions(), ON, parquet.WANTED)
    spent, alone = [], []
    for _ in range(ROUNDS if rows <= FIRMS else 1):
        begin = time.process_time()
        parquet.judge_file(reader, facts(), given, results)
        spent.append(time.process_time() - begin)
        if step == "time":
            alone.append(parquet.read_and_write(facts(), given, results, folder / "copy.parquet"))
        else:
            print(f"{rows:>10} firms, peak of the process {memory('VmHWM'):.0f} MB  (at most 300)")
            return
    taken = statistics.median(spent) / statistics.median(alone)
    print(f"{rows:>10} firms, all {len(editions())} programmes, Parquet to Parquet:")
    print(f"{rows / statistics.median(spent):>10.0f} firms a second of CPU")
    print(f"/ reading and writing the same files {taken:.2f} x  (at most 6)")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    django.setup()
    if "--share" in sys.argv:
        against_peers(float(sys.argv[-1]))
        return
    if "--parquet" in sys.argv:
        step, folder, rows = sys.argv[-3:]
        through_parquet(step, Path(folder), int(rows))
        return
    # Each in a fresh process: what one leaves in memory, the next need not ask the system for.
    for unknown in ("0.1", "0.3"):
        again("--share", unknown)
    for rows in (FIRMS, 10 * FIRMS) if "--long" in sys.argv else (FIRMS,):
        with TemporaryDirectory() as folder:
            for step in ("make", "time", "memory"):
                again("--parquet", step, folder, str(rows))


def again(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.bench.columns", *arguments], check=True)


if __name__ == "__main__":
    main()
