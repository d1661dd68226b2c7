"""The paper of approval of one case: what was said, found and decided, with places to sign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from applications.cases.models import Application, ApplicationEvent
from applications.cases.submitted import answers_in_words
from applications.cases.workflow import WITHIN_THE_OFFICE, ReviewStep
from applications.centre.cases.materials import materials_of
from policies.catalogue.models import Step
from policies.catalogue.vocabulary import Vocabulary
from policies.presentation.programme import Guide, programme_row


@dataclass(frozen=True)
class StepPaper:
    """One review of the chain, what was done at it, and whose seal it takes."""

    step: ReviewStep
    level: str
    events: Sequence[ApplicationEvent]


def approval_paper(application: Application, vocabulary: Vocabulary) -> str:
    """The document as HTML; the same as long as nothing is done with the case."""
    events = list(
        application.events.exclude(action__in=WITHIN_THE_OFFICE).select_related(
            "actor", "on_behalf_of"
        )
    )
    row = programme_row(application.assessment, vocabulary, Guide())
    findings = application.findings.select_related("by").newest()
    context: dict[str, Any] = {
        "application": application,
        "row": row,
        "criteria": [(item, findings.get(item["code"])) for item in row["criteria"]],
        "answers": answers_in_words(application.answers, vocabulary.facts, application.year),
        "materials": materials_of(application),
        "steps": _steps(application, events),
        "others": [event for event in events if event.step_place is None],
        "until": _until(application, events),
        "award_lines": application.award_lines.select_related("payer"),
    }
    return render_to_string("admin/cases/application/approval.html", context)


def _until(application: Application, events: Iterable[ApplicationEvent]) -> datetime:
    """When the last thing was done that the paper tells."""
    return max((event.at for event in events), default=application.submitted_at)


def _steps(application: Application, events: Sequence[ApplicationEvent]) -> list[StepPaper]:
    """The chain as its edition prints it; what was done elsewhere is told beside."""
    return [
        StepPaper(
            step,
            Step.Level(step.level).label,
            [event for event in events if event.step_place == place],
        )
        for place, step in enumerate(application.chain)
    ]
