"""Fields are written as crispy-bootstrap5 writes them, by a template that asks for less."""

import re

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.forms import plain_helper

CHOICES = [("a", "甲 & 乙"), ("b", "丙 <丁>"), ("组", [("c", "一"), ("d", "二")])]


class Kept:
    url, name = "/files/1/", "营业执照.pdf"

    def __str__(self):
        return self.name


class Plain(forms.Form):
    hidden = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(label="名称 & 地址", help_text="写<b>全称</b>", max_length=5)
    bare = forms.CharField(label="", required=False)
    number = forms.DecimalField(label="金额", required=False)
    secret = forms.CharField(label="口令", widget=forms.PasswordInput(attrs={"class": "wide"}))
    long = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}), disabled=True)
    one = forms.ChoiceField(label="选一个", choices=CHOICES, help_text="只能选一个")
    several = forms.MultipleChoiceField(label="选几个", choices=CHOICES, required=False)
    radio = forms.ChoiceField(
        label="是不是", choices=CHOICES, widget=forms.RadioSelect, help_text="看执照"
    )
    radio_alone = forms.ChoiceField(
        label="", choices=CHOICES, widget=forms.RadioSelect, required=False
    )
    boxes = forms.MultipleChoiceField(
        label="哪些", choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    box = forms.BooleanField(label="内容属实", help_text="签字有效")
    box_kept = forms.BooleanField(label="公开", required=False, initial=True)
    day = forms.SplitDateTimeField(label="何时", required=False)
    upload = forms.FileField(label="材料", help_text="20 MB 以内")
    upload_kept = forms.FileField(label="旧材料", required=False, initial=Kept())

    required_css_class, error_css_class = "must", "wrong"


def written_by(form, helper):
    """The tags and texts, their attributes in any order: what a browser makes of it."""
    html = re.sub(r"\s+", " ", render_crispy_form(form, helper))
    html = re.sub(r" ?([<>]) ?", r"\1", html)
    return [
        (part[0], *sorted(re.findall(r'[\w-]+(?:="[^"]*")?', part[1])))
        for part in re.findall(r"(<?/?[^<>\s\"=]+)([^<>]*)", html)
    ]


def library():
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


FORMS = {
    "empty": Plain,
    "prefixed": lambda: Plain(prefix="p", initial={"boxes": ["a", "c"], "radio": "b"}),
    "without names": lambda: Plain(auto_id=False),
    "nothing sent": lambda: Plain({}),
    "wrong": lambda: Plain(
        {"text": "太长的<名称>了", "number": "x", "one": "z", "several": ["z"], "boxes": ["z"]}
    ),
    "right": lambda: Plain(
        {"text": "名称", "secret": "口令", "one": "c", "radio": "a", "boxes": ["b"], "box": "on"},
        {"upload": SimpleUploadedFile("a.pdf", b"%PDF")},
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_a_field_is_written_as_the_library_writes_it(kind):
    ours, theirs = (written_by(FORMS[kind](), helper) for helper in (plain_helper(), library()))
    assert len(theirs) > 100
    assert ours == theirs


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("name", Plain.base_fields)
def test_a_field_alone_is_too(kind, name):
    def alone(helper):
        form = FORMS[kind]()
        form.helper = helper
        return re.sub(r"\s+", "", as_crispy_field(form[name]))

    assert sorted(alone(plain_helper())) == sorted(alone(library()))
