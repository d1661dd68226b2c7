"""Search across all that an editor keeps: by wording, number, key and pinyin, whatever kind it is."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.urls import reverse

from policies.catalogue import current as catalogue
from policies.catalogue.models import (
    Call,
    Clause,
    Conflict,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Formula,
    Material,
    Office,
    Programme,
    Step,
    Synonym,
    Tranche,
    Window,
)
from policies.editors.formula_text import formula_text
from policies.editors.jurisdiction import Reach
from policies.editors.where_used import DRAFTS, page_of, state_of
from policies.editors.wording import Facts, in_words
from policies.rules.wording import formula_in_words
from policies.search.sounds import initials_of, readings_of, sounds_in
from policies.search.text import is_chinese

LONGEST = 100
MOST_SHOWN = 20
AROUND = 24
# Signs of one width, and brackets as keyboards have them: each stands for one, so that places stay.
_ONE_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_SIGNS = str.maketrans(
    {**_ONE_WIDTH, **dict.fromkeys("〔［【", "["), **dict.fromkeys("〕］】", "]")}
)


_LETTERS = re.compile("[a-z]{2,}")


def folded(text: str) -> str:
    """In the form in which it is compared, sign by sign."""
    return text.translate(_SIGNS).lower()


@dataclass(frozen=True)
class Row:
    """What can be found, on the page `of` a row. `names` are found by their sound too; `page` is
    the public one."""

    title: str
    of: Model
    names: Sequence[str]
    texts: Sequence[str] = ()
    state: str = ""
    page: str = ""

    @property
    def address(self) -> str:
        """In the admin."""
        return page_of(self.of)


@dataclass(frozen=True)
class Hit:
    row: Row
    before: str
    found: str
    after: str


@dataclass(frozen=True)
class Group:
    """Hits of one kind: the first of them, and the number of all."""

    title: str
    hits: Sequence[Hit]
    count: int

    @property
    def left_out(self) -> int:
        return self.count - len(self.hits)


def search(typed: str, reach: Reach, on: date) -> list[Group]:
    """What has every word that was typed; a query a kind. Drafts of others' places are not read."""
    words = folded(typed).split()
    groups = []
    for title, rows in KINDS.items():
        hits = [hit for row in rows(_Reading(reach, on)) if (hit := _hit(row, words))]
        if hits:
            groups.append(Group(title, hits[:MOST_SHOWN], len(hits)))
    return groups


def _hit(row: Row, words: Sequence[str]) -> Hit | None:
    """Where the first word stands, if every word stands somewhere."""
    texts = [*row.names, *row.texts]
    compared = [folded(text) for text in texts]
    places = []
    for word in words:
        place = _place_of(word, len(row.names), compared)
        if place is None:
            return None
        places.append(place)
    if not places:
        return None
    number, start, end = places[0]
    text = texts[number]
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Hit(
        row,
        ("…" if start > AROUND else "") + before,
        text[start:end],
        after + ("…" if end + AROUND < len(text) else ""),
    )


def _place_of(word: str, names: int, texts: Sequence[str]) -> tuple[int, int, int] | None:
    """Which text has the word, and from where to where; the first `names` by their sound too."""
    for number, text in enumerate(texts):
        if (start := text.find(word)) >= 0:
            return number, start, start + len(word)
    if not _LETTERS.fullmatch(word):
        return None
    for number, name in enumerate(texts[:names]):
        if place := _heard(word, name):
            return number, *place
    return None


def _heard(letters: str, name: str) -> tuple[int, int] | None:
    """Where the letters are the initials of Chinese signs, or how they sound."""
    if not any(map(is_chinese, name)):
        return None
    initials = initials_of(name)
    if len(initials) == len(name) and (start := initials.find(letters)) >= 0:
        end = start + len(letters)
        if all(map(is_chinese, name[start:end])):
            return start, end
    sounds = sounds_in(name)
    for reading in readings_of(letters):
        for start in range(len(sounds) - len(reading) + 1):
            end = start + len(reading)
            if tuple(sounds[start:end]) == reading and all(map(is_chinese, name[start:end])):
                return start, end
    return None


# --- what is searched, kind by kind ---------------------------------------------------------


@dataclass(frozen=True)
class _Reading:
    reach: Reach
    on: date

    def state(self, edition: Edition) -> str | None:
        """In words; None for what the reader is not shown."""
        state = state_of(edition, self.on)
        is_others = state == DRAFTS and edition.programme.area_id not in self.reach.areas
        return None if is_others else f"{edition}，{state}"


def _programmes(reading: _Reading) -> Iterator[Row]:
    for row in Programme.objects.select_related("area"):
        texts = (row.pk, row.summary, row.area.name)
        page = reverse("pages:programme", args=[row.pk])
        yield Row(row.name, row, (row.name, row.family), texts, row.area.name, page)


def _editions(reading: _Reading) -> Iterator[Row]:
    for row in Edition.objects.select_related("programme__area"):
        if state := reading.state(row):
            texts = (str(row.effective_from), *row.notices, (row.places or {}).get("ranked_by", ""))
            yield Row(str(row), row, (row.programme.name,), texts, state.split("，")[-1])


