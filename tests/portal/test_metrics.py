"""Metrics: for whoever has the token, of nobody, added up over processes, and for next to nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from itertools import chain

import pytest
from django.conf import settings as site_settings
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from portal.models import Delivery, Job
from portal.monitoring.metrics import SECONDS
from portal.monitoring.retired import retire
from portal.pulses import MAIL, WORKER, beat
from tests.factories import FirmUserFactory
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import load_catalogue
from tests.processes import IN_SERVICE, site_in, wait_until

TOKEN = "a-token-of-more-than-thirty-characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def samples(text):
    """By name and labels, the value of each sample; each is there once."""
    found = [each for family in text_string_to_metric_families(text) for each in family.samples]
    read = {(each.name, *sorted(each.labels.values())): each.value for each in found}
    assert len(read) == len(found)
    return read


def scrape():
    response = Client().get("/metrics", headers=BEARER)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    return samples(response.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer 长"}]
)  # fmt: skip
def test_to_strangers_there_is_no_such_page(client, token, headers):
    for method in (client.get, client.head, client.post):
        missing = method("/no-such-page", headers=headers)
        refused = method("/metrics", headers=headers)
        assert refused.status_code == missing.status_code == 404
        assert "portal_" not in refused.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["Bearer ", f"Bearer {TOKEN}"])
def test_without_the_setting_there_is_no_such_page(client, settings, given):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
def test_requests_are_counted_by_view_method_and_kind_of_status(token):
    before = scrape()
    client = Client(raise_request_exception=False)
    client.get("/healthz")
    client.get("/healthz")
    client.get("/no-such-page")
    client.generic("BREW", "/healthz")
    after = scrape()

    def more(*key):
        return after[key] - before.get(key, 0)

    assert more("portal_requests_total", "2xx", "GET", "healthz") == 2
    assert more("portal_requests_total", "4xx", "GET", "other") == 1
    assert more("portal_requests_total", "2xx", "healthz", "other") == 1
    assert more("portal_request_seconds_count", "GET", "healthz") == 2
    assert more("portal_request_seconds_bucket", "+Inf", "GET", "healthz") == 2
    assert after["portal_request_seconds_sum", "GET", "healthz"] > 0


@pytest.mark.django_db
def test_it_tells_what_waits_and_who_works(token, files_root):
    now = timezone.now()
    beat(WORKER, now)
    for number, state in enumerate(("waiting", "waiting", "running", "failed")):
        ended = {"ended_at": now} if state == "failed" else {}
        asked = now - timedelta(minutes=number)
        Job.objects.create(
            kind="x", title="x", digest=str(number), asked_at=asked, state=state, **ended
        )
    for number, attempts in enumerate((0, 2)):
        posted = now - timedelta(hours=1 + number)
        Delivery.objects.create(
            key=str(number), channel="email", address="a@example.com", posted_at=posted, due_at=now,
            attempts=attempts,
        )  # fmt: skip
    told = scrape()
    assert told["portal_database_up",] == 1
    assert told["portal_database_bytes",] > 10_000
    assert told["portal_migrations_missing",] == 0
    assert {state: told["portal_jobs", state] for state in Job.State.values} == {
        "waiting": 2, "running": 1, "failed": 1, "done": 0, "stopped": 0,
    }  # fmt: skip
    assert 60 <= told["portal_job_oldest_waiting_seconds",] < 3600
    assert told["portal_command_silent_seconds", WORKER] < 60
    assert ("portal_command_silent_seconds", MAIL) not in told
    assert told["portal_problem", MAIL] == told["portal_problem", "deliveries"] == 1
    assert (told["portal_deliveries_waiting",], told["portal_deliveries_failing",]) == (2, 1)
    assert told["portal_delivery_oldest_failing_seconds",] >= 7200
    assert told["portal_catalogue_faulty_editions",] == 0
    for folder in ("files", "data"):
        free, size = (told[f"portal_disk_{what}_bytes", folder] for what in ("free", "size"))
        assert 0 < free <= size


@pytest.mark.django_db
def test_prometheus_may_ask_on_the_machine_itself_without_encryption(token, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert scrape()["portal_database_up",] == 1


@pytest.mark.django_db
def test_a_faulty_edition_is_counted(token):
    load_catalogue()
    publish_faulty()
    assert scrape()["portal_catalogue_faulty_editions",] == 1


def test_without_the_database_requests_are_told_all_the_same(token, monkeypatch):
    def refuse(*args):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    Client().get("/healthz")
    told = scrape()
    assert told["portal_database_up",] == 0
    assert told["portal_requests_total", "5xx", "GET", "healthz"] >= 1
    assert "portal_database_bytes" not in {name for name, *_ in told}


@pytest.mark.django_db
def test_no_label_names_anybody_or_anything(token):
    """A firm's address, code and case, a secret address, a job's number: none becomes a label."""
    user = FirmUserFactory(email="zhang.san@example.com", first_name="张三")
    job = Job.objects.create(
        kind="x", title="张三的名单", digest="x", owner=user, asked_at=timezone.now()
    )
    Delivery.objects.create(
        key="k", channel="email", address="zhang.san@example.com", due_at=timezone.now()
    )
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.get(job.get_absolute_url() + "?name=张三&mail=zhang.san@example.com")
    client.get(reverse("self_check:result-by-code", args=["ABCD-EFGH-JK"]))
    client.get("/admin/cases/application/123456/change/")
    client.get("/91140521MA0GWXYZ1A/张三")
    scrape()  # the scrape itself is told by the next one
    told = scrape()
    labels = set(chain.from_iterable(labels for _, *labels in told))
    bounds = {str(float(bound)) for bound in SECONDS}
    assert {label for label in labels if label.replace(".", "").isdigit()} <= bounds
    assert {"job", "self_check:result-by-code", "other"} <= labels
    text = " ".join(labels)
    secrets = ("@", "张三", "ABCD", "123456", "91140521", str(job.reference), user.username)
    assert not [each for each in secrets if each in text]


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/programmes/", "/account/login/"])
def test_pages_ask_the_database_no_more_for_it(settings, address):
    load_catalogue()
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # fmt: skip
    counts = []
    for token in ("", "", TOKEN):
        settings.METRICS_TOKEN = token
        counts.append(queries(Client(), address))
    assert counts[1] == counts[2]


@pytest.mark.django_db
def test_a_scrape_asks_little_of_the_database(token, django_assert_max_num_queries):
    scrape()
    with django_assert_max_num_queries(11):
        scrape()


@contextmanager
def served(site, workers):
    """The site in gunicorn as in service, on a socket; its log is read at the end."""
    place = site.folder / "socket"
    environment = {"METRICS_TOKEN": TOKEN, "BEHIND_PROXY": "1", "WEB_ADDRESS": f"unix:{place}", "WEB_WORKERS": str(workers), "WEB_THREADS": "2"}  # fmt: skip
    with (site.folder / "gunicorn.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", ".service/gunicorn.conf.py", "portal.wsgi"],
            cwd=site_settings.BASE_DIR, env=site.environment | environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_until(lambda: process.poll() is not None or answers(place))
            yield process, place
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


class SocketConnection(HTTPConnection):
    def __init__(self, place):
        super().__init__("portal.example.cn", timeout=60)
        self.place = str(place)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.place)


def ask(place, address, **headers):
    asking = SocketConnection(place)
    asking.request("GET", address, headers={"Connection": "close", **headers})
    answer = asking.getresponse()
    return answer, answer.read().decode()


def answers(place):
    try:
        return ask(place, "/healthz")[0].status == 200
    except OSError:
        return False


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [int(each) for each in file.read().split()]


def counting(folder):
    return {name for name in os.listdir(folder) if name.startswith("counter_")}


COUNTING = """
import os, signal, sys
from django.conf import settings
settings.configure(METRICS_TOKEN="x")
from django.http import HttpRequest, HttpResponse
from portal.monitoring.metrics import MetricsMiddleware
answer, request = MetricsMiddleware(lambda request: HttpResponse()), HttpRequest()
request.method = "GET"
for _ in range(int(sys.argv[1])):
    answer(request)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_add_up_though_they_are_killed_and_their_files_become_no_more(tmp_path):
    for times in ("2", "3", "4"):
        done = subprocess.run(
            [sys.executable, "-c", COUNTING, times],
            cwd=site_settings.BASE_DIR, env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL

    def told():
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(tmp_path))
        return samples(generate_latest(registry).decode())

    before = told()
    assert before["portal_requests_total", "2xx", "GET", "other"] == 9
    assert before["portal_request_seconds_count", "GET", "other"] == 9
    numbers = {int(name.split("_")[1].split(".")[0]) for name in counting(tmp_path)}
    assert len(numbers) == 3
    for number in numbers:
        retire(tmp_path, number)
        retire(tmp_path, number)  # nothing is counted twice
        assert told() == pytest.approx(before)
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_0.db", "histogram_0.db"]


