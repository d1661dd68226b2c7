"""What firms look for and do not find, of the whole site: no firm is named, and no few are told of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from applications.centre.figures.period import Period
from applications.centre.figures.small_counts import FEWEST, Halves, Parts, halves_of, parts_of
from applications.enterprises.models import Enterprise
from policies.catalogue.models import Criterion, Fact, Programme
from policies.pages.models import FruitlessSearch
from policies.self_check.counting import TOPICS
from policies.self_check.models import DailyCount

MOST_ROWS = 30
TOPICS_PAGE = "勾选“哪些与您有关”，或一项也没有勾"
GONE = "（现在的政策里没有了）"
NEARLY_ALL = "几乎全部"
Kind = DailyCount.Kind


@dataclass(frozen=True)
class Stop:
    question: str
    count: int


@dataclass(frozen=True)
class Failed:
    """`count` is in words, as nearly all of those who asked are not told apart from all."""

    programme: str
    clause: str
    count: str


@dataclass(frozen=True)
class LookedFor:
    """`words` are those that found nothing, with the number of days on which somebody tried."""

    checks: Halves
    stops: Sequence[Stop]
    parts: Parts[str]
    failed: Sequence[Failed]
    words: Sequence[tuple[str, int]]


def looked_for(period: Period) -> LookedFor:
    """Of a whole quarter; six queries."""
    days = Q(day__range=(period.first, period.last))
    rows = DailyCount.objects.filter(days).order_by().values_list("kind", "key")
    counted: dict[str, dict[str, int]] = {kind: {} for kind in Kind.values}
    for kind, key, count in rows.annotate(sum=Sum("count")):
        counted[kind][key] = count
    started = counted[Kind.STARTED].get("", 0)
    finished = counted[Kind.FINISHED].get("", 0)
    checks = halves_of(finished, started - finished)
    parts = parts_of(counted[Kind.STOPPED], whole_is_secret=not checks.is_second_told)
    labels = dict(Fact.objects.filter(pk__in=list(parts.shown)).values_list("key", "label"))
    return LookedFor(
        checks=checks,
        stops=[Stop(_question(key, labels), count) for key, count in parts.shown.items()],
        parts=parts,
        failed=_failed(counted[Kind.FAILED], started),
        words=_words(days),
    )


def _question(key: str, labels: Mapping[str, str]) -> str:
    return TOPICS_PAGE if key == TOPICS else labels.get(key, f"{key}{GONE}")


def _failed(counts: Mapping[str, int], started: int) -> list[Failed]:
    """The clauses that most self-checks fail, of programmes of their own place."""
    chosen = [(key, count) for key, count in counts.items() if count >= FEWEST]
    chosen = sorted(chosen, key=lambda part: (-part[1], part[0]))[:MOST_ROWS]
    keys = [key.partition(":")[::2] for key, _ in chosen]
    names = dict(
        Programme.objects.filter(pk__in={programme for programme, _ in keys}).values_list(
            "pk", "name"
        )
    )
    texts = _texts(keys)
    return [
        Failed(
            names.get(programme, f"{programme}{GONE}"),
            texts.get((programme, code), f"{code}{GONE}"),
            # How many did not fail it would be few, and follow from the whole.
            NEARLY_ALL if started - count < FEWEST else str(count),
        )
        for (programme, code), (_, count) in zip(keys, chosen, strict=True)
    ]


def _texts(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What the latest edition says of each clause."""
    codes = {code for _, code in keys}
    rows = Criterion.objects.filter(
        code__in=codes, edition__programme__in={programme for programme, _ in keys}
    ).order_by("edition__effective_from", "edition", "-position")
    return {
        (programme, code): text
        for programme, code, text in rows.values_list("edition__programme", "code", "text")
    }


def _words(days: Q) -> list[tuple[str, int]]:
    """What somebody looked for in vain on FEWEST days at least, and what is no firm's name."""
    found = (
        FruitlessSearch.objects.filter(days)
        .order_by()
        .values_list("words")
        .annotate(days=Count("day"))
        .filter(days__gte=FEWEST)
    )
    chosen = list(found.order_by("-days", "words")[: 2 * MOST_ROWS])
    holders = _firms_named([words for words, _ in chosen])
    return [(words, count) for words, count in chosen if not 0 < holders[words] < FEWEST][
        :MOST_ROWS
    ]


def _firms_named(several: Sequence[str]) -> dict[str, int]:
    """How many firms on record have each of the words in their name: one word of many names none."""
    asked = {
        f"words_{place}": Count("pk", filter=Q(name__icontains=words))
        for place, words in enumerate(several)
    }
    found = Enterprise.objects.order_by().aggregate(**asked) if asked else {}
    return {words: found[f"words_{place}"] for place, words in enumerate(several)}
