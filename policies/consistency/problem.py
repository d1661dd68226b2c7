"""One fault of the catalogue: the row it stands in and what is wrong there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`row` names a criterion or an award of the edition; empty for the edition as a whole."""

    programme: str
    edition: str
    row: str
    fault: str

    def __str__(self) -> str:
        place = f"{self.programme} {self.edition} 版"
        return f"{place} {self.row}：{self.fault}" if self.row else f"{place}：{self.fault}"
