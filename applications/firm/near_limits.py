"""What comes near for firms by their profiles, as news for members who asked to be told."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from applications.enterprises.models import Enterprise
from applications.enterprises.services.profile import Profile, with_place
from applications.following.news import News
from policies.catalogue.current import Catalogue
from policies.presentation.words import money
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.near_limits import NearLimit, near_limits, next_turn
from policies.self_check.result_page import TITLES


def news_of_firms(enterprises: Collection[int], now: datetime) -> dict[int, list[News]]:
    """By firm; each limit once a year. Two queries a firm."""
    if not enterprises:
        return {}
    known, today = Catalogue(), timezone.localdate(now)
    rows = Enterprise.objects.filter(pk__in=enterprises).select_related("county")
    return {row.pk: list(_news_of(row, known, today)) for row in rows}


def _news_of(enterprise: Enterprise, known: Catalogue, today: date) -> Iterator[News]:
    profile = Profile(enterprise, None, known.facts, today)
    firm = Firm(with_place(profile.answers, enterprise, known.facts), today)
    places = {enterprise.county_id, enterprise.county.parent_id}
    editions = [
        rules
        for rules in known.editions_in_force(today)
        if rules.area in places and not rules.fault
    ]
    found: dict[tuple[str, Decimal, bool], list[tuple[NearLimit, Rules]]] = {}
    for rules in editions:
        for limit in near_limits(judge(rules, firm), firm, known.facts, TITLES):
            found.setdefault((limit.fact, limit.limit, limit.gains), []).append((limit, rules))
        if turn := next_turn(rules, firm, known.facts):
            day = date_format(turn.day, "Y年n月j日")
            how = "起符合申报条件" if turn.gains else "起不再符合申报条件，要申报请在这以前"
            yield News(
                key=f"turn:{enterprise.pk}:{rules.programme}:{turn.day.year}:{turn.gains}",
                heading=enterprise.name,
                text=f"{rules.name}：按企业档案，{day}{how}。",
                address=reverse("pages:programme", args=[rules.programme]),
            )
    for (key, limit_value, gains), rows in found.items():
        names = "、".join(rules.name for _, rules in rows)
        first = rows[0][0]
        yield News(
            key=f"near:{enterprise.pk}:{key}:{limit_value}:{today.year}",
            heading=enterprise.name,
            text=f"{_in_words(first, known.facts[key])}：{names}{_unlocked(rows) if gains else ''}。",
            address=reverse("firm:profile"),
        )


def _in_words(near: NearLimit, fact: Fact) -> str:
    has, limit = fact.show(near.value), fact.show(near.limit)
    if near.gains:
        return f"档案里的“{fact.label}”是{has}，到{limit}就符合申报条件"
    return f"档案里的“{fact.label}”是{has}，接近上限{limit}，超过就不再符合申报条件"


def _unlocked(rows: list[tuple[NearLimit, Rules]]) -> str:
    """What the programme pays, where it is one alone: sums of several may be the same money."""
    if len(rows) > 1 or not any(rows[0][0].unlocks):
        return ""
    return f"（{money(rows[0][0].unlocks)}）"
