"""The developer's settings, without a worker and without a mail server."""

from portal.settings import *  # noqa: F403

# What would go to a worker is dropped: `around.deliver` sends everything, in its own time.
TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
EMAIL_BACKEND = "tests.demo.mail.NoMail"
