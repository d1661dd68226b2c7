"""The site: users, settings and what every page shares."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register

from portal.guards import Guard, changed, history_guards, keep_guards
from portal.second_factor.checks import staff_need_a_second_factor

# What describes a file's content, and a text that is on its way to an address.
FILE_FIELDS = (
    "reference", "original_name", "content_type", "size", "sha256", "scan", "uploaded_at",
    "uploaded_by_id",
)  # fmt: skip
DELIVERY_FIELDS = ("reference", "key", "recipient_id", "channel", "address", "subject", "text")
FILE_STAYS = "文件的内容不能改动；撤下的不能恢复。"
SENT_STAYS = "发送记录不能删除，已发送的不能再改。"
AREA_STAYS = "行政区划的代码不能改，上级的级别应更高；没有用到的可以删除后重新录入。"
_comes_back = "OLD.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at"


def _rank(column: str) -> str:
    return (
        f"(CASE {column} WHEN 'nation' THEN 0 WHEN 'province' THEN 1 WHEN 'city' THEN 2 ELSE 3 END)"
    )


# Whoever asks for what lies above would else walk in a circle for ever.
_not_below = (
    "EXISTS (SELECT 1 FROM portal_jurisdiction AS above"  # noqa: S608 (constants)
    f" WHERE above.code = NEW.parent_id AND {_rank('above.level')} >= {_rank('NEW.level')})"
)
_not_above = (
    "EXISTS (SELECT 1 FROM portal_jurisdiction AS below"  # noqa: S608 (constants)
    f" WHERE below.parent_id = OLD.code AND {_rank('below.level')} <= {_rank('NEW.level')})"
)
_area_moves = f"{changed(('code',))} OR {_not_below} OR {_not_above}"

GUARDS = (
    Guard("portal_jurisdiction", "UPDATE", _area_moves, AREA_STAYS),
    Guard("portal_jurisdiction", "INSERT", _not_below, AREA_STAYS),
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
        register(staff_need_a_second_factor)
        from portal.second_factor.middleware import note_log_in  # knows the models

        user_logged_in.connect(note_log_in, dispatch_uid="portal.note_log_in")
