"""Containers for tests, of podman: with a store of their own, and what this machine refuses left out."""

import fcntl
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Images are kept for the next night; containers and volumes are not.
STORE = Path("/tmp/portal-containers")
BUILD_FLAGS = ["--network", "host"]
# Where packages come through a proxy with a certificate of its own, this machine knows it.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NEEDED = ("podman", "mmdebstrap", "crun", "nsenter")


class Engine:
    """Podman, in a namespace of mounts where nothing is in its way."""

    def __init__(self) -> None:
        STORE.mkdir(mode=0o700, exist_ok=True)
        (STORE / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\nrunroot = "{STORE}/run"\ngraphroot = "{STORE}/graph"\n'
        )
        # A machine that may not raise its limits may not ask for more in a container either.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        processes = min(resource.getrlimit(resource.RLIMIT_NPROC)[1], 30_000)
        (STORE / "containers.conf").write_text(
            "[containers]\ndefault_ulimits = "
            f'["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'
        )
        self.environment = {
            **os.environ,
            "CONTAINERS_STORAGE_CONF": str(STORE / "storage.conf"),
            "CONTAINERS_CONF": str(STORE / "containers.conf"),
        }
        # Of two generations of control groups crun takes the elder only where the younger is gone.
        self.holder = subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             "umount /sys/fs/cgroup/unified 2>/dev/null; echo; exec sleep infinity"],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.holder.stdout.readline()

    def close(self) -> None:
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()
        self.holder.stdout.close()

    def clear(self) -> None:
        """Remove all containers, and all volumes, those with a name too."""
        self.podman("rm", "--all", "--force", "--volumes", check=False)
        self.podman("volume", "prune", "--force", check=False)

    def within(self, *command: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Run a command where podman works; its output is text, its failure a failed test."""
        environment = self.environment | options.pop("environment", {})
        done = subprocess.run(
            ["nsenter", "-t", str(self.holder.pid), "-m", "--wd=" + str(ROOT), *command],
            **{"capture_output": True, "text": True, "env": environment, "cwd": ROOT} | options,
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def podman(self, *arguments: str, **options) -> str:
        return self.within("podman", *arguments, **options).stdout

    def build(self, *arguments: str) -> None:
        self.podman("build", *build_flags(), *arguments)


def build_flags() -> list[str]:
    mount = ["-v", f"{CERTIFICATES}:{CERTIFICATES}:ro"] if CERTIFICATES.exists() else []
    return [*BUILD_FLAGS, *mount]


@contextmanager
def engine() -> Iterator[Engine]:
    """One test file at a time: they share names and images."""
    if os.getuid() or any(shutil.which(name) is None for name in NEEDED):
        pytest.skip(f"needs root and {', '.join(NEEDED)}; `make night` as root installs them")
    STORE.mkdir(mode=0o700, exist_ok=True)
    with (STORE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = Engine()
        try:
            # What a night left that was killed.
            found.clear()
            yield found
        finally:
            found.clear()
            found.close()


def make_images(engine: Engine) -> None:
    """As an operator makes them; of an earlier night the Debian below and unchanged layers are kept."""
    base = "localhost/portal-base"
    known = engine.within("podman", "image", "exists", base, check=False).returncode == 0
    engine.within(
        "make", "image", "DOMAIN=portal.example.cn",
        environment={"BUILD_FLAGS": " ".join(build_flags()), "BASE": base if known else ""},
    )  # fmt: skip