@pytest.mark.night
@pytest.mark.django_db(transaction=True)
def test_one_of_gunicorns_processes_that_is_killed_leaves_its_counts_and_no_more(tmp_path):
    site = site_in(tmp_path)
    count = ("portal_requests_total", "2xx", "GET", "healthz")
    with served(site, workers=2) as (process, place):
        told = lambda: samples(ask(place, "/metrics", **BEARER)[1])  # noqa: E731
        # Nobody is told of it, and whoever counts in it is one of the two.
        folder = next(
            f"/dev/shm/{name}" for name in os.listdir("/dev/shm")
            if name.startswith("portal-metrics.") and counting(f"/dev/shm/{name}") and
            {int(each.split("_")[1].split(".")[0]) for each in counting(f"/dev/shm/{name}")}
            <= set(children(process))
        )  # fmt: skip
        asked = told()[count]
        while len(counting(folder)) < 2:
            ask(place, "/healthz")
            asked += 1
        for _ in range(10):
            ask(place, "/healthz")
        assert told()[count] == asked + 10
        killed = children(process)[0]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in children(process) and len(children(process)) == 2)
        after = told()
        assert after[count] == asked + 10
        # Were a gauge kept by each process, it would bear the number of the dead one.
        assert not [key for key in after if str(killed) in key]
        assert after["portal_jobs", "waiting"] == 0
    assert not os.path.exists(folder)
    # Its own log too is JSON, from the first line on.
    lines = [json.loads(line) for line in (tmp_path / "gunicorn.log").read_text().splitlines()]
    assert {"gunicorn.error", "portal.monitoring.requests"} <= {line["logger"] for line in lines}


@pytest.mark.one_database
def test_a_server_whose_processes_do_not_count_together_does_not_start(tmp_path):
    database = f"sqlite:///{tmp_path / 'own.sqlite3'}"
    environment = {**os.environ, **IN_SERVICE, "DATABASE_URL": database, "METRICS_TOKEN": TOKEN}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        cwd=site_settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "没有启动：设置了 METRICS_TOKEN" in done.stderr
