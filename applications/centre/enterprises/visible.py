"""Which firms a member of staff sees."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from applications.cases.models import Application
from applications.enterprises.models import Enterprise
from applications.enterprises.models.enterprise import registry_of
from portal.scope import in_charge


def enterprises_visible_to(user: Any) -> QuerySet[Enterprise]:
    """Firms of the user's jurisdiction, by record or by code, and those that applied there."""
    registered = in_charge(user)
    if not registered:
        return Enterprise.objects.all()
    by_code = in_charge(user, "registry")
    applied = Application.objects.visible_to(user).filter(enterprise=OuterRef("pk"))
    found = Enterprise.objects.alias(registry=registry_of())
    return found.filter(registered | by_code | Exists(applied))
