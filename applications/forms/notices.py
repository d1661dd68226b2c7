"""Forms of notices and recognition: the public objects, staff write, settle and record."""

import re
from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.validators import MaxLengthValidator

from applications.models import Notice, NoticeLine, Objection

LONGEST = 2000
STRANGE = {"null_characters_not_allowed": "含有不能识别的字符，请删去后再提交。"}
MOST_DAYS = 250


def at_most(length: int) -> MaxLengthValidator:
    # No maxlength in the page: it would cut pasted text without a word.
    return MaxLengthValidator(length, f"最多 {length} 字，您写了 %(show_value)s 字。")


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
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"]
        if "@" not in contact and len(re.sub(r"\D", "", contact)) < 7:
            raise forms.ValidationError("请留带区号的电话、手机或邮箱，便于核实和答复。")
        return contact


class NoticeForm(forms.Form):
    """The words of a draft and how long it lasts."""

    title = forms.CharField(label="标题", max_length=200)
    text = forms.CharField(
        label="正文", max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "cols": 80})
    )
    working_days = forms.IntegerField(label="公示几个工作日", min_value=1, max_value=MOST_DAYS)

    def __init__(self, data: Any = None, *, notice: Notice) -> None:
        super().__init__(
            data,
            initial={
                "title": notice.title,
                "text": notice.text,
                "working_days": notice.working_days,
            },
        )
        days = self.fields["working_days"]
        days.help_text = "文件没有印天数，由您定。"
        if notice.minimum_days:
            days.min_value = notice.minimum_days
            days.help_text = f"文件规定不少于 {notice.minimum_days} 个，可以更长。"


class SettlementForm(forms.Form):
    """What staff found about an objection."""

    outcome = forms.ChoiceField(
        label="结论",
        choices=Objection.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选异议成立还是不成立。"},
    )
    line = forms.ChoiceField(label="成立的，是哪一家", required=False)
    handling = forms.CharField(
        label="核实和处理情况",
        help_text="异议成立的，这段话是企业看到的理由，请不要写提出人的信息。",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        error_messages={"required": "请写明核实和处理情况。", **STRANGE},
    )

    def __init__(
        self, data: Any = None, *, objection: Objection, lines: Iterable[NoticeLine]
    ) -> None:
        """`lines` are those of the notice, offered where the objection names none."""
        super().__init__(data, prefix=f"objection-{objection.pk}")
        self.lines = {str(line.pk): line for line in lines}
        if objection.line_id:
            del self.fields["line"]
        else:
            choices = [(key, str(line)) for key, line in self.lines.items()]
            self.fields["line"].choices = [("", "请选择"), *choices]

    def clean_line(self) -> NoticeLine | None:
        return self.lines.get(self.cleaned_data["line"])


class RecognitionForm(forms.Form):
    """The document that recognises the cases of a batch."""

    document_number = forms.CharField(
        label="文号",
        max_length=60,
        help_text="认定文件的发文字号。",
        error_messages={"required": "请填认定文件的文号。", **STRANGE},
    )
    on = forms.DateField(
        label="认定日期",
        help_text="认定文件上的日期，格式 2026-10-12；不早于公示结束日，不晚于今天。",
        error_messages={"required": "请填认定日期。"},
    )
    valid_until = forms.DateField(
        label="有效期至（选填）", required=False, help_text="文件写明有效期的才填。"
    )
