"""Proposed changes in the admin: another editor compares, and accepts or sends back."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from policies.editors.models import ProposedChange
from policies.editors.proposals import (
    ROW_CHANGED,
    ROW_GONE,
    Outcome,
    ProposalError,
    as_shown,
    close,
    locked_to_decide,
    reject,
    waiting_for,
    withdraw,
)
from policies.editors.uses import areas_using
from portal.forms import LONGEST
from portal.guards import is_refusal, refusal_of
from portal.models import Jurisdiction
from portal.read_only_admin import ReadOnlyAdmin
from portal.second_factor.fresh import fresh_factor_required

# Places that a page names; what everybody uses is everybody's to decide.
MOST_NAMED = 5


class WaitingFilter(admin.SimpleListFilter):
    """Those that the reader may decide."""

    title = "由谁办理"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "等我确认")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "mine":
            return queryset
        return queryset.filter(pk__in=waiting_for(request.user).values("pk"))


def admin_of(proposal: ProposedChange) -> Any:
    return admin.site.get_model_admin(proposal.content_type.model_class())


def in_order(proposal: ProposedChange, names: Iterable[str]) -> list[str]:
    """Fields as the model has them: PostgreSQL keeps no order in JSON."""
    order = [field.name for field in proposal.content_type.model_class()._meta.fields]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def form_of(proposal: ProposedChange, request: HttpRequest, row: Any) -> forms.ModelForm:
    """The row's own form, filled in as it was proposed."""
    names = in_order(proposal, proposal.before or proposal.after)
    form = admin_of(proposal).applied_form(request, row, names)
    return form({**proposal.before, **proposal.after}, instance=row)


def changed_since(form: forms.ModelForm, proposal: ProposedChange) -> str:
    """The labels of what the row has other than when the change was proposed."""
    before = proposal.before
    names = [name for name in in_order(proposal, before) if as_shown(form[name]) != before[name]]
    return "、".join(str(form.fields[name].label) for name in names)


