"""How long somebody stays logged in, and what becomes of a form that comes too late."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import settings as site
from portal.models import User
from tests.factories import PASSWORD, FirmUserFactory, JurisdictionFactory, UserFactory, hashed
from tests.second_factor import LOGIN, give_app, log_in

INDEX, HOME = reverse("admin:index"), reverse("firm:enterprise")
MESSAGES = reverse("admin:cases_message_changelist")
KEPT = reverse("account_kept_form")
MINUTE, HOUR, DAY = 60, 3600, 86400
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def clock(time_machine, settings):
    settings.STAFF_IDLE, settings.STAFF_LOGGED_IN = site.STAFF_IDLE, site.STAFF_LOGGED_IN
    time_machine.move_to("2026-11-20 08:00+08:00", tick=False)
    return time_machine


@pytest.fixture
def root():
    JurisdictionFactory(code="140521", name="沁水县", level="county")
    return UserFactory(username="root", is_superuser=True, password=hashed(PASSWORD))


def is_in(client, page=INDEX):
    return client.get(page).status_code == 200


def test_staff_are_logged_out_after_half_an_hour_without_use(client, root, clock):
    log_in(client, root)
    for _ in range(3):
        clock.shift(29 * MINUTE)
        assert is_in(client)
    clock.shift(30 * MINUTE)
    page = client.get(f"{MESSAGES}?q=1", follow=True)
    assert page.request["PATH_INFO"] == LOGIN
    assert "30 分钟没有操作" in page.content.decode()
    assert SESSION_KEY not in client.session
    typed = {"login": "root", "password": PASSWORD, "next": f"{MESSAGES}?q=1"}
    assert client.post(page.redirect_chain[-1][0], typed).url == f"{MESSAGES}?q=1"


def test_staff_are_logged_out_after_twelve_hours_in_all(client, root, clock):
    log_in(client, root, remember="on")
    is_in(client)
    for _ in range(35):
        clock.shift(20 * MINUTE)
        assert is_in(client)
    clock.shift(20 * MINUTE)
    page = client.get(INDEX, follow=True)
    assert "满 12 小时" in page.content.decode()
    assert log_in(client, root).url == INDEX
    assert is_in(client)


def test_firms_stay_fourteen_days_from_the_last_use(client, clock):
    user = FirmUserFactory(username="firm")
    log_in(client, user, remember="on")
    for _ in range(3):
        clock.shift(13 * DAY)
        assert is_in(client, HOME)
    clock.shift(15 * DAY)
    assert not is_in(client, HOME)


def writes_of_sessions(client):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(reverse("admin:jsi18n"))
    return sum("django_session" in each["sql"] and "UPDATE" in each["sql"] for each in asked)


def test_a_session_notes_its_use_once_a_minute_at_most(client, root, clock):
    log_in(client, root)
    assert [writes_of_sessions(client) for _ in range(3)] == [0, 0, 0]
    clock.shift(59)
    assert writes_of_sessions(client) == 0
    clock.shift(1)
    assert [writes_of_sessions(client) for _ in range(2)] == [1, 0]


def test_whether_the_factor_was_checked_is_not_asked_of_the_database(client, root, settings):
    settings.STAFF_SECOND_FACTOR = True
    log_in(client, root, give_app(root))
    client.get(INDEX)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("admin:jsi18n"))
    assert not any("mfa_authenticator" in each["sql"] for each in asked)


def new_user_page():
    return reverse("admin:auth_group_add")


def send_late(client, clock, **more):
    clock.shift(31 * MINUTE)
    return client.post(new_user_page(), {"name": "临时 <组>", "password": "x", **more})


def test_a_form_sent_after_the_end_is_there_after_logging_in_again(client, root, clock):
    log_in(client, root)
    is_in(client)
    ended = send_late(client, clock)
    assert ended.url.startswith(LOGIN)
    assert "登录后可以接着提交" in client.get(ended.url).content.decode()
    typed = {"login": "root", "password": PASSWORD, "next": KEPT}
    assert client.post(LOGIN, typed).url == KEPT
    page = client.get(KEPT).content.decode()
    assert 'name="name" value="临时 &lt;组&gt;"' in page
    assert 'name="password"' not in page
    assert f'action="{new_user_page()}"' in page
    assert client.post(new_user_page(), {"name": "临时 <组>"}).status_code == 302
    assert client.get(KEPT).status_code == 404


def test_a_form_that_is_not_wanted_any_more_is_forgotten(client, root, clock):
    log_in(client, root)
    is_in(client)
    send_late(client, clock)
    log_in(client, root)
    assert client.post(KEPT).url == new_user_page()
    assert client.get(KEPT).status_code == 404


def test_nobody_else_sees_it(client, root, clock):
    log_in(client, root)
    is_in(client)
    send_late(client, clock)
    assert client.get(KEPT).url.startswith(LOGIN)
    log_in(client, UserFactory(username="other", password=hashed(PASSWORD)))
    assert client.get(KEPT).status_code == 404
    assert "临时" not in str([row.get_decoded() for row in Session.objects.all()])


def test_files_cannot_be_kept_and_the_page_names_them(client, root, clock):
    log_in(client, root)
    is_in(client)
    send_late(client, clock, file=SimpleUploadedFile("results.csv", b"1,2"))
    log_in(client, root)
    page = client.get(KEPT).content.decode()
    assert "上传的文件留不住：results.csv" in page


def test_another_site_has_no_form_kept_here(root, clock):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=root.pk))
    client.get(INDEX)
    assert send_late(client, clock).status_code == 403
    assert "临时" not in str([row.get_decoded() for row in Session.objects.all()])


def test_logging_out_late_is_no_error(client, root, clock):
    log_in(client, root)
    is_in(client)
    clock.shift(31 * MINUTE)
    assert client.post(reverse("account_logout")).status_code == 302
