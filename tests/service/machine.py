"""A machine with systemd on which the site is installed as the README says: a container."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.processes import IN_SERVICE, wait_until
from tests.service.containers import ROOT, Engine, make_images

NAME = "portal-test-machine"
DOMAIN = "portal.example.cn"
# What tests make their rows with; the machine has the site's own packages only.
TEST_PACKAGES = "/opt/test-packages"
SETTINGS = IN_SERVICE | {
    "DATABASE_URL": "postgres://portal@/portal?host=/run/postgresql",
    "BEHIND_PROXY": "1",
    "STAFF_SECOND_FACTOR": "0",
    "BACKUP_FOLDER": "/srv/backups",
    # Nobody listens there: letters wait.
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


class Machine:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def run(self, *command: str, check: bool = True, **options):
        return self.engine.within("podman", "exec", "-i", NAME, *command, check=check, **options)

    def shell(self, script: str, **options) -> str:
        return self.run("bash", "-euc", script, **options).stdout

    def write(self, path: str, content: str) -> None:
        self.run("tee", path, input=content)

    def manage(self, *arguments: str) -> str:
        """A command of the site, as the operator runs it."""
        return self.as_portal(".venv/bin/python", "manage.py", *arguments)

    def as_portal(self, *command: str, **environment: str) -> str:
        told = [f"{name}={value}" for name, value in (SETTINGS | environment).items()]
        return self.run("runuser", "-u", "portal", "--", "env", *told, *command).stdout

    def fill(self, function: str) -> dict:
        """What a function of tests/service/fill.py returns after it has made its rows."""
        said = self.as_portal(
            ".venv/bin/python", "-m", "tests.service.fill", function, PYTHONPATH=TEST_PACKAGES
        )
        return json.loads(said.splitlines()[-1])

    def state(self, unit: str, *properties: str) -> dict[str, str]:
        wanted = ",".join(properties or ("ActiveState", "SubState", "MainPID", "NRestarts"))
        shown = self.run("systemctl", "show", "-p", wanted, unit).stdout
        return dict(line.partition("=")[::2] for line in shown.splitlines())

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout


@contextmanager
def machine(engine: Engine) -> Iterator[Machine]:
    """With the site's units installed and started, and nothing in its database but the packs."""
    make_images(engine)
    engine.build("-t", "localhost/portal-test-machine", "-f", "tests/service/Containerfile", ".")
    packages = next((ROOT / ".venv/lib").glob("python3.*/site-packages"))
    engine.podman(
        "run", "--detach", "--name", NAME, "--systemd=always", "--network", "none",
        # systemd makes a namespace for each unit.
        "--cap-add", "ALL", "--security-opt", "seccomp=unconfined",
        "-v", f"{packages}:{TEST_PACKAGES}:ro", "-v", f"{ROOT}/tests:/opt/portal/tests:ro",
        "localhost/portal-test-machine",
    )  # fmt: skip
    found = Machine(engine)
    try:
        wait_until(
            lambda: found.run("systemctl", "is-active", "postgresql", check=False).returncode == 0
        )
        install(found)
        yield found
    finally:
        engine.podman("rm", "--force", "--volumes", NAME, check=False)


def install(machine: Machine) -> None:
    wait_until(lambda: machine.run("pg_isready", check=False).returncode == 0)
    lines = "".join(f"{name}={value}\n" for name, value in SETTINGS.items())
    machine.write("/opt/portal/.env.service", lines)
    machine.shell("chmod 600 .env.service && make --silent units")
    machine.shell("install -d -m 700 -o portal /srv/backups")
    machine.shell("runuser -u postgres -- createuser portal")
    machine.shell("runuser -u postgres -- createdb -O portal portal")
    for command in ("migrate", "load_catalogue", "load_funds"):
        machine.manage(command)
    machine.run("systemctl", "enable", "--now", "portal.target")


def install_nginx(machine: Machine) -> None:
    """With a certificate for a day."""
    machine.shell(
        f"""
        mkdir /etc/ssl/portal && cd /etc/ssl/portal
        openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={DOMAIN} \
            -addext subjectAltName=DNS:{DOMAIN} -keyout privkey.pem -out fullchain.pem 2>/dev/null
        cp /opt/portal/.service/nginx/portal.conf /etc/nginx/sites-enabled/portal
        systemctl restart nginx
        """
    )


class Visitor:
    """Somebody with a browser's cookies at an address of the loopback: curl on the machine."""

    def __init__(self, machine: Machine, address: str) -> None:
        self.machine, self.address = machine, address
        self.cookies = f"/tmp/cookies-{address}"

    def ask(self, path: str, *flags: str, scheme: str = "https") -> "Answer":
        """What comes back for a path; no redirect is followed."""
        done = self.machine.run(
            "curl", "-sS", "--interface", self.address, "--cacert", "/etc/ssl/portal/fullchain.pem",
            "--resolve", f"{DOMAIN}:443:127.0.0.1", "--resolve", f"{DOMAIN}:80:127.0.0.1",
            "-b", self.cookies, "-c", self.cookies, "-D", "/dev/stderr", *flags,
            path if "://" in path else f"{scheme}://{DOMAIN}{path}",
            text=False,
        )  # fmt: skip
        return Answer(done.stderr.decode(), done.stdout)

    def send(self, path: str, *fields: str, form: str | None = None) -> "Answer":
        """Post fields (name=value, name=@file) with the token of the form at `form`, or at `path`."""
        token = self.ask(form or path).token
        flags = [
            flag for field in (f"csrfmiddlewaretoken={token}", *fields) for flag in ("-F", field)
        ]
        return self.ask(path, "-H", f"Referer: https://{DOMAIN}{path}", *flags)

    def log_in(self, login: str, password: str) -> None:
        answer = self.send("/account/login/", f"login={login}", f"password={password}")
        assert answer.status == 302, answer.text


class Answer:
    def __init__(self, head: str, body: bytes) -> None:
        self.head = head
        # After “100 Continue” comes the answer itself.
        last = [block for block in head.replace("\r", "").split("\n\n") if block.strip()][-1]
        first, *lines = last.strip().splitlines()
        self.status = int(first.split()[1])
        self.headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def token(self) -> str:
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text)[1]
