"""Forms of finance: each step of an award line, batches, refunds, budgets."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from applications.money.models import Fund, FundPart
from applications.money.models.fund import FIRST_YEAR, LAST_YEAR
from applications.money.models.money_field import amount_field
from portal.forms import LONGEST, STRANGE
from portal.typed.fields import DayField, YearField

DAY = {"type": "date"}
NO_DAY = {"required": "请填日期。"}
NO_YEAR = dict.fromkeys(("required", "min_value", "max_value"), "请填四位数的年度，如 2026。")


def _text(label: str, missing: str, *, required: bool = True, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        error_messages={"required": missing, **STRANGE},
        **options,
    )


def _number(label: str, *, required: bool = True, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=60,
        error_messages={"required": f"请填{label}。", **STRANGE},
        **options,
    )


def _year() -> YearField:
    return YearField(
        label="年度", min_value=FIRST_YEAR, max_value=LAST_YEAR, error_messages=NO_YEAR
    )


def _day(label: str) -> DayField:
    return DayField(label=label, widget=forms.DateInput(attrs=DAY), error_messages=NO_DAY)


class StepForm(forms.Form):
    """What one step of an award line asks; `user` limits what can be chosen."""

    def __init__(self, data: Any = None, *, user: Any = None) -> None:
        super().__init__(data)


class AmountForm(StepForm):
    amount = amount_field(label="金额（万元）", help_text="在文件印的范围内；未公布的按批准文件。")
    document_number = _number("文号", help_text="定金额的文件或会议纪要。")
    reason = _text("理由", "请写明理由。")


class YearForm(StepForm):
    year = _year()
    reason = _text("理由", "请写明理由。", help_text="如几月投产、哪一年期满。")


class ConfirmForm(StepForm):
    note = _text("核实情况", "", required=False, help_text="条件是怎样核实的；和文号至少填一项。")
    document_number = _number(
        "证明文件文号", required=False, help_text="如统计部门反馈在库名单的文号。"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data["note"] and not data["document_number"]:
            self.add_error("note", "请写明核实的情况，或填证明文件的文号。")
        return data


class ApproveForm(StepForm):
    document_number = _number("批准文号", help_text="批准支付的文件或审批单号。")


class ReasonForm(StepForm):
    reason = _text("理由", "请写明理由。")


class ReleaseForm(StepForm):
    reason = _text(
        "理由",
        "请写明理由。",
        help_text="为什么仍然给付，或为什么付过的不追回。支付要由另一人登记。",
    )


class VoidForm(StepForm):
    reason = _text("理由", "请写明理由。", help_text="企业会看到这段话。")


class AssignForm(StepForm):
    """A fund, or one of its parts, as one choice."""

    target = forms.ChoiceField(
        label="资金", error_messages={"required": "请选资金。", "invalid_choice": "没有这项资金。"}
    )

    def __init__(self, data: Any = None, *, user: Any = None) -> None:
        super().__init__(data)
        self.targets: dict[str, tuple[Fund, FundPart | None]] = {}
        choices = [("", "请选择")]
        funds = Fund.objects.visible_to(user).select_related("jurisdiction")
        for fund in funds.prefetch_related("parts"):
            for part in (None, *fund.parts.all()):
                key = f"{fund.pk}-{part.pk}" if part else f"{fund.pk}"
                name = f"{fund.jurisdiction} {fund}（{fund.get_level_display()}）"
                self.targets[key] = fund, part
                choices.append((key, f"{name} · {part}" if part else name))
        self.fields["target"].choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "target" in data:
            data["fund"], data["part"] = self.targets[data.pop("target")]
        return data


class PayForm(forms.Form):
    voucher_number = _number("凭证号")
    paid_on = _day("支付日期")


class PaymentForm(forms.Form):
    amount = amount_field(label="本次支付（万元）")


class ComingBackForm(forms.Form):
    """Of money that may come in parts: `seen` had come when the page was opened.

    So nothing is booked twice by a second click, or by two who have the same slip before them.
    """

    seen = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, seen: Decimal) -> None:
        super().__init__(data, initial={"seen": seen})

    def show_again(self, seen: Decimal) -> None:
        """The page that shows what is wrong shows what has come by now."""
        self.data = self.data.copy()
        self.data["seen"] = str(seen)


class RefundForm(ComingBackForm):
    amount = amount_field(label="退回金额（万元）")
    on = _day("退回日期")
    reason = _text("退回原因", "请写明退回的原因。")
    document_number = _number("退回凭证号", required=False)
    pay_again = forms.TypedChoiceField(
        label="以后",
        choices=[("1", "改正后重新支付"), ("0", "不再支付，这一项结束")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": "请选退回以后怎么办。"},
    )


class ReclaimForm(forms.Form):
    """How much of what was paid is claimed back, by which document and until when."""

    amount = amount_field(label="追回金额（万元）", help_text="企业留下的全部或一部分。")
    document_number = _number("文号", help_text="决定追回的文件。")
    due_on = _day("最后期限")
    reason = _text("原因", "请写明原因。", help_text="企业会看到这段话。")


class ReturnForm(ComingBackForm):
    """Money of a claim that came back, whole or in part."""

    amount = amount_field(label="收回金额（万元）")
    on = _day("收到日期")
    document_number = _number("凭证号")


class DropForm(forms.Form):
    reason = _text(
        "原因", "请写明原因。", help_text="还没有收回的为什么不再追回；企业会看到这段话。"
    )


class PermitForm(forms.Form):
    """For which office, why and until which day; `offices` can be chosen."""

    jurisdiction = forms.ModelChoiceField(
        label="哪里的单位",
        queryset=None,
        empty_label="请选择",
        help_text="只列出您所管地区的下级。",
        error_messages={"required": "请选单位。", "invalid_choice": "没有这个单位。"},
    )
    reason = _text("理由", "请写明理由。", help_text="如只有一名财务人员，正在招录。")
    last_day = _day("最后一天")

    def __init__(self, data: Any = None, *, offices: Any) -> None:
        super().__init__(data)
        self.fields["jurisdiction"].queryset = offices.order_by("code")


class BudgetForm(forms.Form):
    """What a fund and each of its parts hold in a year."""

    year = _year()
    amount = amount_field(label="整项预算（万元）")

    def __init__(self, data: Any = None, *, parts: Iterable[FundPart], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.parts = list(parts)
        for part in self.parts:
            self.fields[f"part-{part.pk}"] = amount_field(
                label=f"其中：{part}（万元，没有单列的留空）", required=False
            )
        self.fields["document_number"] = _number("预算文号")
        self.fields["reason"] = _text("说明（选填）", "", required=False)

    @property
    def parts_by_amount(self) -> dict[FundPart, Any]:
        return {part: self.cleaned_data[f"part-{part.pk}"] for part in self.parts}


def year_asked(text: str | None, today: date) -> tuple[int, str]:
    """The year that is asked for; this year where none is, or with what is wrong with it."""
    try:
        return (_year().clean(text) if text else today.year), ""
    except forms.ValidationError as error:
        return today.year, error.messages[0]
