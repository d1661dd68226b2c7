"""What staff decide of a spreadsheet on its page: the form's fields, and what was sent of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from applications.centre.imports.finding import Match
from applications.centre.imports.questions import AS_WRITTEN, SAME, Answer, Asked
from applications.centre.imports.recording import Rehearsal
from portal.sheets.account import PASS, READ, Account, Entry, State

# A form holds no more fields than a request may bring.
MOST_ASKED = 100
# Two fields each, and rows may be asked about for half a dozen reasons.
MOST_FOUND = 30
# And one for each that was found.
MOST_FOUND_SHOWN = 100
MOST_REASON = 500
NOT_CONFIRMED = "请写明依据，没有依据不能按表里写的登记。"


@dataclass(frozen=True)
class Group:
    """Rows that are in doubt for one reason, those still to be decided first."""

    why: str
    entries: Sequence[Entry]

    @property
    def open(self) -> int:
        return sum(entry.state == State.DOUBT for entry in self.entries)

    @property
    def shown(self) -> Sequence[Entry]:
        in_order = sorted(self.entries, key=lambda entry: entry.state != State.DOUBT)
        return in_order[:MOST_ASKED]

    @property
    def may_be_read(self) -> bool:
        return any(entry.may_be_read for entry in self.entries)


def groups_of(account: Account) -> list[Group]:
    """The rows that somebody is or was asked about, by what is odd of them."""
    asked = [entry for entry in account.entries if entry.is_asked]
    return [
        Group(doubt, [entry for entry in asked if entry.doubt == doubt])
        for doubt in dict.fromkeys(entry.doubt for entry in asked)
    ]


def rows_decided(account: Account, sent: Mapping[str, str]) -> dict[str, str]:
    """READ or PASS by the keys of tables and rows, as they were sent.

    A button that decides a group at once comes as `all`, the choice and what is odd of its rows.
    """
    may_be_read = {table.key: table.is_readable for table in account.tables}
    may_be_read |= {entry.key: entry.may_be_read for entry in account.entries if entry.is_asked}
    decided = {key: sent.get(f"row:{key}", "") for key in may_be_read}
    choice, _, doubt = sent.get("all", "").partition(":")
    decided |= {
        entry.key: choice for entry in account.entries if entry.is_asked and entry.doubt == doubt
    }
    return {
        key: told
        for key, told in decided.items()
        if told == PASS or (told == READ and may_be_read[key])
    }


def answers_sent(rehearsal: Rehearsal, sent: Mapping[str, str]) -> dict[str, Answer]:
    """What was answered to the questions that are asked."""
    return {
        asked.question.key: _answer(asked, sent)
        for asked in rehearsal.asked
        if f"reason:{asked.question.key}" in sent
    }


def details_sent(rehearsal: Rehearsal, sent: Mapping[str, str]) -> dict[str, str]:
    """What was typed once for the file, as it was typed."""
    form = rehearsal.details.form
    if form is None:
        return {}
    return {name: sent[name][:MOST_REASON] for name in form.fields if name in sent}


@dataclass(frozen=True)
class FoundGroup:
    """Rows of a list that are asked about for one reason, those still to be decided first."""

    why: str
    group: str
    matches: Sequence[Match]

    @property
    def open(self) -> int:
        return sum(match.is_open for match in self.matches)

    @property
    def shown(self) -> Sequence[Match]:
        in_order = sorted(self.matches, key=lambda match: not match.is_open)
        return in_order[:MOST_FOUND]


def found_groups_of(matches: Sequence[Match]) -> list[FoundGroup]:
    """By what speaks against them, in the order of the file."""
    asked = [match for match in matches if match.is_asked]
    groups: dict[str, list[Match]] = {}
    for match in asked:
        groups.setdefault(match.why, []).append(match)
    return [FoundGroup(why, own[0].group, own) for why, own in groups.items()]


def _answer(asked: Asked, sent: Mapping[str, str]) -> Answer:
    question = asked.question
    choice = sent.get(f"answer:{question.key}", "")
    reason = sent[f"reason:{question.key}"].strip()[:MOST_REASON]
    return Answer(
        choice=choice if choice in (SAME, AS_WRITTEN) else "",
        reason=reason,
        asked=f"{question.header}：{question.message}",
    )
