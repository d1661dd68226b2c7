"""The experts of one step of a case together: what they gave, and who is awaited."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.cases.models import Application, ExpertAssignment, ExpertScore
from applications.cases.models.application import desk_of_user
from applications.cases.workflow import Status, desk_of

# No source prints when experts differ too much: beyond this many points between the highest and
# the lowest score the pages ask staff to look again. It decides nothing.
WIDE_SPREAD = Decimal(20)


@dataclass(frozen=True)
class Panel:
    """The assignments of one step, with their scores loaded; withdrawn ones are left out."""

    step: int
    title: str
    assignments: tuple[ExpertAssignment, ...]

    @property
    def in_conflict(self) -> list[ExpertAssignment]:
        return [row for row in self.assignments if row.conflict == "yes"]

    @property
    def scores(self) -> list[ExpertScore]:
        return [row.score for row in self.assignments if _has_score(row)]

    @property
    def missing(self) -> list[ExpertAssignment]:
        """Those asked who have neither scored nor declared a conflict."""
        return [row for row in self.assignments if row.conflict != "yes" and not _has_score(row)]

    @property
    def is_complete(self) -> bool:
        return bool(self.scores) and not self.missing

    @property
    def mean(self) -> Decimal:
        """In points, not rounded; ask only where there are scores."""
        return sum((score.points for score in self.scores), Decimal(0)) / len(self.scores)

    @property
    def spread(self) -> Decimal:
        """Between the highest and the lowest score, in points."""
        points = [score.points for score in self.scores]
        return max(points) - min(points)

    @property
    def is_wide(self) -> bool:
        return self.spread > WIDE_SPREAD


def _has_score(assignment: ExpertAssignment) -> bool:
    return getattr(assignment, "score", None) is not None


def panel_of(step: int, title: str, assignments: Iterable[ExpertAssignment]) -> Panel:
    """The panel of one step among all assignments of a case."""
    own = (row for row in assignments if row.step == step and row.withdrawn_at is None)
    return Panel(step, title, tuple(own))


def panel_now(application: Application) -> Panel:
    """The panel of the step where the case is."""
    rows = application.assignments.select_related("expert", "score")
    return panel_of(application.step, application.current_step.title, rows)


def panels(application: Application) -> list[Panel]:
    """A panel for each expert step that the case has reached."""
    rows = list(application.assignments.select_related("expert", "score"))
    return [
        panel_of(index, step.title, rows)
        for index, step in enumerate(application.chain)
        if step.is_expert and index <= application.step
    ]


def is_at_expert_step(application: Application, step: int | None = None) -> bool:
    """Whether experts judge the case now; `step` asks about that one only."""
    is_here = step is None or application.step == step
    return is_here and application.status == Status.IN_REVIEW and application.current_step.is_expert


def may_see_scores(application: Application, panel: Panel, user: Any) -> bool:
    """Scores are for the desk of their step, once all are in; before, only their number is."""
    if not panel.is_complete:
        return False
    if user.is_superuser and not user.jurisdiction_code:
        return True
    return desk_of(application.chain[panel.step].level) == desk_of_user(user)
