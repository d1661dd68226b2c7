"""The form with which another person answers a firm's request for review."""

from django import forms

from applications.cases.models import ReviewRequest
from portal.forms import LONGEST, at_most


class ReviewAnswerForm(forms.Form):
    """What becomes of the rejection, and why."""

    outcome = forms.ChoiceField(
        label="答复",
        choices=ReviewRequest.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择维持不予通过，还是重新审核。"},
    )
    answer = forms.CharField(
        label="答复理由（企业看得到）",
        validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明答复的理由，企业会看到。"},
    )
