"""Users in the admin: a role and a jurisdiction are chosen, and say what they open."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from applications.centre.roles import roles
from portal.admin import UserAdmin
from portal.models import Jurisdiction, User
from portal.scope import in_charge

NOWHERE = "—— 未选（看不到任何企业和申报）——"
STAFF_HELP = "打钩才能进入工作台。企业的用户不要打钩。"
KEPT_ROLE = "这个角色的权限由系统维护，不能改动；需要别的权限时，请另建一个组。"

admin.site.unregister(Group)


def _roles_in_words() -> str:
    lines = format_html_join(
        "", "<li><strong>{}</strong>：{}</li>", ((role.name, role.meaning) for role in roles())
    )
    return format_html("一般选一个角色就够了。<ul>{}</ul>其他组是本中心自己建的。", lines)


class StaffForm(UserChangeForm):
    """The jurisdiction is chosen by name instead of typed as a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("jurisdiction_code"):
            self.fields["jurisdiction_code"] = forms.ChoiceField(
                label=field.label,
                required=False,
                choices=self._places(),
                help_text="看得到这里和下辖各地的企业和申报；不选就什么也看不到。",
            )
        if field := self.fields.get("groups"):
            field.label, field.help_text = "角色", _roles_in_words()
        if field := self.fields.get("is_staff"):
            field.help_text = STAFF_HELP

    def _places(self) -> list[tuple[str, str]]:
        known = dict(Jurisdiction.objects.values_list("code", "name"))
        # A code that was set before its place was known is not lost.
        now = self.instance.jurisdiction_code
        known.setdefault(now, now)
        known.pop("", None)
        return [("", NOWHERE), *((code, f"{code} {name}") for code, name in sorted(known.items()))]


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Superusers see everybody; others the staff and the firms' users of their jurisdiction."""

    form = StaffForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            "角色和范围",
            {
                "fields": ("is_staff", "groups", "jurisdiction_code"),
                "description": "角色决定能做什么，行政区划决定看得到哪里的企业和申报，两样都要选。",
            },
        ),
        ("个人信息", {"fields": ("first_name", "last_name", "email", "mobile")}),
        (
            "其他权限",
            {
                "classes": ("collapse",),
                "fields": ("is_active", "is_superuser", "user_permissions"),
                "description": "有角色时一般不用填。超级用户不受角色限制。",
            },
        ),
        ("日期", {"classes": ("collapse",), "fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "role", "jurisdiction_code", "is_staff", "is_active")
    list_filter = ("groups", "is_staff", "is_superuser", "is_active")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="角色")
    def role(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all()) or "—"

    def get_queryset(self, request: HttpRequest) -> Any:
        users = super().get_queryset(request).prefetch_related("groups")
        if request.user.is_superuser:
            return users
        of_firms = User.objects.filter(in_charge(request.user, "memberships__enterprise__county"))
        return users.filter(
            Q(pk__in=of_firms.values("pk"))
            | Q(is_staff=True) & in_charge(request.user, "jurisdiction_code")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever is not a superuser changes neither superusers nor themselves."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return not obj.is_superuser and obj.pk != request.user.pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = tuple(super().get_readonly_fields(request, obj))
        return own if request.user.is_superuser else (*own, "is_superuser", "user_permissions")


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """The five roles are kept as the code says; a centre makes groups of its own beside them."""

    def _is_kept(self, group: Group | None) -> bool:
        return group is not None and group.name in {role.name for role in roles()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_kept(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_kept(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = {"fields": ["name", "permissions"]}
        return [(None, fields | ({"description": KEPT_ROLE} if self._is_kept(obj) else {}))]
