"""What a case should be looked at for before it passes: beside its buttons, and before many pass."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from applications.cases.models import Application, Attachment
from applications.cases.models.finding import criteria_to_judge
from applications.centre.cases.differences import different
from policies.rules.edition import DECIDING
from policies.rules.facts import Fact

# Clauses or papers that one line names; how many more there are, it says.
NAMED = 2


@dataclass(frozen=True)
class CaseWarning:
    """`place` is the section of the case's page that shows it."""

    text: str
    place: str


def warnings_of(
    cases: Sequence[Application], user: Any, facts: Mapping[str, Fact], today: date
) -> dict[int, list[CaseWarning]]:
    """Of each case, by row; a few queries for all. Empty where nothing is to be warned of."""
    others = _others(cases, user)
    papers: dict[int, list[Attachment]] = defaultdict(list)
    attached = Attachment.objects.current().filter(application__in=[case.pk for case in cases])
    for attachment in attached.select_related("library_file"):
        papers[attachment.application_id].append(attachment)
    return {
        case.pk: warnings_of_case(
            case,
            contradictions=[
                (other, different(other.answers, case.answers, facts, other.subject))
                for other in others[case.enterprise_id, case.year]
                if other.pk != case.pk
            ],
            papers=papers[case.pk],
            today=today,
        )
        for case in cases
    }


def warnings_of_case(
    case: Application,
    *,
    contradictions: Iterable[tuple[Application, Sequence[tuple[str, str, str]]]],
    papers: Sequence[Attachment],
    today: date,
) -> list[CaseWarning]:
    """Of one case, with what its page has read: other cases with what they say differently (label
    and both values), and the files that count."""
    return [
        *_of_clauses(case),
        *_of_other_cases(contradictions),
        *_of_papers(case, papers, today),
    ]


def _others(cases: Sequence[Application], user: Any) -> dict[tuple[int, int], list[Application]]:
    """All cases that the user sees of these firms and years, by both."""
    found: dict[tuple[int, int], list[Application]] = defaultdict(list)
    rows = Application.objects.visible_to(user).filter(
        enterprise__in={case.enterprise_id for case in cases},
        year__in={case.year for case in cases},
    )
    for other in rows.only("enterprise", "year", "number", "subject", "answers"):
        found[other.enterprise_id, other.year].append(other)
    return found


def _of_clauses(case: Application) -> Iterator[CaseWarning]:
    deciding = [each for each in case.assessment["criteria"] if each["kind"] in DECIDING]
    for outcome, said in (("not_met", "不符合的条件"), ("unknown", "还不能判断的条件")):
        texts = [each["text"] for each in deciding if each["outcome"] == outcome]
        if texts:
            yield CaseWarning(f"{said} {len(texts)} 条：{_named(texts)}", "assessment")
    if case.is_at_last_step:
        judged = {finding.criterion for finding in case.findings.all()}
        left = [
            each["text"] for each in criteria_to_judge(case.assessment) if each["id"] not in judged
        ]
        if left:
            yield CaseWarning(f"还没有人工判断的条件 {len(left)} 条：{_named(left)}", "findings")


def _of_other_cases(
    contradictions: Iterable[tuple[Application, Sequence[tuple[str, str, str]]]],
) -> Iterator[CaseWarning]:
    for other, rows in contradictions:
        if rows:
            labels = [label for label, _, _ in rows]
            text = f"与 {other.number} 说法不一 {len(labels)} 项：{_named(labels)}"
            yield CaseWarning(text, "contradictions")


def _of_papers(
    case: Application, papers: Sequence[Attachment], today: date
) -> Iterator[CaseWarning]:
    there = {paper.material_id for paper in papers}
    lacking = [each.name for each in case.materials if each.pk not in there]
    if lacking:
        # Without any the page has the list of materials only, below the clauses.
        place = "attachments" if papers else "assessment"
        yield CaseWarning(f"没有附件的材料 {len(lacking)} 项：{_named(lacking)}", place)
    for paper in papers:
        until = paper.library_file.valid_until
        if until and until < today:
            text = f"文件过期：{paper.library_file.title}（有效期至 {until}）"
            yield CaseWarning(text, "attachments")


def _named(texts: Sequence[str]) -> str:
    rest = "等" if len(texts) > NAMED else ""
    return "；".join(texts[:NAMED]) + rest
