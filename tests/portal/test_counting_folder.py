"""Where processes count together: a server that was killed leaves nothing for ever."""

import os
import signal
import subprocess
import sys

from portal.monitoring.counting_folder import new_folder

# A server, and a worker of it that lives longer.
SERVER = """
import os, sys, time
from pathlib import Path
from portal.monitoring.counting_folder import new_folder
folder = new_folder(Path(sys.argv[1]))
worker = os.fork()
if worker:
    print(folder.name, worker, flush=True)
time.sleep(600)
"""


def test_what_a_killed_server_left_is_removed_once_its_workers_are_gone_too(tmp_path):
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    name, worker = server.stdout.readline().split()
    names = {name}
    try:
        names.add(new_folder(tmp_path).name)
        assert set(os.listdir(tmp_path)) == names
        server.kill()
        server.wait()
        names.add(new_folder(tmp_path).name)
        assert set(os.listdir(tmp_path)) == names
    finally:
        server.kill()
        os.kill(int(worker), signal.SIGKILL)
    # Ends once the worker has closed its side.
    assert server.stdout.read() == ""
    names.add(new_folder(tmp_path).name)
    assert set(os.listdir(tmp_path)) == names - {name}


def test_what_others_keep_there_stays(tmp_path):
    (tmp_path / "portal-metrics.txt").touch()
    # Of a server that runs and holds nothing: an earlier version.
    (tmp_path / "portal-metrics.earlier").mkdir()
    new_folder(tmp_path)
    assert {"portal-metrics.txt", "portal-metrics.earlier"} < set(os.listdir(tmp_path))
