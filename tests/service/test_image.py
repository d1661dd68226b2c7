"""The images as `make image` builds them, and all of compose.yaml at work together."""

import shutil

import pytest

from tests.processes import IN_SERVICE, wait_until
from tests.service.containers import ROOT, make_images

pytestmark = pytest.mark.night
SERVICES = ("database", "web", "worker", "send-waiting", "daily", "proxy")
DOMAIN = "portal.example.cn"
PORTS = {"HTTP_PORT": "18080", "HTTPS_PORT": "18443"}


class Composed:
    """compose.yaml in a folder of its own, beside settings that are no secret."""

    def __init__(self, engine, folder) -> None:
        self.engine, self.folder = engine, folder
        (folder / ".service").mkdir()
        for name in ("compose.yaml", "up"):
            shutil.copy(ROOT / ".service" / name, folder / ".service")
        settings = IN_SERVICE | {"EMAIL_URL": "smtp://127.0.0.1:1", "BACKUP_FOLDER": "/srv/backups"}
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (folder / ".env.service").write_text(lines)
        certificates = folder / "certificates"
        certificates.mkdir()
        engine.within(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            "-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}",
            "-keyout", f"{certificates}/privkey.pem", "-out", f"{certificates}/fullchain.pem",
        )  # fmt: skip
        # Where no systemd runs podman asks nobody for health by itself; the test does.
        self.environment = PORTS | {
            "CERTIFICATES": str(certificates),
            "DISABLE_HC_SYSTEMD": "true",
        }

    def up(self, check: bool = True, **environment: str):
        """As `make compose` does."""
        return self.engine.within(
            f"{self.folder}/.service/up", check=check, environment=self.environment | environment
        )

    def compose(self, *arguments: str) -> str:
        return self.engine.within(
            "podman-compose", "-p", "portal", "-f", f"{self.folder}/.service/compose.yaml",
            *arguments, environment=self.environment,
        ).stdout  # fmt: skip

    def container(self, service: str) -> str:
        return f"portal_{service}_1"

    def is_healthy(self, service: str) -> bool:
        done = self.engine.within(
            "podman", "healthcheck", "run", self.container(service),
            check=False, environment=self.environment,
        )  # fmt: skip
        return done.returncode == 0

    def run(self, service: str, *command: str, check: bool = True):
        return self.engine.within("podman", "exec", self.container(service), *command, check=check)

    def ask(self, path: str, *flags: str) -> str:
        port = PORTS["HTTPS_PORT"]
        return self.engine.within(
            "curl", "-sS", "--cacert", f"{self.folder}/certificates/fullchain.pem",
            "--resolve", f"{DOMAIN}:{port}:127.0.0.1", *flags, f"https://{DOMAIN}:{port}{path}",
        ).stdout  # fmt: skip


@pytest.fixture(scope="module")
def composed(engine, tmp_path_factory):
    make_images(engine)
    found = Composed(engine, tmp_path_factory.mktemp("composed"))
    try:
        found.said = found.up().stdout
        yield found
    finally:
        found.compose("down", "--volumes")


@pytest.mark.parametrize("service", SERVICES)
def test_each_container_is_healthy_when_the_start_ends(composed, service):
    assert f"{composed.container(service)} 就绪。" in composed.said
    assert composed.is_healthy(service)


def test_an_empty_database_was_filled_and_the_missing_account_told(composed):
    assert "数据库建好了" in composed.said
    assert "podman exec -it portal_web_1 python manage.py createsuperuser" in composed.said


def test_pages_are_served_through_the_proxy(composed):
    head = composed.ask("/programmes/", "-D", "-")
    assert "HTTP/2 200" in head
    assert "strict-transport-security" in head
    assert "政策目录" in head


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_writes_nothing_of_its_own(composed, service):
    for path in ("/x", "/etc/x", "/opt/portal/x"):
        assert composed.run(service, "touch", path, check=False).returncode != 0, path


@pytest.mark.parametrize("service", SERVICES[:-1])
def test_no_container_but_the_proxy_runs_as_root(composed, service):
    user = "postgres" if service == "database" else "portal"
    assert composed.run(service, "id", "-un").stdout.strip() == user
    assert "CapEff:\t0000000000000000" in composed.run(service, "cat", "/proc/1/status").stdout


def test_the_site_owns_its_database_only(composed):
    rights = composed.run(
        "web", "python", "-c",
        "import psycopg2; c = psycopg2.connect('dbname=portal user=portal host=/run/postgresql').cursor();"
        " c.execute('SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user');"
        " print(c.fetchone())",
    )  # fmt: skip
    assert rights.stdout.strip() == "(False, False, False)"


def test_images_hold_no_settings_and_no_data(engine, composed):
    for name in ("portal", "portal-database", "portal-proxy"):
        found = engine.podman(
            "run", "--rm", "--network", "none", f"localhost/{name}",
            "find", "/opt/portal", "-name", ".env*", "-o", "-path", "/opt/portal/.data/*",
        )  # fmt: skip
        assert found == ""


def test_a_backup_lies_in_its_own_volume_and_comes_with_the_day(composed):
    composed.run("daily", "python", "manage.py", "backup")
    composed.run("daily", "python", "manage.py", "verify_backup", "/srv/backups")
    command = composed.run("daily", "cat", "/proc/1/cmdline").stdout.split("\0")
    assert command[-3:-1] == ["--also", "backup"]


def test_a_start_that_does_not_become_healthy_says_whose_and_why(composed):
    key = composed.folder / "certificates/privkey.pem"
    key.rename(key.with_suffix(".away"))
    try:
        done = composed.up(check=False, PATIENCE="20")
        assert done.returncode == 1
        assert f"{composed.container('proxy')} 没有就绪" in done.stderr
    finally:
        key.with_suffix(".away").rename(key)
    assert "portal_proxy_1 就绪" in composed.up().stdout


def test_what_stops_leaves_nothing_behind_and_starts_again(composed):
    composed.compose("stop")
    composed.compose("start")
    for service in SERVICES:
        wait_until(lambda service=service: composed.is_healthy(service))
    assert "政策目录" in composed.ask("/programmes/")
