"""What a process had counted when it ended is kept with that of the others before it, in one file a kind.

Servers let processes retire after some thousand requests: else their files would become more for ever.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

KINDS = ("counter", "histogram")
# No process bears this number.
RETIRED = 0


@contextmanager
def counted(folder: Path) -> Iterator[None]:
    """Nobody reads the files while one moves into another."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def retire(folder: Path, process: int) -> None:
    """Add the files of a process that has ended to those of its kind."""
    with counted(folder):
        for kind in KINDS:
            own, kept = (folder / f"{kind}_{number}.db" for number in (process, RETIRED))
            if own.exists():
                _write([str(path) for path in (kept, own) if path.exists()], kept)
                own.unlink()


def _write(files: list[str], path: Path) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    values = MmapedDict(str(part))
    for metric in MultiProcessCollector.merge(files, accumulate=False):
        for sample in metric.samples:
            names, of_names = zip(*sorted(sample.labels.items()), strict=True)
            key = mmap_key(metric.name, sample.name, names, of_names, metric.documentation)
            values.write_value(key, sample.value, 0.0)
    values.close()
    part.replace(path)
