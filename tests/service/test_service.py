"""From an archive to pages that people open, as an operator does it, without a network."""

import hashlib
import os
import re
import shutil
import socket
import stat
import subprocess
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.night
ROOT = Path(settings.BASE_DIR)
HOST = "portal.example.cn"
NO_NETWORK = ["unshare", "--map-root-user", "--net"]
FILLED_IN = {
    "ALLOWED_HOSTS": HOST,
    "SITE_URL": f"https://{HOST}",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "DEFAULT_FROM_EMAIL": f"portal@{HOST}",
    "BEHIND_PROXY": "1",
}


def plain_environment(folder):
    """Of this process nothing, so that neither its settings nor its packages help."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}


def do(folder, *command, succeeds=True, **more):
    done = subprocess.run(
        [*NO_NETWORK, *command],
        cwd=folder,
        env=plain_environment(folder) | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """A folder out of an archive of the last commit, as on a machine that has nothing else."""
    out = tmp_path_factory.mktemp("archive")
    version = subprocess.check_output(
        ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        env=plain_environment(out),
        text=True,
    )
    subprocess.run(
        [ROOT / ".service/archive", out],
        env=os.environ | {"PYTHONS": version.strip()},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (packed,) = out.glob("portal-*.tar")
    subprocess.run(["tar", "xf", packed, "-C", out], check=True)
    folder = out / packed.stem
    # As it is left by somebody who tried the site here before.
    (folder / ".env").write_text("DEBUG=1\nSECRET_KEY=of-development\n")
    yield folder
    shutil.rmtree(out)


@pytest.fixture(scope="module")
def prepared(unpacked):
    """After the first `make service`, which has nothing to go by; with what it said."""
    return unpacked, do(unpacked, "make", "service")


@pytest.fixture(scope="module")
def filled_in(prepared):
    """Ready, with a first account; with what it said."""
    folder, _ = prepared
    own = folder / ".env.service"
    lines = own.read_text("utf-8")
    values = FILLED_IN | {
        "DATABASE_URL": f"sqlite:///{folder}/.data/portal.sqlite3",
        "WEB_ADDRESS": f"unix:{folder}/web",
    }
    for name, value in values.items():
        lines, found = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", lines)
        assert found == 1, name
    own.write_text(lines, "utf-8")
    said = do(folder, "make", "service")
    account = ["createsuperuser", "--no-input", "--username=chief", f"--email=chief@{HOST}"]
    do(
        folder, ".venv/bin/python", "manage.py", *account,
        DJANGO_SUPERUSER_PASSWORD="chang-mi-ma-2026",
    )  # fmt: skip
    return folder, said, do(folder, "make", "service")


def test_it_says_what_only_the_operator_knows(prepared):
    _, said = prepared
    for name in ("DATABASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "ALLOWED_HOSTS", "SITE_URL"):
        assert name in said
    assert "portal.W015" not in said
    assert "DEBUG" not in said.partition("还缺")[2]


def test_the_environment_file_has_a_key_of_its_own_and_is_for_its_owner_only(prepared):
    folder, _ = prepared
    own = folder / ".env.service"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    key = re.search(r"(?m)^SECRET_KEY=(.+)$", own.read_text("utf-8"))[1]
    assert len(key) >= 50
    template = (folder / ".env.example").read_text("utf-8")
    assert own.read_text("utf-8").replace(key, "") == template


def test_nothing_is_installed_that_only_tests_need(prepared):
    folder, _ = prepared
    listed = do(folder, ".venv/bin/python", "-m", "pip", "list", "--format=freeze")
    installed = {line.partition("==")[0].lower().replace("_", "-") for line in listed.split()}
    pins = (folder / ".requirements/portal.txt").read_text()
    pinned = {name.lower() for name in re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==", pins)}
    assert pinned <= installed
    assert installed - pinned <= {"pip", "setuptools"}


def test_an_empty_database_is_filled_and_the_missing_account_told(filled_in):
    _, first, second = filled_in
    assert "数据库建好了" in first
    assert "createsuperuser" in first
    assert "可以启动了" in second


def test_run_again_it_changes_nothing(filled_in):
    folder, *_ = filled_in
    before = everything(folder)
    do(folder, "make", "service")
    after = everything(folder)
    assert {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    } == (set())


def everything(folder):
    """Each file with its checksum and the time of its last change.

    Of a database that was opened, SQLite writes its log anew; the rows are in the file.
    """
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.endswith(("-wal", "-shm"))
    }


def test_development_keeps_out_of_a_folder_in_service(filled_in):
    folder, *_ = filled_in
    said = do(folder, "make", "run", succeeds=False)
    assert "这个文件夹在正式运行" in said


class OverSocket(HTTPConnection):
    """HTTP over the socket of the web server, as a proxy on the same machine speaks."""

    def __init__(self, path):
        super().__init__(HOST, timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


@contextmanager
def serving(folder):
    server = subprocess.Popen(
        [".venv/bin/gunicorn", "-c", ".service/gunicorn.conf.py", "portal.wsgi"],
        cwd=folder,
        env=plain_environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 120
        while not (folder / "web").exists():
            assert server.poll() is None, server.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.communicate(timeout=60)


def get(folder, path, **headers):
    proxied = {"X-Forwarded-Proto": "https", "X-Real-IP": "192.0.2.7", "Accept-Encoding": "gzip"}
    with closing(OverSocket(folder / "web")) as over:
        over.request("GET", path, headers=proxied | headers)
        answer = over.getresponse()
        return answer.status, answer.headers, answer.read()


def test_pages_are_styled_and_what_styles_them_is_kept_by_browsers(filled_in):
    folder, *_ = filled_in
    with serving(folder):
        found = set()
        for page in ("/", "/programmes/", "/account/login/", "/account/sign-up/", "/privacy/"):
            status, headers, body = get(folder, page, **{"Accept-Encoding": "identity"})
            assert status == 200, page
            assert headers["Strict-Transport-Security"] == "max-age=31536000"
            found |= set(re.findall(r'(?:href|src)="(/static/[^"]+)"', body.decode()))
        assert len(found) >= 3
        for address in sorted(found):
            status, headers, _ = get(folder, address)
            assert status == 200, address
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", address)
            assert "immutable" in headers["Cache-Control"], address
            assert headers["Content-Encoding"] == "gzip", address
        # Without the proxy's word it is no page over HTTPS.
        assert get(folder, "/", **{"X-Forwarded-Proto": "http"})[0] == 301
        # A page that is not there is a page of the site, not one of a developer.
        status, _, body = get(folder, "/nowhere/", **{"Accept-Encoding": "identity"})
        assert status == 404
        assert b"DEBUG" not in body


def test_each_file_that_was_collected_names_only_files_that_are_there(prepared):
    folder, _ = prepared
    static = folder / ".static"
    named = re.compile(r"""url\(["']?(?!data:|#)([^"')]+)|sourceMappingURL=(\S+)""")
    hashed = [
        path for path in static.rglob("*.css") if re.search(r"\.[0-9a-f]{12}\.css$", path.name)
    ]
    assert len(hashed) > 10
    for path in hashed:
        for found in named.finditer(path.read_text("utf-8")):
            name = (found[1] or found[2]).partition("#")[0].partition("?")[0]
            assert (path.parent / name).resolve().is_file(), f"{path.name}: {name}"


def test_a_report_is_set_with_the_fonts_of_the_machine(filled_in):
    folder, *_ = filled_in
    code = (
        "import django; django.setup()\n"
        "from weasyprint import HTML\n"
        "print(len(HTML(string='<p>惠企政策资格自测</p>').write_pdf()) > 1000)"
    )
    said = do(folder, ".venv/bin/python", "-c", code, DJANGO_SETTINGS_MODULE="portal.settings")
    assert "True" in said
