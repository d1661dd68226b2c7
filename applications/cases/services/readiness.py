"""What must be there before a case may pass a step."""

from applications.cases.models import Application
from applications.cases.models.finding import criteria_to_judge
from applications.cases.services.errors import ApplicationError
from applications.cases.services.panels import is_at_expert_step, panel_now

NOT_JUDGED = "人工判断的条件要都判断为符合，才能通过：{criteria}。"

NO_SCORE = "专家评审环节还没有收到评分，不能通过；请先指派专家，等他们评完。"
NOT_ALL_SCORED = "还有 {count} 位专家没有评分：{names}；等他们评完，或撤销他们的指派，才能通过。"


def check_ready(application: Application) -> None:
    """Raise ApplicationError, saying what is missing, unless the case may pass its step."""
    if is_at_expert_step(application):
        _check_scores(application)
    if application.is_at_last_step:
        _check_findings(application)


def _check_scores(application: Application) -> None:
    """Refused at an expert step while no score is in, or somebody asked has not answered."""
    panel = panel_now(application)
    if panel.missing:
        names = "、".join(str(row.expert) for row in panel.missing)
        raise ApplicationError(NOT_ALL_SCORED.format(count=len(panel.missing), names=names))
    if not panel.scores:
        raise ApplicationError(NO_SCORE)


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