def told(field: forms.Field, value: Any) -> str:
    """What was typed or chosen, in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(field, forms.ModelChoiceField):
        return str(field.queryset.filter(pk=value).first() or "—") if value else "—"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value)) or "—"
    return str(value) if value not in ("", None) else "—"


def apply_change(proposal: ProposedChange, request: HttpRequest) -> None:
    """Save what was proposed by the form that checks direct changes; ProposalError says why not."""
    model_admin, rows = admin_of(proposal), proposal.content_type.model_class()._base_manager
    row = None
    if proposal.object_id:
        row = rows.select_for_update(of=("self",)).filter(pk=proposal.object_id).first()
        if row is None:
            raise ProposalError(ROW_GONE)
    form = form_of(proposal, request, row)
    if names := changed_since(form, proposal):
        raise ProposalError(ROW_CHANGED.format(names=names))
    if not form.is_valid():
        problems = "；".join(
            f"{form.fields[name].label if name in form.fields else ''} {' '.join(errors)}".strip()
            for name, errors in form.errors.items()
        )
        raise ProposalError(f"现在不能照着改：{problems}")
    saved = form.save(commit=False)
    saved._change_reason = f"{proposal.proposed_by} 提出：{proposal.reason}；{request.user} 确认"
    try:
        with transaction.atomic():
            model_admin.save_row(request, saved, form, row is not None)
    except IntegrityError as error:
        if not is_refusal(error):
            raise
        raise ProposalError(f"现在不能照着改：{refusal_of(error)}") from error
    log = model_admin.log_change if row else model_admin.log_addition
    log(request, saved, saved._change_reason)


@transaction.atomic
def accept(proposal: ProposedChange, request: HttpRequest) -> None:
    found = locked_to_decide(proposal, request.user)
    apply_change(found, request)
    close(found, Outcome.ACCEPTED, user=request.user, now=timezone.now())


@admin.register(ProposedChange)
class ProposedChangeAdmin(ReadOnlyAdmin):
    list_display = ["subject", "kind", "proposed_by", "place", "proposed_at", "state"]
    list_filter = [WaitingFilter, "outcome"]
    list_select_related = ["content_type", "proposed_by", "decided_by"]
    list_per_page = 50
    search_fields = ["subject", "reason"]
    search_help_text = "改什么、理由"
    actions = None

    @admin.display(description="种类")
    def kind(self, proposal: ProposedChange) -> str:
        return proposal.content_type.name

    @admin.display(description="结果")
    def state(self, proposal: ProposedChange) -> str:
        return proposal.get_outcome_display() or "等确认"

    @admin.display(description="提出人所管")
    def place(self, proposal: ProposedChange) -> str:
        return proposal.place_name or proposal.jurisdiction_code

    def place_of(self, code: str) -> str:
        return Jurisdiction.objects.filter(pk=code).values_list("name", flat=True).first() or code

    def used_by(self, row: Any) -> str:
        """The places whose programmes use the row now; empty for a new one."""
        if row is None:
            return ""
        uses = areas_using(row)
        if uses is None:
            return "各地"
        names = Jurisdiction.objects.filter(pk__in=uses).values_list("name", flat=True)
        return "、".join(names) or "还没有地方"

    def get_queryset(self, request: HttpRequest) -> Any:
        place = Jurisdiction.objects.filter(pk=OuterRef("jurisdiction_code")).values("name")
        return super().get_queryset(request).annotate(place_name=Subquery(place))

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<int:object_id>/accept/", self.accept, "accept"),
            self.own_page("<int:object_id>/reject/", self.reject, "reject"),
            self.own_page("<int:object_id>/withdraw/", self.withdraw, "withdraw"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is to become what, why, and what the reader may do about it."""
        return self._page(request, self.find(request, object_id))

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def accept(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decide(request, object_id, lambda found: accept(found, request))

    @method_decorator(require_POST)
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        note = request.POST.get("note", "")
        return self._decide(
            request,
            object_id,
            lambda found: reject(proposal=found, note=note, user=request.user, now=timezone.now()),
        )

    @method_decorator(require_POST)
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        proposal = self.find(request, object_id)
        if proposal.proposed_by_id != request.user.pk:
            raise PermissionDenied
        return self._done(
            request,
            proposal,
            lambda found: withdraw(proposal=found, user=request.user, now=timezone.now()),
        )

    def _decide(
        self, request: HttpRequest, object_id: int, act: Callable[[ProposedChange], None]
    ) -> HttpResponse:
        proposal = self.find(request, object_id)
        if not self._may_decide(request, proposal):
            raise PermissionDenied
        return self._done(request, proposal, act)

    def _may_decide(self, request: HttpRequest, proposal: ProposedChange) -> bool:
        """Also of what is decided by now, of which the service says so."""
        rows = admin_of(proposal)
        allowed = rows.has_change_permission if proposal.object_id else rows.has_add_permission
        asked = waiting_for(request.user).filter(pk=proposal.pk).exists() or not proposal.is_open
        return allowed(request) and asked

    def _done(
        self, request: HttpRequest, proposal: ProposedChange, act: Callable[[ProposedChange], None]
    ) -> HttpResponse:
        try:
            act(proposal)
        except ProposalError as error:
            proposal.refresh_from_db()
            return self._page(request, proposal, str(error), request.POST.get("note", ""))
        proposal.refresh_from_db()
        self.message_user(request, f"{proposal}：{self.state(proposal)}。", messages.SUCCESS)
        return redirect("admin:editors_proposedchange_change", proposal.pk)

    def _page(
        self, request: HttpRequest, proposal: ProposedChange, problem: str = "", note: str = ""
    ) -> HttpResponse:
        row = proposal.row
        form, asked = form_of(proposal, request, row), list(proposal.asked.all())
        stale = ""
        if proposal.is_open and proposal.object_id:
            since = changed_since(form, proposal) if row else ""
            stale = ROW_CHANGED.format(names=since) if since else "" if row else ROW_GONE
        page = f"admin:{proposal.content_type.app_label}_{proposal.content_type.model}_change"
        context = {
            "title": str(proposal),
            "proposal": proposal,
            "place": self.place(proposal),
            "state": self.state(proposal),
            "used_by": self.used_by(row),
            "where_used": admin_of(proposal).where_used(request, row) if row else None,
            "decider_place": self.place_of(proposal.decider_jurisdiction_code),
            "asked": "、".join(map(str, asked)) if len(asked) <= MOST_NAMED else "其他各地",
            "page_of_row": reverse(page, args=[quote(row.pk)]) if row else "",
            "values": [
                (
                    form.fields[name].label,
                    told(form.fields[name], proposal.before[name]) if proposal.before else "—",
                    told(form.fields[name], proposal.after[name]),
                )
                for name in in_order(proposal, proposal.after)
            ],
            "stale": stale,
            "may_decide": proposal.is_open and self._may_decide(request, proposal),
            "may_withdraw": proposal.is_open and proposal.proposed_by_id == request.user.pk,
            "problem": problem,
            "note": note,
            "longest": LONGEST,
        }
        return self.render(request, "admin/editors/proposed_change.html", context)
