"""What was granted, paid and returned stays as it was."""

from portal.guards import Guard, changed, history_guards
from portal.guards_of_two import guards_of
from portal.one_hand import in_one_hand

# What the pinned edition printed; the rest moves through the services, each time with an event.
LINE_FIELDS = (
    "application_id",
    "level",
    "payer_id",
    "position",
    "title",
    "kind",
    "low",
    "high",
    "condition",
    "sources",
    "same_money",
)
# Granted is granted: to change these, a line goes back to be confirmed anew.
GRANTED_FIELDS = ("amount", "year", "fund_id", "part_id")
LINE_STAYS = "奖补列出后，来源、期次和文件印的金额不能改动；确认后金额、年度和资金不能改动。"
EVENTS_STAY = "奖补和预算的记录不能改动或删除。"
BATCH_STAYS = "支付批次登记支付后不能改动或删除。"
REFUND_STAYS = "退回登记后不能改动或删除。"
FOREIGN_FUND = "支付批次只能支付本项资金的奖补。"
FOREIGN_ACCOUNT = "只能支付到这家企业自己的、已核对的收款账户。"

PERMIT_STAYS = "单人办理许可不能改动或删除，只能提前结束一次。"
PERMIT_FROM_ABOVE = "单人办理只能由上级地区的人许可。"
TWO_PEOPLE = "确认、批准或恢复给付这一项的人，不能登记它的支付，也不能用自己建立或重设的账号登记。"
HELD = "这一项暂停给付，先决定不再给付或恢复给付。"
RECLAIM_FIELDS = ("line_id", "amount", "reason", "document_number", "due_on")
RECLAIM_STAYS = "追回提出后不能改动或删除，只能复核一次；收回的钱照退回登记。"
RECLAIM_NEEDS_TWO = "追回和不再追回由一人提出，另一人复核，也不能用自己建立或重设的账号复核。"
RECLAIM_TOO_MUCH = "追回的金额不能多于企业现在留下的钱。"
RECLAIM_SUM = "已收回的金额要等于登记的退回。"
RECLAIM_FOREIGN = "只能登记这一项奖补正在追回的钱。"
DROPPED_ALONE = "不再追回要有另一人复核。"


def _paid(row: str) -> str:
    """True where the payment `row` (OLD or NEW) belongs to a batch that is paid."""
    return (
        "EXISTS (SELECT 1 FROM money_paymentbatch"  # noqa: S608 (constants)
        f" WHERE id = {row}.batch_id AND state = 'paid')"
    )


_line_frozen = (
    f"{changed(LINE_FIELDS)} OR ({changed(GRANTED_FIELDS)})"
    " AND NOT (OLD.state = 'prepared' AND NEW.state = 'prepared')"
)
# What came back may be booked, and the line may end.
_granted_while_held = (
    "NEW.hold <> '' AND (NEW.paid > OLD.paid OR NEW.scheduled > OLD.scheduled"
    " OR OLD.state = 'prepared' AND NEW.state = 'confirmed'"
    " OR OLD.state = 'confirmed' AND NEW.state = 'approved')"
)
_paid_while_held = (
    "NEW.action = 'pay' AND EXISTS (SELECT 1 FROM money_awardline AS line"
    " WHERE line.id = NEW.line_id AND line.hold <> '')"
)
_payment_frozen = (
    f"{changed(('batch_id', 'line_id', 'account_id'))} OR ({changed(('amount',))}) AND {_paid('OLD')}"
    f" OR ({changed(('refunded',))}) AND NOT {_paid('OLD')}"
)
_payment_foreign = (
    f"{_paid('NEW')} OR NOT EXISTS"  # noqa: S608 (constants)
    " (SELECT 1 FROM money_awardline AS line"
    " JOIN money_paymentbatch AS batch ON batch.fund_id = line.fund_id"
    " WHERE line.id = NEW.line_id AND batch.id = NEW.batch_id)"
)
_account_foreign = (
    "NEW.account_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM enterprises_bankaccount AS account"
    " JOIN cases_application AS application"
    " ON COALESCE(application.successor_id, application.enterprise_id) = account.enterprise_id"
    " JOIN money_awardline AS line ON line.application_id = application.id"
    " WHERE account.id = NEW.account_id AND account.state = 'confirmed'"
    " AND line.id = NEW.line_id)"
)
# A confirmation or an approval counts until the line goes back to be confirmed anew.
_paid_by_who_granted = (
    "NEW.action = 'pay' AND EXISTS (SELECT 1 FROM money_awardevent AS own"  # noqa: S608 (constants)
    " WHERE own.line_id = NEW.line_id AND (own.actor_id = NEW.actor_id"
    f" OR {in_one_hand('own.actor_id', 'NEW.actor_id')})"
    " AND own.action IN ('confirm', 'approve', 'release') AND NOT EXISTS"
    " (SELECT 1 FROM money_awardevent AS later WHERE later.line_id = own.line_id"
    " AND later.action = 'reopen' AND later.id > own.id))"
    " AND NOT EXISTS (SELECT 1 FROM money_singlepersonpermit AS permit"
    " JOIN money_fund AS fund ON fund.jurisdiction_id = permit.jurisdiction_id"
    " JOIN money_awardline AS line ON line.fund_id = fund.id"
    " JOIN portal_user AS actor ON actor.jurisdiction_code = permit.jurisdiction_id"
    " WHERE permit.id = NEW.permit_id AND line.id = NEW.line_id AND actor.id = NEW.actor_id"
    " AND permit.granted_by_id <> NEW.actor_id AND permit.ended_at IS NULL"
    f" AND {in_one_hand('permit.granted_by_id', 'NEW.actor_id')} IS NOT TRUE"
    " AND permit.starts_at <= NEW.at AND NEW.at < permit.until)"
)
PERMIT_FIELDS = ("jurisdiction_id", "reason", "starts_at", "until", "granted_by_id")
_permit_changed = f"{changed(PERMIT_FIELDS)} OR OLD.ended_at IS NOT NULL"
# From a place above the office; a superuser without a jurisdiction is above all.
_permit_not_from_above = (
    "NOT EXISTS (SELECT 1 FROM portal_user AS granter"
    " JOIN portal_jurisdiction AS place ON place.code = NEW.jurisdiction_id"
    " LEFT JOIN portal_jurisdiction AS parent ON parent.code = place.parent_id"
    " LEFT JOIN portal_jurisdiction AS above ON above.code = parent.parent_id"
    " WHERE granter.id = NEW.granted_by_id"
    " AND ((granter.is_superuser AND granter.jurisdiction_code = '')"
    " OR granter.jurisdiction_code IN (place.parent_id, parent.parent_id, above.parent_id)))"
)

