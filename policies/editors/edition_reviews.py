"""Editions that wait for a second editor, in the admin: looked at as a whole, and decided."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from policies.catalogue.editions import EditionError
from policies.editors.consequences import FILL, gaps_of, when_retired, when_withdrawn
from policies.editors.draft_letters import tell_of_decision
from policies.editors.draft_review import review_of
from policies.editors.edition_proposals import (
    CHANGED,
    GONE,
    Act,
    approve,
    is_another,
    refusal_to_decide,
    refuse,
    second_editors,
    waiting_for,
    withdraw,
)
from policies.editors.models import EditionProposal
from portal.acts_of_two import ActOfTwoError
from portal.forms import LONGEST, reason_in
from portal.models import Jurisdiction
from portal.read_only_admin import ReadOnlyAdmin
from portal.second_factor.fresh import fresh_factor_required

MUST_LOOK = "您还没有勾选已经看过差异和预览：请看过再通过。"
NOT_AN_EDITOR = "由有权编辑这个项目的人审核。"
DONE = {
    Act.PUBLISH: "已发布，今后不能再改，{day} 起生效；内容有错请用“更正”，有新规定请复制为新草稿。",
    Act.CORRECT: "更正已发布，从同一天起代替原来的版本。",
    Act.RETIRE: "已停用：{day} 起不再受理，也不再列入自测。",
    Act.WITHDRAW: "已撤回，如同没有发布过。",
}


class MineFilter(admin.SimpleListFilter):
    title = "由谁审核"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "等我审核"), ("by_me", "我提交的，还没有审核")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "mine":
            return queryset.filter(pk__in=waiting_for(request.user).values("pk"))
        if self.value() == "by_me":
            return queryset.filter(state="pending", proposed_by=request.user)
        return queryset


@admin.register(EditionProposal)
class EditionProposalAdmin(ReadOnlyAdmin):
    list_display = ["subject", "act", "state", "proposed_by", "proposed_at", "decided_by"]
    list_filter = [MineFilter, "state", "act"]
    list_select_related = ["proposed_by", "decided_by"]
    list_per_page = 50
    search_fields = ["subject", "reason"]
    search_help_text = "项目名称、原因"
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        edition = "edition__corrects", "edition__programme"
        return super().get_queryset(request).select_related(*edition, "proposed_by", "decided_by")

    def get_urls(self) -> list[Any]:
        pages = {"approve": self.approve, "refuse": self.refuse, "withdraw": self.withdraw}
        own = [
            self.own_page(f"<int:object_id>/{name}/", view, name) for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is to be done, what it changes, and what the reader may do about it."""
        return self._page(request, self.find(request, object_id))

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def approve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        proposal = self._find_to_decide(request, object_id)
        if proposal.is_pending and proposal.is_of_draft and not request.POST.get("seen"):
            return self._page(request, proposal, MUST_LOOK)
        now = timezone.now()

        def act() -> EditionProposal:
            return approve(proposal=proposal, user=request.user, now=now)

        return self._decide(request, proposal, act)

    @method_decorator(require_POST)
    def refuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        proposal = self._find_to_decide(request, object_id)

        def act() -> EditionProposal:
            reason = reason_in(request.POST)
            return refuse(proposal=proposal, reason=reason, user=request.user, now=timezone.now())

        return self._decide(request, proposal, act)

    @method_decorator(require_POST)
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        proposal = self.find(request, object_id)
        if proposal.proposed_by_id != request.user.pk:
            raise PermissionDenied

        def act() -> EditionProposal:
            return withdraw(proposal=proposal, user=request.user, now=timezone.now())

        return self._decide(request, proposal, act)

    def _find_to_decide(self, request: HttpRequest, object_id: int) -> EditionProposal:
        """Also what is decided by now, of which the service says so."""
        proposal = self.find(request, object_id)
        if self._refusal(request, proposal) and proposal.is_pending:
            raise PermissionDenied
        if not request.user.has_perm("catalogue.change_edition"):
            raise PermissionDenied
        return proposal

    def _refusal(self, request: HttpRequest, proposal: EditionProposal) -> str:
        if not request.user.has_perm("catalogue.change_edition"):
            return NOT_AN_EDITOR
        return refusal_to_decide(proposal, request.user)

    def _decide(
        self, request: HttpRequest, proposal: EditionProposal, act: Callable[[], EditionProposal]
    ) -> HttpResponse:
        try:
            found = act()
        except (ActOfTwoError, EditionError, ValueError) as error:
            return self._page(request, self.find(request, proposal.pk), f"没有办成：{error}")
        if found.edition:
            self.log_change(request, found.edition, f"{found}：{found.get_state_display()}")
        if found.is_confirmed:
            self._tell_what_was_done(request, found)
        else:
            messages.success(request, f"{found}：{found.get_state_display()}。")
        if found.decided_by_id != found.proposed_by_id:
            tell_of_decision(found)
        return redirect("admin:editors_editionproposal_change", found.pk)

    def _tell_what_was_done(self, request: HttpRequest, proposal: EditionProposal) -> None:
        """Also which days are without an edition now."""
        programme, today = proposal.edition.programme, timezone.localdate()
        messages.success(request, DONE[Act(proposal.act)].format(day=proposal.day))
        for gap in gaps_of(programme, today):
            messages.warning(request, f"{programme}：{gap}。{FILL}")
        if not programme.editions.standing().exists():
            messages.warning(request, f"{programme}：没有有效的版本，企业查不到它。{FILL}")

    def _page(
        self, request: HttpRequest, proposal: EditionProposal, problem: str = ""
    ) -> HttpResponse:
        edition, now = proposal.edition, timezone.now()
        place = Jurisdiction.objects.filter(pk=proposal.jurisdiction_code).first()
        context: dict[str, Any] = {
            "title": str(proposal),
            "proposal": proposal,
            "edition": edition,
            "place": place or proposal.jurisdiction_code,
            "longest": LONGEST,
            "reason": request.POST.get("reason", ""),
        }
        if proposal.is_pending and edition:
            refusal = self._refusal(request, proposal)
            is_changed = is_another(proposal)
            own = proposal.may_be_withdrawn_by(request.user)
            context |= {
                "stale": CHANGED if is_changed else "",
                "refusal": "" if own else refusal,
                "may_decide": not refusal,
                "may_approve": not refusal and not is_changed,
                "may_withdraw": own,
                "asked": "、".join(map(str, second_editors(proposal))),
                **self._consequences(proposal, now),
            }
            context["may_approve"] &= not context.get("points")
        elif edition is None:
            context["gone"] = GONE
        context["problem"] = problem
        status = 400 if problem else 200
        template = "admin/editors/edition_proposal.html"
        return self.render(request, template, context, status=status)

    def _consequences(self, proposal: EditionProposal, now: Any) -> dict[str, Any]:
        edition = proposal.edition
        if proposal.is_of_draft:
            return review_of(edition, now)
        if proposal.act == Act.RETIRE:
            return {"follows": when_retired(edition, proposal.day, now)}
        return {"follows": when_withdrawn(edition, now)}


def proposals_in_lines(edition: Any) -> list[str]:
    """Who proposed and who approved what was done to the edition; what a pack brought says so."""
    lines = [
        format_html(
            '<a href="{}">{}</a>：{} 提出，{}{}',
            reverse("admin:editors_editionproposal_change", args=[each.pk]),
            each.get_act_display(),
            each.proposed_by,
            each.get_state_display(),
            f"（{each.decided_by}）" if each.decided_by else "",
        )
        for each in edition.proposals.all()
    ]
    if edition.is_packed:
        lines.append("来自目录包：由运维人员装载发布，不经两位编辑。")
    return lines
