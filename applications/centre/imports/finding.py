"""Rows of lists that came without our numbers: what each may stand for, proposed or asked.

A row is found by 统一社会信用代码, or by the name of the firm with its county. One that fits is
proposed; where several do, or something speaks against it, somebody chooses, or passes it over.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from applications.centre.imports.details import Details
from applications.centre.imports.firm_names import loose_spellings, spellings
from applications.centre.imports.marks import CREDIT_CODE, ORGANISATION
from applications.centre.imports.places import Places, told_place
from portal.sheets.account import PASS
from portal.sheets.columns import Place, SheetRow

BY_CODE, BY_NAME, BY_NAME_AND_PLACE, BY_CHOICE = "信用代码", "名称", "名称和县", "您选定"
BY_FORMER_NAME = "曾用名"
BY_TYPED = "您填的申报编号"
PASSED_OVER = "您选定略过"
WAITS = "先在上面选好项目"
SEVERAL = "有几件都对得上，请选一件"
OTHER_NAME = "信用代码对得上，名称不同，请核对是不是同一家"
OTHER_CODE = "表里的信用代码对不上，只有名称相同，请核对是不是同一家"
LIKE_NAME = "去掉名称后面括号里的，或者按括号里的名称才对得上，请核对是不是同一家"
BAD_CODE = "信用代码不完整，可能被表格改成了数字；只按名称找到，请核对"
OTHER_PLACE = "名称相同，县不同，请核对是不是同一家"
NOT_READY = "找到了，现在不能登记；办好以后再导入，或者这次略过"
KNOWN_FIRM = "企业在平台上，没有对得上的；请核对项目，补办以后再导入，或者这次略过"
NOT_FOUND = (
    "平台上没有这家企业，或者不归您办理；请核对名称和代码，企业登记、申报以后再导入，或者这次略过"
)
TAKEN = "与{place}找到的是同一件，一件只登记一次；请略过一行，或者另选一件"
NO_LONGER = "原来选的那一件已经对不上，请再选一次"
NO_SUCH_NUMBER = "没有申报编号“{number}”，或者不归您办理，或者不是这个项目的；请核对"
MOST_DIGITS = 30
# How a choice begins that is a number of a case, typed.
TYPED = "number:"


@dataclass(frozen=True)
class Candidate:
    """What a row may stand for: `values` complete it. `refusal` says why it cannot be recorded now.

    `key` is kept as the choice; `names` are the firm's in one spelling, those it had before it was
    renamed in `former`; `county` is the code of its place.
    """

    key: str
    label: str
    code: str
    names: frozenset[str]
    county: str
    values: Mapping[str, Any]
    refusal: str = ""
    former: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """What became of one row: `found`, and by what; or `why` somebody is asked.

    `key` is that of what the row says, so that a choice holds in the next file too.
    """

    key: str
    row: SheetRow
    found: Candidate | None = None
    by: str = ""
    why: str = ""
    candidates: Sequence[Candidate] = ()
    choice: str = ""

    @property
    def place(self) -> Place:
        return self.row.place

    @property
    def typed(self) -> str:
        """The number of a case that somebody typed."""
        return self.choice.removeprefix(TYPED) if self.choice.startswith(TYPED) else ""

    @property
    def may_be_typed(self) -> bool:
        """Whether nothing of what fits could be chosen, so that a number is asked for."""
        return all(each.refusal for each in self.candidates)

    @property
    def is_passed(self) -> bool:
        return self.choice == PASS

    @property
    def is_open(self) -> bool:
        return self.found is None and not self.is_passed and self.why != WAITS

    @property
    def is_asked(self) -> bool:
        """Whether somebody is or was asked."""
        return bool(self.why) and self.why != WAITS

    @property
    def told(self) -> dict[str, str]:
        """What is kept of it with the import: which row, what it stands for, and by what."""
        return {
            "place": str(self.place),
            "text": self.row.text,
            "found": self.found.label if self.found else "",
            "by": self.by if self.found else PASSED_OVER,
        }

    @property
    def group(self) -> str:
        """What rows that are asked about for one reason have in common."""
        return sha256(self.why.encode()).hexdigest()[:8]


@dataclass
class Search:
    """What can be found, and how rows are told apart.

    `narrow` gets a row and candidates of its firm and returns those that fit what else it says.
    `firms` are the codes and plain names of firms on record. `otherwise` gets a row whose firm is not
    found and returns candidates with what speaks against them; `doubt` says what is to be asked of a
    row all the same.
    """

    candidates: Sequence[Candidate]
    places: Places
    narrow: Callable[[SheetRow, Sequence[Candidate]], Sequence[Candidate]]
    firms: set[str] = field(default_factory=set)
    otherwise: Callable[[SheetRow], tuple[Sequence[Candidate], str]] = lambda row: ((), "")
    doubt: Callable[[SheetRow], str] = lambda row: ""

    def __post_init__(self) -> None:
        self._by_code: dict[str, list[Candidate]] = defaultdict(list)
        self._by_organisation: dict[str, list[Candidate]] = defaultdict(list)
        self._by_name: dict[str, list[Candidate]] = defaultdict(list)
        for each in self.candidates:
            self._by_code[each.code].append(each)
            self._by_organisation[each.code[8:17]].append(each)
            for name in each.names | each.former:
                self._by_name[name].append(each)

    def matches(
        self, rows: Iterable[SheetRow], choices: Mapping[str, str], taken: Mapping[str, Place]
    ) -> list[Match]:
        """In the order of the rows; `taken` are the keys that rows with numbers of ours stand for."""
        used = dict(taken)
        found: list[Match] = []
        said = Counter()
        for row in rows:
            key = key_of(row)
            said[key] += 1
            key += f"-{said[key]}" if said[key] > 1 else ""
            match = self._decided(self._match(key, row), choices)
            if match.found:
                first = used.setdefault(match.found.key, row.place)
                if first != row.place:
                    others = [each for each in match.candidates if each.key != match.found.key]
                    why = TAKEN.format(place=first)
                    match = replace(match, found=None, by="", why=why, candidates=others)
            found.append(match)
        return found

    def _decided(self, match: Match, choices: Mapping[str, str]) -> Match:
        choice = choices.get(match.key, "")
        if not choice:
            return match
        if choice == PASS:
            return replace(match, choice=PASS, found=None, by="", why=match.why or "选定略过")
        if choice.startswith(TYPED):
            return self._typed(match, choice)
        chosen = next((each for each in match.candidates if each.key == choice), None)
        if chosen is None or chosen.refusal:
            return replace(match, why=match.why or NO_LONGER)
        return replace(match, found=chosen, by=BY_CHOICE, choice=choice)

    def _typed(self, match: Match, choice: str) -> Match:
        """The case whose number was typed, whatever the row says of the firm."""
        number = choice.removeprefix(TYPED)
        named = [each for each in self.candidates if each.values["number"] == number]
        fitting = list(self.narrow(match.row, named))
        ready = [each for each in fitting if not each.refusal]
        match = replace(match, choice=choice, candidates=fitting)
        if len(ready) == 1:
            return replace(match, found=ready[0], by=BY_TYPED, why=match.why or BY_TYPED)
        if ready:
            return replace(match, why=SEVERAL)
        return replace(match, why=NOT_READY if fitting else NO_SUCH_NUMBER.format(number=number))

    def _match(self, key: str, row: SheetRow) -> Match:
        match = Match(key, row)
        found, by, why = self._of_firm(row)
        if not found:
            is_known = bool(self.firms & {row.values.get("credit_code") or "", *_names(row)})
            return replace(match, why=KNOWN_FIRM if is_known else NOT_FOUND)
        fitting = list(self.narrow(row, found))
        if not fitting:
            return replace(match, why=KNOWN_FIRM)
        ready = [each for each in fitting if not each.refusal]
        why = why or self.doubt(row)
        if not ready:
            return replace(match, why=NOT_READY, candidates=fitting)
        if len(ready) > 1 or why:
            return replace(match, why=why or SEVERAL, candidates=fitting)
        return replace(match, found=ready[0], by=by, candidates=fitting)

    def _of_firm(self, row: SheetRow) -> tuple[list[Candidate], str, str]:
        """The candidates of the firm that a row names, by what, and what speaks against it."""
        code, names = row.values.get("credit_code") or "", _names(row)
        is_old = bool(ORGANISATION.fullmatch(code))
        is_whole = bool(CREDIT_CODE.fullmatch(code)) or is_old
        is_whole = is_whole and "credit_code" not in row.losses
        known = self._by_organisation if is_old else self._by_code
        if is_whole and (found := known.get(code)):
            is_same = not names or any(names & (each.names | each.former) for each in found)
            return found, BY_CODE, "" if is_same else OTHER_NAME
        found = self._named(names)
        if not found and (name := row.values.get("name")):
            found = self._named(loose_spellings(name))
            if found:
                return found, BY_NAME, LIKE_NAME
        if not found:
            others, against = self.otherwise(row)
            return list(others), BY_NAME, against
        said, places = told_place(row, self.places)
        if code:
            return found, BY_NAME, OTHER_CODE if is_whole else BAD_CODE
        is_former = bool(found) and not any(names & each.names for each in found)
        by = BY_FORMER_NAME if is_former else BY_NAME
        if not said:
            return found, by, ""
        near = [each for each in found if self.places.lies_in(each.county, places)]
        if not near:
            return found, by, OTHER_PLACE
        return near, BY_FORMER_NAME if is_former else BY_NAME_AND_PLACE, ""

    def _named(self, names: Iterable[str]) -> list[Candidate]:
        named = {each.key: each for name in names for each in self._by_name.get(name, ())}
        return list(named.values())


def key_of(row: SheetRow) -> str:
    """By what its own columns say, not where it stands."""
    values = [f"{key}={row.values[key]}" for key in sorted(row.columns) if row.values[key]]
    return sha256("|".join([*values, row.section]).encode()).hexdigest()[:16]


def _names(row: SheetRow) -> set[str]:
    return spellings(name) if (name := row.values.get("name")) else set()


@dataclass(frozen=True)
class Completed:
    """The rows that are complete, what was found for the others, and what is told once for all."""

    rows: Sequence[SheetRow]
    matches: Sequence[Match] = ()
    details: Details = field(default_factory=Details)


def in_order(rows: Iterable[SheetRow]) -> list[SheetRow]:
    return sorted(rows, key=lambda row: row.place)


def numbers_typed(choices: Mapping[str, str]) -> set[str]:
    return {each.removeprefix(TYPED) for each in choices.values() if each.startswith(TYPED)}


def said_by(rows: Iterable[SheetRow]) -> tuple[set[str], set[str]]:
    """The codes and the plain names of firms that rows say."""
    codes, names = set(), set()
    for row in rows:
        codes.add(row.values.get("credit_code") or "")
        names |= _names(row) | loose_spellings(row.values.get("name") or "")
    return codes - {""}, names - {""}


def choices_sent(matches: Iterable[Match], sent: Mapping[str, str]) -> dict[str, str]:
    """By key of the match a candidate's key or PASS, as the page sent it.

    A button that passes over a whole group comes as `pass-found` with its group.
    """
    told = {}
    for match in matches:
        choice = sent.get(f"found:{match.key}", "")
        number = "".join(sent.get(f"number:{match.key}", "").split())[:MOST_DIGITS]
        if sent.get("pass-found") == match.group and match.is_open:
            choice = PASS
        if choice != PASS and (number or match.typed):
            told[match.key] = f"{TYPED}{number}" if number else choice
            continue
        keys = {each.key for each in match.candidates if not each.refusal}
        if choice == PASS or choice in keys:
            told[match.key] = choice
    return told
