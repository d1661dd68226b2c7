"""What follows when an edition is retired, withdrawn or corrected, in sentences, before it is done."""

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from policies.catalogue.editions import IS_USED, asking_for, corrected_by, terms_of, uses_of
from policies.catalogue.models import Edition, Programme
from policies.consistency.gaps import Gap, gaps_between
from policies.self_check.models import SelfCheck

FILL = "要补上，请发布一个从那天起用的版本。"


def gaps_of(
    programme: Programme,
    on: date,
    *,
    without: Edition | None = None,
    joining: Edition | None = None,
) -> list[Gap]:
    """The gaps from a day on, as they are or as they would be."""
    rows = [row for row in programme.editions.standing() if row != without]
    rows += [joining] if joining else []
    gaps = gaps_between((row.effective_from, ends) for row, ends in terms_of(rows))
    return [gap for gap in gaps if gap.until is None or gap.until > on]


def when_retired(edition: Edition, day: date, now: datetime) -> list[str]:
    ending = copy(edition)
    ending.own_end = day
    programme = edition.programme
    known = gaps_of(programme, day)
    gaps = gaps_of(programme, day, without=edition, joining=ending)
    following = _following(edition)
    return [
        f"{day} 起，自测不再包括这个项目，也不能再申报；项目的网页会写明停用和原因，规则仍可查阅。",
        f"下一个版本自 {following.effective_from} 起用。" if following else "后面没有别的版本。",
        *(f"{gap}。{FILL}" for gap in gaps if gap not in known),
        *_uses(edition, "照常按这个版本办理"),
        *_drafts(edition, "不能再提交，企业打开会看到停用的原因，填过的内容仍可查阅、可以删除"),
        *_self_checks(edition, now, "按测算那天的规则，停用前测算的结果不变"),
    ]


def when_withdrawn(edition: Edition, now: datetime) -> list[str]:
    """It stands as if it had never been; `refusal_to_withdraw` tells when it cannot."""
    programme = edition.programme
    rows = [row for row in programme.editions.standing() if row != edition]
    terms = {row.pk: (row, ends) for row, ends in terms_of(rows)}
    before = [row for row in rows if row.effective_from < edition.effective_from]
    lines = ["前面没有别的版本。"]
    if before:
        row, ends = terms[max(before, key=lambda row: row.effective_from).pk]
        until = f"到 {ends} 前" if ends else "一直"
        lines = [f"{row.effective_from} 起的版本{until}有效，如同没有发布过这个版本。"]
    following = _following(edition)
    lines += [f"下一个版本自 {following.effective_from} 起用。"] if following else []
    known = gaps_of(programme, edition.effective_from)
    gaps = gaps_of(programme, edition.effective_from, without=edition)
    if not rows:
        lines.append(f"自 {edition.effective_from} 起没有版本，企业得不到答复，也不能申报。{FILL}")
    return [
        *lines,
        *(f"{gap}。{FILL}" for gap in gaps if gap not in known),
        f"{edition.effective_from} 这一天可以另外发布版本。这个版本仍可查阅，写明撤回和原因。",
        *_drafts(edition, "改按那天有效的版本"),
        *_self_checks(edition, now, "再打开时按那天有效的版本重新计算，并说明撤回"),
    ]


def when_corrected(edition: Edition, now: datetime) -> list[str]:
    return [
        "更正的版本从同一天起代替它；原来的版本仍可查阅，写明更正和原因。",
        *_uses(edition, "仍按原来的版本办理，办理页上会说明"),
        *_drafts(edition, "改按更正的版本，填过的内容都在"),
        *_self_checks(edition, now, "再打开时按更正的版本重新计算，并说明更正"),
    ]


def when_screening_changes(programme: Programme, now: datetime) -> list[str]:
    """Taken out of the self-check, or put back where it is out."""
    spans = [(row.effective_from, row.ends) for row in programme.editions.standing()]
    kept = _kept_self_checks(programme, spans, now)
    if not programme.screened:
        lines = ["自测结果里会有这个项目，也可以在网上申报。"]
        if not programme.editions.in_force(timezone.localdate(now)).exists():
            lines.append(f"今天没有有效的版本，有了才会算到它。{FILL}")
        lines += [f"还保存着的自测有 {kept} 份会算上它，并说明原因。"] if kept else []
        return lines
    used: dict[str, int] = {}
    for row in programme.editions.exclude(status=Edition.Status.DRAFT):
        _add(used, uses_of(row))
    return [
        "所有企业的自测结果里都不再有这个项目，也不能在网上申报；项目的网页会写明从哪天起和原因，规则仍可查阅。",
        *([f"还保存着的自测有 {kept} 份算到它，再打开时不再包括，并说明原因。"] if kept else []),
        *_drafts_of(programme, "不能再提交，企业打开会看到原因，填过的内容仍可查阅、可以删除"),
        *([f"已提交的：{_counted(used)}，照常办理。"] if used else []),
    ]


def refusal_to_withdraw(edition: Edition) -> str:
    """Why the edition cannot be withdrawn, empty when it can."""
    used: dict[str, int] = {}
    for each in (edition, *corrected_by(edition)):
        _add(used, uses_of(each))
    return f"{IS_USED}（{_counted(used)}）" if used else ""


def _following(edition: Edition) -> Edition | None:
    later = edition.programme.editions.standing().filter(effective_from__gt=edition.effective_from)
    return later.order_by("effective_from").first()


def _uses(edition: Edition, what: str) -> Iterable[str]:
    if used := uses_of(edition):
        yield f"已用这个版本的：{_counted(used)}，{what}。"


def _drafts(edition: Edition, what: str) -> Iterable[str]:
    return _drafts_of(edition.programme, what)


def _drafts_of(programme: Programme, what: str) -> Iterable[str]:
    if used := asking_for(programme):
        yield f"没有提交的：{_counted(used)}，{what}。"


def _self_checks(edition: Edition, now: datetime, what: str) -> Iterable[str]:
    span = (edition.effective_from, edition.ends)
    if count := _kept_self_checks(edition.programme, [span], now):
        yield f"还保存着的自测有 {count} 份算到这个版本，{what}。"


def _kept_self_checks(
    programme: Programme, spans: Iterable[tuple[date, date | None]], now: datetime
) -> int:
    """How many that are still kept asked for the programme on one of these days."""
    days = Q(pk__in=[])
    for starts, ends in spans:
        days |= Q(on__gte=starts, on__lt=ends) if ends else Q(on__gte=starts)
    kept = SelfCheck.objects.filter(days, expires_at__gt=now)
    asked = kept.values_list("families", flat=True)
    return sum(not families or programme.family in families for families in asked)


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def _counted(used: dict[str, int]) -> str:
    return "、".join(f"{name} {count} 件" for name, count in used.items())
