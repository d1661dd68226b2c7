"""The settings of the service with an empty page, and queries told to whoever asks."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.load.counting.QueriesMiddleware", *MIDDLEWARE]  # noqa: F405
