"""What is wrong with a pack: the place and what was expected there."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    key: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file} 第 {self.line} 行"
        return f"{place} {self.key}：{self.expected}" if self.key else f"{place}：{self.expected}"


class PackError(Exception):
    """Raised with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class Problems(list[Problem]):
    def add(self, owner: Any, key: str | int, expected: str) -> None:
        """Note what was expected at `key` of a mapping or list read from a file."""
        lines = owner.lines
        if isinstance(key, int):
            line, shown = lines[key], f"[{key}]"
        else:
            line, shown = lines.get(key, owner.line), key
        self.append(Problem(owner.file, line, shown, expected))

    def raise_if_any(self) -> None:
        if self:
            raise PackError(sorted(set(self), key=lambda each: (each.file, each.line, each.key)))
