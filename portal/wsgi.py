"""The WSGI entry point: a process takes visitors once it has read what all pages need."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.db import connections  # noqa: E402 (needs the settings)

from portal.warm_up import warm_up  # noqa: E402

warm_up()
# A server that forks afterwards must not share one.
connections.close_all()
