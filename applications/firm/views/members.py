"""Members of a firm: the owners invite, remove and appoint; the invited accept."""

from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from applications.enterprises.models import Invitation, Membership
from applications.enterprises.services import memberships
from applications.enterprises.services.memberships import MembershipError
from applications.firm.current_enterprise import choose_enterprise, for_members, for_owners
from applications.firm.forms.accounts import ContactForm, InvitedSignUpForm
from applications.firm.forms.memberships import InviteForm, RoleForm
from portal.accounts.forms import AccountExistsError
from portal.accounts.letters import has_account
from portal.public_pages import limited, limited_reading, private


@require_safe
@for_members
def members(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Who may act for the firm, and who is invited to."""
    return _members_page(request, membership, InviteForm())


def _members_page(request: HttpRequest, membership: Membership, form: InviteForm) -> HttpResponse:
    enterprise, now = membership.enterprise, timezone.now()
    invitations = Invitation.objects.standing().filter(enterprise=enterprise)
    context = {
        "membership": membership,
        "enterprise": enterprise,
        "members": enterprise.memberships.select_related("user"),
        "invitations": [(each, each.is_open_at(now)) for each in invitations],
        "form": form,
        "roles": Membership.Role.choices,
    }
    status = 400 if form.errors else 200
    return render(request, "firm/members.html", context, status=status)


@require_POST
@limited
@for_owners
def invite(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Invite an address; the answer is the same whether or not it has an account."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation = memberships.invite(
                enterprise=membership.enterprise,
                email=form.cleaned_data["email"],
                invited_by=request.user,
                page_of=partial(_invitation_address, request),
                now=timezone.now(),
            )
        except MembershipError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"邀请信已发往 {invitation.email}，7 天内有效。")
            return redirect("firm:members")
    return _members_page(request, membership, form)


def _invitation_address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("firm:invitation", args=[token]))


@require_POST
@for_owners
def withdraw(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, enterprise=membership.enterprise_id)
    try:
        memberships.withdraw_invitation(invitation=invitation, now=timezone.now())
    except MembershipError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已撤回发往 {invitation.email} 的邀请。")
    return redirect("firm:members")


@require_POST
@for_owners
def remove(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    leaving = get_object_or_404(Membership, pk=pk, enterprise=membership.enterprise_id)
    try:
        memberships.remove_member(membership=leaving, now=timezone.now())
    except MembershipError as error:
        messages.error(request, str(error))
        return redirect("firm:members")
    messages.success(request, f"已移除成员 {leaving.contact_name}。")
    gone = leaving.user_id == request.user.pk
    return redirect("firm:enterprise" if gone else "firm:members")


@require_POST
@for_owners
def change_role(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    changed = get_object_or_404(Membership, pk=pk, enterprise=membership.enterprise_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有这种角色，请重新选择。")
        return redirect("firm:members")
    try:
        memberships.change_role(
            membership=changed, role=form.cleaned_data["role"], now=timezone.now()
        )
    except MembershipError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已更改 {changed.contact_name} 的角色。")
    return redirect("firm:members")


def _closed_page(request: HttpRequest) -> HttpResponse:
    return render(request, "firm/invitation_closed.html", status=410)


def _open_invitation(token: str) -> Invitation | None:
    """The invitation of a token while it can be accepted; 404 for a token nobody was sent."""
    found = Invitation.objects.of_token(token).select_related("enterprise__county", "invited_by")
    invitation = get_object_or_404(found)
    return invitation if invitation.is_open_at(timezone.now()) else None


@limited_reading
@private
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the invited are invited to; posting accepts."""
    found = _open_invitation(token)
    if found is None:
        return _closed_page(request)
    is_invited = request.user.is_authenticated and memberships.is_invited(request.user, found)
    data = request.POST if request.method == "POST" else None
    form = ContactForm(data)
    if is_invited and data is not None and form.is_valid():
        try:
            membership = memberships.accept_invitation(
                invitation=found, user=request.user, now=timezone.now(), **form.cleaned_data
            )
        except MembershipError:
            return _closed_page(request)
        choose_enterprise(request, membership)
        messages.success(request, f"您已加入“{found.enterprise}”。")
        return redirect("firm:enterprise")
    context = {"invitation": found, "is_invited": is_invited, "form": form, "token": token}
    return render(request, "firm/invitation.html", context)


class InvitedSignUpView(SignupView):
    """An account for whoever holds an invitation; the letter confirmed the address."""

    template_name = "firm/invited_sign_up.html"
    invitation: Invitation

    @method_decorator(private)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = _open_invitation(kwargs["token"])
        if found is None:
            return _closed_page(request)
        if request.user.is_authenticated:
            return redirect("firm:invitation", kwargs["token"])
        if has_account(found.email):
            # Whoever holds the letter has the mailbox, and may know.
            messages.info(request, "这个邮箱已有账户：请先登录，再接受邀请。")
            accept = reverse("firm:invitation", args=[kwargs["token"]])
            return redirect(f"{reverse('account_login')}?{urlencode({'next': accept})}")
        self.invitation = found
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[InvitedSignUpForm]:
        return InvitedSignUpForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "invitation": self.invitation}

    def form_valid(self, form: InvitedSignUpForm) -> HttpResponse:
        get_adapter().stash_verified_email(self.request, self.invitation.email)
        try:
            return super().form_valid(form)
        except (AccountExistsError, MembershipError, IntegrityError):
            get_adapter().unstash_verified_email(self.request)
            return _closed_page(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, invitation=self.invitation, token=self.kwargs["token"]
        )
