"""The cases that the firms of a recognised list may mean."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Q

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.imports.details import Title, one_named_in
from applications.centre.imports.finding import WAITS, Candidate, Match, Search, said_by
from applications.centre.imports.firm_names import (
    firms_on_record,
    former_names,
    formerly_named,
    plain_name,
    plain_name_of,
    spellings,
)
from applications.centre.imports.places import Places
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.sheets.columns import Place, SheetRow

NOT_APPROVED = "现在是“{status}”，审核通过以后才能认定"
SEVERAL_TICKED = "这一行写了几个项目（{names}），请选一件；几个都要登记的，请改成一行一个项目再上传"
NONE_TICKED = "表头里有项目（{names}），这一行一个也没有写，请看算不算"
OTHER_PROGRAMME = "表里写的项目是“{told}”，与平台上的项目名称对不上，请核对是哪一件"
# What people write where a column that is called like a programme does not hold for a row.
NOT_TICKED = {"", "否", "不", "无", "0", "/", "／", "-", "—", "——", "×", "✗", "✘", "N", "NO"}
LEAST_SAID = 4
_AROUND = re.compile(r"^是否|(奖励|补助|奖补)?(金额|资金)?([（(][^（()）]*[)）])?$")
RECOGNISED = "已由 {document}（{day}）认定"


class CaseSearch:
    """The cases of the firms that some rows name, within the user's scope, and those of numbers
    that were `typed`; few queries, however many rows.
    """

    def __init__(
        self,
        rows: Sequence[SheetRow],
        user: Any,
        typed: Collection[str] = (),
        titles: Sequence[Title] = (),
    ) -> None:
        self._rows, self._user, self._titles = rows, user, titles
        self._meant: dict[str, str] = {}
        codes, names = said_by(rows)
        own = (
            Application.objects.visible_to(user)
            .alias(
                name_now=plain_name_of("enterprise__name"),
                name_then=plain_name_of("enterprise_name"),
            )
            .filter(
                Q(enterprise__credit_code__in=codes)
                | Q(name_now__in=names)
                | Q(name_then__in=names)
                | Q(enterprise__in=formerly_named(names))
                | Q(number__in=typed)
            )
            .select_related(
                "enterprise", "county", "edition__programme", "recognition_line__recognition"
            )
            .defer("answers", "assessment")
            .order_by("number")
        )
        self._cases = {case.number: case for case in own}
        former = former_names({case.enterprise_id for case in self._cases.values()})
        self._candidates = [
            _candidate(case, former.get(case.enterprise_id, set())) for case in self._cases.values()
        ]
        self._firms = firms_on_record(codes, names, user)

    @cached_property
    def _programmes(self) -> list[Programme]:
        """Those of the user's place, of what lies in it, and of what it lies in."""
        mine = in_charge(self._user, "area")
        if code := self._user.jurisdiction_code:
            mine |= Q(area__in=Jurisdiction.objects.above(code))
        return list(Programme.objects.filter(mine).select_related("area"))

    @cached_property
    def _by_plain_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for each in self._programmes:
            found.setdefault(plain_name(each.name), []).append(each.pk)
        return found

    @property
    def names(self) -> dict[str, str]:
        return {each.pk: each.name for each in self._programmes}

    @property
    def programmes(self) -> dict[str, str]:
        """By key the name and the area."""
        return {each.pk: f"{each.name}（{each.area}）" for each in self._programmes}

    def _meant_by(self, text: str) -> str:
        """The one programme that a text names, in full or by a part of its name; empty where none."""
        if text not in self._meant:
            self._meant[text] = self._programme_in(text)
        return self._meant[text]

    def _programme_in(self, text: str) -> str:
        plain = plain_name(text)
        if found := self._by_plain_name.get(plain):
            return found[0] if len(found) == 1 else ""
        said = plain_name(_AROUND.sub("", text.strip()))
        if len(said) < LEAST_SAID:
            return ""
        near = {key for name, keys in self._by_plain_name.items() if said in name for key in keys}
        return near.pop() if len(near) == 1 else ""

    @cached_property
    def _titled(self) -> str:
        """The programme that the titles of the list name."""
        named = one_named_in(self._titles, self.names)
        return named.value if named else ""

    @cached_property
    def _knows_programmes(self) -> bool:
        """Whether the column of programmes names any of ours."""
        return any(self._meant_by(row.values["programme"] or "") for row in self._rows)

    def _ticked(self, row: SheetRow) -> dict[str, bool]:
        """Of the programmes that columns are called by, which the row has something in; none where one
        column alone tells of another programme, or the list is of one that no column is called by.
        """
        found: dict[str, bool] = {}
        for at, header in row.headers.items():
            if key := self._meant_by(header):
                _, text = row.beside.get(at, ("", ""))
                is_ticked = "".join(text.split()) not in NOT_TICKED
                found[key] = found.get(key, False) or is_ticked
        is_choice = len(found) > 1 and (not self._titled or self._titled in found)
        return found if is_choice else {}

    def _doubt(self, row: SheetRow) -> str:
        """Why it cannot be told of which programme a row is, though it says something of it."""
        if self._programme_of(row):
            return ""
        told = row.values["programme"] or ""
        if told and self._knows_programmes:
            return OTHER_PROGRAMME.format(told=told)
        ticked = self._ticked(row)
        names = "、".join(self.names[key] for key, is_on in ticked.items() if is_on)
        if not ticked:
            return ""
        if names:
            return SEVERAL_TICKED.format(names=names)
        return NONE_TICKED.format(names="、".join(self.names[key] for key in ticked))

    @property
    def without_programme(self) -> bool:
        """Whether any row does not tell of which programme it is."""
        return any(not self._programme_of(row) for row in self._rows)

    @property
    def ready_programmes(self) -> set[str]:
        return {
            case.edition.programme_id
            for case in self._cases.values()
            if case.status == Status.APPROVED
        }

    def matches(
        self,
        rows: Sequence[SheetRow],
        told: Mapping[str, Any],
        choices: Mapping[str, str],
        taken: Mapping[str, Place],
    ) -> list[Match]:
        """What the rows stand for, of the programme `told` where they name none."""
        search = Search(
            self._candidates,
            Places(),
            lambda row, found: self._narrowed(row, found, told.get("programme", "")),
            self._firms,
            doubt=self._doubt,
        )
        return [
            match if told.get("programme") or self._programme_of(match.row) else _waiting(match)
            for match in search.matches(rows, choices, taken)
        ]

    def _narrowed(
        self, row: SheetRow, found: Sequence[Candidate], programme: str
    ) -> list[Candidate]:
        """Those of the programme, and of the project where the row names one of them.

        Without a programme they are all that may be meant.
        """
        programme = self._programme_of(row) or programme
        ticked = {key for key, is_on in self._ticked(row).items() if is_on}
        meant = ticked if len(ticked) > 1 and not self._programme_of(row) else {programme}
        own = [
            self._against(row, each)
            for each in found
            if "" in meant or self._cases[each.key].edition.programme_id in meant
        ]
        subject = plain_name(row.values["subject"] or "")
        same = [each for each in own if plain_name(self._cases[each.key].subject) == subject]
        return same if subject and same else own

    def _against(self, row: SheetRow, candidate: Candidate) -> Candidate:
        """What was recognised by this very document is known, not refused."""
        case = self._cases[candidate.key]
        line = getattr(case, "recognition_line", None)
        if line is None:
            return candidate
        recognition = line.recognition
        said = row.values["document_number"], row.values["on"]
        if said == (recognition.document_number, recognition.on):
            return replace(candidate, refusal="")
        return candidate

    def _programme_of(self, row: SheetRow) -> str:
        """The one programme that a row names: in its column, in that of projects, or by what stands
        under the name of a programme; empty where it names none of ours.
        """
        if told := row.values["programme"]:
            return self._meant_by(told)
        subject = plain_name(row.values["subject"] or "")
        if found := self._by_plain_name.get(subject):
            return found[0] if len(found) == 1 else ""
        ticked = [key for key, is_on in self._ticked(row).items() if is_on]
        return ticked[0] if len(ticked) == 1 else ""


def _waiting(match: Match) -> Match:
    """What cannot be told without the programme; that nobody knows the firm can."""
    if not match.candidates:
        return match
    return replace(match, found=None, by="", why=WAITS, candidates=())


def _candidate(case: Application, former: Collection[str]) -> Candidate:
    firm, line = case.enterprise, getattr(case, "recognition_line", None)
    refusal = ""
    if line is not None:
        recognition = line.recognition
        refusal = RECOGNISED.format(document=recognition.document_number, day=recognition.on)
    elif case.status != Status.APPROVED:
        refusal = NOT_APPROVED.format(status=case.get_status_display())
    told = [
        case.number, firm.name, firm.credit_code, case.county.name,
        case.edition.programme.name, case.subject, f"{case.year} 年度", case.get_status_display(),
    ]  # fmt: skip
    return Candidate(
        key=case.number,
        label="　".join(each for each in told if each),
        code=firm.credit_code,
        names=frozenset(spellings(firm.name) | spellings(case.enterprise_name)),
        county=case.county_id,
        values={"number": case.number, "credit_code": firm.credit_code},
        refusal=refusal,
        former=frozenset(former),
    )
