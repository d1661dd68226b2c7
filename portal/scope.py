"""What a member of staff is in charge of: their jurisdiction and all below."""

from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from portal.models import Jurisdiction


def in_charge(user: Any, county: str = "county") -> Q:
    """Rows whose path `county` leads into the user's jurisdiction; nothing for all others."""
    if not user.is_active or not user.is_staff:
        return Q(pk__in=[])
    if not user.jurisdiction_code:
        return Q() if user.is_superuser else Q(pk__in=[])
    return Q(**{f"{county}__in": _within(user.jurisdiction_code)})


def above_or_in_charge(user: Any, path: str) -> Q:
    """The same, and rows of the jurisdictions above: what these offer holds for the user's place."""
    own = in_charge(user, path)
    if not user.is_staff or not user.is_active:
        return own
    above = Jurisdiction.objects.above(user.jurisdiction_code)
    return own | Q(**{f"{path}__in": above}) if own else own


@lru_cache(maxsize=512)
def _within(code: str) -> RawSQL:
    """A subquery for the jurisdiction and all below it.

    Only its text is kept, since most queries of staff hold it and Django takes longer to compile it
    than they take to run; which jurisdictions these are, the database says each time.
    """
    within = Jurisdiction.objects.within(code).order_by().values("pk")
    return RawSQL(*within.query.sql_with_params())  # noqa: S611 (the text is Django's own)
