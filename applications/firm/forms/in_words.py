"""What was typed into an application, as people read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from applications.cases.models.draft import CONTACT, MATERIAL, Content
from applications.cases.services.drafts import Conflict
from applications.cases.services.filling import Filling
from applications.enterprises.models import LibraryFile
from applications.firm.forms.accounts import ContactForm
from applications.firm.forms.application import CHOICE
from policies.rules.facts import Fact
from policies.self_check.forms.typed import NONE


@dataclass(frozen=True)
class ConflictInWords:
    """A conflict as it is shown: both values, who changed it and when, and what is ticked."""

    conflict: Conflict
    label: str
    mine: str
    theirs: str
    field: str
    ticked: str


def conflicts_in_words(
    conflicts: Iterable[Conflict], filling: Filling, choices: Mapping[str, str]
) -> list[ConflictInWords]:
    conflicts = list(conflicts)
    titles = _titles([(each.name, [*each.mine, *each.theirs]) for each in conflicts], filling)
    shown = []
    for conflict in conflicts:
        fact = filling.facts.get(conflict.name)
        mine, theirs = (
            "；".join(titles.get(value, _in_words(fact, value)) for value in values) or "（空）"
            for values in (conflict.mine, conflict.theirs)
        )
        shown.append(
            ConflictInWords(
                conflict,
                _label(conflict.name, filling),
                mine,
                theirs,
                f"{CHOICE}{conflict.name}",
                choices.get(conflict.name, ""),
            )
        )
    return shown


def content_in_words(filling: Filling, content: Content) -> list[tuple[str, str]]:
    """What a draft holds, label and value: answers, files and whom to call."""
    titles = _titles(content.items(), filling)
    return [
        (
            _label(name, filling),
            "；".join(
                titles.get(value, _in_words(filling.facts.get(name), value)) for value in values
            ),
        )
        for name, values in content.items()
        if values
    ]


def _label(name: str, filling: Filling) -> str:
    fact = filling.facts.get(name)
    known = str(ContactForm.base_fields[name].label) if name in CONTACT else ""
    return known or (fact.label if fact else name.removeprefix(MATERIAL))


def _titles(content: Iterable[tuple[str, list[str]]], filling: Filling) -> dict[str, str]:
    """The titles of the files that are named, by their references."""
    references = [
        value for name, values in content if name.startswith(MATERIAL) for value in values
    ]
    files = LibraryFile.objects.filter(enterprise=filling.enterprise, reference__in=references)
    return {str(file.reference): file.title for file in files}


def _in_words(fact: Fact | None, value: str) -> str:
    if fact is None:
        return value
    if value == NONE:
        return "都没有"
    if fact.type == "bool":
        return "是" if value == "true" else "否"
    unit = "%" if fact.type == "ratio" else fact.unit or ""
    return fact.choices.get(value) or f"{value} {unit}".strip()
