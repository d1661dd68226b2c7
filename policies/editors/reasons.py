"""The reason that an editor gives for what takes something from the public, kept in the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from policies.catalogue.models import Contact, Office, Programme
from policies.editors.held_back import HoldingBack
from portal.forms import LONGEST, STRANGE, at_most

REASON_OF_REMOVAL = "删去“{names}”要写明原因，请填在“原因”一栏里。"


@dataclass(frozen=True)
class Deletion:
    at: datetime
    by: Any
    kind: str
    what: str
    reason: str


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因（公开显示，也留在变更历史里）",
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[at_most(LONGEST)],
        error_messages={"required": "请写明原因。", **STRANGE},
    )


class DeletionForm(ReasonForm):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"].label = "删除的原因（留在删除记录里，编辑和审计都看得到）"


class RemovingForm(forms.ModelForm):
    """Mixed into the form of a row whose parts the public sees: what is taken away needs a reason."""

    reason = forms.CharField(
        label="原因",
        required=False,
        help_text="删去联系方式、申报时间或口径说明，或改公众看得到的文字时要写；留在变更历史里。",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        validators=[at_most(LONGEST)],
        error_messages=STRANGE,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("reason", "").strip() and (names := self._taken_away(cleaned)):
            self.add_error("reason", REASON_OF_REMOVAL.format(names="”“".join(names)))
        return cleaned

    def _taken_away(self, cleaned: dict[str, Any]) -> list[str]:
        """What is chosen no longer, of fields that choose many rows."""
        if self.instance._state.adding:
            return []
        return [
            str(row)
            for field in self.instance._meta.many_to_many
            if field.name in cleaned
            for row in getattr(self.instance, field.name).all()
            if row not in cleaned[field.name]
        ]


class RemovingFormSet(forms.BaseInlineFormSet):
    """Rows on the page of their owner: whoever deletes one says there why."""

    def clean(self) -> None:
        super().clean()
        gone = [str(form.instance) for form in self.deleted_forms if form.instance.pk]
        if gone and not self.data.get("reason", "").strip():
            raise forms.ValidationError(REASON_OF_REMOVAL.format(names="”“".join(gone)))


class ReasonedDeletion(HoldingBack):
    """Rows are deleted one by one, each with a reason; what was deleted can be looked up.

    The log of the admin has who, when and why; where a model keeps a history, it has the row as it was.
    """

    change_list_template = "admin/catalogue/change_list.html"
    delete_confirmation_template = "admin/catalogue/delete_with_reason.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("deleted/", require_safe(self.deleted_view), "deleted"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"shows_deleted": True, **(extra_context or {})})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        is_sent = request.method == "POST"
        form = DeletionForm(request.POST if is_sent else None)
        is_given = is_sent and form.is_valid()
        if is_given:
            give_reason(request, form.cleaned_data["reason"])
        elif is_sent:
            # Django deletes what is posted, and asks again where nothing is.
            request.POST = QueryDict()
        response = super().delete_view(
            request, object_id, {"reason_form": form, **(extra_context or {})}
        )
        if is_sent and not is_given and response.status_code == 200:
            response.status_code = 400
        return response

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return LogEntry.objects.log_actions(
            user_id=request.user.pk,
            queryset=queryset,
            action_flag=DELETION,
            change_message=request.change_reason,
        )

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """Who deleted what, when and why, the latest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            "title": f"已删除的{self.opts.verbose_name}",
            "list_address": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            ),
            "rows": sorted(self.deletions(), key=lambda row: row.at, reverse=True),
        }
        return self.render(request, "admin/catalogue/deleted.html", context)

    def deletions(self) -> list[Deletion]:
        kind = ContentType.objects.get_for_model(self.model)
        entries = LogEntry.objects.filter(content_type=kind, action_flag=DELETION)
        name = str(self.opts.verbose_name)
        return [
            Deletion(each.action_time, each.user, name, each.object_repr, each.change_message)
            for each in entries.select_related("user")
        ]


def deletions_of_parts(model: type[Model]) -> list[Deletion]:
    """Of rows on the page of a programme, which have no log of their own."""
    names = dict(Programme.objects.values_list("pk", "name"))
    rows = model.history.filter(history_type="-").select_related("history_user")
    # Of contacts from before offices were rows of their own the history has the words itself.
    offices = {row.id: row for row in Office.history.order_by("history_date", "history_id")}
    return [
        Deletion(
            row.history_date,
            row.history_user,
            str(model._meta.verbose_name),
            f"{names.get(row.programme_id, row.programme_id)}：{_as_it_was(row, offices)}",
            row.history_change_reason or "",
        )
        for row in rows
    ]


def _as_it_was(row: Any, offices: Mapping[int, Any]) -> str:
    if not isinstance(row.instance, Contact):
        return str(row.instance)
    office = offices.get(row.office_id)
    name = row.office_name or (office.name if office else "")
    return f"{name} {row.telephone or (office.telephone if office else '')}".strip()


def give_reason(request: HttpRequest, reason: str) -> None:
    """Of all that the request changes and that keeps a history."""
    request.change_reason = reason.strip()
