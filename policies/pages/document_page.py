"""The page of a document: what its clauses say, and what of which edition rests on each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from policies.catalogue.models import (
    Award,
    Citation,
    Clause,
    Criterion,
    Document,
    Programme,
    SourceCheck,
    Window,
)
from policies.catalogue.models.source import clause_id
from policies.catalogue.source_checks import latest_checks
from policies.catalogue.statuses import STANDING
from policies.consistency.sources import PARTS
from policies.pages.documents import PLACE
from policies.presentation.edition_state import day_in_words
from policies.presentation.report_link import report_links
from policies.presentation.source_checks import check_in_words

# What the page does not tell, and would take most of the time to read.
UNREAD = (
    "criterion__rule",
    "criterion__when",
    "award__unsplit",
    "award__undecided",
    "award__conflicts",
)
OF_EDITION = {
    "programme": "programme",
    "programme_name": "programme__name",
    "effective_from": "effective_from",
    "ends": "ends",
}
NOT_LISTED = "（未列条款）"
NOT_TOLD = "这一条说的是什么，本站还没有用自己的话写下来。"


@dataclass
class Use:
    """A criterion, an award or a window; `editions` are the names and addresses of those that have
    it, none for the one in force alone, `report` an address while it counts."""

    kind: str
    text: str
    editions: list[tuple[str, str]] = field(default_factory=list)
    is_current: bool = False
    report: str = ""


@dataclass
class ProgrammeUses:
    """What of a programme rests on a clause, and when its edition in force was last checked."""

    programme: str
    name: str
    address: str
    uses: dict[tuple[str, str], Use] = field(default_factory=dict)
    checked: str = ""


@dataclass
class Entry:
    """A clause as rows cite it, under its `name`. `told` are pairs of a clause and what it says, `beside`
    the wider names that take it in, `parts` the names and addresses of programmes with the part that tells it."""

    name: str
    told: list[tuple[str, str]]
    programmes: list[ProgrammeUses]
    parts: list[tuple[str, str, str]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def anchor(self) -> str:
        return clause_id(self.name)

    @property
    def links(self) -> list[tuple[str, str]]:
        return [(name, clause_id(name)) for name in self.beside]


@dataclass(frozen=True)
class ToldEdition:
    """What it is called beside the one in force, which has no `name`; and what makes the addresses for
    reports on its parts."""

    name: str
    address: str
    report_link: Callable[..., str]


@dataclass(frozen=True)
class Rests:
    """All that rests on a document: by the name of a clause and by programme; and by the editions in
    force how they were checked last."""

    by_clause: dict[str, dict[str, ProgrammeUses]]
    current: set[int]
    checks: Mapping[tuple[int, int], SourceCheck]
    editions: dict[int, ToldEdition]


def what_rests_on(document: Document, on: date) -> Rests:
    """Of current, earlier and coming editions; three queries."""
    checks = latest_checks(
        SourceCheck.objects.filter(document=document, edition__status__in=STANDING).select_related(
            "original"
        )
    )
    rests = Rests({}, set(), checks, {})
    standing = Q(criterion__edition__status__in=STANDING) | Q(award__edition__status__in=STANDING)
    # The few columns of editions that are told, for each of which a row of its own would be made.
    citations = (
        Citation.objects.filter(standing, document=document)
        .select_related("criterion", "award__payer")
        .defer(*UNREAD)
        .annotate(**{name: _of_edition(field) for name, field in OF_EDITION.items()})
        .order_by(
            Coalesce(*PLACE),
            F("criterion__position").asc(nulls_last=True),
            "award__position",
            "position",
            "pk",
        )
    )
    for citation in citations:
        _enter(rests, citation, document, on)
    windows = Window.objects.filter(document=document).select_related("programme")
    for window in windows.order_by("programme__position", "position", "pk"):
        uses = _of_programme(rests, window.clause, window.programme_id, window.programme.name).uses
        text = f"{window.title}，{window.when}" if window.when else window.title
        uses[str(window._meta.verbose_name), text] = Use(
            str(window._meta.verbose_name), text, is_current=True
        )
    return rests


def _of_edition(field: str) -> Coalesce:
    return Coalesce(f"criterion__edition__{field}", f"award__edition__{field}")


def _enter(rests: Rests, citation: Any, document: Document, on: date) -> None:
    """`citation` is a row with OF_EDITION."""
    owner = citation.criterion or citation.award
    of_programme = _of_programme(
        rests, citation.clause, citation.programme, citation.programme_name
    )
    is_criterion = isinstance(owner, Criterion)
    kind = str(owner._meta.verbose_name)
    text = f"{owner.code} {owner.text}" if is_criterion else str(owner)
    use = of_programme.uses.get((kind, text))
    if use is None:
        use = of_programme.uses[kind, text] = Use(kind, owner.text if is_criterion else text)
    told = rests.editions.get(owner.edition_id)
    if told is None:
        told = rests.editions[owner.edition_id] = _told_edition(citation, owner.edition_id, on)
    if told.name:
        if (told.name, told.address) not in use.editions:
            use.editions.append((told.name, told.address))
        return
    use.is_current, use.report = True, _report_address(told.report_link, owner)
    rests.current.add(owner.edition_id)
    # Where nobody has checked anything, the page says it once.
    if rests.checks and not of_programme.checked:
        of_programme.checked = check_in_words(rests.checks.get((owner.edition_id, document.pk)))


def _of_programme(rests: Rests, clause: str, programme: str, name: str) -> ProgrammeUses:
    own = rests.by_clause.setdefault(clause, {})
    if programme not in own:
        own[programme] = ProgrammeUses(programme, name, _page_of(programme))
    return own[programme]


def _page_of(programme: str) -> str:
    return reverse("pages:programme", args=[programme])


def _told_edition(citation: Any, edition: int, on: date) -> ToldEdition:
    starts = citation.effective_from
    return ToldEdition(
        name=_name(starts, citation.ends, on),
        address=reverse("pages:edition", args=[citation.programme, edition]),
        report_link=report_links(citation.programme, starts.isoformat()),
    )


def _name(starts: date, ends: date | None, on: date) -> str:
    """Which edition it is, empty for the one in force."""
    if starts > on:
        return f"将从{day_in_words(starts)}起用的版本"
    return f"{day_in_words(starts)}起的以前版本" if ends is not None and ends <= on else ""


def _report_address(link: Callable[..., str], owner: Criterion | Award) -> str:
    if isinstance(owner, Criterion):
        return link(criterion=owner.code)
    return link(level=owner.level, payer=owner.payer_id)


def entries_of(
    clauses: Iterable[Clause], by_clause: Mapping[str, Mapping[str, ProgrammeUses]]
) -> tuple[list[Entry], list[Entry]]:
    """The clauses that are used, in the order of the document, and those on which nothing rests.

    A name that takes in several clauses stands before the first of them; one that nobody has told
    stands at the end. One query where clauses are told in parts of programmes.
    """
    clauses = list(clauses)
    told_in = {programme for row in clauses for programme, _ in row.parts}
    names = (
        dict(Programme.objects.filter(pk__in=told_in).values_list("pk", "name")) if told_in else {}
    )
    gists: dict[str, list[tuple[str, str]]] = {}
    for row in clauses:
        for name in (row.name, *row.cited_as):
            gists.setdefault(name, []).append((row.name, row.gist))
    used: list[Entry] = []
    idle: list[Entry] = []
    seen: set[str] = set()
    for row in clauses:
        wider = [name for name in row.cited_as if name in by_clause]
        for name in (*wider, row.name):
            if name in seen:
                continue
            seen.add(name)
            entry = Entry(name, gists[name], list(by_clause.get(name, {}).values()))
            if name == row.name:
                entry.beside, entry.reason = wider, row.reason
                entry.parts = [
                    (names[programme], _page_of(programme), PARTS.get(part, part))
                    for programme, part in row.parts
                    if programme in names
                ]
            is_used = entry.programmes or entry.parts or entry.beside
            (used if is_used else idle).append(entry)
    used += [
        Entry(name or NOT_LISTED, [], list(programmes.values()))
        for name, programmes in by_clause.items()
        if name not in seen
    ]
    return used, idle


def checked_in_words(rests: Rests, document: Document) -> str:
    """When somebody last compared anything in force with the document, and of how much of it."""
    last = [
        check for edition in rests.current if (check := rests.checks.get((edition, document.pk)))
    ]
    if not last:
        return check_in_words(None)
    newest = max(last, key=lambda each: (each.checked_at, each.pk))
    told = check_in_words(newest)
    if len(last) == len(rests.current):
        return f"最近一次：{told}。依据它的 {len(last)} 个现行版本都核对过"
    return f"最近一次：{told}。依据它的 {len(rests.current)} 个现行版本，核对过 {len(last)} 个"
