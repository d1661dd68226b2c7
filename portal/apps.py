"""The site: users, settings and what every page shares."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register

from portal.guards import HISTORY_STAYS, Guard, changed, history_guards, keep_guards
from portal.second_factor.checks import staff_need_a_second_factor

# What describes a file's content, and a text that is on its way to an address.
FILE_FIELDS = (
    "reference", "original_name", "content_type", "size", "sha256", "scan", "uploaded_at",
    "uploaded_by_id",
)  # fmt: skip
DELIVERY_FIELDS = (
    "reference", "key", "recipient_id", "channel", "address", "subject", "is_secret", "posted_at",
    "expires_at",
)  # fmt: skip
# A secret is taken away once it has left; nothing else is done to a text.
_text_changes = (
    "OLD.text IS DISTINCT FROM NEW.text"
    " AND NOT (OLD.is_secret AND NEW.text = '' AND NEW.state <> 'waiting')"
)
IDENTITY_STAYS = "数据库的编号不能改动或删除。"
# What tells who somebody was; it goes when they close their account.
PERSONAL_FIELDS = ("username", "first_name", "last_name", "email", "mobile")
USER_HISTORY_FIELDS = (
    "id", "is_superuser", "is_staff", "is_active", "date_joined", "jurisdiction_code", "history_id",
    "history_date", "history_change_reason", "history_type", "history_user_id",
)  # fmt: skip
FILE_STAYS = "文件的内容不能改动；撤下的不能恢复。"
SENT_STAYS = "发送记录不能删除，已发送的不能再改，只能到期隐去地址和内容。"
AREA_STAYS = "行政区划的代码不能改，上级的级别应更高；没有用到的可以删除后重新录入。"
_is_forgotten = (
    "OLD.state <> 'waiting' AND NEW.state = OLD.state AND NEW.address = '' AND NEW.text = ''"
    " AND NEW.last_error = '' AND NOT"
    f" ({changed(('reference', 'key', 'recipient_id', 'channel', 'subject', 'sent_at'))})"
)
_is_nobody_now = (
    "NEW.username = '已注销' || CAST(OLD.id AS TEXT) AND NEW.first_name = '' AND NEW.last_name = ''"
    " AND NEW.email = '' AND NEW.mobile = '' AND EXISTS (SELECT 1 FROM portal_user"
    " WHERE id = OLD.id AND username = NEW.username AND NOT is_active)"
)
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

# What must not change must not be deleted and put back either: here, and in the rooms above.
_lies_above = "EXISTS (SELECT 1 FROM portal_jurisdiction AS below WHERE below.parent_id = OLD.code)"

GUARDS = (
    Guard("portal_jurisdiction", "UPDATE", _area_moves, AREA_STAYS),
    Guard("portal_jurisdiction", "INSERT", _not_below, AREA_STAYS),
    Guard("portal_jurisdiction", "DELETE", _lies_above, AREA_STAYS),
    Guard("portal_user", "DELETE", "1 = 1", "用户不能删除，只能停用。"),
    Guard("portal_storedfile", "UPDATE", f"{changed(FILE_FIELDS)} OR ({_comes_back})", FILE_STAYS),
    Guard("portal_storedfile", "DELETE", "1 = 1", FILE_STAYS),
    Guard(
        "portal_delivery",
        "UPDATE",
        f"(OLD.state = 'sent' OR {changed(DELIVERY_FIELDS)} OR ({_text_changes}))"
        f" AND NOT ({_is_forgotten})",
        SENT_STAYS,
    ),
    Guard("portal_delivery", "DELETE", "1 = 1", SENT_STAYS),
    Guard("portal_databaseidentity", "UPDATE", "1 = 1", IDENTITY_STAYS),
    Guard("portal_databaseidentity", "DELETE", "1 = 1", IDENTITY_STAYS),
    Guard(
        "portal_historicaluser",
        "UPDATE",
        f"{changed(USER_HISTORY_FIELDS)} OR NOT ({_is_nobody_now})",
        HISTORY_STAYS,
    ),
    Guard("portal_historicaluser", "DELETE", "1 = 1", HISTORY_STAYS),
    *history_guards(
        "portal_historicaluser_groups",
        "portal_historicaluser_user_permissions",
        "portal_historicalgroup",
        "portal_historicalgroup_permissions",
    ),
)


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "站点"

    def ready(self) -> None:
        # These know the models, which are there only now.
        from portal import checks  # noqa: F401 (they enter themselves)
        from portal.migration_notes import tell_before
        from portal.past import keep_past

        keep_guards(self, GUARDS)
        keep_past(self)
        tell_before(self)
        register(staff_need_a_second_factor)
        from portal.second_factor.middleware import note_log_in  # knows the models

        user_logged_in.connect(note_log_in, dispatch_uid="portal.note_log_in")
