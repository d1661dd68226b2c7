"""Forms of firms and of staff."""

from applications.forms.library import FileForm, UploadForm
from applications.forms.materials import MaterialsForm
from applications.forms.note import NoteForm
from applications.forms.review import DecisionForm

__all__ = [
    "DecisionForm",
    "FileForm",
    "MaterialsForm",
    "NoteForm",
    "UploadForm",
]
