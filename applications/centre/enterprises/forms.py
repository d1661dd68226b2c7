"""Forms of staff about a firm's record."""

from typing import Any

from django import forms

from applications.enterprises.forms.credit_code import CreditCodeField
from applications.enterprises.models import Enterprise
from portal.forms import LONGEST, at_most
from portal.models import Jurisdiction, User
from portal.scope import in_charge


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
