"""The checklist on a case: what people judge, who judged it, and recording it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from applications.cases.models import Application, Finding
from applications.cases.models.finding import criteria_to_judge
from applications.cases.services.errors import ApplicationError
from applications.cases.services.findings import record_findings
from applications.cases.workflow import WITH_STAFF
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from applications.centre.cases.forms.findings import FindingsForm
from portal.scoped_admin import CHECK_BELOW

NOTHING_NEW = "没有新的判断，什么也没有改。"


def checklist_form(application: Application, data: Any = None) -> FindingsForm:
    criteria = criteria_to_judge(application.assessment)
    newest = application.findings.select_related("by").newest() if criteria else {}
    return FindingsForm(data, criteria=criteria, newest=newest)


def checklist_context(
    request: HttpRequest,
    application: Application,
    *,
    may_decide: bool,
    form: FindingsForm | None,
) -> dict[str, Any]:
    """The checklist with all earlier judgements; `may_judge` where it can be filled in."""
    form = form or checklist_form(application)
    return {
        "checklist": form,
        "checklist_rows": list(form.rows()),
        "earlier_findings": _outdated(application, form),
        "may_judge": may_decide
        and application.status in WITH_STAFF
        and application.may_be_decided_by(request.user, timezone.localdate()),
    }


def _outdated(application: Application, form: FindingsForm) -> list[Finding]:
    """Judgements that later ones replaced, or whose criterion is decided by now."""
    counting = {finding.pk for row in form.rows() if (finding := row["finding"])}
    return [
        finding
        for finding in application.findings.select_related("by")
        if finding.pk not in counting
    ]


class FindingPages:
    """The part of the case's admin that records judgements."""

    def get_urls(self) -> list[Any]:
        judge = self.own_page("<path:object_id>/findings/", self.judge, "findings")
        return [judge, *super().get_urls()]

    @method_decorator(require_POST)
    def judge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record what staff found; the state that their page showed must still hold."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = checklist_form(application, request.POST)
        if request.POST.get("seen") != str(application.version):
            message = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, problem=message, findings=form)
        if not form.is_valid():
            return self._case_page(request, application, problem=CHECK_BELOW, findings=form)
        try:
            recorded = record_findings(
                application=application,
                actor=request.user,
                findings=form.findings,
                now=timezone.now(),
            )
        except ApplicationError as error:
            application.refresh_from_db()
            return self._case_page(request, application, problem=str(error), findings=form)
        text = f"已记录 {len(recorded)} 项人工判断。" if recorded else NOTHING_NEW
        self.message_user(request, text, messages.SUCCESS if recorded else messages.INFO)
        return redirect(self.address_of(request, application.pk, "#findings"))
