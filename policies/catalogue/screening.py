"""Whether a programme takes part in the self-check and is applied for here: changed with a reason."""

from datetime import datetime

from django.db import transaction

from policies.catalogue.models import Programme

REASON_MISSING = "请写明原因，会公开显示，也会留在变更历史里。"
ALREADY = "这个项目已经{state}。"
STATES = {True: "参与自测", False: "不参与自测"}


class ScreeningError(Exception):
    """The change cannot be made; the message says why, in Chinese."""


@transaction.atomic
def set_screened(programme: Programme, *, is_screened: bool, reason: str, now: datetime) -> None:
    """From now on it is among the results of self-checks and can be applied for, or it is not."""
    reason = reason.strip().rstrip("。").rstrip()
    if not reason:
        raise ScreeningError(REASON_MISSING)
    found = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if found.screened == is_screened:
        raise ScreeningError(ALREADY.format(state=STATES[is_screened]))
    found.screened, found.screened_reason, found.screened_at = is_screened, reason, now
    found._change_reason = reason
    found.save(update_fields=["screened", "screened_reason", "screened_at", "updated_at"])
