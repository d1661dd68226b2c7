"""The centre's side; the last room, so that its roles find every permission."""

from django.apps import AppConfig

from applications.centre.guards import audit, exports, sheet_imports
from applications.centre.roles import keep_roles
from portal.guards import keep_guards


class CentreConfig(AppConfig):
    name = "applications.centre"
    label = "centre"
    verbose_name = "导出和导入"

    def ready(self) -> None:
        keep_guards(self, (*audit.GUARDS, *exports.GUARDS, *sheet_imports.GUARDS))
        keep_roles(self)
