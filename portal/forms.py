"""Pieces that forms of all rooms share."""

from crispy_forms.helper import FormHelper
from django.core.validators import MaxLengthValidator

# Characters of a reason, an objection or another text of somebody.
LONGEST = 2000
STRANGE = {"null_characters_not_allowed": "含有不能识别的字符，请删去后再提交。"}


def plain_helper() -> FormHelper:
    """The page writes the form's tag and token itself."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


def at_most(length: int) -> MaxLengthValidator:
    # No maxlength in the page: it would cut pasted text without a word.
    return MaxLengthValidator(length, f"最多 {length} 字，您写了 %(show_value)s 字。")
