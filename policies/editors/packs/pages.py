"""Packs in the admin: uploaded, compared with what is here, loaded by a second person."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policies.catalogue.packs.problem import PackError
from policies.catalogue.packs.unpacking import MOST_BYTES
from policies.editors.jurisdiction import own_reach
from policies.editors.models import PackImport
from policies.editors.packs.difference import Difference, difference_of
from policies.editors.packs.sending import (
    PackChangedError,
    PackRefusedError,
    load_import,
    pack_of,
    seen,
    unpacked,
)
from portal.acts_of_two import ActOfTwoError, refusal_of, refuse, withdraw
from portal.files.names import clean_name
from portal.forms import LONGEST, STRANGE, at_most
from portal.read_only_admin import ReadOnlyAdmin
from portal.second_factor.fresh import fresh_factor_required

NOTHING_NEW = "里面没有这里还没有的内容，不用导入。"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="目录包",
        widget=forms.FileInput(attrs={"accept": ".zip,.yaml"}),
        help_text=(
            f"ZIP（里面是目录包的文件夹），或者一个项目文件（.yaml），不超过 {filesizeformat(MOST_BYTES)}。"
            "只写新的就行：这里已有的指标、文件可以不写。"
        ),
        error_messages={
            "required": "请选择要上传的文件。",
            "invalid": "请选择要上传的文件。",
            "empty": "文件是空的。",
        },
    )
    reason = forms.CharField(
        label="从哪里来，为什么导入",
        help_text="确认的人看得到，也留在记录里。",
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[at_most(LONGEST)],
        error_messages={"required": "请写明从哪里来、为什么导入。", **STRANGE},
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            self.files_of_pack = unpacked(upload)
        except PackRefusedError as error:
            raise forms.ValidationError(str(error)) from error
        return upload


@admin.register(PackImport)
class PackImportAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "proposed_at", "proposed_by", "state", "decided_at", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["proposed_by", "decided_by"]
    list_per_page = 50
    search_fields = ["file_name", "reason"]
    search_help_text = "文件名或理由"
    actions = None

    def imports(self, request: HttpRequest) -> bool:
        """Whether the user adds programmes at all; of which places, each pack is asked."""
        return request.user.has_perm("catalogue.add_programme") and bool(own_reach(request))

    def decides(self, request: HttpRequest, found: PackImport) -> bool:
        """Whether it is the user's place that it comes from, or lies within it."""
        reach = own_reach(request)
        is_within = reach.is_whole or found.jurisdiction_code in reach.areas
        return self.imports(request) and is_within

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        is_list = request.resolver_match.url_name.endswith("_changelist")
        return rows.defer("files") if is_list else rows

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("upload/", self.upload, "upload"),
            self.own_page("<int:object_id>/load/", self.load, "load"),
            self.own_page("<int:object_id>/refuse/", self.refuse, "refuse"),
            self.own_page("<int:object_id>/withdraw/", self.withdraw, "withdraw"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"imports": self.imports(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a pack that could be loaded, and lead to what it would change."""
        if not self.imports(request):
            raise PermissionDenied
        is_sent, problems = request.method == "POST", []
        form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None)
        if is_sent and form.is_valid():
            now = timezone.now()
            try:
                pack = pack_of(form.files_of_pack, own_reach(request))
                difference = difference_of(pack, now, as_drafts=True)
                if not difference:
                    form.add_error("file", NOTHING_NEW)
            except PackError as error:
                problems = [str(problem) for problem in error.problems]
                form.add_error("file", f"有 {len(problems)} 处要改，逐处列在下面；改好再上传。")
            if not form.errors:
                found = PackImport.objects.create(
                    file_name=clean_name(form.cleaned_data["file"].name),
                    files=form.files_of_pack,
                    told=difference.as_data(),
                    reason=form.cleaned_data["reason"],
                    jurisdiction_code=request.user.jurisdiction_code,
                    proposed_by=request.user,
                    proposed_at=now,
                )
                messages.success(request, "已上传，还没有改动任何内容：等另一位编辑看过后载入。")
                return redirect("admin:editors_packimport_change", found.pk)
        context = {"title": "导入目录包", "form": form, "problems": problems}
        status = 400 if form.errors else 200
        return self.render(request, "admin/editors/pack_upload.html", context, status=status)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id))

    def _page(
        self,
        request: HttpRequest,
        found: PackImport,
        problem: str = "",
        problems: Sequence[str] = (),
        changed: Difference | None = None,
    ) -> HttpResponse:
        """What it would have changed when it was sent, or does now; who decided it."""
        difference = changed or Difference.of_data(found.told)
        may_decide = found.is_pending and self.decides(request, found)
        context = {
            "title": f"导入目录包：{found}",
            "found": found,
            "problem": problem,
            "difference": difference,
            "problems": problems,
            "seen": seen(difference),
            "may_decide": may_decide and not refusal_of(found, request.user),
            "refused": refusal_of(found, request.user) if may_decide else "",
            "may_withdraw": found.may_be_withdrawn_by(request.user),
            "answer": request.POST.get("answer", ""),
            "longest": LONGEST,
        }
        return self.render(request, "admin/editors/pack_import.html", context)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def load(self, request: HttpRequest, object_id: int) -> HttpResponse:
        shown = request.POST.get("seen", "")
        return self._decide(
            request,
            object_id,
            lambda found: load_import(found, seen_as=shown, user=request.user, now=timezone.now()),
            "已载入：新的版本是草稿，照常看过以后发布。",
        )

    @method_decorator(require_POST)
    def refuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        answer = request.POST.get("answer", "")
        return self._decide(
            request,
            object_id,
            lambda found: refuse(found, reason=answer, actor=request.user, now=timezone.now()),
            "没有载入，提出人看得到原因。",
        )

    @method_decorator(require_POST)
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if self.find(request, object_id).proposed_by_id != request.user.pk:
            raise PermissionDenied
        return self._decide(
            request,
            object_id,
            lambda found: withdraw(found, actor=request.user, now=timezone.now()),
            "已撤回。",
        )

    def _decide(
        self,
        request: HttpRequest,
        object_id: int,
        act: Callable[[PackImport], Any],
        told: str,
    ) -> HttpResponse:
        found = self.find(request, object_id)
        if not self.decides(request, found):
            raise PermissionDenied
        try:
            act(found)
        except PackChangedError as error:
            return self._page(request, found, str(error), changed=error.difference)
        except PackError as error:
            told = "没有载入：有几处现在不合适，列在下面。"
            return self._page(request, found, told, [str(each) for each in error.problems])
        except ActOfTwoError as error:
            found.refresh_from_db()
            return self._page(request, found, str(error))
        messages.success(request, told)
        return redirect("admin:editors_packimport_change", found.pk)
