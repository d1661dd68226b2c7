"""What a firm fills in."""

from applications.forms.apply import ApplicationForm
from applications.forms.library import FileForm, UploadForm
from applications.forms.materials import MaterialsForm

__all__ = ["ApplicationForm", "FileForm", "MaterialsForm", "UploadForm"]
