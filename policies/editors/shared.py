"""The admin of what several programmes share: changed by the province's editors or by two."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from policies.editors.jurisdiction import own_reach
from policies.editors.proposals import differences, open_proposal, propose
from policies.editors.reasons import ReasonedDeletion
from policies.editors.uses import areas_using
from policies.editors.where_used import WhereUsed, where_used
from portal.forms import LONGEST, STRANGE, at_most
from portal.models import Jurisdiction

WHY = "why"
NOTHING_CHANGED = "没有改动，不用提交。"
ALREADY_PROPOSED = "这条记录已有一项修改在等确认，请等它办完，或由提出人撤回后再提交。"


class _ToProposeError(Exception):
    """Django's page has checked the form; what it would do next is save and log."""

    def __init__(self, form: forms.ModelForm) -> None:
        super().__init__()
        self.form = form


class Proposing(forms.ModelForm):
    """Mixed into a form that saves nothing, but asks another editor."""

    why = forms.CharField(
        label="修改理由",
        help_text="为什么改、依据是什么。另一位编辑看得到，也留在变更历史里。",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        validators=[at_most(LONGEST)],
        error_messages={"required": "请写明修改理由。", **STRANGE},
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not set(differences(self)) - {WHY}:
            raise ValidationError(NOTHING_CHANGED)
        if not self.instance._state.adding and open_proposal(self.instance):
            raise ValidationError(ALREADY_PROPOSED)
        return cleaned


class SharedAdmin(ReasonedDeletion):
    """Whoever is in charge of all that uses a row changes it; others propose, another accepts.

    A subclass saves in `save_row`, which runs when a change takes effect, whoever made it.
    """

    # Whether a new row is nobody's matter but its maker's: nothing uses it yet.
    adds_alone = True

    def save_row(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if isinstance(form, Proposing):
            raise _ToProposeError(form)
        self.save_row(request, obj, form, change)

    def changes_alone(self, request: HttpRequest, row: Any) -> bool:
        reach = own_reach(request)
        if reach.is_whole:
            return True
        if row is None:
            return self.adds_alone
        uses = self._uses(request, row)
        return uses is not None and uses <= reach.areas

    def proposes(self, request: HttpRequest, row: Any) -> bool:
        """Whether what the user saves is asked of another editor."""
        allowed = (
            self.has_change_permission(request, row) if row else self.has_add_permission(request)
        )
        return allowed and not self.changes_alone(request, row)

    def _uses(self, request: HttpRequest, row: Any) -> frozenset[str] | None:
        """Asked often while a page is made, and read once."""
        known = request.__dict__.setdefault("areas_using", {})
        if (key := (self.model, row.pk)) not in known:
            known[key] = areas_using(row)
        return known[key]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and bool(own_reach(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and bool(own_reach(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that others use is deleted by two: where it can be, the province's do."""
        if not super().has_delete_permission(request, obj):
            return False
        return bool(own_reach(request)) if obj is None else self.changes_alone(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = [name for name in self.get_fields(request, obj) if name != WHY]
        rows = [(None, {"fields": own})]
        return [*rows, (None, {"fields": [WHY]})] if self.proposes(request, obj) else rows

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **of: Any
    ) -> Any:
        if self.proposes(request, obj):
            of["form"] = type(self.form.__name__, (Proposing, self.form), {})
        return super().get_form(request, obj, change, **of)

    def applied_form(self, request: HttpRequest, row: Any, fields: list[str]) -> Any:
        """The class of the form that checks and applies an accepted change of these fields.

        Not as one that changes: Django would leave out the fields for who only reads the proposal.
        """
        return super().get_form(request, row, False, fields=fields)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        # Who proposes at the same time waits here, and is told of the first one.
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id)) if object_id else None
            if row is not None:
                self.model._base_manager.select_for_update(no_key=True).get(pk=row.pk)
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except _ToProposeError as asked:
                return self._propose(request, asked.form, is_new=object_id is None)

    def _propose(self, request: HttpRequest, form: Any, *, is_new: bool) -> HttpResponse:
        proposal = propose(
            form=form,
            fields=[name for name in form.fields if name != WHY],
            is_new=is_new,
            reason=form.cleaned_data[WHY],
            user=request.user,
            now=timezone.now(),
        )
        page = reverse("admin:editors_proposedchange_change", args=[proposal.pk])
        told = format_html('已提交，等另一位编辑确认后生效：<a href="{}">{}</a>。', page, proposal)
        self.message_user(request, told, messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def where_used(self, request: HttpRequest, row: Any) -> WhereUsed | None:
        return where_used(row, own_reach(request), timezone.localdate())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        context = {"where_used": self.where_used(request, row), **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = context.get("original")
        context["edits_here"] = True
        if row is not None:
            context["where_used"] = self.where_used(request, row)
        if self.proposes(request, row):
            uses = self._uses(request, row) if row else None
            context["shared_by"] = (
                "、".join(Jurisdiction.objects.filter(pk__in=uses).values_list("name", flat=True))
                if uses
                else "各地"
            )
            context["open_proposal"] = open_proposal(row) if row else None
        return super().render_change_form(request, context, *args, **options)
