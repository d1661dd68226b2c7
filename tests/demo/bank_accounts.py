"""Where the firms are paid: entered by them or at the desk, confirmed by finance, sometimes changed."""

from datetime import date
from typing import Any

from django.utils import timezone

from applications.cases.services.account_messages import tell_of_account
from applications.enterprises.models import BankAccount
from applications.enterprises.services.bank_accounts import (
    confirm_account,
    enter_account,
    refuse_account,
)
from tests.demo.cases import Cast, place_of
from tests.demo.clock import Story

BANKS = ("工商银行", "农业银行", "建设银行", "农村商业银行")
BRANCHES = {"qinshui": "沁水县", "yangcheng": "阳城县", "yanhu": "盐湖区"}
# Of this firm nobody has entered an account yet.
WITHOUT_BANK = "yanhu13"
WRONG = "开户名与营业执照不一致，请核对后重新填写。"


def accounts_story(cast: Cast, began: date) -> Story:
    """All firms but one have an account when the first money is paid."""
    yield began
    for key in cast.firms:
        if key != WITHOUT_BANK:
            account = _enter(cast, key)
            confirm_account(account=account, actor=_finance(cast, key), now=timezone.now())


def change_story(cast: Cast, key: str, days: int, end: str) -> Story:
    """A firm enters another account, and learns what the centre finds."""
    yield days
    account = _enter(cast, key, serial=2)
    tell_of_account(account)
    if end == "pending":
        return
    yield days - 1
    decided: dict[str, Any] = {"actor": _finance(cast, key), "now": timezone.now()}
    if end == "refused":
        tell_of_account(refuse_account(account=account, reason=WRONG, **decided))
    else:
        tell_of_account(confirm_account(account=account, **decided))


def _enter(cast: Cast, key: str, serial: int = 1) -> BankAccount:
    firm = cast.firms[key]
    place = place_of(firm.enterprise.county_id)
    order = list(cast.firms).index(key)
    return enter_account(
        enterprise=firm.enterprise,
        holder=firm.enterprise.name,
        bank=f"{BRANCHES[place]}{BANKS[(order + serial) % len(BANKS)]}演示支行",
        number=f"6200{firm.enterprise.county_id}{serial:04d}{order:05d}",
        actor=firm.owner or cast.staff[f"reviewer.{place}"],
        by_staff=firm.owner is None,
        now=timezone.now(),
    )


def _finance(cast: Cast, key: str) -> Any:
    return cast.staff[f"finance.{place_of(cast.firms[key].enterprise.county_id)}"]
