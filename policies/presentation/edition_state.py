"""Which edition of a programme a page shows, and what has become of it, as a firm reads it."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format

from policies.catalogue.models import Edition, Programme


def told_editions(programme: str) -> list[Edition]:
    """All that was ever published of a programme, the newest first; one query."""
    return list(Edition.objects.told().filter(programme=programme).select_related("programme"))


def in_force(editions: Sequence[Edition], on: date) -> Edition | None:
    return next((row for row in editions if _counts(row, on)), None)


def _counts(row: Edition, on: date) -> bool:
    return row.is_standing and row.effective_from <= on and (row.ends is None or row.ends > on)


def shown_edition(editions: Sequence[Edition], on: date) -> Edition:
    """The one in force, else the last that ended, the first to come, or what was withdrawn last."""
    standing = [row for row in editions if row.is_standing]
    ended = [row for row in standing if row.effective_from <= on]
    return in_force(editions, on) or next(iter(ended), None) or [*editions[:1], *standing][-1]


def day_in_words(day: date) -> str:
    return date_format(day, "Y年n月j日")


def closed_in_words(row: Edition) -> str:
    """When and why it was retired, withdrawn or corrected."""
    at = day_in_words(timezone.localtime(row.closed_at).date()) if row.closed_at else ""
    return {
        Edition.Status.RETIRED: f"{day_in_words(row.ends)}起停止受理：{row.reason}"
        if row.ends
        else "",
        Edition.Status.CORRECTED: f"{at}更正：{row.reason}",
        Edition.Status.WITHDRAWN: f"{at}撤回：{row.reason}",
    }.get(Edition.Status(row.status), "")


def screening_in_words(programme: Programme) -> str:
    """Since when and why it is not part of the self-check; empty where it is."""
    if programme.screened:
        return ""
    if programme.screened_at is None:
        return "这个项目不参与自测，也不在网上受理申报。"
    since = day_in_words(timezone.localtime(programme.screened_at).date())
    return f"这个项目自{since}起不参与自测，也不在网上受理申报：{programme.screened_reason}。"


def state_in_words(row: Edition, editions: Sequence[Edition], on: date) -> str:
    """What a reader has to know of the edition that a page shows; empty where it simply counts."""
    current = in_force(editions, on)
    if not row.is_standing:
        return f"这个版本已于{closed_in_words(row)}。"
    if row.effective_from > on:
        return f"这个版本自{day_in_words(row.effective_from)}起用，现在还不能按它申报。"
    is_followed = any(each.is_standing and each.effective_from == row.ends for each in editions)
    is_retired = row.status == Edition.Status.RETIRED and not is_followed
    if row == current:
        return f"这个项目{closed_in_words(row)}。" if is_retired else ""
    what = f"这个版本到{day_in_words(row.ends)}前有效。" if row.ends else ""
    if is_retired:
        what = f"{'这个版本' if current else '这个项目'}自{closed_in_words(row)}。"
    elif current is None:
        what = f"这个项目自{day_in_words(row.ends)}起没有有效的版本，暂不受理。" if row.ends else ""
    return f"{what}{next_in_words(editions, on)}"


def next_in_words(editions: Sequence[Edition], on: date) -> str:
    """From when an edition counts again, where none does now."""
    coming = [row for row in editions if row.is_standing and row.effective_from > on]
    if in_force(editions, on) or not coming:
        return ""
    return f"新的版本自{day_in_words(coming[-1].effective_from)}起用。"
