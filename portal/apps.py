"""The site: users, settings and what every page shares."""

from django.apps import AppConfig

from portal.guards import Guard, history_guards, keep_guards

GUARDS = (
    Guard("portal_user", "DELETE", "1 = 1", "用户不能删除，只能停用。"),
    *history_guards(
        "portal_historicaluser",
        "portal_historicaluser_groups",
        "portal_historicaluser_user_permissions",
    ),
)


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "站点"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
