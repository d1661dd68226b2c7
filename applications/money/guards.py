"""What was granted, paid and returned stays as it was."""

from portal.guards import Guard, changed, history_guards

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

TWO_PEOPLE = "确认或批准这一项的人，不能登记它的支付。"


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
_payment_frozen = (
    f"{changed(('batch_id', 'line_id'))} OR ({changed(('amount',))}) AND {_paid('OLD')}"
    f" OR ({changed(('refunded',))}) AND NOT {_paid('OLD')}"
)
_payment_foreign = (
    f"{_paid('NEW')} OR NOT EXISTS"  # noqa: S608 (constants)
    " (SELECT 1 FROM money_awardline AS line"
    " JOIN money_paymentbatch AS batch ON batch.fund_id = line.fund_id"
    " WHERE line.id = NEW.line_id AND batch.id = NEW.batch_id)"
)
# A confirmation or an approval counts until the line goes back to be confirmed anew.
_paid_by_who_granted = (
    "NEW.action = 'pay' AND EXISTS (SELECT 1 FROM money_awardevent AS own"
    " WHERE own.line_id = NEW.line_id AND own.actor_id = NEW.actor_id"
    " AND own.action IN ('confirm', 'approve') AND NOT EXISTS"
    " (SELECT 1 FROM money_awardevent AS later WHERE later.line_id = own.line_id"
    " AND later.action = 'reopen' AND later.id > own.id))"
)

GUARDS = (
    Guard("money_awardline", "UPDATE", _line_frozen, LINE_STAYS),
    Guard("money_awardline", "DELETE", "1 = 1", LINE_STAYS),
    Guard("money_awardevent", "INSERT", _paid_by_who_granted, TWO_PEOPLE),
    Guard("money_awardevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("money_awardevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("money_budgetevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("money_budgetevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("money_paymentbatch", "UPDATE", "OLD.state = 'paid'", BATCH_STAYS),
    Guard("money_paymentbatch", "DELETE", "OLD.state = 'paid'", BATCH_STAYS),
    Guard("money_payment", "INSERT", _payment_foreign, FOREIGN_FUND),
    Guard("money_payment", "UPDATE", _payment_frozen, BATCH_STAYS),
    Guard("money_payment", "DELETE", _paid("OLD"), BATCH_STAYS),
    Guard("money_refund", "UPDATE", "1 = 1", REFUND_STAYS),
    Guard("money_refund", "DELETE", "1 = 1", REFUND_STAYS),
    *history_guards("money_historicalfund"),
)
