"""The forms of the ranking page: what is ranked, how many places, and why the others fail."""

from collections.abc import Iterable
from typing import Any

from django import forms

from portal.typed.fields import WholeField

MOST_PLACES = 9999
LONGEST_REASON = 2000
PLACES_EXPECTED = "名额请填 1 以上的整数。"


class RankingForm(forms.Form):
    """What to rank, and the places to preview; without places the page only ranks.

    `contests` are what can be ranked: key and label.
    """

    of = forms.ChoiceField(
        label="项目、年度和环节",
        error_messages={
            "required": "请选要排名的项目。",
            "invalid_choice": "没有这一项可以排名，请重新选。",
        },
    )
    places = WholeField(
        label="名额",
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        error_messages={
            "required": PLACES_EXPECTED,
            "invalid": PLACES_EXPECTED,
            "min_value": PLACES_EXPECTED,
            "max_value": f"名额最多 {MOST_PLACES}。",
        },
    )

    def __init__(self, data: Any = None, *, contests: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["of"].choices = [("", "请选"), *contests]


class RankingDecisionForm(RankingForm):
    """Decide by the ranking that the page showed."""

    seen = forms.CharField()
    reason = forms.CharField(
        label="名额外的，不予通过的理由（企业看得到）",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"理由最多 {LONGEST_REASON} 字，请写得短些。"},
    )
    without_unready = forms.BooleanField(label="没有评完的这次不排，以后另行办理", required=False)

    def __init__(self, data: Any = None, *, contests: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, contests=contests)
        self.fields["places"].required = True
