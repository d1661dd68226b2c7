"""Whom limits count: the address that the proxy names, or else the one that asks."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from portal import client_address as module
from portal.client_address import UNKNOWN, client_address


def of(behind, settings, real_ip=None, remote="192.0.2.7"):
    settings.BEHIND_PROXY = behind
    headers = {} if real_ip is None else {"X-Real-IP": real_ip}
    request = RequestFactory().get("/", headers=headers)
    request.META["REMOTE_ADDR"] = remote
    return client_address(request)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:0DB8:0::9", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        # No address: the proxy's own stands for it.
        (None, "192.0.2.7"),
        ("", "192.0.2.7"),
        ("unknown", "192.0.2.7"),
        ("203.0.113.9, 198.51.100.1", "192.0.2.7"),
        ("' OR 1=1", "192.0.2.7"),
    ],
)
def test_behind_a_proxy_the_address_is_the_one_it_names(settings, named, expected):
    assert of(True, settings, named) == expected


def test_without_a_proxy_nobody_names_an_address(settings):
    assert of(False, settings, "203.0.113.9") == "192.0.2.7"
    assert of(False, settings, remote="::ffff:192.0.2.7") == "192.0.2.7"
    assert of(False, settings, remote="") == UNKNOWN


def test_a_proxy_that_names_no_address_is_told_of_once(settings, caplog):
    module._warn_once.cache_clear()
    for _ in range(3):
        of(True, settings)
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    assert "X-Real-IP" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("named", [{}, {"X-Real-IP": "rubbish"}])
def test_pages_answer_behind_a_proxy_that_names_no_address(client, settings, named):
    settings.BEHIND_PROXY = True
    code = reverse("self_check:result-by-code", args=["AAAA-AAAA"])
    assert client.get(code, headers=named).status_code == 404
    guess = {"login": "nobody", "password": "wrong"}
    assert client.post(reverse("account_login"), guess, headers=named).status_code == 200
