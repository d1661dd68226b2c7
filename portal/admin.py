"""Admin of users."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from portal.models import User

admin.site.site_header = "惠企政策管理"
admin.site.site_title = "惠企政策管理"
admin.site.index_title = "工作台"
# Staff log in on the same page as firms, under the same limits on guessing.
admin.site.login = secure_admin_login(admin.site.login)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    fieldsets = (*DjangoUserAdmin.fieldsets, ("职责范围", {"fields": ("jurisdiction_code",)}))
    list_display = ("username", "jurisdiction_code", "is_staff", "is_active")
