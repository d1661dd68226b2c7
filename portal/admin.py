"""Admin of users: they are deactivated with a reason, never deleted."""

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.views.generic import RedirectView

from portal.accounts.forms import PasswordByAdminForm
from portal.history_admin import HistoryAdmin
from portal.models import User
from portal.second_factor.admin_pages import FreshFactorAdmin, log_in
from portal.second_factor.checking import has_factor
from portal.second_factor.fresh import fresh_factor_required
from portal.second_factor.resetting import reset_factor
from portal.users import NOTHING_TO_DO, UserError, deactivate_user, record_password, restore_user


def _later(get: Callable[..., Any], *args: Any, **kwargs: Any) -> SimpleLazyObject:
    return SimpleLazyObject(partial(get, *args, **kwargs))


def _sign(value: bool | None) -> str:
    """Django's sign for yes and no, which says True and False to whoever does not see it."""
    icon, word = {True: ("yes", "是"), False: ("no", "否"), None: ("unknown", "不知道")}[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{icon}.svg"), word)


admin_list._boolean_icon = _sign
admin.site.site_header = "惠企政策管理"
admin.site.site_title = "惠企政策管理"
admin.site.index_title = "工作台"
# Wide tables need the room; the work desk leads everywhere.
admin.site.enable_nav_sidebar = False
# The secrets of second factors are for no eyes.
admin.site.unregister(Authenticator)
# Every page asks for it, and only the work desk shows it.
admin.site.get_app_list = partial(_later, admin.site.get_app_list)
# Staff log in on the same page as firms, under the same limits on guessing.
admin.site.login = log_in
# So do they change their password.
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")
admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class AddressAdmin(FreshFactorAdmin, EmailAddressAdmin):
    """Where an account gets its letters, and with them a new password: for superusers only."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


class UserAdmin(FreshFactorAdmin, HistoryAdmin, DjangoUserAdmin):
    """What every admin of users does; which users it shows is for the app that registers it."""

    readonly_fields = ("is_active", "last_login", "date_joined")
    change_password_form = PasswordByAdminForm

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/active/", self.change_active, "active"),
            self.own_page("<path:object_id>/factor/", self.reset_factor, "factor"),
            *super().get_urls(),
        ]

    @method_decorator(fresh_factor_required)
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Set a password, on record: who knows it can act as that person."""
        account = (
            User.objects.filter(pk=unquote(id)) if unquote(id).isdigit() else User.objects.none()
        )
        with transaction.atomic():
            before = account.values_list("password", flat=True).first()
            response = super().user_change_password(request, id, form_url)
            if (user := account.first()) and user.password != before and user.pk != request.user.pk:
                record_password(user=user, actor=request.user)
        return response

    def may_change_active(self, request: HttpRequest, account: User) -> bool:
        return self.has_change_permission(request, account)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        account = kwargs.get("obj")
        context["may_change_active"] = account and self.may_change_active(request, account)
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(fresh_factor_required)
    def change_active(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then deactivate the account or restore it."""
        user = self._find(request, object_id, self.may_change_active)
        act, done = (deactivate_user, "停用") if user.is_active else (restore_user, "恢复")
        context = {"title": f"{done}账号 {user}", "verb": done}

        def change(reason: str) -> str:
            if request.POST.get("seen") != str(user.is_active):
                raise UserError(NOTHING_TO_DO)
            act(user=user, actor=request.user, reason=reason)
            return f"{user}：已{done}。"

        return self._with_reason(request, user, "admin/portal/user/active.html", context, change)

    @method_decorator(fresh_factor_required)
    def reset_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take away the second factor of somebody who lost it."""
        user = self._find(request, object_id, self.has_change_permission)
        context = {"title": f"重置二次验证 {user}", "has_factor": has_factor(user)}

        def change(reason: str) -> str:
            is_told = reset_factor(user=user, actor=request.user, reason=reason)
            told = "，已写信告诉本人" if is_told else "；没有邮箱，请当面告诉本人"
            return f"{user}：已重置二次验证{told}。"

        return self._with_reason(request, user, "admin/portal/user/factor.html", context, change)

    def _find(self, request: HttpRequest, object_id: str, may: Callable[..., bool]) -> User:
        user = self.get_object(request, unquote(object_id))
        if not may(request, user):
            raise PermissionDenied
        return user

    def _with_reason(
        self,
        request: HttpRequest,
        user: User,
        template: str,
        context: dict[str, Any],
        change: Callable[[str], str],
    ) -> HttpResponse:
        """A page that asks for the reason of a change, makes it, and says what was done."""
        problem, reason = "", request.POST.get("reason", "")
        if request.method == "POST":
            try:
                done = change(reason)
            except UserError as error:
                problem = str(error)
            else:
                self.message_user(request, done, messages.SUCCESS)
                return redirect("admin:portal_user_change", user.pk)
        context = {**context, "account": user, "problem": problem, "reason": reason}
        return self.render(request, template, context)
