"""Admin of users: they are deactivated with a reason, never deleted."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import RedirectView
from django_tasks_db.models import DBTaskResult

from portal.accounts.forms import PasswordByAdminForm
from portal.history_admin import HistoryAdmin
from portal.models import User
from portal.users import NOTHING_TO_DO, UserError, deactivate_user, record_password, restore_user

admin.site.site_header = "惠企政策管理"
admin.site.site_title = "惠企政策管理"
admin.site.index_title = "工作台"
# Wide tables need the room; the work desk leads everywhere.
admin.site.enable_nav_sidebar = False
# A task holds the number of a delivery and nothing to read; its outcome stands there.
admin.site.unregister(DBTaskResult)
# Staff log in on the same page as firms, under the same limits on guessing.
admin.site.login = secure_admin_login(admin.site.login)
# So do they change their password.
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")


class AddressAdmin(EmailAddressAdmin):
    """Where an account gets its letters, and with them a new password: for superusers only."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


admin.site.unregister(EmailAddress)
admin.site.register(EmailAddress, AddressAdmin)


class UserAdmin(HistoryAdmin, DjangoUserAdmin):
    """What every admin of users does; which users it shows is for the app that registers it."""

    readonly_fields = ("is_active", "last_login", "date_joined")
    change_password_form = PasswordByAdminForm

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/active/", self.change_active, "active"),
            *super().get_urls(),
        ]

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

    def change_active(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then deactivate the account or restore it."""
        user = self.get_object(request, unquote(object_id))
        if not self.may_change_active(request, user):
            raise PermissionDenied
        act, done = (deactivate_user, "停用") if user.is_active else (restore_user, "恢复")
        problem, reason = "", request.POST.get("reason", "")
        if request.method == "POST":
            try:
                if request.POST.get("seen") != str(user.is_active):
                    raise UserError(NOTHING_TO_DO)
                act(user=user, actor=request.user, reason=reason)
            except UserError as error:
                problem = str(error)
            else:
                self.message_user(request, f"{user}：已{done}。", messages.SUCCESS)
                return redirect("admin:portal_user_change", user.pk)
        context = {
            "title": f"{done}账号 {user}",
            "account": user,
            "verb": done,
            "problem": problem,
            "reason": reason,
        }
        return self.render(request, "admin/portal/user/active.html", context)
