"""Forms of firms and of staff."""

from applications.forms.experts import AssignmentForm, ConflictForm, ScoreForm
from applications.forms.findings import FindingsForm
from applications.forms.library import FileForm, UploadForm
from applications.forms.materials import MaterialsForm
from applications.forms.note import NoteForm
from applications.forms.ranking import RankingDecisionForm, RankingForm
from applications.forms.review import DecisionForm

__all__ = [
    "AssignmentForm",
    "ConflictForm",
    "DecisionForm",
    "FileForm",
    "FindingsForm",
    "MaterialsForm",
    "NoteForm",
    "RankingDecisionForm",
    "RankingForm",
    "ScoreForm",
    "UploadForm",
]
