"""The settings of the service with an empty page, and what a page takes told to whoever asks."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.load.counting.CountingMiddleware", *MIDDLEWARE]  # noqa: F405
