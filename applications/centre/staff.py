"""Users in the admin: a role and a jurisdiction are chosen, and say what they open.

Nobody gives what they do not hold. A user manager, who is no superuser, makes and changes accounts
of staff of their own jurisdiction, and gives roles that allow no more than they may themselves. Of an
account that may more they change neither name, e-mail nor password, with which they could act as that
person, nor its place, where it would have those rights too. They can deactivate it, and do not bring
it back. They change neither themselves nor superusers. What ends a right is given a reason, on record. The
head of an office has this role beside the others of their work. What a group allows, it allows everywhere:
superusers only make and change groups.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from applications.centre.roles import roles
from portal.accounts.addresses import replace_address
from portal.accounts.letters import has_account
from portal.accounts.plain_address import AddressField
from portal.admin import UserAdmin
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction, User
from portal.scope import in_charge
from portal.second_factor.admin_pages import FreshFactorAdmin
from portal.second_factor.checking import FACTORS
from portal.users import REASON_MISSING

# What only the site itself writes and reads.
WITHOUT_PAGE = ("numberseries", "authenticator", "historicalprogramme_conflicts")
NOWHERE = "—— 未选（看不到任何企业和申报）——"
STAFF_HELP = "打钩才能进入工作台。企业的用户不要打钩。"
EMAIL_HELP = "必填：用来收通知和找回密码，也可以用它登录。"
EMAIL_TAKEN = "这个邮箱已有账号，请换一个，或找到那个账号再给角色。"
EMAIL_GONE = "有邮箱的账号不能去掉邮箱；要换，请填新的。"
OTHER_ROLES = "另有不由您管理的角色，保存时不会改动：{names}。"
KEPT_ROLE = "这个角色的权限由系统维护，不能改动；需要别的权限时，请另建一个组。"

admin.site.unregister(Group)


def _roles_in_words() -> str:
    lines = format_html_join(
        "", "<li><strong>{}</strong>：{}</li>", ((role.name, role.meaning) for role in roles())
    )
    return format_html(
        "一般选一个角色就够了；单位负责人另加“用户管理”。<ul>{}</ul>其他组是本中心自己建的。", lines
    )


def rights_of(account: User) -> set[int]:
    """The permissions that a user has by groups or of their own, active or not."""
    own = Permission.objects.filter(Q(group__user=account) | Q(user=account))
    return set(own.order_by().values_list("pk", flat=True))


def roles_to_give(manager: User) -> list[Group]:
    """The roles that allow no more than the manager may; all of them to a superuser."""
    groups = Group.objects.prefetch_related("permissions")
    if manager.is_superuser:
        return list(groups)
    rights = rights_of(manager)
    return [group for group in groups if {each.pk for each in group.permissions.all()} <= rights]


def may_more_than(account: User, manager: User) -> bool:
    """Whether an account has rights that its manager has not."""
    return not manager.is_superuser and not rights_of(account) <= rights_of(manager)


def _without_idle_rights(field: Any) -> Any:
    """The choice of rights without those that open no page."""
    if field.queryset.model is Permission:
        field.queryset = field.queryset.exclude(content_type__model__in=WITHOUT_PAGE)
    return field


def _without(fieldsets: Any, field: str) -> list[Any]:
    return [
        (title, {**options, "fields": [name for name in options["fields"] if name != field]})
        for title, options in fieldsets
    ]


class NewStaffForm(AdminUserCreationForm):
    """An account with a password and the address that its letters go to.

    `manager` is whoever makes it.
    """

    manager: User
    email = AddressField(
        label="电子邮箱",
        max_length=254,
        help_text=EMAIL_HELP,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
    )

    def clean_email(self) -> str:
        if has_account(email := self.cleaned_data["email"]):
            raise forms.ValidationError(EMAIL_TAKEN)
        return email


class StaffForm(UserChangeForm):
    """The jurisdiction is chosen by name instead of typed as a code.

    `manager` is who fills it in: no place and no role beyond their own can be chosen.
    """

    manager: User
    why = forms.CharField(
        label="理由",
        required=False,
        max_length=100,
        help_text="去掉角色、权限或职员状态，或者改换地区时必填，会留在变更历史里。",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("jurisdiction_code"):
            self.fields["jurisdiction_code"] = forms.ChoiceField(
                label=field.label,
                required=not self.manager.is_superuser,
                choices=self._places(),
                help_text="看得到这里和下辖各地的企业和申报；不选就什么也看不到。",
            )
        if field := self.fields.get("groups"):
            field.label, field.help_text = "角色", _roles_in_words()
            own = [group.pk for group in roles_to_give(self.manager)]
            field.queryset = Group.objects.filter(pk__in=own)
            self.kept_roles = list(self.instance.groups.exclude(pk__in=own))
            if self.kept_roles:
                names = "、".join(group.name for group in self.kept_roles)
                field.help_text += OTHER_ROLES.format(names=names)
        if field := self.fields.get("is_staff"):
            field.help_text = STAFF_HELP

    def clean_email(self) -> str:
        """As log-in, resetting and signing up look for it."""
        email = AddressField(required=False).clean(self.cleaned_data["email"])
        if self.initial.get("email") and not email:
            raise forms.ValidationError(EMAIL_GONE)
        return email

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self._ends_a_right() and not data.get("why", "").strip():
            self.add_error("why", REASON_MISSING)
        return data

    def _ends_a_right(self) -> bool:
        """Whether saving takes away something that the account may."""
        before, data = self.initial, self.cleaned_data
        taken = any(
            set(before.get(name) or ()) - set(data[name])
            for name in ("groups", "user_permissions")
            if name in data
        )
        dropped = any(
            before.get(name) and not data[name]
            for name in ("is_staff", "is_superuser")
            if name in data
        )
        place = before.get("jurisdiction_code")
        moved = bool(place) and data.get("jurisdiction_code", place) != place
        return taken or dropped or moved

    def clean_groups(self) -> Any:
        """What was chosen, and the roles that the manager cannot give: they stay."""
        chosen = [*self.cleaned_data["groups"], *self.kept_roles]
        return Group.objects.filter(pk__in=[group.pk for group in chosen])

    def _places(self) -> list[tuple[str, str]]:
        places = Jurisdiction.objects.all()
        if not self.manager.is_superuser:
            places = places.filter(in_charge(self.manager, "code"))
        known = dict(places.values_list("code", "name"))
        # A code that was set before its place was known is not lost.
        now = self.instance.jurisdiction_code
        known.setdefault(now, now)
        known.pop("", None)
        named = [(code, f"{code} {name}") for code, name in sorted(known.items())]
        return [("", NOWHERE), *named] if self.manager.is_superuser else named


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Superusers see everybody; others the staff of their jurisdiction, and its firms' users where
    they only look.
    """

    form, add_form = StaffForm, NewStaffForm
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "usable_password", "password1", "password2"),
            },
        ),
    )
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            "角色和范围",
            {
                "fields": ("is_staff", "groups", "jurisdiction_code", "why"),
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
    list_display = ("username", "role", "place", "last_login", "factor", "is_staff", "is_active")
    list_filter = ("groups", "is_staff", "is_superuser", "is_active")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return _without_idle_rights(super().formfield_for_manytomany(db_field, request, **kwargs))

    @admin.display(description="角色")
    def role(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        if user.user_permissions.all():
            names.append("另有单独给的权限")
        return "、".join(["超级用户"] * user.is_superuser + names) or "—"

    @admin.display(description="所管地区", ordering="jurisdiction_code")
    def place(self, user: User) -> str:
        """By its name; a code whose place nobody knows as it is."""
        return user.place_name or user.jurisdiction_code or "—"

    @admin.display(description="二次验证", ordering="has_second_factor")
    def factor(self, user: User) -> str:
        return "已设置" if user.has_second_factor else "没有"

    def get_queryset(self, request: HttpRequest) -> Any:
        place = Jurisdiction.objects.filter(code=OuterRef("jurisdiction_code")).values("name")
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        users = super().get_queryset(request).prefetch_related("groups", "user_permissions")
        users = users.annotate(place_name=Subquery(place), has_second_factor=Exists(factors))
        if request.user.is_superuser:
            return users
        of_staff = Q(is_staff=True) & in_charge(request.user, "jurisdiction_code")
        if request.user.has_perm("portal.change_user"):
            return users.filter(of_staff)
        of_firms = User.objects.filter(in_charge(request.user, "memberships__enterprise__county"))
        return users.filter(Q(pk__in=of_firms.values("pk")) | of_staff)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.manager = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whom a user manager adds is staff of their own place, until they say of which below."""
        if not change and not request.user.is_superuser:
            obj.is_staff, obj.jurisdiction_code = True, request.user.jurisdiction_code
        # Roles are saved behind the account itself: it is said once for both.
        request.change_reason = form.cleaned_data.get("why", "").strip()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            replace_address(obj, form.initial.get("email", ""))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever has no place of their own has none to add somebody to."""
        has_place = request.user.is_superuser or bool(request.user.jurisdiction_code)
        return has_place and super().has_add_permission(request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        account = self.get_object(request, id)
        if may_more_than(account, request.user):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def may_change_active(self, request: HttpRequest, account: User) -> bool:
        """To restore an account is to give what it may."""
        may = super().may_change_active(request, account)
        return may and (account.is_active or not may_more_than(account, request.user))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the way to a new password, where the account may more than who looks at it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and not self.has_change_permission(request, obj):
            fieldsets = _without(fieldsets, "why")
        if obj is None or not may_more_than(obj, request.user):
            return fieldsets
        return [(None, {"fields": ("username",)}), *fieldsets[1:]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever is not a superuser changes neither superusers nor themselves."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return not obj.is_superuser and obj.pk != request.user.pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = tuple(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return own
        own = (*own, "is_staff", "is_superuser", "user_permissions")
        is_above = obj is not None and may_more_than(obj, request.user)
        return (*own, "username", "email", "mobile", "jurisdiction_code") if is_above else own


@admin.register(Group)
class RoleAdmin(FreshFactorAdmin, HistoryAdmin, GroupAdmin):
    """The six roles are kept as the code says; a centre makes groups of its own beside them."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return _without_idle_rights(super().formfield_for_manytomany(db_field, request, **kwargs))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def _is_kept(self, group: Group | None) -> bool:
        return group is not None and group.name in {role.name for role in roles()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and not self._is_kept(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser and not self._is_kept(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = {"fields": ["name", "permissions"]}
        return [(None, fields | ({"description": KEPT_ROLE} if self._is_kept(obj) else {}))]
