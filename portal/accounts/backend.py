"""Logging in by password: one account, one hash, whoever asks."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.models import User


def account_of(login: str) -> User | None:
    """The one account that a name stands for.

    It is whose e-mail that is by confirmation, else whose user name, else whose e-mail that nobody
    confirmed: of several, staff's, the active one's, the oldest.
    """
    confirmed = EmailAddress.objects.filter(email=login.lower(), verified=True)
    if address := confirmed.select_related("user").first():
        return address.user
    if named := get_user_by_username(login):
        return named
    others = filter_users_by_email(login, for_login=True)
    return min(
        others, key=lambda user: (not user.is_staff, not user.is_active, user.pk), default=None
    )


class OneHashBackend(AuthenticationBackend):
    """An e-mail that may also be a user name is not tried as both: the time would tell."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("username") or credentials.get("email") or ""
        return self._check_password(account_of(login), credentials["password"])

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What the user may by themselves and by their roles, in one query instead of Django's two."""
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{name}" for app, name in self._all_of(user_obj)}
        return user_obj._perm_cache

    def _all_of(self, user: Any) -> QuerySet:
        if user.is_superuser:
            return _names(Permission.objects.all())
        own, by_role = self._get_user_permissions(user), self._get_group_permissions(user)
        return _names(own).union(_names(by_role))


def _names(permissions: QuerySet) -> QuerySet:
    return permissions.order_by().values_list("content_type__app_label", "codename")
