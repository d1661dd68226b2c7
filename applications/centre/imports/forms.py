"""The form that takes a spreadsheet."""

from typing import Any

from django import forms

from applications.centre.imports.recording import MOST_AT_ONCE
from portal.sheets.account import MOST_ROWS
from portal.sheets.limits import EMPTY, MOST_BYTES, TOO_LARGE


class SheetForm(forms.Form):
    file = forms.FileField(
        label="文件",
        help_text=(
            "Excel 或 WPS 的 XLSX、XLS、ODS，系统导出的网页表格，或者 CSV（UTF-8、GBK、UTF-16；逗号、制表符或分号隔开）。"
            "每张表都要有表头，表头下面每行一件。合计和说明不登记；隐藏的、划掉的和看不懂的行，上传后请您逐一选定。"
            f"一个文件最大 {MOST_BYTES // 2**20} MB，最多 {MOST_ROWS} 行；"
            f"要登记的超过 {MOST_AT_ONCE} 行时由后台登记，不用守着。"
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt,.htm,.html,.xml"}),
        error_messages={"required": "请选择文件。", "empty": EMPTY},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file
