"""Forms of notices and recognition: staff write, settle and record."""

from collections.abc import Iterable
from typing import Any

from django import forms

from applications.cases.workflow import Status
from applications.notices.models import Notice, NoticeLine, Objection, Recognition, RecognitionLine
from portal.forms import LONGEST, STRANGE
from portal.typed.fields import DayField, WholeField

MOST_DAYS = 250


class NoticeForm(forms.Form):
    """The words of a draft and how long it lasts."""

    title = forms.CharField(label="标题", max_length=200)
    text = forms.CharField(
        label="正文", max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "cols": 80})
    )
    working_days = WholeField(unit="天", label="公示几个工作日", min_value=1, max_value=MOST_DAYS)

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


class WithdrawalForm(forms.Form):
    """Why a posted notice is taken back."""

    reason = forms.CharField(
        label="撤回的原因",
        help_text="公众和名单里的企业都看得到。",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        error_messages={"required": "请写明撤回的原因，公众和企业都看得到。", **STRANGE},
    )


class RecognitionForm(forms.Form):
    """The document that recognises the cases of a batch."""

    document_number = forms.CharField(
        label="文号",
        max_length=60,
        help_text="认定文件的发文字号。",
        error_messages={"required": "请填认定文件的文号。", **STRANGE},
    )
    on = DayField(
        label="认定日期",
        help_text="认定文件上的日期，格式 2026-10-12；不早于公示结束日，不晚于今天。",
        error_messages={"required": "请填认定日期。"},
    )
    valid_until = DayField(
        label="有效期至（选填）", required=False, help_text="文件写明有效期的才填。"
    )


class LineField(forms.ModelMultipleChoiceField):
    """Lines of a recognition, by the names under which the firms applied."""

    def label_from_instance(self, line: RecognitionLine) -> str:
        case = line.application
        subject = f"（{case.subject}）" if case.subject else ""
        return f"{case.number} {case.enterprise_name}{subject}"


class RevocationForm(forms.Form):
    """The document that revokes some lines of a recognition."""

    lines = LineField(
        label="撤销哪几件",
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选要撤销哪几件认定。"},
    )
    document_number = forms.CharField(
        label="文号",
        max_length=60,
        help_text="撤销认定、取消称号的文件。",
        error_messages={"required": "请填撤销文件的文号。", **STRANGE},
    )
    on = DayField(
        label="撤销日期",
        help_text="从这一天起不再有效；不早于认定日期，不晚于今天。",
        error_messages={"required": "请填撤销日期。"},
    )
    clause = forms.CharField(
        label="依据（选填）",
        required=False,
        max_length=200,
        help_text="按哪份文件的哪一条，企业看得到。",
        error_messages=STRANGE,
    )
    reason = forms.CharField(
        label="原因",
        max_length=LONGEST,
        help_text="企业看得到。",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        error_messages={"required": "请写明撤销的原因。", **STRANGE},
    )

    def __init__(self, data: Any = None, *, recognition: Recognition) -> None:
        super().__init__(data)
        standing = recognition.lines.filter(application__status=Status.RECOGNISED)
        waiting = standing.filter(revocations__state="pending")
        self.fields["lines"].queryset = (
            standing.exclude(pk__in=waiting.values("pk"))
            .select_related("application")
            .defer("application__answers", "application__assessment")
        )
