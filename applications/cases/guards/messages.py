"""What was said and sent stays as it was."""

from portal.guards import Guard, changed

MESSAGES_STAY = "消息不能改动或删除。"
NOTES_STAY = "留言不能改动或删除。"
# What was told to whom; the time of reading is added once.
MESSAGE_FIELDS = (
    "reference",
    "recipient_id",
    "enterprise_id",
    "application_id",
    "kind",
    "subject",
    "text",
    "created_at",
    "key",
)

GUARDS = (
    Guard(
        "cases_message",
        "UPDATE",
        f"OLD.read_at IS NOT NULL OR {changed(MESSAGE_FIELDS)}",
        MESSAGES_STAY,
    ),
    Guard("cases_message", "DELETE", "1 = 1", MESSAGES_STAY),
    Guard("cases_messagedelivery", "UPDATE", "1 = 1", MESSAGES_STAY),
    Guard("cases_messagedelivery", "DELETE", "1 = 1", MESSAGES_STAY),
    Guard("cases_casenote", "UPDATE", "1 = 1", NOTES_STAY),
    Guard("cases_casenote", "DELETE", "1 = 1", NOTES_STAY),
)
