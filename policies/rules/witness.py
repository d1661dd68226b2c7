"""Witnesses: answers that make a reading come out as wanted, found by trying."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from policies.rules.answers import contradictions
from policies.rules.firm import Firm
from policies.rules.readings import Outcome, Reading

Read = Callable[[Firm], Reading]
MOST_TRIED = 20_000


class Witnesses:
    """Looks for answers among those worth trying; a decided reading is followed no further."""

    def __init__(self, answers_to_try: Mapping[str, list[Any]], on: date) -> None:
        self.answers_to_try, self.on = answers_to_try, on

    def find(self, read: Read, given: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Answers, with those `given`, that meet `read`; None where none were found."""
        return self.search(lambda reading: reading.outcome is Outcome.MET, read, given)

    def stays_open(self, read: Read) -> bool:
        """Whether some answers leave `read` open with nothing more to ask."""
        found = self.search(
            lambda reading: reading.outcome is Outcome.UNKNOWN and not reading.missing, read
        )
        return found is not None

    def search(
        self,
        is_wanted: Callable[[Reading], bool],
        read: Read,
        given: Mapping[str, Any] | None = None,
        most_tried: int = MOST_TRIED,
    ) -> dict[str, Any] | None:
        """Answers, with those `given`, whose reading is wanted; None where none were found."""
        waiting = [dict(given or {})]
        for _ in range(most_tried):
            if not waiting:
                break
            answers = waiting.pop()
            reading = read(Firm(answers, self.on))
            if is_wanted(reading):
                return answers
            if reading.outcome is Outcome.UNKNOWN:
                waiting += reversed(self._next(answers, reading))
        return None

    def _next(self, answers: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
        """The answers with one more of the missing facts, in each way worth trying."""
        key = next((key for key in reading.missing if key not in answers), None)
        more = [{**answers, key: value} for value in self.answers_to_try.get(key or "", ())]
        return [each for each in more if not contradictions(each, self.on)]
