"""The page of a job: for whoever asked for it, and nobody else."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.jobs.asking import ask_to_stop
from portal.jobs.showing import file_response, progress_of
from portal.models import Job


def _own(request: HttpRequest, reference: UUID) -> Job:
    job = Job.objects.filter(reference=reference, owner=request.user).first()
    if job is None:
        raise Http404("没有这项任务，或已过期删除")
    return job


@require_safe
@login_required
@never_cache
def job(request: HttpRequest, reference: UUID) -> HttpResponse:
    progress = progress_of(_own(request, reference), timezone.now())
    return render(request, "portal/job.html", {"progress": progress, "job": progress.job})


@require_safe
@login_required
def job_file(request: HttpRequest, reference: UUID) -> FileResponse:
    found = _own(request, reference)
    if not found.has_file:
        raise Http404("文件还没有做好，或已过期删除")
    return file_response(found)


@require_POST
@login_required
def stop(request: HttpRequest, reference: UUID) -> HttpResponse:
    found = _own(request, reference)
    ask_to_stop(found, timezone.now())
    return redirect(found)
