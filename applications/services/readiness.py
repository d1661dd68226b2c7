"""What must be there before a case may pass a step."""

from applications.models import Application, criteria_to_judge
from applications.services.errors import ApplicationError

NOT_JUDGED = "人工判断的条件要都判断为符合，才能通过：{criteria}。"


def check_ready(application: Application) -> None:
    """Raise ApplicationError, saying what is missing, unless the case may pass its step."""
    if application.is_at_last_step:
        _check_findings(application)


def _check_findings(application: Application) -> None:
    """Refused while a criterion that people judge has no finding, or is found not met."""
    criteria = criteria_to_judge(application.assessment)
    if not criteria:
        return
    newest = application.findings.newest()
    lacking = []
    for criterion in criteria:
        finding = newest.get(criterion["id"])
        if finding is None or finding.outcome != finding.Outcome.MET:
            word = "还没有判断" if finding is None else "判断为不符合"
            lacking.append(f"{criterion['id']} {criterion['text']}（{word}）")
    if lacking:
        raise ApplicationError(NOT_JUDGED.format(criteria="；".join(lacking)))
