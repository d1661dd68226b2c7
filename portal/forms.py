"""Pieces that forms of all rooms share."""

import re
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms import CharField
from django.http import HttpRequest

from portal.files.uploads import were_dropped

# Names of fields for a password, a present and a new one.
PASSWORD = re.compile(r"(old_?|new_)?password")
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


def reason_in(data: Mapping[str, str]) -> str:
    """The reason beside a button that has no form of its own; ValueError says what it may not hold."""
    field = CharField(required=False, validators=[at_most(LONGEST)], error_messages=STRANGE)
    try:
        return field.clean(data.get("reason", ""))
    except ValidationError as error:
        raise ValueError(next(iter(error))) from error


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, field by field, to be sent once more; passwords are typed anew."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not PASSWORD.match(name)
    ]


def sent_again(request: HttpRequest) -> dict[str, Any]:
    """What `portal/_send_again.html` needs: what was posted, and what of it the page cannot hold."""
    return {
        "typed": typed_in(request),
        "had_files": bool(request.FILES) or were_dropped(request),
        "had_password": any(PASSWORD.match(name) for name in request.POST),
    }
