"""The web server, the same under systemd, in a container and in measurements:

    .venv/bin/gunicorn -c .service/gunicorn.conf.py portal.wsgi

WEB_ADDRESS, WEB_WORKERS and WEB_THREADS come from where the site's settings come from.
"""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

chdir = str(Path(__file__).resolve().parent.parent)
sys.path.insert(0, chdir)

from django.core.exceptions import ImproperlyConfigured  # noqa: E402


def _tell(kind, error, trace):
    """What a setting has wrong is one sentence, for whoever starts the server; whence is no matter."""
    if issubclass(kind, ImproperlyConfigured):
        sys.stderr.write(f"{error}\n")
    else:
        sys.__excepthook__(kind, error, trace)


# The site is loaded before there are other processes, so that what it refuses ends this one.
sys.excepthook = _tell
try:
    from portal.environment import said
    from portal.listening import refusal
    from portal.monitoring.counting_folder import new_folder
except ImproperlyConfigured as refused:
    sys.exit(str(refused))

# host:port, or unix:/path.
bind = said("WEB_ADDRESS", "127.0.0.1:8000")
worker_class = "gthread"
workers = said("WEB_WORKERS", 3)
# No more than two threads of a worker wait for a spreadsheet that is read (portal/bounded_reading.py).
threads = said("WEB_THREADS", 6)

# The site is checked and reads the catalogue once, before workers are parted from it, and a worker
# that follows another takes visitors at once. What changed on disk needs a restart, not SIGHUP.
preload_app = True
# Pages make many small things that are gone with them: looking for circles among them less often
# saves some of the processor, and they are few enough not to be missed.
gc.set_threshold(2_000, 10, 10)

# A worker gives back what its memory has gathered; not all at the same moment.
max_requests, max_requests_jitter = 5_000, 500

# Longer than a page may take that reads a spreadsheet, and as long to finish after SIGTERM.
timeout = 120
graceful_timeout = 30
# Longer than a proxy keeps a connection (nginx: 60 s), so that it never sends into a closed one.
keepalive = 75
# The sign of life of a worker is a file: on a slow disk it would be taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Whom to believe says BEHIND_PROXY alone (portal/settings.py); the server believes no header itself.
secure_scheme_headers = {}
forwarder_headers = ""

# The proxy keeps the list of visits; here only what went wrong, a line of JSON each.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "portal.monitoring.lines.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False},
    },
}
# Without its console, which would want a folder in the home of the service's user.
control_socket_disable = True

# Where processes count together, empty for each run; in memory where there is such a disk: a full
# one would end the processes that count on it. The site is read before `on_starting`, so it is made here.
counted = new_folder(Path(worker_tmp_dir or tempfile.gettempdir()))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counted)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_remove, counted, os.getpid())


def on_starting(server):
    """What would keep it from listening is a sentence, before the server tries."""
    # One that takes over from another, or is started by systemd for a visitor, has its sockets.
    if not os.environ.keys() & {"GUNICORN_FD", "LISTEN_FDS"}:
        for address in server.cfg.address:
            if told := refusal(address):
                sys.exit(told)


def when_ready(server):
    """What workers share is left out of the search for garbage, and stays shared."""
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    """What a worker counted stays counted, however it ended."""
    from portal.monitoring.retired import retire

    retire(counted, worker.pid)
