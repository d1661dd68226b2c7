"""What somebody registered of a firm is put right, with the reason on record."""

from typing import Any

from django.db import transaction

from applications.enterprises.models import Enterprise
from portal.models import Jurisdiction

REASON_MISSING = "请写明理由，会留在变更历史里，企业的成员也会看到。"
NOTHING_CHANGED = "名称和注册地都没有变，不用更正。"


class CorrectionError(Exception):
    """A correction that cannot be made; the message says why, in Chinese."""


@transaction.atomic
def correct_enterprise(
    *, enterprise: Enterprise, name: str, county: Jurisdiction, reason: str, actor: Any
) -> Enterprise:
    """The firm with its true name and county; its applications stay where they were handed in."""
    found = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    if not reason.strip():
        raise CorrectionError(REASON_MISSING)
    if (found.name, found.county_id) == (name, county.pk):
        raise CorrectionError(NOTHING_CHANGED)
    found.name, found.county = name, county
    found._history_user, found._change_reason = actor, reason.strip()
    found.save(update_fields=["name", "county"])
    return found
