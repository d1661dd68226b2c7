"""The catalogue is compiled before the first visitor comes."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from policies.catalogue import current
from portal.warm_up import warm_up
from tests.policies.packs import load_catalogue
from tests.processes import IN_SERVICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_process(db):
    """As a process begins: nothing is kept yet."""
    load_catalogue()
    current._tables.clear()
    current._compiled.clear()


def test_the_first_visitor_asks_no_more_than_the_second(client, new_process):
    warm_up()
    with CaptureQueriesContext(connection) as first:
        client.get("/?county=140521")
    with CaptureQueriesContext(connection) as second:
        client.get("/?county=140522")  # the same page is kept
    assert len(first) == len(second)


def test_without_a_database_the_site_starts_all_the_same(new_process, caplog):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        warm_up()
    assert "nothing is read in advance" in caplog.text


def test_what_serves_the_site_reads_it_before_it_takes_a_request(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        cwd=settings.BASE_DIR,
        env={
            **IN_SERVICE,
            "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
            "PATH": "",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nothing is read in advance" in done.stderr
