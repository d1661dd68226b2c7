"""What writing a list takes above the idle process, in MB: `database key ending` in, a number out.

It runs in a fresh process: one that has made 100,000 rows holds memory that it would use again.
"""

import os
import sys
from pathlib import Path

import django


def memory(name: str) -> float:
    """MB of the process: VmRSS now, VmHWM at most so far. (ru_maxrss would count the parent's.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 2**10


def main(database: str, key: str, ending: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.db import connection

    from tests.bench.lists import write

    connection.settings_dict["NAME"] = database
    write(key, ending, rows=10)  # modules, caches and the connection belong to the idle process
    idle = memory("VmRSS")
    write(key, ending)
    print(memory("VmHWM") - idle)


if __name__ == "__main__":
    main(*sys.argv[1:])
