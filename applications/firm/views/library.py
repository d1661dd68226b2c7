"""The firm's document library: one scan of a licence serves many applications."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from applications.enterprises.models import Enterprise, LibraryFile
from applications.enterprises.services.library import LibraryError, keep_upload, withdraw_file
from applications.firm.current_enterprise import enterprise_of
from applications.firm.forms.library import FileForm, UploadForm
from applications.firm.library import library_of
from portal.files.store import UploadRefusedError
from portal.public_pages import limited, private

KEPT = "已存入资料库：{title}。"
KEPT_BEFORE = "资料库里已有内容相同的文件“{title}”，没有重复保存；名称和有效期可在列表中修改。"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited
@private
def library(request: HttpRequest) -> HttpResponse:
    """The list, and the form for one more file."""
    enterprise, today = enterprise_of(request), timezone.localdate()
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        largest=filesizeformat(settings.FILE_SIZE_MAX),
        today=today,
    )
    if form.is_valid() and _keep(request, enterprise, form):
        return redirect("firm:library")
    query = request.GET.get("q", "").strip()
    context = {
        "enterprise": enterprise,
        "form": form,
        "query": query,
        "entries": library_of(enterprise, today, query),
    }
    return render(request, "firm/library.html", context)


def _keep(request: HttpRequest, enterprise: Enterprise, form: UploadForm) -> bool:
    data = form.cleaned_data
    try:
        file, is_new = keep_upload(
            data["file"],
            enterprise=enterprise,
            user=request.user,
            now=timezone.now(),
            title=data["title"],
            valid_until=data["valid_until"],
        )
    except UploadRefusedError as error:
        form.add_error("file", str(error))
        return False
    if is_new:
        messages.success(request, KEPT.format(title=file.title))
    else:
        messages.info(request, KEPT_BEFORE.format(title=file.title))
    return True


def _find(request: HttpRequest, reference: UUID) -> LibraryFile:
    files = LibraryFile.objects.in_library().filter(enterprise=enterprise_of(request))
    return get_object_or_404(files, reference=reference)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited
@private
def change_file(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Another name or date of validity; and where to withdraw it."""
    file = _find(request, reference)
    form = FileForm(request.POST if request.method == "POST" else None, file=file)
    if form.is_valid():
        LibraryFile.objects.filter(pk=file.pk).update(**form.cleaned_data)
        messages.success(request, f"已保存：{form.cleaned_data['title']}。")
        return redirect("firm:library")
    return _file_page(request, file, form)


def _file_page(request: HttpRequest, file: LibraryFile, form: Any, problem: str = "") -> Any:
    context = {
        "file": file,
        "form": form,
        "is_used": file.attachments.exists(),
        "is_expired": file.is_expired_on(timezone.localdate()),
        "problem": problem,
    }
    template = "firm/library_file.html"
    return render(request, template, context, status=400 if problem else 200)


@require_POST
@login_required
@limited
@private
def withdraw(request: HttpRequest, reference: UUID) -> HttpResponse:
    file = _find(request, reference)
    try:
        withdraw_file(file, now=timezone.now())
    except LibraryError as error:
        return _file_page(request, file, FileForm(file=file), str(error))
    messages.success(request, f"已撤下：{file.title}。")
    return redirect("firm:library")
