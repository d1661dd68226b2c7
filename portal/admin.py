"""Admin of users."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from portal.models import User

admin.site.site_header = "惠企政策管理"
admin.site.site_title = "惠企政策管理"
admin.site.index_title = "工作台"


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    fieldsets = (*DjangoUserAdmin.fieldsets, ("职责范围", {"fields": ("jurisdiction_code",)}))
    list_display = ("username", "jurisdiction_code", "is_staff", "is_active")
