"""What a list says once for all its rows: entered once for the file, or found in its titles."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from applications.centre.imports.firm_names import plain_name
from portal.sheets.account import Account, State
from portal.sheets.asides import IS_TOTAL
from portal.typed.days import read_day
from portal.typed.signs import UnreadError

FOUND = "从{place}“{text}”读出，请核对。"
FOUND_IN_NAME = "从{place}读出，请核对。"
OTHERWISE = "与表里的不同：“{value}”，{told}"
LONGEST_SHOWN = 60
_YEAR = r"[〔\[（(【﹝{]\s*(?:19|20)\d{2}\s*[〕\]）)】﹞}]"
_DOCUMENT = re.compile(rf"[\u4e00-\u9fa5]{{1,20}}{_YEAR}\s*第?\s*\d{{1,5}}\s*号")
# Words before the document number that are not of it.
_LEADS = re.compile("^.*(?:根据|依据|按照|依照|印发|转发|关于|文号|文件|附件|现将)(?=.)")
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?(?!\d)"
    r"|二[〇零○]..年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)


@dataclass(frozen=True)
class Title:
    """A line beside the data, and where it stands in words."""

    place: str
    text: str

    def told(self) -> str:
        if self.text in self.place:
            return FOUND_IN_NAME.format(place=self.place)
        text = self.text if len(self.text) <= LONGEST_SHOWN else f"{self.text[:LONGEST_SHOWN]}…"
        return FOUND.format(place=self.place, text=text)


@dataclass(frozen=True)
class Guess:
    """A value for a field of the form, as somebody would type it, and where it comes from."""

    value: str
    told: str


@dataclass(frozen=True)
class Details:
    """The form of what is told once, with what of it is known; without a form nothing is asked."""

    form: forms.Form | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.form is not None and not self.form.is_valid()

    @property
    def told(self) -> list[tuple[str, str]]:
        """The label of each field and what it says, as it is kept with the import."""
        if self.form is None:
            return []
        told = []
        for name, each in self.form.fields.items():
            value = self.values.get(name)
            choices = dict(getattr(each, "choices", ()))
            if value not in (None, ""):
                told.append((str(each.label), str(choices.get(value, value))))
        return told


def details_of(
    form: type[forms.Form],
    needed: Iterable[str],
    typed: Mapping[str, str],
    guesses: Mapping[str, Guess],
    **options: Any,
) -> Details:
    """The fields that are needed, filled in with what was typed, else with what was found."""
    names = list(needed)
    if not names:
        return Details()
    data = {name: guess.value for name, guess in guesses.items() if name in names}
    data |= {name: text for name, text in typed.items() if name in names}
    made = form(data, prefix=None, **options)
    for name in list(made.fields):
        if name not in names:
            del made.fields[name]
    for name, guess in guesses.items():
        if name in made.fields:
            is_same = data.get(name) == guess.value
            value = dict(getattr(made.fields[name], "choices", ())).get(guess.value, guess.value)
            otherwise = OTHERWISE.format(value=value, told=guess.told)
            made.fields[name].help_text = guess.told if is_same else otherwise
    made.is_valid()
    return Details(made, made.cleaned_data)


def titles_of(account: Account, file_name: str) -> list[Title]:
    """Lines above, below and between the tables, names of sheets, and that of the file."""
    lines = [
        Title(str(entry.place), entry.text)
        for entry in account.entries
        if "//" in entry.key or (entry.state == State.PASSED and not entry.why.startswith(IS_TOTAL))
    ]
    names = [Title(f"表名“{table.sheet}”", table.sheet) for table in account.tables if table.sheet]
    return [*lines, *names, Title(f"文件名“{file_name}”", file_name)]


def document_in(titles: Sequence[Title]) -> Guess | None:
    """The one document number that the titles name."""
    found = {}
    for title in titles:
        for each in _DOCUMENT.findall(title.text):
            number = "".join(_LEADS.sub("", each).split())
            found.setdefault(plain_name(number), Guess(number, title.told()))
    return next(iter(found.values())) if len(found) == 1 else None


def day_in(titles: Sequence[Title]) -> Guess | None:
    """The one day that the titles name."""
    found = {}
    for title in titles:
        for each in _DAY.findall(title.text):
            try:
                day = read_day("".join(each.split()))
            except UnreadError:
                continue
            found.setdefault(day, Guess(day.isoformat(), title.told()))
    return next(iter(found.values())) if len(found) == 1 else None


def one_named_in(titles: Sequence[Title], names: Mapping[str, str]) -> Guess | None:
    """Which of these, by key their names, the titles name; the longest where one holds another."""
    for title in titles:
        plain = _letters(title.text)
        said = {key: _letters(name) for key, name in names.items()}
        found = {key: name for key, name in said.items() if name and name in plain}
        longest = [
            key
            for key, name in found.items()
            if not any(name != other and name in other for other in found.values())
        ]
        if len(longest) == 1:
            return Guess(longest[0], title.told())
    return None


def _letters(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z\u3400-\u9fff]", "", text)
