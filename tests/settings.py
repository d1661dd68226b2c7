"""The real settings, with a key that is no secret."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "not-a-secret-for-tests-only")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("SECURE_HTTPS", "0")
os.environ.setdefault("ANONYMOUS_POST_RATE", "10000/m")
# Staff of the tests log in without a second factor; the tests of it switch it on themselves.
os.environ.setdefault("STAFF_SECOND_FACTOR", "0")
# Playwright keeps an event loop in the test's thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
# Neither an environment file of this folder nor a real database may reach the tests.
os.environ["ENV_FILE"] = os.devnull
os.environ["DEBUG"] = "0"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or (
    f"sqlite:///{Path(__file__).parents[1]}/.data/tests.sqlite3"
)
# A test that stores files takes the fixture files_root.
os.environ["FILES_ROOT"] = "/dev/null/files"

from portal.settings import *  # noqa: F403

# Tests that ask nothing of the database must not either; tests/portal/test_caches.py has the real ones.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in CACHES  # noqa: F405
}

# Tests read static files where they lie, under their own names.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Static files are looked for when asked for, not listed anew for every client that a test makes.
WHITENOISE_AUTOREFRESH = True

# Their own command `flush`.
INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # noqa: F405
# Many a test walks through days with one log-in; the tests of sessions take the site's own limits.
STAFF_IDLE = STAFF_LOGGED_IN = timedelta(days=3650)  # noqa: F405

# Several runs may share a server.
if os.environ.get("TEST_DATABASE_NAME"):
    DATABASES["default"]["TEST"] = {"NAME": os.environ["TEST_DATABASE_NAME"]}  # noqa: F405

PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]

# What leaves the outbox lies in `django.core.mail.outbox`.
MAIL_SERVER_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
