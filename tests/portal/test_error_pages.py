"""Error pages speak plain Chinese, and promise of what was typed what they hold, no more."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from portal import urls
from portal.public_pages import limited
from tests.factories import FirmUserFactory
from tests.uploads import upload

pytestmark = pytest.mark.django_db
WORDS = "工作人员写了很久的一段话"
STILL_THERE, LOST = "您填写的内容都还在", "填写的内容本站没有留下"


def broken(request):
    raise RuntimeError("a fault of the program")


def forbidden(request):
    raise PermissionDenied


@limited
def often(request):
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [
    path("broken", broken),
    path("exempt", csrf_exempt(broken)),
    path("forbidden", forbidden),
    path("often", often),
    path("", include("portal.urls")),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_a_missing_page_says_so(client):
    response = client.get("/no-such-page")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()
    assert LOST not in response.content.decode()


def test_an_expired_form_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": WORDS})
    assert response.status_code == 403
    page = response.content.decode()
    assert "请返回上一页重试" in page
    assert LOST in page
    assert WORDS not in page


def test_a_fault_gives_back_what_was_posted(visitor):
    page = visitor.post("/broken", {"text": WORDS, "choices": ["a", "b"]})
    assert page.status_code == 500
    text = page.content.decode()
    assert STILL_THERE in text and LOST not in text
    assert hidden(text)["text"] == WORDS
    assert text.count('name="choices"') == 2
    assert "可能没有办成" in text
    assert 'name="csrfmiddlewaretoken"' in text


def test_what_a_page_cannot_hold_it_names(visitor):
    visitor.force_login(FirmUserFactory())  # of others no file is taken
    file = upload()
    text = visitor.post(
        "/broken", {"text": WORDS, "new_password": "secret words", "file": file}
    ).content.decode()
    assert f"除密码外，{STILL_THERE}；选好的文件留不住，要重新选" in text
    assert "secret words" not in text
    assert 'enctype="multipart/form-data"' in text


def test_a_fault_of_reading_promises_nothing(visitor):
    text = visitor.get("/broken").content.decode()
    assert STILL_THERE not in text and LOST not in text
    assert "再次提交" not in text


def test_what_no_token_vouched_for_is_not_offered_to_be_sent(visitor):
    text = visitor.post("/exempt", {"text": WORDS}).content.decode()
    assert WORDS not in text and STILL_THERE not in text
    assert LOST in text


def test_a_fault_is_told_without_the_database(visitor):
    visitor.force_login(FirmUserFactory())

    def refuse(*execute):
        raise RuntimeError("the database is away")

    with connection.execute_wrapper(refuse):
        response = visitor.post("/broken", {"text": WORDS})
    assert response.status_code == 500
    assert WORDS in response.content.decode()


@pytest.mark.parametrize("address", ["/forbidden", "/no-such-page"])
def test_what_was_refused_was_not_kept_and_says_so(visitor, address):
    text = visitor.post(address, {"text": WORDS}).content.decode()
    assert LOST in text and STILL_THERE not in text
    assert LOST not in visitor.get(address).content.decode()


def test_too_much_at_once_is_413_and_promises_nothing(visitor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = visitor.post("/often", {"text": "长" * 200})
    assert response.status_code == 413
    text = response.content.decode()
    assert "提交的内容太多" in text
    assert LOST in text and STILL_THERE not in text
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    assert visitor.post("/often", {"a": "1", "b": "2"}).status_code == 413


def test_a_page_for_a_strange_host_is_400_and_promises_nothing(visitor, settings):
    settings.ALLOWED_HOSTS = ["portal.example"]
    response = visitor.post("/often", {"text": WORDS}, headers={"host": "other.example"})
    assert response.status_code == 400
    text = response.content.decode()
    assert LOST in text and STILL_THERE not in text


def test_too_often_holds_what_was_typed_and_names_what_it_does_not(visitor, settings):
    settings.ANONYMOUS_POST_RATE = "1/h"
    visitor.post("/often", {"text": WORDS})
    text = visitor.post("/often", {"text": WORDS}).content.decode()
    assert hidden(text)["text"] == WORDS
    assert STILL_THERE in text and "要重新选" not in text
    visitor.force_login(FirmUserFactory())  # of others no file is taken
    file = upload()
    text = visitor.post("/often", {"file": file}).content.decode()
    assert STILL_THERE not in text
    assert "选好的文件留不住，要重新选" in text
    # A button alone: there was nothing to lose.
    text = visitor.post("/often").content.decode()
    assert STILL_THERE not in text and "要重新选" not in text
