"""What an editor does with a whole edition: copies it, and asks a second editor to publish, correct,
retire or withdraw it.

Whatever ends a right asks why and shows first what follows. The reason is public. The second editor
decides on the page of the proposal: policies.editors.edition_reviews.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policies.catalogue.editions import (
    EditionError,
    begin_correction,
    copy_to_draft,
)
from policies.catalogue.models import Edition
from policies.catalogue.readiness import readiness_of
from policies.editors.consequences import refusal_to_withdraw, when_retired, when_withdrawn
from policies.editors.draft_letters import tell_of_proposal
from policies.editors.draft_review import review_of
from policies.editors.edition_proposals import WAITS, Act, open_proposal, propose
from policies.editors.reasons import ReasonForm
from portal.forms import LONGEST, STRANGE, at_most
from portal.guarded_admin import GuardedAdmin
from portal.second_factor.fresh import fresh_factor_required
from portal.typed.fields import DayField

RETIRE, WITHDRAW = "停用", "撤回"
LOOK_AGAIN = "还没有提交：日期改了，下面是从 {day} 起停用的结果，请看过后再点一次。"
SUBMITTED = "已提交，等另一位编辑审核，审核通过后{act}。"
NOT_LOOKED = "请核对后勾选。"
NO_ANSWER = "{what}：请写明为什么。"
FOR_THE_SECOND = "给审核人的说明（选填，只有工作人员看得到）"


class RetireForm(ReasonForm):
    day = DayField(
        label="从哪一天起停用（这一天起不再受理）",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填日期。"},
    )
    # The day whose consequences the page showed.
    shown = forms.DateField(required=False, widget=forms.HiddenInput)
    field_order = ["day", "reason"]


class AskingForm(ReasonForm):
    """What a second editor is told of a draft; of a correction everybody.

    Each question that the draft raises wants a tick and a reason.
    """

    def __init__(self, data: Any = None, *, draft: Edition) -> None:
        super().__init__(data)
        if not draft.corrects_id:
            self.fields["reason"].required = False
            self.fields["reason"].label = FOR_THE_SECOND
        self.questions = readiness_of(draft, timezone.localdate()).questions
        for each in self.questions:
            self.fields[f"looked-{each.key}"] = forms.BooleanField(
                label=f"{each}我核对过了", error_messages={"required": NOT_LOOKED}
            )
            self.fields[f"because-{each.key}"] = forms.CharField(
                label="为什么（必填，审核人看得到）",
                widget=forms.Textarea(attrs={"rows": 2}),
                validators=[at_most(LONGEST)],
                error_messages={"required": NO_ANSWER.format(what=each.told), **STRANGE},
            )

    def given(self) -> dict[str, Any]:
        answers = [
            {"question": str(each), "reason": self.cleaned_data[f"because-{each.key}"]}
            for each in self.questions
        ]
        return {"reason": self.cleaned_data["reason"], "answers": answers}


class EditionLife(GuardedAdmin):
    """The pages and buttons of the life of an edition."""

    def get_urls(self) -> list[Any]:
        # What changes the rules in force takes a fresh second factor.
        in_force = {
            "publish": require_POST(fresh_factor_required(self.publish)),
            "correct": require_POST(fresh_factor_required(self.correct)),
            "effect": require_safe(fresh_factor_required(self.effect)),
            "retire": fresh_factor_required(self.retire),
            "withdraw": fresh_factor_required(self.withdraw),
        }
        pages = {**in_force, "copy": require_POST(self.copy)}
        own = [self.own_page(f"<int:pk>/{name}/", view, name) for name, view in pages.items()]
        return [*own, *super().get_urls()]

    def find_to_change(self, request: HttpRequest, pk: int) -> Edition:
        """Of a published edition nothing is changed, but what to do with it is an editor's."""
        if not request.user.has_perm("catalogue.change_edition"):
            raise PermissionDenied
        return get_object_or_404(Edition.objects.select_related("programme", "corrects"), pk=pk)

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = copy_to_draft(self.find_to_change(request, pk), timezone.localdate())
        messages.success(request, f"已复制为草稿，起用日期暂定 {draft.effective_from}，可以修改。")
        return _page_of(draft)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.find_to_change(request, pk)
        try:
            draft = begin_correction(edition)
        except EditionError as error:
            return self._not_done(request, edition, error)
        messages.success(
            request, "这是更正的草稿，从同一天起代替原来的版本；改好后提交审核时要写明原因。"
        )
        return _page_of(draft)

    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.find_to_change(request, pk)
        get_object_or_404(Edition, pk=pk, status=Edition.Status.DRAFT)
        return self._effect_page(request, edition, AskingForm(draft=edition))

    def _effect_page(
        self, request: HttpRequest, draft: Edition, form: forms.Form, problem: str = ""
    ) -> HttpResponse:
        """What publishing the draft would change, before a second editor is asked."""
        context = {
            "title": "看影响并提交审核",
            "edition": draft,
            "form": form,
            "failed": problem,
            "proposal": open_proposal(draft),
            **review_of(draft, timezone.now()),
        }
        is_bad = request.method == "POST"
        template = "admin/catalogue/edition/effect.html"
        return self.render(request, template, context, status=400 if is_bad else 200)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a second editor to publish the draft, or to put the correction in its place."""
        draft = self.find_to_change(request, pk)
        if not draft.is_draft:
            return self._not_done(request, draft, EditionError("只有草稿可以发布。"))
        form, problem = AskingForm(request.POST, draft=draft), ""
        if form.is_valid():
            act = Act.CORRECT if draft.corrects else Act.PUBLISH
            try:
                return self._propose(request, draft, act, **form.given())
            except EditionError as error:
                problem = f"没有提交：{error}"
        return self._effect_page(request, draft, form, problem)

    def _propose(self, request: HttpRequest, edition: Edition, act: str, **given: Any) -> Any:
        """To the page on which it waits; EditionError where it cannot be done."""
        now = timezone.now()
        proposal = propose(edition=edition, act=act, user=request.user, now=now, **given)
        asked = tell_of_proposal(proposal)
        self.log_change(request, edition, f"提交审核：{proposal.get_act_display()}")
        messages.success(request, SUBMITTED.format(act=proposal.get_act_display()))
        if asked:
            messages.info(request, f"已写信告诉{'、'.join(map(str, asked))}。")
        return redirect("admin:editors_editionproposal_change", proposal.pk)

    def retire(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why and from which day on, show what follows, then ask a second editor."""
        edition, now = self.find_to_change(request, pk), timezone.now()
        day = max(timezone.localdate(now), edition.effective_from + timedelta(days=1))
        if request.method != "POST":
            form = RetireForm(initial={"day": day, "shown": day})
            return self._close_page(request, edition, RETIRE, form, when_retired(edition, day, now))
        sent, problem = request.POST.copy(), ""
        form = RetireForm(sent)
        if form.is_valid():
            day = form.cleaned_data["day"]
            if form.cleaned_data["shown"] != day:
                problem = LOOK_AGAIN.format(day=day)
                sent["shown"] = f"{day}"
            else:
                reason = form.cleaned_data["reason"]
                try:
                    return self._propose(request, edition, Act.RETIRE, reason=reason, day=day)
                except EditionError as error:
                    problem = f"没有提交：{error}"
        follows = when_retired(edition, day, now)
        return self._close_page(request, edition, RETIRE, form, follows, problem)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why and show what follows, or why it cannot be, then ask a second editor."""
        edition, now = self.find_to_change(request, pk), timezone.now()
        refusal = refusal_to_withdraw(edition)
        if request.method != "POST":
            form = None if refusal else ReasonForm()
            follows = when_withdrawn(edition, now)
            return self._close_page(request, edition, WITHDRAW, form, follows, refusal, status=200)
        form, problem = ReasonForm(request.POST), ""
        if form.is_valid():
            try:
                return self._propose(
                    request, edition, Act.WITHDRAW, reason=form.cleaned_data["reason"]
                )
            except EditionError as error:
                problem = f"没有提交：{error}"
        return self._close_page(
            request, edition, WITHDRAW, form, when_withdrawn(edition, now), problem
        )

    def _close_page(
        self,
        request: HttpRequest,
        edition: Edition,
        verb: str,
        form: forms.Form | None,
        follows: list[str],
        problem: str = "",
        status: int | None = None,
    ) -> HttpResponse:
        """The form and what follows; without a form only why it cannot be done."""
        is_possible = edition.status == Edition.Status.PUBLISHED or (
            edition.is_standing and verb == WITHDRAW
        )
        context = {
            "title": f"{verb}版本",
            "verb": verb,
            "button": f"提交审核，通过后{verb}",
            "not_done": f"不{verb}",
            "row": edition,
            "list_address": reverse("admin:catalogue_edition_changelist"),
            "address": reverse("admin:catalogue_edition_change", args=[edition.pk]),
            "back_to": "这个版本",
            "form": form if is_possible else None,
            "follows": follows if form and is_possible else [],
            "problem": problem,
        }
        if open_proposal(edition):
            context |= {"form": None, "problem": problem or WAITS}
        elif not is_possible:
            context["problem"] = problem or f"这个版本{edition.get_status_display()}，不能{verb}。"
        status = status or (400 if problem or (form and form.errors) else 200)
        return self.render(request, "admin/catalogue/act.html", context, status=status)

    def _not_done(
        self, request: HttpRequest, edition: Edition, error: EditionError
    ) -> HttpResponse:
        messages.error(request, f"没有办成：{error}")
        return _page_of(edition)


def _page_of(edition: Edition) -> HttpResponse:
    return redirect("admin:catalogue_edition_change", edition.pk)
