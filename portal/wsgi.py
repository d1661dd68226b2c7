"""The WSGI entry point: for a server that others reach, never with DEBUG."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal.start import UnsafeStartError, check_start  # noqa: E402 (settings first)

if settings.DEBUG:
    raise UnsafeStartError(
        "没有启动：DEBUG=1 只用于 make run。请去掉它：它写在环境变量里，"
        f"或者在 {settings.BASE_DIR / '.env'} 里。"
    )
check_start()