def _of_editions(
    rows: Iterable[Any], reading: _Reading, told: Callable[[Any], tuple[str, Model, Sequence[str]]]
) -> Iterator[Row]:
    """Parts of editions: what each is called, whose page it stands on, and its texts."""
    for row in rows:
        edition = row.award.edition if isinstance(row, Tranche) else row.edition
        if state := reading.state(edition):
            title, of, texts = told(row)
            yield Row(title, of, (), texts, state)


def _criteria(reading: _Reading) -> Iterator[Row]:
    rows = Criterion.objects.select_related("edition__programme").defer("rule", "when")
    return _of_editions(
        rows, reading, lambda row: (str(row), row, (row.code, row.text, row.sentence, row.reason))
    )


def _amounts(reading: _Reading) -> Iterator[Row]:
    facts: Facts = catalogue.facts()
    paths = ("award__edition__programme", "award__payer")

    def told(row: Tranche) -> tuple[str, Model, Sequence[str]]:
        amount = in_words(row.amount, facts, formula_in_words)
        texts = (f"{row.award}：{row.title} {amount}", row.condition)
        return f"{row.award}：{row.title}", row.award, texts

    return _of_editions(Tranche.objects.select_related(*paths), reading, told)


def _materials(reading: _Reading) -> Iterator[Row]:
    rows = Material.objects.filter(call=None).select_related("edition__programme")
    return _of_editions(rows, reading, lambda row: (row.name, row.edition, (row.name, row.note)))


def _steps(reading: _Reading) -> Iterator[Row]:
    return _of_editions(
        Step.objects.select_related("edition__programme"),
        reading,
        lambda row: (row.title, row.edition, (row.title, row.actor, row.text, row.time_limit)),
    )


def _examples(reading: _Reading) -> Iterator[Row]:
    return _of_editions(
        Example.objects.select_related("edition__programme"),
        reading,
        lambda row: (row.title, row, (row.title, *(each["code"] for each in row.criteria))),
    )


def _facts(reading: _Reading) -> Iterator[Row]:
    for row in Fact.objects.all():
        texts = (row.key, row.help, row.section, *row.choices, *map(str, row.choices.values()))
        yield Row(row.label, row, (row.label, row.question), texts, row.section)


def _formulas(reading: _Reading) -> Iterator[Row]:
    facts: Facts = catalogue.facts()
    for row in Formula.objects.all():
        texts = (row.key, formula_text(row.quantity, facts), row.unit)
        yield Row(str(row), row, (row.label,), texts)


def _documents(reading: _Reading) -> Iterator[Row]:
    for row in Document.objects.all():
        names = (row.title, row.issuer)
        title = f"{row.number} {row.title}"
        yield Row(title, row, names, (row.number, row.note), "", row.get_absolute_url())


def _clauses(reading: _Reading) -> Iterator[Row]:
    for row in Clause.objects.select_related("document"):
        texts = (f"{row.document.number} {row.name}", *row.cited_as, row.reason)
        page = row.document.address_of(row.name)
        yield Row(str(row), row, (row.gist,), texts, "", page)


def _conflicts(reading: _Reading) -> Iterator[Row]:
    for row in Conflict.objects.all():
        yield Row(row.code, row, (row.text,), (row.code,))


def _offices(reading: _Reading) -> Iterator[Row]:
    for row in Office.objects.select_related("jurisdiction"):
        place = row.jurisdiction.name
        bare = re.sub(r"\D", "", row.telephone)
        texts = (row.telephone, bare, row.address, row.note)
        yield Row(f"{place} {row.name}", row, (row.name, place), texts, row.telephone)


def _windows(reading: _Reading) -> Iterator[Row]:
    for row in Window.objects.select_related("programme"):
        texts = (row.wording, row.note, row.clause, row.when)
        title = f"{row.programme}：{row.title}"
        yield Row(title, row.programme, (row.title,), texts, row.when)


def _calls(reading: _Reading) -> Iterator[Row]:
    """As anybody reads them; who drafts and opens them has a list of their own."""
    for row in Call.objects.opened().select_related("programme"):
        texts = (row.text, row.document_number, row.office, row.telephone)
        page = f"{reverse('pages:programme', args=[row.programme_id])}#calls"
        yield Row(row.title, row.programme, (row.title,), texts, str(row.programme), page)


def _synonyms(reading: _Reading) -> Iterator[Row]:
    for row in Synonym.objects.all():
        yield Row(row.word, row, (row.word, *row.means), (), "、".join(row.means))


KINDS: dict[str, Callable[[_Reading], Iterator[Row]]] = {
    "项目": _programmes,
    "版本和草稿": _editions,
    "条件": _criteria,
    "金额": _amounts,
    "材料": _materials,
    "环节": _steps,
    "例子": _examples,
    "指标": _facts,
    "公式": _formulas,
    "政策文件": _documents,
    "条款": _clauses,
    "口径说明": _conflicts,
    "科室和电话": _offices,
    "申报时间": _windows,
    "征集": _calls,
    "同义词": _synonyms,
}
