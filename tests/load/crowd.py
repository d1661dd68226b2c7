"""Many people at once, and what their requests add up to."""

import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.load.browser import NoAnswerError, Request
from tests.load.people import Person, WrongAnswerError

THINKING = 1.0  # seconds
AFTER_AN_ERROR = 0.5


@dataclass
class Heard:
    """What a crowd heard between `begin` and `end` (monotonic seconds)."""

    requests: list[Request]
    begin: float
    end: float
    wrong: list[str] = field(default_factory=list)

    def of(self, *kinds: str) -> list[float]:
        return [each.seconds for each in self.requests if each.kind in kinds]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.requests) / (self.end - self.begin)

    def quantile(self, share: float, kinds: Callable[[str], bool] = lambda kind: True) -> float:
        return quantile([each.seconds for each in self.requests if kinds(each.kind)], share)

    @property
    def unit(self) -> float:
        """The median of the empty page in the same crowd."""
        return statistics.median(self.of("empty"))

    @property
    def errors(self) -> list[str]:
        """Each in words: no answer, an answer of the server's own fault, or not what was asked for."""
        broken = [
            f"{each.kind}: {each.status or 'no answer'}"
            for each in self.requests
            if each.status == 0 or each.status >= 500
        ]
        return broken + self.wrong

    def by_kind(self) -> dict[str, list[Request]]:
        found: dict[str, list[Request]] = defaultdict(list)
        for each in self.requests:
            found[each.kind].append(each)
        return dict(found)

    def processor(self) -> dict[str, float]:
        """Mean milliseconds of the site's processor by kind, of those where it was counted."""
        counted = defaultdict(list)
        for each in self.requests:
            if each.processor is not None:
                counted[each.kind].append(each.processor)
        return {kind: statistics.fmean(each) for kind, each in counted.items()}

    def told_errors(self) -> str:
        return "; ".join(
            f"{count} x {text[:120]}" for text, count in Counter(self.errors).most_common(5)
        )


def joined(runs: Sequence[Heard]) -> Heard:
    """Several runs as one, without the time between them."""
    requests = [each for heard in runs for each in heard.requests]
    length = sum(heard.end - heard.begin for heard in runs)
    return Heard(requests, 0.0, length, [text for heard in runs for text in heard.wrong])


def quantile(seconds: Sequence[float], share: float) -> float:
    """The time that so many of the requests stayed below."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@dataclass
class Crowd:
    """People who go on in rounds until the time is over, or `most` requests are sent."""

    people: Sequence[Person]
    thinking: float = THINKING
    most: int | None = None
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._before = [len(person.browser.heard) for person in self.people]

    def sent(self) -> int:
        return sum(len(person.browser.heard) for person in self.people) - sum(self._before)

    def run(self, seconds: float, beside: Callable[[], None] = lambda: None) -> Heard:
        """`beside` is called every half second while they are at it."""
        begin = time.monotonic()
        threads = [
            threading.Thread(target=self._live, args=(person, place), daemon=True)
            for place, person in enumerate(self.people)
        ]
        for thread in threads:
            thread.start()
        while time.monotonic() < begin + seconds and not self.over.is_set():
            self.over.wait(0.5)
            beside()
            if self.most is not None and self.sent() >= self.most:
                break
        self.over.set()
        end = time.monotonic()
        for thread in threads:
            thread.join()
        heard = [
            each
            for person, before in zip(self.people, self._before, strict=True)
            for each in person.browser.heard[before:]
            if (begin <= each.at and each.at + each.seconds <= end) or each.status == 0
        ]
        return Heard(heard, begin, end, self.wrong)

    def _live(self, person: Person, place: int) -> None:
        # Nobody comes at the same moment as all others.
        self.over.wait(self.thinking * place / len(self.people))
        while not self.over.is_set():
            try:
                pause = person.go_on()
            except NoAnswerError:
                pause = AFTER_AN_ERROR
            except (WrongAnswerError, LookupError) as error:
                self.wrong.append(str(error))
                pause = AFTER_AN_ERROR
            self.over.wait(max(self.thinking, pause))
