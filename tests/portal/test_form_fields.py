"""What fields of forms write, beside what Django and Crispy write."""

import re
from pathlib import Path

import crispy_bootstrap5
import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms
from django.template import Context, Template
from django.template.backends.django import DjangoTemplates
from django.utils.safestring import mark_safe

from portal.forms import plain_helper
from portal.templatetags.form_fields import attributes, choices

# django/forms/widgets/attrs.html as Django has it.
DJANGOS = Template(
    "{% for name, value in widget.attrs.items %}{% if value is not False %} {{ name }}"
    "{% if value is not True %}=\"{{ value|stringformat:'s' }}\"{% endif %}{% endif %}{% endfor %}"
)
PAIRS = [("a", "是"), ('"><b>', "<i>否</i>"), ("", "不清楚")]


class Typed(forms.Form):
    name = forms.CharField(label="名称", help_text="全称")
    agreed = forms.BooleanField(label="同意")
    level = forms.ChoiceField(label="级别", choices=PAIRS)
    known = forms.ChoiceField(label="知道", choices=PAIRS, widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(
        label="几项", choices=PAIRS, widget=forms.CheckboxSelectMultiple, help_text="可以多选"
    )
    paper = forms.FileField(label="文件", widget=forms.FileInput(attrs={"accept": ".pdf"}))
    seen = forms.CharField(widget=forms.HiddenInput)


def without_blanks(html):
    """Between tags and within them there may be more or fewer."""
    return re.sub(r"\s*(<[^>]*?)\s*(>)\s*", r"\1\2", " ".join(html.split()))


def rows_of(html):
    return [" ".join(line.split()) for line in html.splitlines() if line.strip()]


def by_crispy(form, name):
    """As the library's own templates write the field."""
    folder = Path(crispy_bootstrap5.__file__).parent / "templates"
    options = {"NAME": "crispy", "DIRS": [folder], "APP_DIRS": False, "OPTIONS": {}}
    field, helper = form[name], getattr(form, "helper", None)
    context = {"field": field, "form_show_errors": True, "form_show_labels": True}
    context |= helper.get_attributes("bootstrap5") if helper else {}
    return DjangoTemplates(options).get_template("bootstrap5/field.html").render(context)


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"id": "id_x", "checked": True, "disabled": False, "maxlength": 200, "data-none": None},
        {"placeholder": "<b>\"a\" & 'b'", "hx-target": mark_safe("#a&amp;b"), "<x>": True},
    ],
)
def test_attributes_are_written_as_django_writes_them(attrs):
    assert attributes(attrs) == DJANGOS.render(Context({"widget": {"attrs": attrs}}))


def test_an_attribute_can_be_left_out():
    assert attributes({"class": "a", "id": "b"}, "class") == ' id="b"'


def test_each_choice_has_its_label_and_nothing_of_it_is_markup():
    html = choices(Typed({"known": '"><b>'})["known"])

    assert "<b>" not in html
    assert "<i>" not in html
    assert html.count('<div class="form-check">') == html.count("</div>") == 3
    assert [row for row in rows_of(html) if "<input" in row][1] == (
        '<input type="radio" class="form-check-input" name="known"'
        ' value="&quot;&gt;&lt;b&gt;" id="id_known_1" required checked>'
    )


@pytest.mark.parametrize("name", list(Typed.base_fields))
@pytest.mark.parametrize("data", [None, {}, {"level": "x", "known": "x", "several": ["x", "a"]}])
@pytest.mark.parametrize("helper", [None, plain_helper()])
def test_a_field_is_written_as_crispy_writes_it(name, data, helper):
    ours, theirs = Typed(data), Typed(data)
    if helper:
        ours.helper = theirs.helper = helper

    written = as_crispy_field(ours[name])
    assert without_blanks(written) == without_blanks(by_crispy(theirs, name))
