"""Names of firms as lists write them: spaces, widths and brackets make no other name."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from applications.enterprises.models import Enterprise, EnterpriseChange
from portal.typed.signs import folded

# What people put into a name or leave out.
_LOOSE = " \u3000()（）·.．*＊★"
# 3、甲公司: its number in the list.
# What stands before a former name in brackets at the end of a name: 甲公司（原名：乙公司）.
_BEFORE = re.compile("^(?:曾用名|原名称?|现名|原|现)?(?:更名为|变更为|为)?[:：]?")
SHORTEST = 4
_NUMBERED = re.compile(r"^[（(]?\d{1,4}[)）]?[、.．:：)）]\s*")


def plain_name(name: str) -> str:
    """One spelling of a name, as `plain_name_of` makes it in the database."""
    kept = "".join(name.split())
    for sign in _LOOSE:
        kept = kept.replace(sign, "")
    return kept


def spellings(name: str) -> set[str]:
    """A name in the width it was written in, and in half width; without a number before it."""
    name = _NUMBERED.sub("", name)
    return {plain_name(name), plain_name(folded(name))}


def loose_spellings(name: str) -> set[str]:
    """What a name may be without what stands in brackets at its end, and what stands there."""
    plain = folded(name)
    depth, at = 0, len(plain)
    while at and (at == len(plain) or depth):
        at -= 1
        depth += {")": 1, "(": -1}.get(plain[at], 0)
    if not plain.endswith(")") or depth:
        return set()
    parts = plain[:at], _BEFORE.sub("", plain[at + 1 : -1])
    return {each for part in parts for each in spellings(part) if len(each) >= SHORTEST}


def plain_name_of(path: str) -> Any:
    """The name at this path in one spelling, to be compared with `spellings`."""
    name: Any = F(path)
    for sign in _LOOSE:
        name = Replace(name, Value(sign), Value(""))
    return name


def formerly_named(names: Collection[str]) -> Any:
    """Keys of firms that had one of these plain names before they were renamed."""
    renamed = EnterpriseChange.objects.renamings().alias(plain=plain_name_of("former_name"))
    return renamed.filter(plain__in=names).order_by().values("enterprise")


def former_names(firms: Collection[int]) -> dict[int, set[str]]:
    """The former names of firms in one spelling, by their keys."""
    found: dict[int, set[str]] = {}
    renamed = EnterpriseChange.objects.renamings().filter(enterprise__in=firms)
    for firm, name in renamed.order_by().values_list("enterprise", "former_name"):
        found.setdefault(firm, set()).update(spellings(name))
    return found


def firms_on_record(codes: Collection[str], names: Collection[str], user: Any) -> set[str]:
    """The codes and plain names of firms that the user looks after, of those that rows say."""
    firms = Enterprise.objects.looked_after_by(user).alias(plain=plain_name_of("name"))
    found = firms.filter(
        Q(credit_code__in=codes) | Q(plain__in=names) | Q(pk__in=formerly_named(names))
    )
    rows = list(found.values_list("pk", "credit_code", "name"))
    former = former_names([key for key, _, _ in rows])
    return (
        {code for _, code, _ in rows}
        | {plain for _, _, name in rows for plain in spellings(name)}
        | {plain for names in former.values() for plain in names}
    )