# In SQLite a row that is about to be inserted has no key yet.
_claimed_beyond = (
    "NEW.amount >"
    " (SELECT line.paid - line.returned FROM money_awardline AS line WHERE line.id = NEW.line_id)"
    " - (SELECT COALESCE(SUM(other.amount - other.recovered), 0) FROM money_reclaim AS other"
    " WHERE other.line_id = NEW.line_id AND other.state IN ('pending', 'confirmed')"
    " AND other.dropped_at IS NULL"
)
_recovered_otherwise = (
    "OLD.recovered <> NEW.recovered AND NEW.recovered <>"
    " (SELECT COALESCE(SUM(refund.amount), 0) FROM money_refund AS refund"
    " WHERE refund.reclaim_id = NEW.id)"
)
_dropped_alone = (
    "OLD.dropped_at IS DISTINCT FROM NEW.dropped_at AND (OLD.dropped_at IS NOT NULL OR NOT EXISTS"
    " (SELECT 1 FROM money_reclaimdrop AS own"
    " WHERE own.reclaim_id = NEW.id AND own.state = 'confirmed'))"
)
_refund_foreign = (
    "NEW.reclaim_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM money_reclaim AS claim"
    " JOIN money_payment AS payment ON payment.line_id = claim.line_id"
    " WHERE claim.id = NEW.reclaim_id AND payment.id = NEW.payment_id"
    " AND claim.state = 'confirmed' AND claim.dropped_at IS NULL"
    " AND NEW.amount <= claim.amount - claim.recovered)"
)

GUARDS = (
    Guard("money_awardline", "UPDATE", _line_frozen, LINE_STAYS),
    Guard("money_awardline", "UPDATE", _granted_while_held, HELD, "held"),
    Guard("money_awardline", "DELETE", "1 = 1", LINE_STAYS),
    Guard("money_awardevent", "INSERT", _paid_by_who_granted, TWO_PEOPLE),
    Guard("money_awardevent", "INSERT", _paid_while_held, HELD, "held"),
    Guard("money_awardevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("money_awardevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("money_budgetevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("money_budgetevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("money_paymentbatch", "UPDATE", "OLD.state = 'paid'", BATCH_STAYS),
    Guard("money_paymentbatch", "DELETE", "OLD.state = 'paid'", BATCH_STAYS),
    Guard("money_payment", "INSERT", _payment_foreign, FOREIGN_FUND),
    Guard("money_payment", "INSERT", _account_foreign, FOREIGN_ACCOUNT, "account"),
    Guard("money_payment", "UPDATE", _payment_frozen, BATCH_STAYS),
    Guard("money_payment", "DELETE", _paid("OLD"), BATCH_STAYS),
    Guard("money_refund", "UPDATE", "1 = 1", REFUND_STAYS),
    Guard("money_refund", "DELETE", "1 = 1", REFUND_STAYS),
    Guard("money_refund", "INSERT", _refund_foreign, RECLAIM_FOREIGN, "reclaim"),
    *guards_of("money_reclaim", RECLAIM_FIELDS, stays=RECLAIM_STAYS, needs_two=RECLAIM_NEEDS_TWO),
    Guard("money_reclaim", "INSERT", f"{_claimed_beyond})", RECLAIM_TOO_MUCH, "amount"),
    Guard(
        "money_reclaim",
        "UPDATE",
        "OLD.state = 'pending' AND NEW.state = 'confirmed'"
        f" AND {_claimed_beyond} AND other.id <> NEW.id)",
        RECLAIM_TOO_MUCH,
        "amount",
    ),
    Guard("money_reclaim", "UPDATE", _recovered_otherwise, RECLAIM_SUM, "sum"),
    Guard("money_reclaim", "UPDATE", _dropped_alone, DROPPED_ALONE, "drop"),
    *guards_of(
        "money_reclaimdrop",
        ("reclaim_id", "reason"),
        stays=RECLAIM_STAYS,
        needs_two=RECLAIM_NEEDS_TWO,
    ),
    Guard("money_singlepersonpermit", "INSERT", _permit_not_from_above, PERMIT_FROM_ABOVE),
    Guard("money_singlepersonpermit", "UPDATE", _permit_changed, PERMIT_STAYS),
    Guard("money_singlepersonpermit", "DELETE", "1 = 1", PERMIT_STAYS),
    *history_guards("money_historicalfund", "money_historicalsinglepersonpermit"),
)
