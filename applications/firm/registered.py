"""What somebody is told who has just said for which firm they act."""

from django.contrib import messages
from django.http import HttpRequest

from applications.enterprises.models import Claim
from applications.firm.current_enterprise import choose_enterprise


def go_on(request: HttpRequest, claim: Claim) -> None:
    """Say what became of the claim; a firm that is theirs at once is the current one."""
    if claim.status != Claim.Status.APPROVED:
        messages.info(request, "已收到登记，要由县中心核实，结果会显示在本页。")
        return
    membership = claim.enterprise.memberships.get(user=request.user)
    choose_enterprise(request, membership)
    messages.success(request, f"已登记“{claim.enterprise}”，您是这家企业的管理员。")
