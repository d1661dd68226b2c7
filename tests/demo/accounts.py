"""Who can log in: a role in a place each, and some firms; passwords exist on the screen only."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from portal.models import Jurisdiction, User
from tests.factories import FirmUserFactory, UserFactory

DOMAIN = "demo.example"
ROLES = {
    "reviewer": ("审核员", "审核员"),
    "reviewer2": ("审核员", "审核员乙"),
    "finance": ("财务", "财务"),
    "finance2": ("财务", "财务乙"),
    "head": ("负责人", "负责人"),
    "auditor": ("审计", "审计"),
    "manager": ("用户管理", "用户管理"),
    "expert1": ("评审专家", "专家甲"),
    "expert2": ("评审专家", "专家乙"),
    "expert3": ("评审专家", "专家丙"),
    "editor": ("政策编辑", "政策编辑"),
    "editor2": ("政策编辑", "政策编辑乙"),
}
PLACES = {
    "qinshui": ("140521", "沁水"),
    "yangcheng": ("140522", "阳城"),
    "yanhu": ("140802", "盐湖"),
    "jincheng": ("140500", "晋城"),
    "yuncheng": ("140800", "运城"),
    "province": ("140000", "山西"),
}
# Two of finance: who confirms or approves does not register the payment.
IN_ALL_PLACES = ("reviewer", "finance", "finance2")
# A colleague who stands in, and to whom cases can be assigned.
IN_QINSHUI = ("reviewer2",)
IN_CITIES = ("head", "auditor", "manager", "editor")
# A second editor, who approves what the first proposes.
IN_JINCHENG = ("expert1", "expert2", "expert3", "editor2")
# The province's editor has to do with the catalogue only.
IN_PROVINCE = ("editor",)
ROOT = "admin"


@dataclass(frozen=True)
class Account:
    """Somebody who can log in; `where` is a place or a firm."""

    user: User
    password: str
    role: str
    where: str


def make_staff() -> dict[str, Account]:
    """Accounts by "role.place", such as "reviewer.qinshui", and the superuser's."""
    found = {}
    for place in PLACES:
        roles = [*(IN_PROVINCE if place == "province" else IN_ALL_PLACES)]
        roles += IN_CITIES if place in ("jincheng", "yuncheng") else ()
        roles += IN_JINCHENG if place == "jincheng" else ()
        roles += IN_QINSHUI if place == "qinshui" else ()
        for role in roles:
            found[f"{role}.{place}"] = _staff(role, place)
    password = _password()
    root = UserFactory(
        username="超级用户",
        email=f"{ROOT}@{DOMAIN}",
        password=make_password(password),
        jurisdiction_code="",
        is_superuser=True,
        permissions=[],
    )
    _confirm(root)
    found[ROOT] = Account(root, password, "超级用户", "全部地区")
    return found


def _staff(role: str, place: str) -> Account:
    (group, title), (code, name) = ROLES[role], PLACES[place]
    password = _password()
    user = UserFactory(
        username=f"{name}{title}",
        email=f"{role}.{place}@{DOMAIN}",
        password=make_password(password),
        jurisdiction_code=code,
        permissions=[],
    )
    # The head of an office also makes and ends the accounts of its staff.
    groups = [group, "用户管理"] if role == "head" else [group]
    user.groups.add(*Group.objects.filter(name__in=groups))
    _confirm(user)
    return Account(user, password, group, Jurisdiction.objects.get(pk=code).name)


def _confirm(user: User) -> None:
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


def firm_user(name: str, **fields: Any) -> User:
    """Somebody of a firm who cannot log in, as nobody knows a password."""
    return FirmUserFactory(
        username=name, email=f"{name}@{DOMAIN}", password=make_password(None), **fields
    )


def open_account(user: User, where: str, role: str = "企业") -> Account:
    """Give somebody of a firm a password, which only the screen shows."""
    password = _password()
    user.set_password(password)
    user.save(update_fields=["password"])
    return Account(user, password, role, where)


def _password() -> str:
    return secrets.token_urlsafe(12)


def table_of(accounts: Iterable[Account]) -> str:
    """The accounts in columns, as wide as a terminal shows Chinese."""
    head = ("role", "place or firm", "e-mail", "password")
    rows = [head, *((one.role, one.where, one.user.email, one.password) for one in accounts)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
