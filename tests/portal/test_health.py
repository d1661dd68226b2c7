"""The health address answers for the site and its database."""

import pytest
from django.db import DatabaseError, connection


@pytest.mark.django_db
def test_health_is_ok_with_a_database(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok"}


def test_health_says_that_the_database_is_unreachable(client, monkeypatch):
    def refuse():
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": "unreachable"}


def test_robots_are_given_a_plain_text_file(client):
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
