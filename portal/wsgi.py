"""The WSGI entry point, for a server that others reach: never with DEBUG.

A process takes visitors once it has read what all pages need.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.db import connections  # noqa: E402 (needs the settings)

from portal.environment import ENV_FILE  # noqa: E402
from portal.start import UnsafeStartError, check_start  # noqa: E402
from portal.warm_up import warm_up  # noqa: E402

if settings.DEBUG:
    raise UnsafeStartError(
        f"没有启动：DEBUG=1 只用于 make run。请去掉它：它写在环境变量里，或者在 {ENV_FILE} 里。"
    )
check_start()
warm_up()
# A server that forks afterwards must not share one.
connections.close_all()
