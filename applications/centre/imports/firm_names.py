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
