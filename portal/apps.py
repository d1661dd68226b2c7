"""The site: users, settings and what every page shares."""

from django.apps import AppConfig

from portal.guards import Guard, changed, history_guards, keep_guards

# What describes a file's content, and a text that is on its way to an address.
FILE_FIELDS = (
    "reference", "original_name", "content_type", "size", "sha256", "scan", "uploaded_at",
    "uploaded_by_id",
)  # fmt: skip
DELIVERY_FIELDS = ("reference", "key", "recipient_id", "channel", "address", "subject", "text")
FILE_STAYS = "文件的内容不能改动；撤下的不能恢复。"
SENT_STAYS = "发送记录不能删除，已发送的不能再改。"
_comes_back = "OLD.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at"

GUARDS = (
    Guard("portal_user", "DELETE", "1 = 1", "用户不能删除，只能停用。"),
    Guard("portal_storedfile", "UPDATE", f"{changed(FILE_FIELDS)} OR ({_comes_back})", FILE_STAYS),
    Guard(
        "portal_delivery",
        "UPDATE",
        f"OLD.state = 'sent' OR {changed(DELIVERY_FIELDS)}",
        SENT_STAYS,
    ),
    Guard("portal_delivery", "DELETE", "1 = 1", SENT_STAYS),
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
