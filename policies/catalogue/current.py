"""The catalogue for the pages and commands: facts and compiled editions, cached by content."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from policies.catalogue.calls import opened_calls
from policies.catalogue.content import (
    CONTENT,
    edition_content,
    edition_data,
    with_content,
)
from policies.catalogue.models import (
    Call,
    Conflict,
    Contact,
    Document,
    Edition,
    Fact,
    Formula,
    Synonym,
)
from policies.catalogue.stamps import read_stamps
from policies.catalogue.vocabulary import Vocabulary
from policies.rules import edition as rules
from policies.rules.facts import Fact as RuleFact
from policies.rules.formulas import with_formulas
from policies.rules.read_edition import read_edition
from portal.models import Jurisdiction

Stamp = tuple[Any, ...]
# Small tables that are read whole and kept until one of their rows changes.
READERS: dict[str, Callable[[], dict[str, Any]]] = {
    # With the newest of each formula beside them: an edition brings its own.
    "facts": lambda: with_formulas(
        {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()},
        Formula.objects.definitions(),
    ),
    "documents": lambda: {
        document.number: document for document in Document.objects.select_related("superseded_by")
    },
    "conflicts": lambda: dict(Conflict.objects.values_list("code", "text")),
    "areas": lambda: {place.pk: place for place in Jurisdiction.objects.all()},
    "calls": opened_calls,
    "contacts": lambda: _by_programme(Contact.objects.select_related("office")),
    "synonyms": lambda: {row.word: tuple(row.means) for row in Synonym.objects.all()},
}

# One process keeps the last state of each table, the editions compiled with its facts, and which of
# them are in force on the days that were asked for.
_tables: dict[str, tuple[str, dict[str, Any]]] = {}
_compiled: dict[Stamp, rules.Edition] = {}
_in_force: dict[tuple[date, bool], tuple[Stamp, dict[int, rules.Edition]]] = {}
# What published editions say, by row and digest: that never changes.
_contents: dict[tuple[int, str], dict[str, Any]] = {}
MOST_COMPILED = 2000
MOST_CONTENTS = 500
MOST_DAYS = 400


def _by_programme(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        found.setdefault(contact.programme_id, []).append(contact)
    return found


class Catalogue:
    """The catalogue as it stands now; one small query finds out what has changed."""

    def __init__(self) -> None:
        self._stamps = read_stamps()

    def table(self, name: str) -> dict[str, Any]:
        """A small table, read anew when one of its rows has changed."""
        stamp = self._stamps.get(name, "")
        kept = _tables.get(name)
        if kept is None or kept[0] != stamp:
            if name == "facts":
                _compiled.clear()
            _tables[name] = kept = (stamp, READERS[name]())
        return kept[1]

    @property
    def facts(self) -> dict[str, RuleFact]:
        """What may be asked, by key, in the order of the questionnaire."""
        return self.table("facts")

    @property
    def areas(self) -> dict[str, Jurisdiction]:
        """Every jurisdiction by its code."""
        return self.table("areas")

    @property
    def documents(self) -> dict[str, Document]:
        """Every policy document by its number."""
        return self.table("documents")

    @property
    def calls(self) -> dict[str, Sequence[Call]]:
        """The calls that count, by programme, the first to open first; see policies.catalogue.calls."""
        # Where nobody has ever drafted one, there is nothing to read.
        return self.table("calls") if "calls" in self._stamps else {}

    @property
    def contacts(self) -> dict[str, Sequence[Contact]]:
        """Whom to ask, by programme."""
        return self.table("contacts")

    @property
    def synonyms(self) -> dict[str, Sequence[str]]:
        """What people say, and what the catalogue calls it."""
        return self.table("synonyms")

    def stamps(self, names: Iterable[str]) -> tuple[str, ...]:
        """What changes with each of these tables."""
        return tuple(self._stamps.get(name, "") for name in names)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the codes of an answer stand for."""
        return Vocabulary(
            facts=self.facts,
            conflicts=self.table("conflicts"),
            documents=self.documents,
        )

    def editions_in_force(
        self, on: date, programmes: Iterable[str] | None = None, *, screened_only: bool = True
    ) -> tuple[rules.Edition, ...]:
        """The editions in force on a day, by default of programmes that are screened.

        What does not compile stands among them with its `fault`. No query when nothing has changed
        since a day was asked for last; otherwise the changed editions are read at once.
        """
        found = self._of_day(on, screened_only).values()
        if programmes is None:
            return tuple(found)
        wanted = set(programmes)
        return tuple(edition for edition in found if edition.programme in wanted)

    def faults(self, on: date) -> dict[int, str]:
        """By row, why an edition in force cannot be judged by."""
        found = self._of_day(on, screened_only=False)
        return {pk: edition.fault for pk, edition in found.items() if edition.fault}

    def _of_day(self, on: date, screened_only: bool) -> dict[int, rules.Edition]:
        """By row, in the order of the programmes, what is in force."""
        stamp = tuple(self._stamps.get(name, "") for name in ("editions", "facts", "programmes"))
        kept = _in_force.get((on, screened_only))
        if kept is None or kept[0] != stamp:
            wanted = Edition.objects.in_force(on)
            if screened_only:
                wanted = wanted.filter(programme__screened=True)
            if len(_in_force) >= MOST_DAYS:
                _in_force.clear()
            _in_force[on, screened_only] = kept = (stamp, self._read(wanted))
        return kept[1]

    def _read(self, wanted: QuerySet[Edition]) -> dict[int, rules.Edition]:
        known = self.facts
        tables = self._stamps.get("facts", ""), self._stamps.get("programmes", "")
        rows = wanted.order_by("programme__position", "programme_id", "effective_from")
        # A programme counts once, by its newest edition, should two ever be in force together.
        newest = {
            programme: (pk, digest, *tables)
            for programme, pk, digest in rows.values_list("programme", "pk", "digest")
        }
        stamps: dict[int, Stamp] = {stamp[0]: stamp for stamp in newest.values()}
        found = {pk: _compiled.get(stamp) for pk, stamp in stamps.items()}
        lacking = [pk for pk, edition in found.items() if edition is None]
        if len(_compiled) > MOST_COMPILED:
            _compiled.clear()
        for row in with_content(Edition.objects.filter(pk__in=lacking)) if lacking else ():
            found[row.pk] = _compiled[stamps[row.pk]] = read_edition(edition_data(row), known)
        return {pk: edition for pk, edition in found.items() if edition}

    def rules_of(self, edition: Edition) -> rules.Edition:
        """What a published row says, kept like those in force; see its `fault`."""
        return self._read(Edition.objects.filter(pk=edition.pk))[edition.pk]

    def contents_of(self, editions: Iterable[Edition]) -> dict[int, dict[str, Any]]:
        """By row, what published editions say in the shape of a pack; no query for what was read before."""
        wanted = {row.pk: (row.pk, row.digest) for row in editions}
        lacking = [pk for pk, key in wanted.items() if key not in _contents]
        if len(_contents) > MOST_CONTENTS:
            _contents.clear()
            lacking = list(wanted)
        rows = Edition.objects.filter(pk__in=lacking).prefetch_related(*CONTENT)
        for row in rows if lacking else ():
            _contents[wanted[row.pk]] = edition_content(row)
        return {pk: _contents[key] for pk, key in wanted.items()}

    def pinned_edition(self, edition: Edition) -> rules.Edition:
        """One edition, of whatever status and days: what is pinned to it keeps it; see its `fault`."""
        row = with_content(Edition.objects.filter(pk=edition.pk)).get()
        return read_edition(edition_data(row), self.facts)


def read_ahead(on: date) -> None:
    """Read and compile what the first visitor's page would."""
    known = Catalogue()
    known.editions_in_force(on, screened_only=False)
    for name in READERS:
        known.table(name)


def count_faulty(on: date) -> int:
    """How many editions in force cannot be judged by."""
    return len(Catalogue().faults(on))


def facts() -> dict[str, RuleFact]:
    return Catalogue().facts


def editions_in_force(
    on: date, programmes: Iterable[str] | None = None, *, screened_only: bool = True
) -> tuple[rules.Edition, ...]:
    return Catalogue().editions_in_force(on, programmes, screened_only=screened_only)


def published_contents() -> list[dict[str, Any]]:
    """Every standing edition, of whatever days, as compile_edition takes it."""
    published = Edition.objects.standing().order_by(
        "programme__position", "programme_id", "effective_from"
    )
    return [edition_data(edition) for edition in with_content(published)]
