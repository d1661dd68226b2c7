"""The site starts safely or not at all."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "k3Y-" + "".join(chr(97 + number % 26) for number in range(60))


def manage(*command, **environment):
    """Run a command in a process that has only `environment`."""
    own = {"PATH": os.environ["PATH"], "DEBUG": "0", "DATABASE_URL": "", "SECURE_HTTPS": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(**environment):
    return manage("check", "--deploy", "--fail-level", "WARNING", **environment)


def test_refuses_to_start_without_a_secret_key():
    done = check(SECRET_KEY="")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_deployment_checks_find_nothing():
    done = check(SECRET_KEY=KEY, ALLOWED_HOSTS="portal.example.cn", BEHIND_PROXY="1")
    assert done.returncode == 0, done.stderr


def test_deployment_checks_object_to_debug():
    done = check(SECRET_KEY=KEY, ALLOWED_HOSTS="portal.example.cn", DEBUG="1")
    assert "security.W018" in done.stderr


@pytest.mark.parametrize(("behind", "trusted"), [("1", True), ("0", False)])
def test_headers_of_a_proxy_are_trusted_only_behind_one(behind, trusted):
    shown = manage("diffsettings", SECRET_KEY=KEY, BEHIND_PROXY=behind).stdout
    assert "SECRET_KEY" in shown
    assert ("HTTP_X_FORWARDED_PROTO" in shown) is trusted
    assert ("HTTP_X_REAL_IP" in shown) is trusted
    assert ("ALLAUTH_TRUSTED_CLIENT_IP_HEADER" in shown) is trusted


@pytest.mark.django_db
def test_passwords_are_hashed_with_argon2(django_user_model):
    user = django_user_model.objects.create_user("shenhe", password="chang-mi-ma-2026")
    assert user.password.startswith("argon2$argon2id$")


@pytest.mark.django_db
def test_a_new_user_sees_no_jurisdiction(django_user_model):
    assert django_user_model.objects.create_user("shenhe").jurisdiction_code == ""
