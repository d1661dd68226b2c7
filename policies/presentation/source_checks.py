"""When an entry was last compared with its source, and by which role, as readers are told."""

from datetime import datetime

from django.utils import timezone

from policies.catalogue.models import SourceCheck
from policies.presentation.edition_state import day_in_words

NEVER = "还没有对照原件核对过"


def check_in_words(check: SourceCheck | None) -> str:
    """Also where the original that it was compared with is not the one that the site has now."""
    if check is None:
        return NEVER
    what = f"{moment_in_words(check.checked_at)}由{check.role}对照{check.get_against_display()}核对"
    is_older = check.original is not None and check.original.closed_at is not None
    return f"{what}，之后原件换过" if is_older else what


def moment_in_words(moment: datetime) -> str:
    """The day in China."""
    return day_in_words(timezone.localtime(moment).date())
