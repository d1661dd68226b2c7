"""What a visitor types to search a list."""

from django import forms

LONGEST = 50


class SearchForm(forms.Form):
    q = forms.CharField(
        label="文号、标题或发文机关",
        required=False,
        max_length=LONGEST,
        error_messages={
            "max_length": f"最多 {LONGEST} 个字，请只留关键的词。",
            "null_characters_not_allowed": "含有不能识别的字符，请重新输入。",
        },
    )
