"""What .service/ names exists: settings, files, addresses, limits."""

import os
import re
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from portal.pdf_packages import PACKAGES
from portal.setting_table import SETTINGS

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / ".service"
UNITS = sorted(path for path in SERVICE.glob("systemd/**/*") if path.is_file())
NGINX = (SERVICE / "nginx/portal.conf").read_text("utf-8")
COMPOSE = yaml.safe_load((SERVICE / "compose.yaml").read_text("utf-8"))
# Made by the installation, or while the site runs.
MADE = {".venv/bin/python", ".venv/bin/gunicorn", ".env.service", ".data", ".data/files"}
# Compose's own, with defaults.
OF_COMPOSE = {"BACKUPS", "CERTIFICATES", "HTTP_PORT", "HTTPS_PORT"}


def names_read():
    """What the settings, the web server and the commands ask of the environment."""
    files = [ROOT / "portal/settings.py", ROOT / "portal/environment.py"]
    files += [SERVICE / "gunicorn.conf.py", SERVICE / "healthy"]
    files += (ROOT / "portal/management/commands").glob("*.py")
    ask = r'(?:said|environ\.get)\(\s*"([A-Z_]+)"'
    return {name for file in files for name in re.findall(ask, file.read_text("utf-8"))}


def test_all_that_is_asked_of_the_environment_stands_in_the_table_of_settings():
    assert names_read() == SETTINGS.keys()


def test_what_sets_chinese_text_is_installed_and_asked_for_by_the_same_names():
    (listed,) = re.findall(r"^PDF_PACKAGES := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert set(listed.split()) == PACKAGES.keys()
    told = (ROOT / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in told for name, _ in PACKAGES.values())


@pytest.mark.parametrize(
    ("target", "told"),
    [("archive", "要在 git 检出的文件夹里"), ("test", "没有测试和开发要的"), ("demo", "没有测试和开发要的")],
)  # fmt: skip
def test_what_an_unpacked_archive_cannot_do_it_says(tmp_path, target, told):
    for name in (".wheels", "applications", "policies", "portal"):
        (tmp_path / name).mkdir()
    for name in (".venv/made", ".venv/portal", ".front/installed", ".env"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("Makefile", ".requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    # A make that runs the tests tells those below that they are not the first.
    above = dict.fromkeys(("MAKEFLAGS", "MAKELEVEL", "MFLAGS"), "")
    done = subprocess.run(
        ["make", target],
        cwd=tmp_path,
        env=os.environ | above,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    sentence, makes_own = done.stderr.splitlines()
    assert told in sentence
    assert makes_own.startswith("make: ***")


def lines(unit):
    return [line for line in unit.read_text("utf-8").splitlines() if not line.startswith("#")]


def test_every_setting_that_is_named_is_one():
    named = set(re.findall(r"^([A-Z_]+)=", "\n".join(lines(ROOT / ".env.example")), re.M))
    for service in COMPOSE["services"].values():
        named |= set(service.get("environment", {}))
    for unit in UNITS:
        named |= {line.split("=")[1] for line in lines(unit) if line.startswith("Environment=")}
    named |= set(re.findall(r"needs ([A-Z_]+)=", NGINX))
    assert named
    assert named <= SETTINGS.keys()
    told = re.findall(r"\$\{(\w+)", (SERVICE / "compose.yaml").read_text("utf-8"))
    assert set(told) == OF_COMPOSE


def test_every_path_within_the_project_is_there():
    texts = ["\n".join(lines(unit)) for unit in UNITS]
    texts += [NGINX, (SERVICE / "compose.yaml").read_text("utf-8")]
    found = {path for text in texts for path in re.findall(r"/opt/portal/([\w./-]+)", text)}
    found |= {path for text in texts for path in re.findall(r"[ \"](\.service/[\w./-]+)", text)}
    assert {"README.md", ".service/healthy", ".service/nginx/pages"} <= found
    for path in found - MADE:
        assert (ROOT / path).exists(), path
    copied = re.findall(
        r"^COPY (?:--\S+ )?(\S+)", (SERVICE / "Containerfile").read_text("utf-8"), re.M
    )
    for path in copied:
        assert (ROOT / path).exists(), path


def test_every_command_that_is_started_exists():
    started = [line for unit in UNITS for line in lines(unit) if "manage.py" in line]
    commands = [line.partition("manage.py ")[2].split()[0] for line in started]
    for service in COMPOSE["services"].values():
        command = service.get("command", [])
        commands += [command[2]] if "manage.py" in command else []
    assert set(commands) == {"worker", "send_waiting", "daily", "backup"}
    assert set(commands) <= set(get_commands())


def test_every_unit_that_another_names_is_there():
    named = {
        name
        for unit in UNITS
        for name in re.findall(r"portal[\w-]*\.(?:service|timer|target)", "\n".join(lines(unit)))
    }
    assert named <= {unit.name for unit in UNITS}


@pytest.mark.parametrize("page", re.findall(r"error_page [\d ]+ /([\w-]+\.html);", NGINX))
def test_a_page_of_the_proxy_is_on_its_disk_and_asks_for_the_sites_own_styles(page):
    text = (SERVICE / "nginx/pages" / page).read_text("utf-8")
    found = re.findall(r'href="/static/(\w+)/([^"]+)"', text)
    assert len(found) == 2
    folders = {"bootstrap": ROOT / ".front/node_modules/bootstrap/dist"}
    for app, file in found:
        assert (folders.get(app, ROOT / f"portal/static/{app}") / file).exists()
    assert "style=" not in text and "<script" not in text


def size(location):
    block = re.search(rf"location {location} {{(.*?)\n    }}", NGINX, re.S)[1]
    return int(re.search(r"client_max_body_size (\d+)m;", block)[1]) * 2**20


def test_the_proxy_lets_through_what_the_settings_take():
    a_form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert size("/enterprise/") > settings.FILES_PER_APPLICATION * settings.FILE_SIZE_MAX + a_form
    assert size("/admin/") > settings.FILE_SIZE_MAX + a_form
    elsewhere = re.search(r"^    client_max_body_size (\d+)m;", NGINX, re.M)[1]
    assert int(elsewhere) * 2**20 > a_form


def test_the_units_stop_and_wait_as_long_as_the_web_server_and_the_proxy_do():
    web = RawConfigParser(strict=False)
    web.optionxform = str
    web.read(SERVICE / "systemd/portal-web.service")
    server = (SERVICE / "gunicorn.conf.py").read_text("utf-8")
    graceful = int(re.search(r"^graceful_timeout = (\d+)", server, re.M)[1])
    assert int(web["Service"]["TimeoutStopSec"]) > graceful
    longest = int(re.search(r"^timeout = (\d+)", server, re.M)[1])
    assert int(re.search(r"proxy_read_timeout (\d+)s;", NGINX)[1]) > longest
