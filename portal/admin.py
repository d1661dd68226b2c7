"""Admin of users: they are deactivated with a reason, never deleted."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.history_admin import HistoryAdmin
from portal.models import User
from portal.users import NOTHING_TO_DO, UserError, deactivate_user, record_password, restore_user

admin.site.site_header = "惠企政策管理"
admin.site.site_title = "惠企政策管理"
admin.site.index_title = "工作台"
# Wide tables need the room; the work desk leads everywhere.
admin.site.enable_nav_sidebar = False
# Staff log in on the same page as firms, under the same limits on guessing.
admin.site.login = secure_admin_login(admin.site.login)


class UserAdmin(HistoryAdmin, DjangoUserAdmin):
    """What every admin of users does; which users it shows is for the app that registers it."""

    readonly_fields = ("is_active", "last_login", "date_joined")

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

    def change_active(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then deactivate the account or restore it."""
        user = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, user):
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
