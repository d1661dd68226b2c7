"""Forms of staff about a firm's record."""

from typing import Any

from django import forms

from applications.enterprises.forms.credit_code import CreditCodeField
from applications.enterprises.models import Enterprise, EnterpriseChange
from applications.enterprises.names import check_name
from portal.forms import LONGEST, STRANGE, at_most
from portal.models import Jurisdiction, User
from portal.scope import in_charge
from portal.typed.fields import DayField


class WalkInForm(forms.ModelForm):
    """A firm that has no record yet; its licence lies on the desk."""

    credit_code = CreditCodeField()

    class Meta:
        model = Enterprise
        fields = ["credit_code", "name", "county"]


class ReasonForm(forms.Form):
    """Why a right is ended."""

    reason = forms.CharField(
        label="理由（必填，企业的成员看得到）",
        validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CorrectionForm(ReasonForm, forms.ModelForm):
    """The true name and county of a firm, by its licence.

    Whoever is in charge where it is registered may give it to any county; others take it to their own.
    """

    class Meta:
        model = Enterprise
        fields = ["name", "county"]

    field_order = ["name", "county", "reason"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counties = Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY)
        if not Enterprise.objects.registered_with(user).filter(pk=self.instance.pk).exists():
            counties = counties.filter(in_charge(user, "code"))
        self.fields["county"].queryset = counties


class ChangeForm(forms.Form):
    """What the registry changed: the name, where the firm is registered, or that it was absorbed."""

    kind = forms.ChoiceField(
        label="变更",
        choices=EnterpriseChange.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选是更名、迁移还是被合并。"},
    )
    name = forms.CharField(
        label="新名称（更名时填）",
        required=False,
        max_length=200,
        validators=[check_name],
        error_messages=STRANGE,
    )
    county = forms.ModelChoiceField(
        label="新注册地（迁移时选）",
        required=False,
        queryset=Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY),
        empty_label="请选择",
        error_messages={"invalid_choice": "没有这个县。"},
    )
    successor_code = CreditCodeField(
        label="承继企业的统一社会信用代码（被合并时填）", required=False
    )
    document_number = forms.CharField(
        label="变更通知文号",
        max_length=60,
        help_text="登记机关变更通知书的文号。",
        error_messages={"required": "请填登记机关变更通知的文号。", **STRANGE},
    )
    on = DayField(
        label="变更日期",
        help_text="通知书上的日期，不晚于今天。",
        error_messages={"required": "请填变更日期。"},
    )
    note = forms.CharField(
        label="说明（选填）",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=STRANGE,
    )
