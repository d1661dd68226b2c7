"""What a firm fills in."""

from applications.forms.apply import ApplicationForm
from applications.forms.library import FileForm, UploadForm

__all__ = ["ApplicationForm", "FileForm", "UploadForm"]
