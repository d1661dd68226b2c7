"""The site starts safely or not at all."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings

from portal import settings as site_settings
from portal.setting_table import SETTINGS
from tests.processes import IN_SERVICE

KEY = IN_SERVICE["SECRET_KEY"]


def manage(*command, run=("manage.py",), **environment):
    """Run a command in a process that has only `environment`."""
    own = {"PATH": os.environ["PATH"], "DEBUG": "0", "SECURE_HTTPS": "1", "ENV_FILE": os.devnull}
    own |= {"DATABASE_URL": f"sqlite:///{settings.BASE_DIR}/.data/tests.sqlite3"}
    return subprocess.run(
        [sys.executable, *run, *command],
        cwd=settings.BASE_DIR,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(**environment):
    return manage("check", "--deploy", "--fail-level", "WARNING", **environment)


def told(done):
    """The names of what the checks found."""
    return set(re.findall(r"^\?: \((\w+\.\w+)\)", done.stderr, re.MULTILINE))


def serve(*, code="import portal.wsgi", **environment):
    """Load the site as a server does."""
    return manage(run=("-c", code), **IN_SERVICE | environment)


def test_refuses_to_start_without_a_secret_key():
    done = check(SECRET_KEY="")
    assert done.returncode != 0
    assert "没有设置 SECRET_KEY" in done.stderr


def test_deployment_checks_find_nothing():
    done = check(**IN_SERVICE, BEHIND_PROXY="1")
    # Whether styles are collected in this folder is another matter (tests/service/).
    assert told(done) - {"portal.W015"} == set(), done.stderr


def test_deployment_checks_object_to_debug():
    done = check(**IN_SERVICE | {"DEBUG": "1"})
    assert "security.W018" in done.stderr
    assert "portal.E001" in done.stderr


def test_a_server_starts_neither_with_debug_nor_without_a_way_for_mail(tmp_path):
    database = f"sqlite:///{tmp_path / 'own.sqlite3'}"
    done = serve(DATABASE_URL=database, DEBUG="1")
    assert "没有启动：DEBUG=1 只用于 make run" in done.stderr
    done = serve(DATABASE_URL=database, EMAIL_URL="")
    assert "没有设置 EMAIL_URL" in done.stderr
    done = serve(DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    assert "个迁移没有执行" in done.stderr


def test_commands_that_send_refuse_in_a_sentence(tmp_path):
    unsafe = IN_SERVICE | {"EMAIL_URL": "", "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}"}
    done = manage("send_waiting", **unsafe)
    assert done.returncode == 1
    assert "没有启动：\n" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SECURE_HTTPS", "enabled"),
        ("STAFF_SECOND_FACTOR", "是"),
        ("DEBUG", "maybe"),
        ("DATABASE_URL", "portal"),
        ("DATABASE_URL", "mysql://localhost/portal"),
        ("EMAIL_URL", "mail.example.cn"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://mail.example.cn:abc"),
        ("FILE_SIZE_MAX_MB", "20M"),
        ("LOG_LEVEL", "loud"),
        ("BACKUP_KEEP", "0"),
        ("BACKUP_KEEP", "two weeks"),
    ],
)
def test_what_the_environment_says_is_understood_or_refused_in_a_sentence(name, told):
    """A switch that nobody understands would silently be off, HTTPS and the second factor too."""
    done = check(**IN_SERVICE | {name: told})
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert last.startswith(name)
    assert "看不懂" in last
    assert "Traceback" not in done.stderr


def gunicorn(**environment):
    return manage(run=SERVE, **IN_SERVICE | {"WEB_ADDRESS": "127.0.0.1:1"} | environment)


@pytest.mark.parametrize(
    ("name", "told", "sentence"),
    [
        ("SECRET_KEY", "weak", "SECRET_KEY 太短或太简单"),
        ("EMAIL_URL", "smtp://", "没有写邮件服务器的主机"),
        ("ENV_FILE", "/nowhere", "不存在"),
    ],
)
def test_the_web_server_refuses_in_a_sentence(tmp_path, name, told, sentence):
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}"}
    done = gunicorn(**database | {name: told})
    assert done.returncode == 1
    *logged, last = done.stderr.splitlines()
    assert sentence in last
    # Above it are only what else the checks found, a line of JSON each.
    assert [line for line in logged if not line.startswith(("{", "没有启动："))] == []


def test_the_web_server_says_in_a_sentence_that_its_port_is_in_use(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        address = "{}:{}".format(*other.getsockname())
        database = f"sqlite:///{tmp_path / 'own.sqlite3'}"
        done = gunicorn(WEB_ADDRESS=address, DATABASE_URL=database)
    assert done.returncode == 1
    *logged, last = done.stderr.splitlines()
    assert f"不能在 {address} 上听（WEB_ADDRESS）：已经有程序在用" in last
    assert "Connection in use" not in done.stderr
    assert all(line.startswith("{") for line in logged)


MISTAKES = {
    "DATABASE_URL": "postgres://portal:pass#word@localhost/portal",
    "FILE_SIZE_MAX_MB": "0",
    "SECURE_HTTPS": "ture",
}
SERVE = ("-m", "gunicorn", "-c", ".service/gunicorn.conf.py", "portal.wsgi")
STARTS = [
    SERVE,
    *(("manage.py", name) for name in ("service", "worker", "daily", "send_waiting", "upgrade")),
]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start[-1])
def test_whatever_starts_tells_all_that_is_mistaken_at_once_and_no_secret(start):
    done = manage(run=start, **IN_SERVICE | MISTAKES)
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert [line.partition("=")[0] for line in told] == [
        name for name in SETTINGS if name in MISTAKES
    ]
    assert "postgres://portal:…@localhost/portal" in done.stderr
    assert "# 要写成 %23" in done.stderr
    assert "pass" not in done.stderr and "word" not in done.stderr


# The other commands ask as the worker does.
@pytest.mark.parametrize("start", [*STARTS[:3], STARTS[-1]], ids=lambda start: start[-1])
def test_whatever_starts_in_service_wants_to_be_told_which_database(start):
    done = manage(run=start, **IN_SERVICE, DATABASE_URL="")
    assert "portal.E021" in done.stdout + done.stderr
    assert "没有设置 DATABASE_URL" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    # `make service` lists what is missing; the others do not begin.
    assert done.returncode == (0 if "service" in start else 1)


@pytest.mark.parametrize(
    ("name", "known"),
    [("ALOWED_HOSTS", "ALLOWED_HOSTS"), ("debug", "DEBUG"), ("DATABASE", "DATABASE_URL")],
)
def test_a_name_that_is_misspelt_in_the_file_is_refused_with_the_right_one(tmp_path, name, known):
    """It would silently be as if nothing was said."""
    named = tmp_path / "own.env"
    named.write_text(f"{name}=1\nTZ=Asia/Shanghai\nPGSSLROOTCERT=/etc/ca.pem\n", "utf-8")
    done = manage("check", **IN_SERVICE, ENV_FILE=str(named))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{named} 里的 {name} 不是本平台的设置：是不是 {known}？")
    assert len(done.stderr.splitlines()) == 1


def test_a_name_that_nothing_here_reads_is_told_at_start(tmp_path):
    """It may be for another program: for the sender of text messages, say."""
    named = tmp_path / "own.env"
    named.write_text("SMS_SENDER_ID=1\nEMAIL_HOST=mail.example.cn\n", "utf-8")
    done = check(**IN_SERVICE, ENV_FILE=str(named), ALOWED_HOSTS="portal.example.cn")
    assert "portal.W022" in told(done)
    for line in ("SMS_SENDER_ID 不是", "EMAIL_HOST 不是", "是不是 ALLOWED_HOSTS？"):
        assert line in done.stderr


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_the_named_file_says_what_the_environment_does_not(tmp_path, start):
    named = tmp_path / "own.env"
    named.write_text(f"{start}SITE_URL=https://a.example.cn\n\n# 说明\nLOG_LEVEL=ERROR\n", "utf-8")
    shown = manage("diffsettings", SECRET_KEY=KEY, LOG_LEVEL="DEBUG", ENV_FILE=str(named)).stdout
    assert "SITE_URL = 'https://a.example.cn'" in shown
    assert "'level': 'DEBUG'" in shown


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "不存在"),
        ("SITE_URL = https://a.example.cn\n", "第 1 行看不懂"),
        ("# 说明\nALLOWED_HOSTS：a.example.cn\n", "第 2 行看不懂"),
    ],
)
def test_a_named_file_that_is_missing_or_not_understood_is_refused(tmp_path, content, told):
    named = tmp_path / "own.env"
    if content is not None:
        named.write_text(content, "utf-8")
    done = manage("check", SECRET_KEY=KEY, ENV_FILE=str(named))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert told in done.stderr


@pytest.mark.parametrize("both", [True, False])
def test_the_file_of_the_service_comes_before_that_of_development(tmp_path, both):
    """A left-over `.env` has DEBUG=1."""
    copy = tmp_path / "portal"
    copy.mkdir()
    for name in ("environment", "setting_table", "system_words"):
        shutil.copy(settings.BASE_DIR / f"portal/{name}.py", copy)
    (tmp_path / ".env").write_text("DEBUG=1\nSITE_URL=http://development\n")
    if both:
        (tmp_path / ".env.service").write_text("SITE_URL=https://service\n")
    code = "from portal.environment import said; print(said('DEBUG', 'no'), said('SITE_URL'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == (
        ["no", "https://service"] if both else ["True", "http://development"]
    )


def test_a_switch_left_empty_is_as_if_it_was_not_there():
    shown = manage("diffsettings", "--all", **IN_SERVICE | {"SECURE_HTTPS": ""}).stdout
    assert "SESSION_COOKIE_SECURE = True" in shown


def test_what_a_file_leaves_empty_is_told_as_missing(tmp_path):
    """The lines that `make service` leaves to the operator."""
    lines = (settings.BASE_DIR / ".env.example").read_text("utf-8")
    named = tmp_path / "own.env"
    named.write_text(lines.replace("\nSECRET_KEY=\n", f"\nSECRET_KEY={KEY}\n"), "utf-8")
    found = told(check(ENV_FILE=str(named), DATABASE_URL="")) - {"portal.W015"}
    of_django = {"security.W020"}  # ALLOWED_HOSTS
    of_ours = {"portal.E003", "portal.W003", "portal.E004", "portal.E005", "portal.E021"}
    assert found - of_django == of_ours


@pytest.mark.parametrize(
    ("asked", "promised"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_SUBDOMAINS": "1"}, "max-age=31536000; includeSubDomains"),
        (
            {"HSTS_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"},
            "max-age=31536000; includeSubDomains; preload",
        ),
    ],
)
def test_browsers_are_promised_https_for_this_name_only_unless_asked(asked, promised):
    done = manage(run=("-c", HEADERS), **IN_SERVICE, **asked, BEHIND_PROXY="1")
    assert done.stdout.strip() == promised, done.stderr


HEADERS = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from django.test import Client
client = Client(headers={"host": "portal.example.cn", "x-forwarded-proto": "https"})
print(client.get("/robots.txt")["Strict-Transport-Security"])
"""


@pytest.mark.parametrize(("behind", "trusted"), [("1", True), ("0", False)])
def test_headers_of_a_proxy_are_trusted_only_behind_one(behind, trusted):
    shown = manage("diffsettings", SECRET_KEY=KEY, BEHIND_PROXY=behind).stdout
    assert "SECRET_KEY" in shown
    assert ("HTTP_X_FORWARDED_PROTO" in shown) is trusted


@pytest.mark.django_db
def test_passwords_are_hashed_with_argon2_and_its_full_work(django_user_model, settings):
    settings.PASSWORD_HASHERS = site_settings.PASSWORD_HASHERS
    user = django_user_model.objects.create_user("shenhe", password="chang-mi-ma-2026")
    assert user.password.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


@pytest.mark.django_db
def test_a_new_user_sees_no_jurisdiction(django_user_model):
    assert django_user_model.objects.create_user("shenhe").jurisdiction_code == ""
