"""The form that takes a spreadsheet."""

from typing import Any

from django import forms

from portal.sheets.reading import EMPTY, MOST_BYTES, TOO_LARGE


class SheetForm(forms.Form):
    file = forms.FileField(
        label="文件（XLSX 或 CSV）",
        help_text="第一张表的前几行里要有表头；表头下面每行一件，遇到“合计”为止。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择文件。", "empty": EMPTY},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file
