"""A member asks to be told when a limit comes near for the firm."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from applications.enterprises.models import Membership
from applications.firm.current_enterprise import for_members
from applications.following.subscriptions import confirmed_address, follow_firm
from portal.public_pages import limited


@require_POST
@limited
@for_members
def follow(request: HttpRequest, membership: Membership) -> HttpResponse:
    address = confirmed_address(request.user)
    if not address:
        messages.warning(request, "您的账户没有确认过的邮箱，请先在“我的账户”里确认。")
        return redirect("firm:calendar")
    follower = follow_firm(request.user, address, membership.enterprise, timezone.now())
    return redirect("following:following", follower.token)
