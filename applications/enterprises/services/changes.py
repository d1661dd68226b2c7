"""Changes of a firm by the registry's document: proposed by one, in force when another confirms them."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from applications.enterprises.models import Enterprise, EnterpriseChange
from applications.enterprises.names import check_name
from portal import acts_of_two
from portal.models import Jurisdiction

Kind = EnterpriseChange.Kind
DOCUMENT_MISSING = "请填登记机关变更通知的文号。"
IN_FUTURE = "变更日期不能晚于今天。"
NAME_MISSING = "请填新名称。"
SAME_NAME = "新名称和现在的一样。"
COUNTY_MISSING = "请选新注册地。"
SAME_COUNTY = "新注册地和现在的一样。"
SUCCESSOR_MISSING = "请填承继企业的统一社会信用代码。"
NO_SUCCESSOR = "平台上没有这个代码的企业：请承继企业先登记，或由县中心代为登记。"
ITSELF = "承继企业不能是它自己。"
SUCCESSOR_GONE = "“{firm}”自己也已被合并，请填最后承继的企业。"
SUCCESSOR_GONE_MEANWHILE = "提出以后“{firm}”自己也已被合并，请退回，另填最后承继的企业。"
GONE = "这家企业已被合并，不能再变更。"
WAITS_ALREADY = "这家企业已有一项变更在等复核，请先办完那一项。"
NOT_YOURS = "这家企业不归您所管的地区管理。"
CHANGED_MEANWHILE = "提出以后企业的名称或注册地已经变了，请退回重提。"


class ChangeError(Exception):
    """A change that cannot be made; `field` is what to put right, in a form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def propose_change(
    *,
    enterprise: Enterprise,
    kind: str,
    document_number: str,
    on: date,
    name: str = "",
    county: Jurisdiction | None = None,
    successor_code: str = "",
    note: str = "",
    actor: Any,
    now: datetime,
) -> EnterpriseChange:
    """Enter what the registry changed; nothing changes before a second person confirms it."""
    found = locked_firm(enterprise, actor)
    kind, name = Kind(kind), name.strip()
    if not document_number.strip():
        raise ChangeError(DOCUMENT_MISSING, "document_number")
    if on > timezone.localdate(now):
        raise ChangeError(IN_FUTURE, "on")
    if found.changes.pending().exists():
        raise ChangeError(WAITS_ALREADY)
    if found.changes.mergers().exists():
        raise ChangeError(GONE)
    what: dict[str, Any]
    if kind == Kind.RENAMED:
        what = {"former_name": found.name, "name": _checked(name, found)}
    elif kind == Kind.MERGED:
        what = {"successor": _successor(successor_code, found)}
    else:
        if county is None:
            raise ChangeError(COUNTY_MISSING, "county")
        if county.pk == found.county_id:
            raise ChangeError(SAME_COUNTY, "county")
        what = {"former_county_id": found.county_id, "county": county}
    return EnterpriseChange.objects.create(
        enterprise=found,
        kind=kind,
        document_number=document_number.strip(),
        on=on,
        note=note.strip(),
        proposed_at=now,
        proposed_by=actor,
        **what,
    )


def _checked(name: str, firm: Enterprise) -> str:
    if not name:
        raise ChangeError(NAME_MISSING, "name")
    if name == firm.name:
        raise ChangeError(SAME_NAME, "name")
    try:
        check_name(name)
    except ValidationError as error:
        raise ChangeError(error.message, "name") from error
    return name


def _successor(code: str, firm: Enterprise) -> Enterprise:
    if not code:
        raise ChangeError(SUCCESSOR_MISSING, "successor_code")
    found = Enterprise.objects.filter(credit_code=code).first()
    if found is None:
        raise ChangeError(NO_SUCCESSOR, "successor_code")
    if found == firm:
        raise ChangeError(ITSELF, "successor_code")
    if found.changes.mergers().exists():
        raise ChangeError(SUCCESSOR_GONE.format(firm=found), "successor_code")
    return found


def locked_firm(enterprise: Enterprise, actor: Any) -> Enterprise:
    """The firm as it is now, locked, if the actor looks after it."""
    if not Enterprise.objects.looked_after_by(actor).filter(pk=enterprise.pk).exists():
        raise ChangeError(NOT_YOURS)
    return Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)


def apply_change(*, change: EnterpriseChange, actor: Any, now: datetime) -> EnterpriseChange:
    """The firm has the new name or place from now on, or is no more, with the document in its history.

    In the transaction of the caller, who sees to what follows from it.
    """
    # Both, in the order of their keys: neither is absorbed meanwhile.
    both = Enterprise.objects.filter(pk__in={change.enterprise_id, change.successor_id} - {None})
    list(both.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    firm = locked_firm(change.enterprise, actor)
    if change.successor and change.successor.changes.mergers().exists():
        raise ChangeError(SUCCESSOR_GONE_MEANWHILE.format(firm=change.successor))
    if (change.former_name or firm.name) != firm.name or (
        change.former_county_id or firm.county_id
    ) != firm.county_id:
        raise ChangeError(CHANGED_MEANWHILE)
    confirmed = acts_of_two.confirm(change, actor=actor, now=now)
    if confirmed.kind == Kind.RENAMED:
        firm.name = confirmed.name
    elif confirmed.kind == Kind.MOVED:
        firm.county = confirmed.county
    firm._history_user = actor
    reason = f"{confirmed.get_kind_display()}，{confirmed.document_number}，{confirmed.on:%Y-%m-%d}"
    firm._change_reason = reason
    firm.save(update_fields=["name", "county"])
    confirmed.enterprise = firm
    return confirmed


@transaction.atomic
def refuse_change(
    *, change: EnterpriseChange, reason: str, actor: Any, now: datetime
) -> EnterpriseChange:
    locked_firm(change.enterprise, actor)
    return acts_of_two.refuse(change, reason=reason, actor=actor, now=now)


@transaction.atomic
def withdraw_change(*, change: EnterpriseChange, actor: Any, now: datetime) -> EnterpriseChange:
    return acts_of_two.withdraw(change, actor=actor, now=now)
