"""The form of the conversation on a case."""

from typing import Any

from django import forms

from portal.forms import plain_helper


class NoteForm(forms.Form):
    """A note on a case, to the other side."""

    text = forms.CharField(
        label="留言",
        max_length=2000,
        help_text="写上要问的或要说明的事；发出后不能改。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请先写下要说的话。"},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.helper = plain_helper()
