"""Witnesses: answers that make a reading come out as wanted, found by trying."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from policies.rules.answers import contradictions
from policies.rules.firm import Firm
from policies.rules.readings import Outcome, Reading

Read = Callable[[Firm], Reading]
MOST_TRIED = 20_000


class Witnesses:
    """Looks for answers among those worth trying; a decided reading is followed no further.

    `known` are firms that are tried first: of limits that hang on each other, as growth does, no
    answers are found by trying each fact for itself.
    """

    def __init__(
        self,
        answers_to_try: Mapping[str, list[Any]],
        on: date,
        *,
        known: Iterable[Firm] = (),
        most_tried: int = MOST_TRIED,
    ) -> None:
        self.answers_to_try, self.on = answers_to_try, on
        self.known, self.most_tried = tuple(known), most_tried

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
        most_tried: int | None = None,
    ) -> dict[str, Any] | None:
        """Answers, with those `given`, whose reading is wanted; None where none were found."""
        if not given:
            for firm in self.known:
                if is_wanted(read(firm)):
                    return dict(firm.answers)
        waiting = [dict(given or {})]
        for _ in range(most_tried or self.most_tried):
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
