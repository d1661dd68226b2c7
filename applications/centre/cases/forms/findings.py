"""The form with which staff judge what no rule can decide."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from applications.cases.models import Finding

LONGEST_NOTE = 2000
NOTE_MISSING = "判断为不符合的，请写明说明。"


class FindingsForm(forms.Form):
    """Each criterion with an outcome, which may be left open, and a note."""

    def __init__(
        self,
        data: Any = None,
        *,
        criteria: Sequence[Mapping[str, Any]],
        newest: Mapping[str, Finding],
    ) -> None:
        super().__init__(data)
        self.criteria, self.newest = criteria, newest
        for criterion in criteria:
            code = criterion["id"]
            finding = newest.get(code)
            self.fields[f"outcome-{code}"] = forms.ChoiceField(
                label="判断",
                choices=Finding.Outcome.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=finding and finding.outcome,
                error_messages={"invalid_choice": "请选“符合”或“不符合”。"},
            )
            self.fields[f"note-{code}"] = forms.CharField(
                label="说明（不符合的必填）",
                required=False,
                max_length=LONGEST_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=finding and finding.note,
                error_messages={"max_length": f"说明最多 {LONGEST_NOTE} 字，请写得短些。"},
            )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each criterion with its two fields and the finding that counts."""
        for criterion in self.criteria:
            code = criterion["id"]
            yield {
                "criterion": criterion,
                "finding": self.newest.get(code),
                "outcome": self[f"outcome-{code}"],
                "note": self[f"note-{code}"],
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for criterion in self.criteria:
            code = criterion["id"]
            outcome, note = data.get(f"outcome-{code}"), data.get(f"note-{code}")
            if note == "" and outcome == Finding.Outcome.NOT_MET:
                self.add_error(f"note-{code}", NOTE_MISSING)
            elif note and outcome == "":
                self.add_error(f"outcome-{code}", "写了说明，还没有选判断。")
        return data

    @property
    def findings(self) -> dict[str, tuple[str, str]]:
        """What was judged: criterion code -> (outcome, note)."""
        data = self.cleaned_data
        return {
            criterion["id"]: (outcome, data[f"note-{criterion['id']}"])
            for criterion in self.criteria
            if (outcome := data[f"outcome-{criterion['id']}"])
        }
