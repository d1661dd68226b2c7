"""What gunicorn reads when it is started in this folder: its log as JSON, a folder to count in."""

import os
import shutil
import tempfile
from pathlib import Path

# In memory where there is such a disk: a full one would end the processes that count on it.
MEMORY = "/dev/shm"  # noqa: S108
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

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


def on_starting(server):
    """An empty folder for this run; processes that come later find it in the environment."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    server.folder = os.environ[FOLDER] = tempfile.mkdtemp(prefix="portal-metrics.", dir=place)


def child_exit(server, worker):
    """What a worker counted stays counted, however it ended."""
    from portal.monitoring.retired import retire

    retire(Path(server.folder), worker.pid)


def on_exit(server):
    shutil.rmtree(server.folder, ignore_errors=True)
