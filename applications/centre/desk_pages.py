"""What a member of staff says of their own desk, and of colleagues who are away."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from applications.cases.reviewers import name_of
from applications.cases.services.covers import (
    covers_to_see,
    end_cover,
    enter_cover,
    people_to_enter,
)
from applications.cases.services.errors import ApplicationError
from applications.centre.cases.forms.cover import CoverForm
from applications.centre.daily_mail import PLACE, choose_daily_mail
from portal.scoped_admin import CHECK_BELOW

ON, OFF = "以后每个工作日早上有事就给您发邮件。", "以后不再每天给您发邮件。"
ENTERED = "已登记：{days}，{person}的申报由{substitute}代办。"
ENDED = "{person}的代班已结束，申报回到{person}那里。"
ENDED_AWAY = (
    "{person}的代班已结束。{person}现在不审核原来单位的申报（换了单位，或不再审核），"
    "分给{person}的 {count} 件没有人办，请另行分配。"
)


@require_POST
def change_daily_mail(request: HttpRequest) -> HttpResponse:
    """Turn the daily letter on or off for oneself."""
    wanted = request.POST.get("wanted") == "yes"
    choose_daily_mail(request.user, wanted=wanted, now=timezone.now())
    messages.success(request, ON if wanted else OFF)
    return redirect(reverse("admin:index") + PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
def covers(request: HttpRequest) -> HttpResponse:
    """Who is away and who decides meanwhile, from today on; another one is entered below."""
    people = people_to_enter(request.user)
    if not people.exists():
        raise PermissionDenied
    form = CoverForm(
        request.POST if request.method == "POST" else None, people=people, me=request.user
    )
    problem = ""
    if form.is_bound:
        problem = CHECK_BELOW
        if form.is_valid():
            try:
                cover = enter_cover(**form.cleaned_data, actor=request.user, now=timezone.now())
            except ApplicationError as error:
                problem = str(error)
            else:
                told = ENTERED.format(
                    days=cover.days,
                    person=name_of(cover.person),
                    substitute=name_of(cover.substitute),
                )
                messages.success(request, told)
                return redirect("desk:covers")
    today = timezone.localdate()
    rows = covers_to_see(request.user).filter(ended_at=None, last__gte=today)
    context = {
        **admin.site.each_context(request),
        "title": "代班",
        "problem": problem,
        "form": form,
        "covers": rows.select_related("person", "substitute", "entered_by"),
        "working": set(rows.working().values_list("pk", flat=True)),
        "today": today,
    }
    status = 400 if problem else 200
    return TemplateResponse(request, "admin/centre/covers.html", context, status=status)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a cover before its last day."""
    rows = covers_to_see(request.user).select_related("person")
    cover = get_object_or_404(rows, pk=pk)
    try:
        free = end_cover(cover=cover, actor=request.user, now=timezone.now())
    except ApplicationError as error:
        messages.error(request, str(error))
    else:
        told = ENDED_AWAY if free else ENDED
        messages.success(request, told.format(person=name_of(cover.person), count=free))
    return redirect("desk:covers")
