"""Whoever calls names the number on the page, and the log has it."""

import re

import pytest
from django.db import connection
from django.test import Client

from portal.monitoring.requests import ALPHABET, LENGTH
from tests.factories import FirmUserFactory
from tests.portal import test_error_pages

NUMBER = re.compile(r"请报编号 <strong[^>]*>([^<]+)</strong>")
OWN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = test_error_pages.__name__
    return Client(raise_request_exception=False)


def number_on(response):
    [number] = NUMBER.findall(response.content.decode())
    assert number == response["X-Request-ID"]
    return number


def test_each_request_has_another_number(client):
    numbers = {client.get("/healthz")["X-Request-ID"] for _ in range(50)}
    assert len(numbers) == 50
    assert all(OWN.fullmatch(number) for number in numbers)


@pytest.mark.parametrize(
    ("address", "status"), [("/broken", 500), ("/forbidden", 403), ("/x", 404)]
)
def test_pages_of_errors_show_it(visitor, address, status, caplog):
    response = visitor.get(address)
    assert response.status_code == status
    number = number_on(response)
    [told] = [each.request.numbered.number for each in caplog.records if hasattr(each, "request")]
    assert told == number


def test_so_do_those_of_forms_that_are_refused(visitor, settings):
    number_on(Client(enforce_csrf_checks=True).post("/account/login/", {}))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = visitor.post("/often", {"text": "长" * 200})
    assert response.status_code == 413
    number_on(response)
    settings.ALLOWED_HOSTS = ["portal.example"]
    response = visitor.get("/often", headers={"host": "other.example"})
    assert response.status_code == 400
    number_on(response)


def test_so_does_the_page_of_too_many_requests(visitor, settings):
    settings.ANONYMOUS_POST_RATE = "1/h"
    visitor.post("/often")
    response = visitor.post("/often")
    assert response.status_code == 429
    number_on(response)


def test_without_the_database_it_is_shown_all_the_same(visitor):
    visitor.force_login(FirmUserFactory())

    def refuse(*execute):
        raise RuntimeError("the database is away")

    with connection.execute_wrapper(refuse):
        response = visitor.post("/broken", {"text": "x"})
    assert response.status_code == 500
    number_on(response)


@pytest.mark.parametrize(
    ("behind", "given", "taken"),
    [
        (True, "0123456789abcdef0123456789abcdef", True),
        (True, "6f1c0a4e-7a1d-4d6e-9d57-1a2b3c4d5e6f", True),
        (False, "0123456789abcdef0123456789abcdef", False),
        (True, "", False),
        (True, "short", False),
        (True, "x" * 65, False),
        (True, "<b>bold-number</b>", False),
        (True, "0123456789abcdef\\n", False),
    ],
)
def test_the_number_of_a_proxy_is_taken_only_behind_one_and_well_formed(
    client, settings, behind, given, taken
):
    settings.BEHIND_PROXY = behind
    response = client.get("/x", headers={"X-Request-ID": given})
    assert (number_on(response) == given) is taken
    assert taken or OWN.fullmatch(response["X-Request-ID"])
