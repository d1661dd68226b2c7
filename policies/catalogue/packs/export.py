"""The catalogue as packs: the whole, or some programmes with all that they rest on.

What stands is written: no drafts, no history, no calls, no files of originals and who compared them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from policies.catalogue.content import edition_content, examples_of, texts_in, with_content
from policies.catalogue.models import (
    Clause,
    Conflict,
    Contact,
    Document,
    Edition,
    Fact,
    Formula,
    Programme,
    Synonym,
    Window,
)
from policies.catalogue.models.example import UNTITLED as UNTITLED_EXAMPLE
from policies.catalogue.packs import clauses_pack, examples_pack, schema
from policies.catalogue.packs.writer import Line, in_order, line, written
from policies.rules.awards import UNTITLED
from policies.rules.derived import DERIVED
from policies.rules.edition import PLACE
from policies.rules.industry import INDUSTRY_FACTS
from policies.rules.read_edition import read_edition
from portal.models import Jurisdiction

Row = dict[str, Any]
# Where and what a firm is: asked whatever it looks for.
ALWAYS = {*PLACE, *INDUSTRY_FACTS, "enterprise.subject_type"}
LEVELS = [level.value for level in Jurisdiction.Level]
# PostgreSQL orders the keys of JSON by their length: in a rule, these are read first.
FIRST = ("id", "fact", "quantity", "ratio", "when", "then", "title", "amount", "cases", "otherwise")
PART = "只是目录的一部分：载入时，这里没有写的都不动。"


def export_packs(programmes: Iterable[str] | None = None) -> dict[str, str]:
    """By path within a folder, the text of each file; None: of the whole catalogue.

    Loaded into an empty database it gives the same content, and from there the same files.
    """
    rows = Programme.objects.select_related("area").prefetch_related("conflicts")
    if programmes is None:
        return _Export(list(rows), is_part=False).files()
    return _Export(list(rows.filter(pk__in=list(programmes))), is_part=True).files()


class _Export:
    def __init__(self, programmes: list[Programme], *, is_part: bool) -> None:
        self.programmes, self.is_part = programmes, is_part
        self.editions: dict[str, list[tuple[Edition, Row]]] = {row.pk: [] for row in programmes}
        standing = Edition.objects.standing().filter(programme__in=self.editions)
        rows = with_content(standing.order_by("programme", "effective_from"))
        for edition in rows.prefetch_related("examples"):
            self.editions[edition.programme_id].append((edition, edition_content(edition)))
        own = {"programme__in": self.editions}
        self.windows = _by_programme(Window.objects.filter(**own).select_related("document"))
        self.contacts = _by_programme(Contact.objects.filter(**own).select_related("office"))

    def files(self) -> dict[str, str]:
        rows = [self._programme(row) for row in self.programmes]
        order = {key: place for place, key in enumerate(Fact.objects.values_list("key", flat=True))}
        examples = [self._examples(row, order) for row in self.programmes]
        named = _Named(rows, examples, self) if self.is_part else None
        shared = {
            "jurisdictions": _jurisdictions(named),
            "facts": _facts(named),
            "formulas": _formulas(named),
            "documents": _documents(named),
            "conflicts": _conflicts(named),
            "synonyms": _synonyms(named),
            "clauses": _clauses(named),
        }
        files = {"pack.yaml": written({"part": True}, PART)} if self.is_part else {}
        files |= {f"{name}.yaml": written({name: found}) for name, found in shared.items()}
        return files | dict(self._of_programmes(rows, examples))

    def _of_programmes(
        self, rows: list[Row], examples: list[list[Row]]
    ) -> Iterator[tuple[str, str]]:
        """Files in the order of the programmes, those of one family together while they follow."""
        own = zip(self.programmes, rows, examples, strict=True)
        runs = [
            (family, list(run)) for family, run in groupby(own, key=lambda each: each[0].family)
        ]
        width = len(str(len(runs)))
        for number, (family, run) in enumerate(runs, 1):
            name = f"{number:0{width}}-{run[0][0].pk}.yaml"
            document = {"family": family, "programmes": [row for _, row, _ in run]}
            yield f"programmes/{name}", written(document)
            if found := [example for *_, examples in run for example in examples]:
                yield f"examples/{name}", written({"examples": found})

    def _examples(self, programme: Programme, order: Mapping[str, int]) -> list[Row]:
        return [
            _example(programme.pk, content["effective_from"], example, order)
            for edition, content in self.editions[programme.pk]
            for example in examples_of(edition)
        ]

    def _programme(self, programme: Programme) -> Row:
        return in_order(
            schema.PROGRAMME,
            {
                "id": programme.pk,
                "name": programme.name,
                "summary": programme.summary,
                "kind": programme.kind,
                "benefit": programme.benefit,
                "tier": programme.tier_fact
                and Line(fact=programme.tier_fact, code=programme.tier_code),
                "area": programme.area_id,
                "beneficiary": programme.beneficiary,
                "screened": programme.screened,
                "conflicts": sorted(conflict.pk for conflict in programme.conflicts.all()),
                "contacts": _contacts(self.contacts.get(programme.pk, [])),
                "windows": [_window(row) for row in self.windows.get(programme.pk, [])],
                "editions": [_edition(*each) for each in self.editions[programme.pk]],
            },
        )


class _Named:
    """What some programmes rest on, read off what is written of them."""

    def __init__(self, programmes: list[Row], examples: list[Any], export: _Export) -> None:
        self.programmes = {row["id"] for row in programmes}
        self.words = set(texts_in([programmes, examples]))
        self.names = " ".join(
            " ".join((row.name, row.family, row.summary)) for row in export.programmes
        )
        facts = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
        self.facts = ALWAYS | (self.words & facts.keys())
        for programme in export.programmes:
            for _, content in export.editions[programme.pk]:
                self.facts |= _read_by(programme, content, facts)
                self.words |= set(texts_in(content.get("formulas", {})))
        offered = {code for key in self.facts & facts.keys() for code in facts[key].choices}
        self.places = _with_surroundings(export.programmes, self.words | offered)


def _read_by(programme: Programme, content: Row, facts: Mapping[str, Any]) -> set[str]:
    data = {
        "id": programme.pk,
        "name": programme.name,
        "family": programme.family,
        "kind": programme.kind,
        "area": programme.area_id,
        **content,
    }
    derived = {key for word in texts_in(content) if (its := DERIVED.get(word)) for key in its.reads}
    return derived.union(read_edition(data, facts).fact_keys)


def _with_surroundings(programmes: list[Programme], named: set[str]) -> set[str]:
    """The places that are named, those around them, and all within an area."""
    parents = dict(Jurisdiction.objects.values_list("code", "parent"))
    areas = {programme.area_id for programme in programmes}
    found = {code for code in parents if code in named} | areas
    found |= {code for code in parents if areas.intersection(_above(code, parents))}
    return found.union(*(_above(code, parents) for code in found))


def _above(code: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    while code := parents.get(code) or "":
        yield code


def _by_programme(rows: Iterable[Any]) -> dict[str, list[Any]]:
    return {key: list(own) for key, own in groupby(rows, key=lambda row: row.programme_id)}


# --- what all share -----------------------------------------------------------------------


def _jurisdictions(named: _Named | None) -> list[Line]:
    """Each after the one that it lies in."""
    rows = Jurisdiction.objects.all() if named is None else _in(Jurisdiction, named.places)
    return [
        line(
            schema.JURISDICTION,
            {"code": row.pk, "name": row.name, "level": row.level, "parent": row.parent_id},
        )
        for row in sorted(rows, key=lambda row: (LEVELS.index(row.level), row.pk))
    ]


def _facts(named: _Named | None) -> list[Row]:
    rows = Fact.objects.all() if named is None else _in(Fact, named.facts)
    return [
        in_order(schema.FACT, {name: getattr(row, name) for name in schema.FACT}) for row in rows
    ]


def _formulas(named: _Named | None) -> list[Line]:
    """Every version: which of them an edition is pinned to is told by its day."""
    rows = Formula.objects.order_by("key", "effective_from")
    return [
        line(schema.FORMULA, {"key": row.key, **row.definition})
        for row in (rows.filter(key__in=named.words) if named else rows)
    ]


def _documents(named: _Named | None) -> list[Line]:
    rows = list(Document.objects.select_related("superseded_by"))
    if named is not None:
        newer = {row.number: row.superseded_by and row.superseded_by.number for row in rows}
        cited = {row.number for row in rows if row.number in named.words}
        cited = cited.union(*(_above(number, newer) for number in cited))
        named.documents = cited
        rows = [row for row in rows if row.number in cited]
    return [
        line(
            schema.DOCUMENT,
            {
                "number": row.number,
                "title": row.title,
                "issuer": row.issuer,
                "issued_on": _day(row.issued_on),
                "note": row.note,
                "superseded_by": row.superseded_by and row.superseded_by.number,
                "superseded_on": _day(row.superseded_on),
            },
        )
        for row in rows
    ]


def _conflicts(named: _Named | None) -> list[Line]:
    rows = Conflict.objects.all() if named is None else _in(Conflict, named.words)
    return [line(schema.CONFLICT, {"code": row.pk, "text": row.text}) for row in rows]


def _synonyms(named: _Named | None) -> list[Line]:
    return [
        line(schema.SYNONYM, {"word": row.pk, "means": row.means})
        for row in Synonym.objects.all()
        if named is None or any(each in named.names for each in row.means)
    ]


def _clauses(named: _Named | None) -> list[Row]:
    """Of each document; the parts of programmes that are not written with it stay untold."""
    rows = Clause.objects.select_related("document").order_by("document__number", "position", "pk")
    return [
        {
            "document": number,
            "rows": [
                line(
                    clauses_pack.ROW,
                    {
                        "clause": row.name,
                        "gist": row.gist,
                        "cited_as": row.cited_as,
                        "parts": [
                            {"programme": programme, "part": part}
                            for programme, part in row.parts
                            if named is None or programme in named.programmes
                        ],
                        "reason": row.reason,
                    },
                )
                for row in own
            ],
        }
        for number, own in groupby(rows, key=lambda row: row.document.number)
        if named is None or number in named.documents
    ]


def _in(model: Any, keys: Iterable[str]) -> Any:
    return model.objects.filter(pk__in=list(keys))


# --- what a programme has of its own ------------------------------------------------------


def _contacts(rows: list[Contact]) -> list[Line]:
    """An office of a place stands once: what several rows say of it is joined."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        office = row.office
        said = {
            "telephone": office.telephone,
            "address": office.address,
            "hours": office.note,
            "note": row.note,
        }
        own = found.setdefault((office.jurisdiction_id, office.name), {name: [] for name in said})
        for name, text in said.items():
            own[name] += [text] if text and text not in own[name] else []
    return [
        line(
            schema.CONTACT,
            {
                "jurisdiction": place,
                "office": office,
                **{name: "、".join(said) for name, said in own.items()},
            },
        )
        for (place, office), own in found.items()
    ]


