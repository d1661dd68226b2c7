"""What would go wrong in service is told at start, each in a sentence."""

import socket
from threading import Thread

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from portal.checks import SERVICE
from portal.models import AppliedMigration
from portal.start import UnsafeStartError, check_start
from portal.triggers import remove_triggers
from tests import processes as environment

IN_SERVICE = {
    "DEBUG": False,
    "SECRET_KEY": environment.IN_SERVICE["SECRET_KEY"],
    "ALLOWED_HOSTS": ["portal.example.cn"],
    "SITE_URL": "https://portal.example.cn",
    "SECURE_HTTPS": True,
    "MAIL_SERVER_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "portal@example.cn",
    "SMS_SENDER": "",
    "CLAMAV_SOCKET": "",
}
AT_HOME = {
    "DEBUG": True,
    "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
    "SITE_URL": "http://127.0.0.1:8001",
    "MAIL_SERVER_BACKEND": "django.core.mail.backends.console.EmailBackend",
    "SECRET_KEY": "short",
}


@pytest.fixture
def in_service(settings, files_root):
    for name, value in IN_SERVICE.items():
        setattr(settings, name, value)
    return settings


def told(databases=None):
    found = run_checks(tags=[SERVICE], include_deployment_checks=True, databases=databases)
    return [message.id for message in found]


def test_nothing_is_told_of_a_site_in_service_or_at_home(in_service):
    assert told() == []
    for name, value in AT_HOME.items():
        setattr(in_service, name, value)
    assert told() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", True, "portal.E001"),
        ("SECRET_KEY", "x" * 60, "portal.E002"),
        ("SECRET_KEY", "only-thirty-two-characters-long!", "portal.E002"),
        ("MAIL_SERVER_BACKEND", "django.core.mail.backends.console.EmailBackend", "portal.E003"),
        ("MAIL_SERVER_BACKEND", "django.core.mail.backends.dummy.EmailBackend", "portal.E003"),
        ("DEFAULT_FROM_EMAIL", "portal@localhost", "portal.W003"),
        ("ALLOWED_HOSTS", [], "portal.E004"),
        ("ALLOWED_HOSTS", ["*"], "portal.E004"),
        ("SITE_URL", "http://127.0.0.1:8000", "portal.E005"),
        ("SITE_URL", "http://portal.example.cn", "portal.E005"),
        ("SITE_URL", "portal.example.cn", "portal.E005"),
        ("SITE_URL", "https://other.example.cn", "portal.W005"),
        ("SECURE_HSTS_PRELOAD", True, "portal.E014"),
        ("DATABASE_IS_SAID", False, "portal.E021"),
        ("SECRET_KEY_FALLBACKS", [IN_SERVICE["SECRET_KEY"]], "portal.W024"),
        ("SECRET_KEY_FALLBACKS", ["weak"], "portal.W024"),
        ("BACKUP_KEY", "/etc/portal/backup.key", "portal.E022"),
        ("BACKUP_FOLDER", "/nowhere/backups", "portal.W023"),
        ("BACKUP_FOLDER", "/dev/null", "portal.W023"),
        ("METRICS_TOKEN", "short", "portal.E016"),
        ("SMS_SENDER", "portal.outbox.sms.Missing", "portal.E007"),
        ("SMS_SENDER", "portal.outbox.sms.SmsError", "portal.E007"),
        ("MEDIA_ROOT", "/dev/null/files", "portal.E008"),
        ("CLAMAV_SOCKET", "/nowhere/clamd.sock", "portal.W008"),
        ("CLAMAV_SOCKET", "no address", "portal.W008"),
    ],
)
def test_each_mistake_is_told(in_service, name, value, expected):
    setattr(in_service, name, value)
    assert told() == [expected]


def test_a_host_of_a_domain_and_http_by_choice_are_no_mistakes(in_service):
    in_service.ALLOWED_HOSTS = [".example.cn"]
    in_service.SECURE_HTTPS = False
    in_service.SITE_URL = "http://portal.example.cn"
    assert told() == []


def test_a_scanner_that_answers_is_no_mistake(in_service, tmp_path):
    clamd = socket.socket(socket.AF_UNIX)
    clamd.bind(str(tmp_path / "clamd"))
    clamd.listen()

    def answer():
        asked, _ = clamd.accept()
        assert asked.recv(100) == b"zPING\0"
        asked.sendall(b"PONG\0")
        asked.close()

    answering = Thread(target=answer)
    answering.start()
    in_service.CLAMAV_SOCKET = str(tmp_path / "clamd")
    assert told() == []
    answering.join()
    clamd.close()


def test_styles_that_nobody_collected_are_told(in_service, tmp_path):
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    in_service.STATIC_ROOT = tmp_path / "static"
    in_service.STORAGES = {**in_service.STORAGES, "staticfiles": {"BACKEND": backend}}
    assert told() == ["portal.W015"]
    call_command("collectstatic", interactive=False, verbosity=0)
    in_service.STATIC_ROOT = f"{tmp_path}/static"  # read anew, as the next start does
    assert told() == []
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "later.css").touch()
    in_service.STATICFILES_DIRS = [*in_service.STATICFILES_DIRS, ("new", tmp_path / "new")]
    assert told() == ["portal.W015"]


@pytest.mark.django_db
def test_a_database_that_does_not_fit_is_told(in_service, files_root):
    assert told({"default"}) == []
    remove_triggers("portal")
    assert told({"default"}) == ["portal.W012"]
    row = AppliedMigration.objects.get(app="portal", name="0001_initial")
    row.sha256 = "0" * 64
    row.save()
    assert told({"default"}) == ["portal.E010"]
    row.delete()
    MigrationRecorder(connection).record_applied("money", "0099_later")
    assert told({"default"}) == ["portal.E011"]
    MigrationRecorder(connection).record_unapplied("money", "0099_later")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'portal'")
    assert told({"default"}) == ["portal.W011"]


@pytest.mark.django_db(transaction=True)
def test_a_start_with_an_error_is_refused_and_one_with_a_warning_is_not(in_service, caplog):
    in_service.DEFAULT_FROM_EMAIL = "portal@localhost"
    check_start()
    assert "portal.W003" in caplog.text
    in_service.MAIL_SERVER_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(UnsafeStartError, match="EMAIL_URL=smtp"):
        check_start()


@pytest.mark.django_db
def test_the_folder_of_another_database_is_told(in_service, files_root):
    files_root.mkdir()
    (files_root / "database-of-another").touch()
    assert told({"default"}) == ["portal.E013"]
