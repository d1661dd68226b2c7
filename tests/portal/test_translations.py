"""What packages leave in English is said in Chinese by the file of our own."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

import portal

SOURCE = Path(portal.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"
ENTRIES = re.findall(
    r'^msgid "(.+)"\n(?:msgid_plural "(.+)"\n)?msgstr(?:\[0\])? "(.+)"',
    SOURCE.read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("english", "plural", "chinese"), ENTRIES)
def test_what_is_compiled_is_what_the_file_says(english, plural, chinese):
    assert (ngettext(english, plural, 2) if plural else gettext(english)) == chinese


def test_a_short_password_is_refused_in_chinese():
    with pytest.raises(ValidationError) as refused:
        MinimumLengthValidator(10).validate("x")
    assert refused.value.messages == ["密码太短，至少要 10 个字符。"]
