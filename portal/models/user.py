"""Users of the site; a staff member sees one jurisdiction and all below it."""

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import RegexValidator
from django.db import models
from simple_history import register

from portal.history import History, KeptQuerySet


class UserManager(DjangoUserManager.from_queryset(KeptQuerySet)):
    use_in_migrations = False


class User(AbstractUser):
    """A user; `jurisdiction_code` (GB/T 2260) is the subtree whose cases they may see."""

    jurisdiction_code = models.CharField(
        "所管行政区划",
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^\d{6}$", "应为六位行政区划代码")],
        help_text="六位代码：140000 全省、140500 全市、140521 本县；留空则看不到任何申报。",
    )

    mobile = models.CharField(
        "手机号码（接收短信）",
        max_length=11,
        blank=True,
        validators=[RegexValidator(r"^1[3-9]\d{9}$", "请填 11 位手机号码")],
    )

    is_active = models.BooleanField(
        "有效", default=True, help_text="用“停用账号”“恢复账号”来改，并写明理由。"
    )

    objects = UserManager()
    history = History(
        verbose_name="用户变更",
        verbose_name_plural="用户变更",
        excluded_fields=["password", "last_login"],
        m2m_fields=["groups", "user_permissions"],
    )

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"


# What a role allows is a right of everybody who has it.
register(
    Group,
    app="portal",
    records_class=History,
    m2m_fields=["permissions"],
    verbose_name="角色变更",
    verbose_name_plural="角色变更",
)
