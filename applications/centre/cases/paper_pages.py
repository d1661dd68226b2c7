"""Papers of cases in the admin: the paper of approval, and what was handed in as a ZIP."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from applications.cases.models import Application
from applications.centre.cases.approval import approval_paper
from applications.centre.cases.bundles import (
    MOST_CASES,
    PDF,
    ZIP,
    BundleError,
    ask_for_bundle,
)
from applications.centre.exports.pages import EXPORT
from policies.catalogue.current import Catalogue
from portal.jobs.asking import TooManyJobsError
from portal.jobs.papers import ask_for_paper
from portal.read_only_admin import ReadOnlyAdmin


class PaperPages(ReadOnlyAdmin):
    """For the admin of cases; whoever sees a case may have its papers."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/approval/", self.approval, "approval"),
            self.own_page("<path:object_id>/materials/", self.materials, "materials"),
            *super().get_urls(),
        ]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(EXPORT)

    @method_decorator(require_POST)
    def approval(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the paper of approval set as PDF; as long as nothing changes, the same one is kept."""
        application = self.find(request, object_id)
        try:
            job = ask_for_paper(
                approval_paper(application, Catalogue().vocabulary),
                title=f"审批表 {application.number}",
                file_name=f"审批表-{application.number}.pdf",
                style="office",
                owner=request.user,
                page=self._page_of(application),
                now=timezone.now(),
            )
        except TooManyJobsError as error:
            return self._refused(request, application, str(error))
        return redirect(job)

    @method_decorator(require_POST)
    def materials(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the materials packed or joined: a cover, then the files in the order of the list."""
        application = self.find(request, object_id)
        ending = PDF if request.POST.get("ending") == PDF else ZIP
        try:
            job = ask_for_bundle(
                [application],
                ending=ending,
                user=request.user,
                page=self._page_of(application),
                now=timezone.now(),
            )
        except (BundleError, TooManyJobsError) as error:
            return self._refused(request, application, str(error))
        return redirect(job)

    def _page_of(self, application: Application) -> str:
        return reverse("admin:cases_application_change", args=[application.pk])

    def _refused(
        self, request: HttpRequest, application: Application, problem: str
    ) -> HttpResponse:
        self.message_user(request, problem, messages.ERROR)
        return redirect("admin:cases_application_change", application.pk)

    @admin.action(description=f"打包所选申报的材料（最多 {MOST_CASES} 件）", permissions=["export"])
    def pack_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """A folder for each case; what was chosen is packed whole or refused."""
        chosen = list(queryset.order_by("number").defer("answers", "assessment")[: MOST_CASES + 1])
        try:
            job = ask_for_bundle(
                chosen, user=request.user, page=request.get_full_path(), now=timezone.now()
            )
        except (BundleError, TooManyJobsError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        return redirect(job)
