"""What a member of staff says of their own desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from applications.centre.daily_mail import PLACE, choose_daily_mail

ON, OFF = "以后每个工作日早上有事就给您发邮件。", "以后不再每天给您发邮件。"


@require_POST
def change_daily_mail(request: HttpRequest) -> HttpResponse:
    """Turn the daily letter on or off for oneself."""
    wanted = request.POST.get("wanted") == "yes"
    choose_daily_mail(request.user, wanted=wanted, now=timezone.now())
    messages.success(request, ON if wanted else OFF)
    return redirect(reverse("admin:index") + PLACE)
