"""The original of a document in the admin: put there, replaced, taken down, and looked at."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.models import Document, Original
from policies.catalogue.originals import OriginalError, put_original, take_down
from policies.editors.jurisdiction import role_of
from policies.editors.shared import SharedAdmin
from portal.file_types import ACCEPTED_IN_WORDS, BY_CONTENT_TYPE
from portal.files.serving import sealed_response
from portal.files.store import UploadRefusedError, check_upload
from portal.forms import STRANGE, at_most

ACCEPT = ",".join(f".{suffix}" for kind in BY_CONTENT_TYPE.values() for suffix in kind.suffixes)
LONGEST = 300
OF_SEVERAL = "这份文件几个地区都用，原件由省级编辑上传。"
WHY_GIVEN = "请写明原因。"


class UploadForm(forms.Form):
    """The file, and why it takes the place of the one that is there."""

    file = forms.FileField(
        label="原件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": "请选择要上传的文件。", "invalid": "请选择要上传的文件。"},
    )
    reason = forms.CharField(
        label="为什么换",
        required=False,
        help_text="已有原件时要写，公开显示。",
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[at_most(LONGEST)],
        error_messages=STRANGE,
    )

    def __init__(self, data: Any = None, files: Any = None, *, replaces: bool) -> None:
        super().__init__(data, files)
        largest = filesizeformat(settings.FILE_SIZE_MAX)
        self.fields[
            "file"
        ].help_text = (
            f"{ACCEPTED_IN_WORDS}，不超过 {largest}。上传后公众可以下载，请先看清没有个人信息。"
        )
        if replaces:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = WHY_GIVEN
        else:
            del self.fields["reason"]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            check_upload(upload)
        except UploadRefusedError as error:
            raise forms.ValidationError(str(error)) from error
        return upload


class TakeDownForm(forms.Form):
    reason = forms.CharField(
        label="为什么撤下（公开显示）",
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[at_most(LONGEST)],
        error_messages={"required": WHY_GIVEN, **STRANGE},
    )


class OriginalPages(SharedAdmin):
    """Mixed into the admin of documents: whoever changes a document alone has its original too."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<int:pk>/original/", self.original_view, "original"),
            self.own_page("<int:pk>/take-down/", self.take_down_view, "take_down"),
            self.own_page(
                "<int:pk>/original/<uuid:reference>/",
                require_safe(self.original_file),
                "original_file",
            ),
            *super().get_urls(),
        ]

    def original_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is there and was there, and a form for another file."""
        document = self.find(request, pk)
        may_put = self._may_put(request, document)
        current = Original.objects.current().filter(document=document).first()
        is_sent = request.method == "POST"
        if is_sent and not may_put:
            raise PermissionDenied
        form = UploadForm(
            request.POST if is_sent else None,
            request.FILES if is_sent else None,
            replaces=current is not None,
        )
        if is_sent and form.is_valid():
            try:
                original = put_original(
                    form.cleaned_data["file"],
                    document=document,
                    user=request.user,
                    role=role_of(request.user),
                    reason=form.cleaned_data.get("reason", ""),
                    now=timezone.now(),
                )
            except (UploadRefusedError, OriginalError) as error:
                form.add_error("file", str(error))
            else:
                self.log_change(request, document, f"上传原件：{original.original_name}")
                messages.success(request, "原件已上传，公众现在可以下载。")
                return redirect("admin:catalogue_document_original", document.pk)
        context = {
            "title": "原件",
            "document": document,
            "current": current,
            "former": document.originals.exclude(closed_at=None),
            "form": form if may_put else None,
            "refused": "" if may_put else OF_SEVERAL,
            "address": reverse("admin:catalogue_document_change", args=[document.pk]),
        }
        template = "admin/catalogue/document/original.html"
        return self.render(request, template, context, status=400 if form.errors else 200)

    def take_down_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, say what follows, then do it."""
        document = self.find(request, pk)
        if not self._may_put(request, document):
            raise PermissionDenied
        is_sent, problem = request.method == "POST", ""
        form = TakeDownForm(request.POST if is_sent else None)
        if is_sent and form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                original = take_down(
                    document, role=role_of(request.user), reason=reason, now=timezone.now()
                )
            except OriginalError as error:
                problem = f"没有办成：{error}"
            else:
                self.log_change(request, document, f"撤下原件：{original.original_name}。{reason}")
                messages.success(request, "原件已撤下，公众不能再下载。")
                return redirect("admin:catalogue_document_original", document.pk)
        context = {
            "title": "撤下原件",
            "verb": "撤下",
            "not_done": "不撤下",
            "row": document,
            "list_address": reverse("admin:catalogue_document_changelist"),
            "address": reverse("admin:catalogue_document_original", args=[document.pk]),
            "back_to": "原件",
            "form": form,
            "follows": [
                "公众和工作人员都不能再下载，文件的内容从服务器上删去，不能恢复。",
                "文件名、SHA-256、谁上传、何时为何撤下，仍公开显示。",
            ],
            "problem": problem,
        }
        status = 400 if problem or form.errors else 200
        return self.render(request, "admin/catalogue/act.html", context, status=status)

    def original_file(self, request: HttpRequest, pk: int, reference: UUID) -> FileResponse:
        """Any original whose content is there, also one that was replaced."""
        document = self.find(request, pk)
        originals = Original.objects.filter(document=document, withdrawn_at=None)
        return sealed_response(get_object_or_404(originals, reference=reference))

    def _may_put(self, request: HttpRequest, document: Document) -> bool:
        may_change = self.has_change_permission(request, document)
        return may_change and self.changes_alone(request, document)
