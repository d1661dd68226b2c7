"""The log in service: JSON, a line a record, with the number of the request and nothing personal."""

import io
import json
import logging
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from portal import urls
from portal.jobs.asking import ask, digest_of
from portal.jobs.work import work_off
from portal.loops import Loop
from portal.models import User
from portal.monitoring.context import log_context
from portal.monitoring.lines import JsonLines
from portal.monitoring.personal import without_personal
from tests.factories import FirmUserFactory
from tests.portal import job_kinds
from tests.processes import IN_SERVICE

ADDRESS, NAME, MOBILE, CODE = "zhang.san@example.com", "张三丰", "13835612345", "91140521MA0GWXYZ1A"
SECRET = "s3cret-token-of-somebody"


def broken(request, token):
    """Says all that it was given, as faults do."""
    request.POST, request.FILES, request.user.email  # noqa: B018 (read, as forms do)
    raise ValueError(f"cannot read {request.POST} {request.get_full_path()} {request.COOKIES}")


def caused(request):
    try:
        int(request.POST["amount"])
    except ValueError as error:
        raise RuntimeError(f"no amount for {request.user.username}") from error


def forbidden(request):
    raise PermissionDenied(f"not for {request.GET['q']}")


def suspicious(request):
    raise SuspiciousOperation(f"strange: {request.GET['q']}")


def said(request):
    logging.getLogger("room").warning("%s wrote %s", request.POST["name"], request.POST["text"])
    return HttpResponse("said")


def refused(request):
    """What PostgreSQL says of a row that there is already."""
    with transaction.atomic():
        User.objects.create(username=request.POST["name"])
        User.objects.create(username=request.POST["name"])


