"""Rows for the machine's database, made by the site's own models: `python -m tests.service.fill firm`."""

import json
import os
import secrets
import sys

import django

PASSWORD = "hedong-4-Portal"
ROWS = 100_000


def _name() -> str:
    """Each call is a process of its own, which counts from the beginning."""
    return f"somebody-{secrets.token_hex(4)}"


def firm() -> dict:
    """Somebody of a firm."""
    from django.contrib.auth.hashers import make_password

    from tests.factories import MembershipFactory

    member = MembershipFactory(user__username=_name(), user__password=make_password(PASSWORD))
    return {"login": member.user.email, "password": PASSWORD}


def self_check() -> dict:
    """A self-check that has been answered."""
    from tests.factories import SelfCheckFactory

    return {"token": SelfCheckFactory().token}


def many() -> dict:
    """Cases by the hundred thousand, and somebody who may export those of the city."""
    from django.contrib.auth.hashers import make_password

    from tests.factories import UserFactory
    from tests.many import many_applications

    many_applications(ROWS - 1)
    user = UserFactory(
        username=_name(), password=make_password(PASSWORD), jurisdiction_code="140500"
    )
    return {"login": user.username, "password": PASSWORD}


def jobs() -> dict:
    """Where all long work stands, the latest last."""
    from portal.models import Job

    return {"states": list(Job.objects.order_by("pk").values_list("state", flat=True))}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()) + "\n")
