"""Forms of firms and of staff."""

from applications.forms.application import ApplicationForm
from applications.forms.experts import AssignmentForm, ConflictForm, ScoreForm
from applications.forms.findings import FindingsForm
from applications.forms.ranking import RankingDecisionForm, RankingForm
from applications.forms.review import DecisionForm

__all__ = [
    "ApplicationForm",
    "AssignmentForm",
    "ConflictForm",
    "DecisionForm",
    "FindingsForm",
    "RankingDecisionForm",
    "RankingForm",
    "ScoreForm",
]
