"""What a member of staff is in charge of: their jurisdiction and all below."""

from typing import Any

from django.db.models import Q

from portal.models import Jurisdiction


def in_charge(user: Any, county: str = "county") -> Q:
    """Rows whose path `county` leads into the user's jurisdiction; nothing for all others."""
    if not user.is_active or not user.is_staff:
        return Q(pk__in=[])
    if user.is_superuser and not user.jurisdiction_code:
        return Q()
    return Q(**{f"{county}__in": Jurisdiction.objects.within(user.jurisdiction_code)})
