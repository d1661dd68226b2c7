"""What a firm is told about its bank account; numbers are never told whole."""

from applications.cases.models import Message
from applications.cases.services.messages import members_of, notify
from applications.enterprises.models import BankAccount
from portal.models import Delivery

State = BankAccount.State
ENTERED = (
    "“{firm}”{by_staff}填写了收款账户：{bank}，{tail}。由县中心的财务人员核对后才使用，此前仍用原来的账户。"
    "如果不是贵单位的人要求填写的，请马上联系县中心。"
)
CONFIRMED = (
    "“{firm}”的收款账户已核对：{bank}，{tail}。以后列入支付的奖补付到这个账户；"
    "此前已列入支付批次的，仍付到当时的账户。"
)
REFUSED = (
    "“{firm}”填写的收款账户（{bank}，{tail}）没有通过核对，不会使用。原因：{reason}\n"
    "请在“企业中心 → 收款账户”重新填写。"
)
TOLD = {
    State.PENDING: ("填写了收款账户", ENTERED),
    State.CONFIRMED: ("收款账户已核对", CONFIRMED),
    State.REFUSED: ("收款账户没有通过核对", REFUSED),
}


def tell_of_account(account: BankAccount) -> None:
    """What became of an account, once for each of its states, to all who act for the firm."""
    subject, text = TOLD[State(account.state)]
    notify(
        recipients=members_of(account.enterprise),
        kind=Message.Kind.ACCOUNT,
        subject=f"{subject}：{account.enterprise}",
        text=text.format(
            firm=account.enterprise,
            by_staff="由县中心代为" if account.by_staff else "",
            bank=account.bank,
            tail=account.tail,
            reason=account.reason,
        ),
        key=f"bank-account-{account.pk}-{account.state}",
        now=account.decided_at or account.entered_at,
        enterprise=account.enterprise,
        channels=[Delivery.Channel.EMAIL],
    )
