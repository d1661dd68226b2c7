"""One sentence above a form of many fields: how many are to be filled in, with links to them."""

import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse

from applications.firm.forms.accounts import EnterpriseForm
from portal.form_problems import REQUIRED, kept_in_words, problems_of
from tests.factories import FirmUserFactory, MembershipFactory
from tests.policies.packs import load_catalogue

pytestmark = pytest.mark.one_database
EIGHT = {f"field{number}": forms.CharField(label=f"第{number}项") for number in range(1, 9)}
Many = type("Many", (forms.Form,), dict(EIGHT))


class Mixed(forms.Form):
    size = forms.ChoiceField(
        label="规模 <b>", choices=[("s", "小"), ("m", "中")], widget=forms.RadioSelect
    )
    none = forms.MultipleChoiceField(
        label="没有可选的", choices=[], widget=forms.CheckboxSelectMultiple
    )
    number = forms.IntegerField(label="人数")
    file = forms.FileField(label="文件", required=False)

    def clean(self):
        raise forms.ValidationError("前后矛盾")


def shown(told, *judged):
    template = Template("{% load form_problems %}{% form_problems told form %}")
    return template.render(Context({"told": told, "form": judged[0]}))


def test_eight_empty_fields_are_one_sentence_with_a_link_each():
    page = shown("还没有提交：", Many({}))
    assert page.count("还有 8 处要填") == 1
    assert re.findall(r'href="#(\w+)"', page) == [f"id_field{number}" for number in range(1, 9)]
    assert "请核对" not in page
    assert "必填项" not in page


def test_what_is_wrong_is_told_with_its_message_and_groups_lead_to_their_first_input():
    form = Mixed({"number": "许多"})
    page = shown("还没有保存：", form)
    assert "还有 2 处要填" in page and "有 1 处请核对" in page
    assert 'href="#id_size_0"' in page and 'id="id_size_0"' in str(form)
    assert "规模 &lt;b&gt;" in page
    # Nothing is there to lead to.
    assert "没有可选的" in page and 'href="#"' not in page
    assert '<a href="#id_number">人数</a>：输入整数。' in page


def test_nothing_is_said_where_nothing_is_wrong():
    assert shown("", Many(dict.fromkeys(EIGHT, "有"))).strip() == ""
    assert "改过了" in shown("改过了", Many(dict.fromkeys(EIGHT, "有")))


def test_files_and_passwords_that_the_page_lost_are_named():
    sent = {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    assert kept_in_words([Mixed({"number": "1"})]) == "您填的内容都还在。"
    assert kept_in_words([Mixed({"number": "1"}, sent)]).endswith("没有收下的文件要重新选。")
    with_password = type(
        "P", (forms.Form,), {"password": forms.CharField(widget=forms.PasswordInput)}
    )
    assert kept_in_words([with_password({})]) == "除密码外，您填的内容都还在。"


@pytest.mark.django_db
def test_an_empty_registration_marks_each_field_and_says_the_number_once(client):
    client.force_login(FirmUserFactory())
    page = client.post(reverse("firm:enterprise-register"), {}).content.decode()
    number = len(problems_of([EnterpriseForm({})]))
    assert number == 5
    assert page.count(f"还有 {number} 处要填") == 1
    assert "必填项" not in page
    assert page.count(f"<strong>{REQUIRED}</strong>") == number
    assert page.count("is-invalid") == number


@pytest.mark.django_db
def test_a_section_of_the_profile_leads_to_what_is_wrong(client):
    load_catalogue()
    client.force_login(MembershipFactory().user)
    url = f"{reverse('firm:profile-edit')}?section=基本情况"
    seen = client.get(url).context["form"].version
    page = client.post(url, {"seen": seen, "enterprise__founded_on": "前年"}).content.decode()
    assert "有 1 处请核对" in page
    assert 'href="#id_enterprise__founded_on"' in page
    assert 'value="前年"' in page


@pytest.mark.django_db
def test_a_step_of_the_self_check_leads_to_each_field_that_is_wrong(client):
    load_catalogue()
    sent = {
        "enterprise__county": "999999",
        "industry__section": "没有",
        "enterprise__ownership": "",
    }
    page = client.post(reverse("self_check:self-check"), sent).content.decode()
    assert "还没有到下一步" in page and "有 2 处请核对" in page
    for name in ("enterprise__county", "industry__section"):
        assert f'href="#id_{name}"' in page and f'id="id_{name}"' in page


@pytest.mark.django_db
def test_logging_in_with_nothing_leads_to_both_fields(client):
    page = client.post(reverse("account_login"), {}).content.decode()
    assert "没有登录" in page and "还有 2 处要填" in page
    assert re.findall(r'href="#(id_\w+)"', page) == ["id_login", "id_password"]