urlpatterns = [
    path("broken/<str:token>/", broken, name="broken"),
    path("caused/", caused, name="caused"),
    path("forbidden/", forbidden, name="forbidden"),
    path("suspicious/", suspicious, name="suspicious"),
    path("said/", said, name="said"),
    path("refused/", refused, name="refused"),
    path("", include("portal.urls")),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def lines():
    """What the log in service would say, line by line, of all loggers."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.fixture
def firm(visitor, db):
    user = FirmUserFactory(username="zhangsanfeng", email=ADDRESS, first_name=NAME, mobile=MOBILE)
    visitor.force_login(user)
    return visitor


def test_a_record_is_one_line_whatever_it_says(lines):
    logging.getLogger("room").warning("two\nlines, %s", "三晋")
    [line] = lines()
    assert line["message"] == "two\nlines, 三晋"
    assert (line["level"], line["logger"]) == ("WARNING", "room")
    assert line["time"].startswith(f"{timezone.localdate().year}-")
    assert not {"request", "view", "status", "job", "traceback"} & line.keys()


@pytest.mark.django_db
def test_an_answer_is_a_line_with_its_request(visitor, lines):
    response = visitor.get("/healthz")
    [line] = lines()
    assert line["message"] == "answered"
    assert line["request"] == response["X-Request-ID"]
    assert (line["view"], line["method"], line["status"]) == ("healthz", "GET", 200)
    assert 0 < line["duration"] < 60


@pytest.mark.django_db
def test_a_fault_is_a_line_with_its_trace_and_its_request(visitor, lines):
    response = visitor.post("/caused/", {"amount": "many"})
    [line] = lines()
    assert line["level"] == "ERROR"
    assert (line["view"], line["method"], line["status"]) == ("caused", "POST", 500)
    assert line["request"] == response["X-Request-ID"]
    assert line["exception"] == "RuntimeError"
    trace = line["traceback"]
    assert "ValueError: invalid literal" in trace
    assert "direct cause" in trace
    assert trace.index("ValueError") < trace.index("RuntimeError: no amount")
    assert "test_log_lines.py" in trace


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/broken/{SECRET}/?q={NAME}&mail={ADDRESS}", 500),
        ("/caused/", 500),
        (f"/forbidden/?q={ADDRESS}", 403),
        (f"/suspicious/?q={NAME}", 400),
        ("/said/", 200),
        ("/refused/", 409),
        (f"/nowhere/{SECRET}/{NAME}?q={NAME}", 404),
        (f"/find-result/?code={SECRET}", 200),
    ],
)
def test_nothing_that_was_sent_is_in_the_log(firm, lines, address, status):
    """Not the query, the form, its files, the cookies, nor who it was."""
    file = io.BytesIO(b"content")
    file.name = f"{NAME}的身份证.pdf"
    sent = {
        "name": NAME, "text": f"电话{MOBILE}，信用代码{CODE}", "password": "a long password",
        "amount": "很多钱", "file": file,
    }  # fmt: skip
    firm.cookies["seen"] = "cookie-of-somebody"
    response = firm.post(address, sent)
    assert response.status_code == status
    told = json.dumps(lines(), ensure_ascii=False)
    assert lines()
    assert lines()[-1]["request"] == response["X-Request-ID"]
    session = firm.cookies["sessionid"].value
    for secret in (
        SECRET, NAME, ADDRESS, MOBILE, CODE, "身份证", "a long password", "很多钱", "cookie-of-somebody",
        "zhangsanfeng", session, "q=",
    ):  # fmt: skip
        assert secret not in told, secret
        assert secret.encode("unicode_escape").decode() not in told.replace("\\\\", "\\"), secret


@pytest.mark.django_db
def test_the_address_is_told_as_the_site_declares_it(visitor, lines):
    visitor.get(f"/broken/{SECRET}/")
    assert lines()[-1]["message"] == "Internal Server Error: /broken/<str:token>/"
    visitor.get(f"/nowhere/{SECRET}")
    assert lines()[-1]["message"] == "Not Found: …"


@pytest.mark.django_db
def test_what_a_forged_form_says_of_where_it_comes_from_is_not_told(lines, settings):
    visitor = Client(enforce_csrf_checks=True)
    came = {
        "origin": "https://other.example",
        "referer": f"https://other.example/{SECRET}?q={NAME}",
    }
    response = visitor.post("/account/login/", {"login": ADDRESS, "password": "x"}, headers=came)
    assert response.status_code == 403
    [line] = lines()
    assert line["logger"] == "django.security.csrf"
    assert line["status"] == 403
    assert line["request"] == response["X-Request-ID"]
    assert SECRET not in json.dumps(line) and ADDRESS not in json.dumps(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"to {ADDRESS}: refused", "to …: refused"),
        (f"电话{MOBILE}打不通", "电话…打不通"),
        (f"企业{CODE}，", "企业…，"),
        ("身份证14052119900101123X", "身份证…"),
        ("GET /a/?q=1&name=x HTTP/1.1", "GET /a/?… HTTP/1.1"),
        (f"https://portal.example/{SECRET}?a=b ends", "https://portal.example/… ends"),
        ("what? a=b", "what? a=b"),
        ("job 12 of 2026-11-28 took 1.5 s, digest 0123456789abcdef0123", None),
        ("duplicate key\nDETAIL:  Key (name)=(张三) already exists.\n", "duplicate key"),
        ('bad input: "x"\nLINE 1: SELECT 张三\n               ^', 'bad input: "x"'),
    ],
)
def test_what_has_the_form_of_something_personal_goes(text, expected):
    assert without_personal(text) == (text if expected is None else expected)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL tells whole rows")
def test_what_the_database_says_of_its_rows_is_not_told(lines):
    FirmUserFactory(username="lisi", email="li@example.com")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO portal_user SELECT * FROM portal_user WHERE username = 'lisi'"
            )
    except (IntegrityError, DataError) as error:
        assert "lisi" in str(error) or "DETAIL" in str(error)
        logging.getLogger("room").exception("failed: %s", error)
    [line] = lines()
    assert "duplicate key" in line["message"] and "duplicate key" in line["traceback"]
    assert "DETAIL" not in json.dumps(line)


@pytest.mark.django_db
def test_a_job_is_named_by_its_number(lines):
    job = ask(job_kinds.break_down, {}, title="x", digest=digest_of("x"), now=timezone.now())
    with log_context(command="worker"):
        work_off(timezone.now)
    [line] = lines()
    assert (line["command"], line["job"]) == ("worker", job.pk)
    assert line["exception"] == "RuntimeError"


@pytest.mark.django_db(transaction=True)
def test_a_command_that_runs_on_is_named(lines):
    def fail(loop):
        loop.is_stopping = True
        raise ValueError("a fault")

    Loop("send_waiting", fail, every=0).run()
    [line] = lines()
    assert (line["command"], line["exception"]) == ("send_waiting", "ValueError")


@pytest.mark.parametrize(("debug", "is_json"), [("0", True), ("1", False)])
def test_with_debug_it_is_plain_text(tmp_path, debug, is_json):
    code = (
        "import django; django.setup(); import logging; logging.getLogger('django.x').error('三晋')"
    )
    at_home = {"ALLOWED_HOSTS": "localhost", "SITE_URL": "http://localhost"} if debug == "1" else {}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site_settings.BASE_DIR, text=True, capture_output=True, check=True,
        env={**IN_SERVICE, **at_home, "DEBUG": debug, "DJANGO_SETTINGS_MODULE": "portal.settings",
             "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"},
    )  # fmt: skip
    if is_json:
        assert json.loads(done.stderr)["message"] == "三晋"
    else:
        assert done.stderr == "三晋\n"
