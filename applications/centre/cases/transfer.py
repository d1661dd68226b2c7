"""Handing a case over to the county that its firm has moved to, on the page of the case."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.services.transfer import may_be_transferred, transfer
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from portal.forms import LONGEST, STRANGE
from portal.scoped_admin import CHECK_BELOW

TRANSFERRED = "{number}：已转交{county}，并已告知企业。"


class TransferForm(forms.Form):
    reason = forms.CharField(
        label="理由（企业看得到）",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "id": "id_transfer_reason"}),
        error_messages={"required": "请写明为什么转交。", **STRANGE},
    )


def transfer_context(
    request: HttpRequest,
    application: Application,
    *,
    may_decide: bool,
    form: TransferForm | None,
) -> dict[str, Any]:
    """The form, where the case lies at the reader's desk and its firm has moved."""
    today = timezone.localdate()
    may = may_decide and may_be_transferred(application)
    may = may and application.may_be_decided_by(request.user, today)
    return {"transfer_form": (form or TransferForm()) if may else None}


class TransferPages:
    """The part of the case's admin that hands it over."""

    def get_urls(self) -> list[Any]:
        own = self.own_page("<path:object_id>/transfer/", self.transfer, "transfer")
        return [own, *super().get_urls()]

    @method_decorator(require_POST)
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The state that the page showed must still hold."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = TransferForm(request.POST)
        if request.POST.get("seen") != str(application.version):
            told = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, problem=told)
        if not form.is_valid():
            return self._case_page(request, application, problem=CHECK_BELOW, transfer=form)
        county = application.current_firm.county
        try:
            transfer(
                application=application,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ApplicationError as error:
            found = self.find(request, object_id)
            return self._case_page(request, found, problem=str(error), transfer=form)
        told = TRANSFERRED.format(number=application.number, county=county)
        self.message_user(request, told, messages.SUCCESS)
        # It is the other county's now.
        return redirect("admin:cases_application_changelist")