def _window(row: Window) -> Line:
    return line(
        schema.WINDOW,
        {
            **{name: getattr(row, name) for name in ("kind", "title", "wording", "year", "note")},
            "starts": _month_and_day(row.starts_month, row.starts_day),
            "ends": _month_and_day(row.ends_month, row.ends_day),
            "document": row.document.number,
            "clause": row.clause,
        },
    )


def _month_and_day(month: int | None, day: int | None) -> str:
    return "-".join(f"{part:02}" for part in (month, day) if part)


def _edition(edition: Edition, content: Row) -> Row:
    retired = edition.reason if edition.status == Edition.Status.RETIRED else ""
    return in_order(
        schema.EDITION,
        {
            **content,
            "ends": _day(edition.own_end),
            "retired_because": retired,
            "places": content.get("places") and Line(content["places"]),
            "criteria": [_criterion(row) for row in content["criteria"]],
            "awards": [_award(row) for row in content["awards"]],
            "materials": [line(schema.MATERIAL, row) for row in content["materials"]],
            "steps": [line(schema.STEP, row) for row in content["steps"]],
        },
    )


def _criterion(row: Row) -> Line:
    rules = {name: _readable(row[name]) for name in ("rule", "when") if name in row}
    return line(schema.CRITERION, {**row, **rules, "sources": _sources(row)})


