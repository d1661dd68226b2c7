"""What a service is told at its start."""

from typing import Any

from django.conf import settings
from django.core.checks import Warning as CheckWarning

NOT_REQUIRED = CheckWarning(
    "STAFF_SECOND_FACTOR 关着：工作人员只凭密码就能登录、支付和发布政策。",
    hint="从环境变量和设置文件里去掉 STAFF_SECOND_FACTOR，它默认是开着的。",
    id="portal.W020",
)


def staff_need_a_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckWarning]:
    return [] if settings.DEBUG or settings.STAFF_SECOND_FACTOR else [NOT_REQUIRED]
