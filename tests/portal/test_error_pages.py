"""Error pages speak plain Chinese."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_missing_page_says_so(client):
    response = client.get("/no-such-page")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()


def test_an_expired_form_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {})
    assert response.status_code == 403
    assert "请返回上一页重试" in response.content.decode()
