"""Pages with which staff put a firm's record right, and part it from who should not act for it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from applications.cases.models import Message
from applications.cases.services.messages import members_of, notify
from applications.centre.enterprises.forms import CorrectionForm, ReasonForm
from applications.enterprises.models import Enterprise, Membership
from applications.enterprises.services.corrections import CorrectionError, correct_enterprise
from applications.enterprises.services.memberships import MembershipError, part_from_firm
from portal.models import Delivery
from portal.outbox.sending import post
from portal.read_only_admin import ReadOnlyAdmin

PARTED = "经县中心核实，{who} 自 {day} 起不再代表“{enterprise}”，不能再看它的资料。理由：{reason}"
CORRECTED = "县中心更正了企业登记：名称“{name}”，注册地{county}。理由：{reason}"


class AccountPages(ReadOnlyAdmin):
    """For an admin of enterprises."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/correct/", self.correct, "correct"),
            self.own_page("<path:object_id>/part/<int:member>/", self.part, "part"),
            *super().get_urls(),
        ]

    def can_correct(self, request: HttpRequest, enterprise: Enterprise) -> bool:
        """Who decides claims, where the firm is registered or where its code says it belongs."""
        own = Enterprise.objects.looked_after_by(request.user).filter(pk=enterprise.pk)
        return request.user.has_perm("enterprises.decide_claim") and own.exists()

    def _find_to_correct(self, request: HttpRequest, object_id: str) -> Enterprise:
        enterprise = self.find(request, object_id)
        if not self.can_correct(request, enterprise):
            raise PermissionDenied
        return enterprise

    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The firm's name and county."""
        enterprise = self._find_to_correct(request, object_id)
        data = request.POST if request.method == "POST" else None
        form = CorrectionForm(data, instance=enterprise, user=request.user)
        if data is not None and form.is_valid():
            try:
                _correct(enterprise, request.user, **form.cleaned_data)
            except CorrectionError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, "已更正，并已告知企业的成员。", messages.SUCCESS)
                return redirect("admin:enterprises_enterprise_changelist")
        before = Enterprise.objects.get(pk=enterprise.pk)
        return self._form_page(request, "correct", before, form)

    def part(self, request: HttpRequest, object_id: str, member: int) -> HttpResponse:
        """End that somebody acts for the firm."""
        enterprise = self._find_to_correct(request, object_id)
        own = Membership.objects.filter(enterprise=enterprise).select_related("user")
        membership = get_object_or_404(own, pk=member)
        data = request.POST if request.method == "POST" else None
        form = ReasonForm(data)
        if data is not None and form.is_valid():
            try:
                _part(membership, request.user, form.cleaned_data["reason"])
            except MembershipError as error:
                form.add_error(None, str(error))
            else:
                done = f"{membership.contact_name} 不再是“{enterprise}”的成员，已告知各方。"
                self.message_user(request, done, messages.SUCCESS)
                return redirect("admin:enterprises_enterprise_change", enterprise.pk)
        return self._form_page(request, "part", enterprise, form, membership=membership)

    def _form_page(
        self, request: HttpRequest, name: str, enterprise: Enterprise, form: Any, **more: Any
    ) -> HttpResponse:
        titles = {"correct": "更正名称和注册地", "part": "解除成员资格"}
        context = {"title": titles[name], "enterprise": enterprise, "form": form, **more}
        template = f"admin/enterprises/enterprise/{name}.html"
        return self.render(request, template, context, 400 if form.errors else 200)


@transaction.atomic
def _correct(enterprise: Enterprise, actor: Any, **what: Any) -> None:
    corrected = correct_enterprise(enterprise=enterprise, actor=actor, **what)
    told = CORRECTED.format(
        name=corrected.name, county=corrected.county, reason=what["reason"].strip()
    )
    change = corrected.history.latest()
    _tell_members(corrected, "企业登记已更正", told, f"enterprise-correction-{change.pk}")


@transaction.atomic
def _part(membership: Membership, actor: Any, reason: str) -> None:
    now, enterprise, gone = timezone.now(), membership.enterprise, membership.user
    part_from_firm(membership=membership, reason=reason, actor=actor, now=now)
    told = PARTED.format(
        who=f"{membership.contact_name}（{gone.email}）",
        day=f"{timezone.localdate(now):%Y-%m-%d}",
        enterprise=enterprise,
        reason=reason.strip(),
    )
    key = f"parted-{membership.pk}"
    _tell_members(enterprise, "企业成员有变动", told, key)
    if gone.email and gone.is_active:
        # Whoever left reads no messages of the firm any more.
        letter = Delivery(
            key=f"{key}-gone",
            recipient=gone,
            channel=Delivery.Channel.EMAIL,
            address=gone.email,
            subject="您不再代表这家企业",
            text=told,
            due_at=now,
        )
        post([letter])


def _tell_members(enterprise: Enterprise, subject: str, text: str, key: str) -> None:
    notify(
        recipients=members_of(enterprise),
        kind=Message.Kind.ACCOUNT,
        subject=f"{subject}：{enterprise}",
        text=text,
        key=key,
        now=timezone.now(),
        enterprise=enterprise,
        channels=[Delivery.Channel.EMAIL],
    )
