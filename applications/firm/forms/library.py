"""The forms of the document library."""

from datetime import date
from typing import Any

from django import forms

from applications.enterprises.models import LibraryFile
from applications.enterprises.services.library import TITLE_MAX
from portal.file_types import ACCEPTED_IN_WORDS, BY_CONTENT_TYPE
from portal.files.names import visible
from portal.files.store import UploadRefusedError, check_upload
from portal.forms import plain_helper
from portal.typed.fields import DayField

ACCEPT = ",".join(f".{suffix}" for kind in BY_CONTENT_TYPE.values() for suffix in kind.suffixes)
PAST = "这个日期已经过去，请核对；已过期的文件不能用来申报。"
NEVER_EXPIRES = "没有期限的文件（如合同、审计报告）请留空。"


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _LibraryForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()

    def clean_title(self) -> str:
        title = visible(self.cleaned_data["title"])
        if self.fields["title"].required and not title:
            raise forms.ValidationError("请填写名称")
        return title


class UploadForm(_LibraryForm):
    """A new file; what it must be, its content decides."""

    file = forms.FileField(
        label="文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": "请选择要上传的文件", "invalid": "请选择要上传的文件"},
    )
    title = forms.CharField(
        label="名称", max_length=TITLE_MAX, required=False, help_text="留空则用文件名。"
    )
    valid_until = DayField(
        label="有效期至", required=False, widget=_date_input(), help_text=NEVER_EXPIRES
    )

    def __init__(self, *args: Any, largest: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["file"].help_text = f"{ACCEPTED_IN_WORDS}，不超过 {largest}。"

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            check_upload(upload)
        except UploadRefusedError as error:
            raise forms.ValidationError(str(error)) from error
        return upload

    def clean_valid_until(self) -> date | None:
        day = self.cleaned_data["valid_until"]
        if day and day < self.today:
            raise forms.ValidationError(PAST)
        return day


class FileForm(_LibraryForm):
    """What of a file may change: how it is called, and until when it is valid."""

    title = forms.CharField(label="名称", max_length=TITLE_MAX)
    valid_until = DayField(
        label="有效期至", required=False, widget=_date_input(), help_text=NEVER_EXPIRES
    )

    def __init__(self, data: Any = None, *, file: LibraryFile) -> None:
        initial = {"title": file.title, "valid_until": file.valid_until}
        super().__init__(data, initial=initial)