def _sources(row: Row) -> list[Line]:
    return [line(schema.SOURCE, source) for source in row.get("sources", [])]


def _award(row: Row) -> Line:
    """One amount without conditions stands in the award itself."""
    own = {
        name: value if name in ("conflicts", "only_highest") else _readable(value)
        for name, value in row.items()
        if (name, value) != ("status", "published")
    }
    own["sources"] = _sources(row)
    tranches = own.pop("tranches", [])
    only = tranches[0] if len(tranches) == 1 else {}
    if only.keys() <= {"title", "amount"} and only.get("amount") is not None:
        own["amount"] = only["amount"]
        own |= {"title": only["title"]} if only["title"] != UNTITLED else {}
    else:
        own["tranches"] = [line(schema.TRANCHE, tranche) for tranche in tranches]
    return line(schema.AWARD, own)


def _example(programme: str, starts: str, example: Row, order: Mapping[str, int]) -> Row:
    def answers(said: Mapping[str, Any]) -> Line:
        return Line(
            (key, said[key]) for key in sorted(said, key=lambda key: (order.get(key, 0), key))
        )

    def rows(shape: schema.Shape, found: list[Row]) -> list[Line]:
        """Here null says something: an end that is open."""
        return [
            Line(
                (name, answers(row[name]) if name == "with" else row[name])
                for name in shape
                if name in row
            )
            for row in found
        ]

    return in_order(
        examples_pack.EXAMPLE,
        {
            "programme": programme,
            "edition": starts,
            "title": "" if example["title"] == UNTITLED_EXAMPLE else example["title"],
            "on": example["on"],
            "firm": answers(example["firm"]),
            "criteria": rows(examples_pack.CRITERION, example.get("criteria", [])),
            "money": rows(examples_pack.MONEY, example.get("money", [])),
        },
    )


def _readable(value: Any) -> Any:
    """A rule or an amount with its keys in one order, whichever database kept it."""
    if isinstance(value, Mapping):
        names = sorted(
            value, key=lambda name: (name not in FIRST, (*FIRST, name).index(name), name)
        )
        return {name: _readable(value[name]) for name in names}
    return [_readable(item) for item in value] if isinstance(value, list) else value


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None
