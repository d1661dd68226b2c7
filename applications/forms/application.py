"""The form with which a firm applies."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from stdnum.cn import uscc

from applications.models import TELEPHONE, check_credit_code


class ApplicationForm(forms.Form):
    """Who applies, for which of its projects or bases, and whom to call."""

    enterprise_name = forms.CharField(
        label="企业名称", max_length=200, help_text="与营业执照一致。"
    )
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=40, help_text="营业执照右上角的 18 位代码。"
    )
    subject = forms.CharField(
        label="项目或基地名称", max_length=200, help_text="一家企业有几个时，靠它分清。"
    )
    contact_name = forms.CharField(label="联系人", max_length=50)
    contact_telephone = forms.CharField(
        label="联系电话",
        max_length=30,
        validators=[TELEPHONE],
        help_text="手机或带区号的座机；只有审核人员看得到。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    truthful = forms.BooleanField(
        label="以上内容和自测中填写的数据真实，愿意接受核查",
        error_messages={"required": "请确认所填内容真实，才能提交"},
    )

    def __init__(self, data: Any = None, *, asks_subject: bool) -> None:
        super().__init__(data)
        if not asks_subject:
            del self.fields["subject"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_enterprise_name(self) -> str:
        return "".join(self.cleaned_data["enterprise_name"].split())

    def clean_credit_code(self) -> str:
        code = uscc.compact(self.cleaned_data["credit_code"]).upper()
        check_credit_code(code)
        return code
