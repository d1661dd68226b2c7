"""What an editor does with a whole edition: publish, copy, correct, retire and withdraw it.

Whatever ends a right asks why and shows first what follows. The reason is public.
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
    check_publishable,
    copy_to_draft,
    publish_correction,
    publish_edition,
    retire_edition,
    withdraw_edition,
)
from policies.catalogue.models import Edition
from policies.editors.consequences import (
    FILL,
    gaps_of,
    refusal_to_withdraw,
    when_corrected,
    when_retired,
    when_withdrawn,
)
from policies.editors.effects import effect_of
from policies.editors.reasons import ReasonForm
from portal.guarded_admin import GuardedAdmin
from portal.second_factor.fresh import fresh_factor_required
from portal.typed.fields import DayField

RETIRE, WITHDRAW = "停用", "撤回"
LOOK_AGAIN = "还没有停用：日期改了，下面是从 {day} 起停用的结果，请看过后再点一次。"


class RetireForm(ReasonForm):
    day = DayField(
        label="从哪一天起停用（这一天起不再受理）",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填日期。"},
    )
    # The day whose consequences the page showed.
    shown = forms.DateField(required=False, widget=forms.HiddenInput)
    field_order = ["day", "reason"]


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
            request, "这是更正的草稿，从同一天起代替原来的版本；改好后发布时要写明原因。"
        )
        return _page_of(draft)

    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.find_to_change(request, pk)
        get_object_or_404(Edition, pk=pk, status=Edition.Status.DRAFT)
        return self._effect_page(request, edition, ReasonForm())

    def _effect_page(
        self, request: HttpRequest, edition: Edition, form: ReasonForm, problem: str = ""
    ) -> HttpResponse:
        """What publishing the draft would change, before it is done."""
        now = timezone.now()
        context: dict[str, Any] = {
            "title": "发布前看影响",
            "edition": edition,
            "form": form,
            "compared": "被更正的版本" if edition.corrects else "现行版本",
            "follows": when_corrected(edition.corrects, now) if edition.corrects else [],
            "failed": problem,
        }
        try:
            check_publishable(edition)
            context["effect"] = effect_of(edition, timezone.localdate(now))
            if not edition.corrects:
                gaps = gaps_of(edition.programme, edition.effective_from, joining=edition)
                context["gaps"] = [f"{gap}。{FILL}" for gap in gaps]
        except EditionError as error:
            context["problem"] = f"还不能发布：{error}"
        is_bad = request.method == "POST"
        template = "admin/catalogue/edition/effect.html"
        return self.render(request, template, context, status=400 if is_bad else 200)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.find_to_change(request, pk)
        if edition.is_draft and edition.corrects:
            return self._publish_correction(request, edition)
        try:
            publish_edition(edition)
        except EditionError as error:
            return self._not_done(request, edition, error)
        told = "已发布，今后不能再改；内容有错请用“更正”，有新规定请复制为新草稿。"
        return self._done(request, edition, told)

    def _publish_correction(self, request: HttpRequest, edition: Edition) -> HttpResponse:
        form = ReasonForm(request.POST)
        problem = ""
        if form.is_valid():
            try:
                publish_correction(edition, reason=form.cleaned_data["reason"], now=timezone.now())
            except EditionError as error:
                problem = f"没有办成：{error}"
            else:
                return self._done(request, edition, "更正已发布，从同一天起代替原来的版本。")
        return self._effect_page(request, edition, form, problem)

    def retire(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why and from which day on, show what follows, then retire it."""
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
                    retire_edition(edition, reason=reason, day=day, now=now)
                except EditionError as error:
                    problem = f"没有办成：{error}"
                else:
                    told = f"已停用：{day} 起不再受理，也不再列入自测。"
                    return self._done(request, edition, told)
        follows = when_retired(edition, day, now)
        return self._close_page(request, edition, RETIRE, form, follows, problem)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why and show what follows, or why it cannot be, then withdraw it."""
        edition, now = self.find_to_change(request, pk), timezone.now()
        refusal = refusal_to_withdraw(edition)
        if request.method != "POST":
            form = None if refusal else ReasonForm()
            follows = when_withdrawn(edition, now)
            return self._close_page(request, edition, WITHDRAW, form, follows, refusal, status=200)
        form, problem = ReasonForm(request.POST), ""
        if form.is_valid():
            try:
                withdraw_edition(edition, reason=form.cleaned_data["reason"], now=now)
            except EditionError as error:
                problem = f"没有办成：{error}"
            else:
                return self._done(request, edition, "已撤回，如同没有发布过。")
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
            "not_done": f"不{verb}",
            "row": edition,
            "list_address": reverse("admin:catalogue_edition_changelist"),
            "address": reverse("admin:catalogue_edition_change", args=[edition.pk]),
            "back_to": "这个版本",
            "form": form if is_possible else None,
            "follows": follows if form and is_possible else [],
            "problem": problem,
        }
        if not is_possible:
            context["problem"] = problem or f"这个版本{edition.get_status_display()}，不能{verb}。"
        status = status or (400 if problem or (form and form.errors) else 200)
        return self.render(request, "admin/catalogue/act.html", context, status=status)

    def _done(self, request: HttpRequest, edition: Edition, told: str) -> HttpResponse:
        """Say it, and which days are without an edition now."""
        messages.success(request, told)
        for gap in gaps_of(edition.programme, timezone.localdate()):
            messages.warning(request, f"{edition.programme}：{gap}。{FILL}")
        if not edition.programme.editions.standing().exists():
            messages.warning(request, f"{edition.programme}：没有有效的版本，企业查不到它。{FILL}")
        return _page_of(edition)

    def _not_done(
        self, request: HttpRequest, edition: Edition, error: EditionError
    ) -> HttpResponse:
        messages.error(request, f"没有办成：{error}")
        return _page_of(edition)


def _page_of(edition: Edition) -> HttpResponse:
    return redirect("admin:catalogue_edition_change", edition.pk)
