"""The form in which the public objects."""

import re
from typing import Any

from django import forms

from applications.notices.models import Notice, NoticeLine
from portal.forms import LONGEST, STRANGE, at_most, plain_helper


class ObjectionForm(forms.Form):
    """An objection to one firm of a notice, or to the whole of it."""

    line = forms.ModelChoiceField(
        NoticeLine.objects.none(),
        label="对哪一家有异议",
        required=False,
        empty_label="整个公示",
        error_messages={"invalid_choice": "名单中没有这一家，请重新选择。"},
    )
    text = forms.CharField(
        label="异议内容",
        help_text="请写明事实和理由，能说明证据在哪里更好。",
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[at_most(LONGEST)],
        error_messages={"required": "请写明异议的事实和理由。", **STRANGE},
    )
    name = forms.CharField(
        label="姓名或单位",
        validators=[at_most(100)],
        error_messages={"required": "请填姓名或单位，便于核实。", **STRANGE},
    )
    contact = forms.CharField(
        label="联系方式",
        help_text="电话或邮箱，只有经办人员看得到，用来核实和答复。",
        validators=[at_most(100)],
        error_messages={"required": "请留电话或邮箱，便于核实和答复。", **STRANGE},
    )

    def __init__(self, data: Any = None, *, notice: Notice) -> None:
        super().__init__(data)
        self.fields["line"].queryset = notice.lines.all()
        self.helper = plain_helper()

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"]
        if "@" not in contact and len(re.sub(r"\D", "", contact)) < 7:
            raise forms.ValidationError("请留带区号的电话、手机或邮箱，便于核实和答复。")
        return contact
