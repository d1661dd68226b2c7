"""The developer's settings, without a mail server: `around.deliver` sends all in its own time."""

from portal.settings import *  # noqa: F403

MAIL_SERVER_BACKEND = "tests.demo.mail.NoMail"
