"""Every answer carries the headers that keep foreign code out."""

import pytest


@pytest.fixture
def policy(client, db):
    header = client.get("/healthz")["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";") if part.strip())


@pytest.mark.parametrize("kind", ["default-src", "object-src", "base-uri", "frame-ancestors"])
def test_policy_forbids(policy, kind):
    assert policy[kind] == "'none'"


@pytest.mark.parametrize(
    "kind", ["script-src", "style-src", "connect-src", "form-action", "frame-src"]
)
def test_policy_allows_only_the_site_itself(policy, kind):
    assert policy[kind] == "'self'"


@pytest.mark.django_db
def test_pages_may_not_be_framed_or_guessed(client):
    response = client.get("/healthz")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_plain_http_is_sent_to_https_except_for_health(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/admin/login/").status_code == 301
    assert client.get("/healthz").status_code == 200
