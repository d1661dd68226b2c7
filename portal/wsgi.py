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
if settings.METRICS_TOKEN and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    raise UnsafeStartError(
        "没有启动：设置了 METRICS_TOKEN，几个进程却没有共同计数的文件夹。请用 .service/gunicorn.conf.py "
        "启动 gunicorn，它会准备好；用别的服务器时，把 PROMETHEUS_MULTIPROC_DIR 设成一个文件夹，"
        "每次启动前清空。"
    )
check_start()
warm_up()
# A server that forks afterwards must not share one.
connections.close_all()
