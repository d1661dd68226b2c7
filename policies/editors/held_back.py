"""Forms of editors that are shown once more instead of saved: taken up again, or overtaken.

What a browser kept of a form that was never sent comes back as a form (portal/static/portal/unsaved.js
sends it with `_resume`), and what another editor has saved since a page was opened is shown beside
what was typed. Either way nothing is saved until the editor has looked.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import transaction
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from policies.editors.builder.field import BuilderField
from policies.editors.proposals import as_shown
from portal.forms import typed_in
from portal.scoped_admin import ScopedAdmin

RESUME, SEEN = "_resume", "_seen"
RESUMED = "这是上次填了没有保存的内容，现在也还没有保存：请看过再保存。"
GONE = "这个{what}刚被别人删除，没有保存。您填的内容列在下面，可以复制到别处；重新添加时再用。"
OVERTAKEN = "还没有保存：您打开以后{who}保存过这一项。两边不同的地方列在下面，您填的都还在；看过后再保存，就以您填的为准。"


class _HeldBack(forms.ModelForm):
    """Mixed into a form that is valid or not, and is shown again in any case."""

    held_back = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.add_error(None, self.held_back)
        return cleaned


class HoldingBack(ScopedAdmin):
    """Mixed into the admin of what editors write."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        # Who saves the same row at once waits here, and is told of the first one.
        with transaction.atomic():
            try:
                row = self.get_object(request, unquote(object_id)) if object_id else None
            except Http404:
                # Who has typed on its page reads it once more; to others there is nothing.
                if SEEN in request.POST and self.has_change_permission(request):
                    return self._gone(request)
                raise
            if row is not None:
                self.model._base_manager.select_for_update(no_key=True).get(pk=row.pk)
            request.held_back = self._why_held_back(request, row)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        """What was typed for a row that somebody has deleted meanwhile, to be copied from."""
        labels = {name: field.label for name, field in self.form.base_fields.items()}
        context = {
            "title": "没有保存",
            "told": GONE.format(what=self.opts.verbose_name),
            "typed": [
                (labels.get(name) or name, value)
                for name, value in typed_in(request)
                if value and not name.startswith("_") and "_FORMS" not in name
            ],
            "list_address": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            ),
        }
        return self.render(request, "admin/editors/row_gone.html", context, status=409)

    def _why_held_back(self, request: HttpRequest, row: Any) -> str:
        seen = request.POST.get(SEEN)
        if row is not None and seen and seen != self.version_of(request, row):
            request.is_overtaken = True
            return OVERTAKEN.format(who=self._last_saved(row))
        return RESUMED if RESUME in request.POST else ""

    def _last_saved(self, row: Any) -> str:
        kind = ContentType.objects.get_for_model(row)
        entries = LogEntry.objects.filter(content_type=kind, object_id=row.pk)
        last = entries.select_related("user").order_by("-action_time", "-pk").first()
        if last is None:
            return "别人"
        return f" {last.user} 在 {timezone.localtime(last.action_time):%Y-%m-%d %H:%M} "

    def version_of(self, request: HttpRequest, row: Any) -> str:
        """Another one after each change of the row, or of those that are written on its page."""
        rows = []
        for inline in self.get_inline_instances(request, row):
            if inline.has_change_permission(request, row):
                own = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
                rows += inline.model._base_manager.filter(**{own.name: row})
        return _version(type(row)._base_manager.get(pk=row.pk), rows)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **of: Any
    ) -> Any:
        if why := getattr(request, "held_back", ""):
            form = of.get("form", self.form)
            of["form"] = type(form.__name__, (_HeldBack, form), {"held_back": why})
        return super().get_form(request, obj, change, **of)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is None:
            context["seen"] = "new"
        elif request.method == "POST":
            # What was sent has been put into the rows.
            context["seen"] = self.version_of(request, row)
        else:
            formsets = context["inline_admin_formsets"]
            rows = [each.formset.get_queryset() for each in formsets if each.has_change_permission]
            context["seen"] = _version(row, (each for own in rows for each in own))
        context["is_sent_back"] = bool(context.get("errors"))
        if getattr(request, "is_overtaken", False):
            context["overtaken"] = list(_both(context))
        return super().render_change_form(request, context, *args, **options)


def _version(row: Any, others: Iterable[Any]) -> str:
    rows = sorted(others, key=lambda each: (each._meta.label, each.pk))
    text = serializers.serialize("json", [row, *rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _both(context: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Field by field what is saved now and what was typed, where they differ."""
    yield from _of_form(context["adminform"].form, "")
    for inline in context["inline_admin_formsets"]:
        name, posted = str(inline.opts.verbose_name), set()
        for form in inline.formset.forms:
            if form.instance.pk:
                posted.add(form.instance.pk)
                yield from _of_form(form, f"{name}“{form.instance}”：")
        for row in inline.formset.get_queryset() if inline.has_change_permission else ():
            if row.pk not in posted:
                yield f"{name}", f"新增：{row}", "没有"


def _of_form(form: Any, of: str) -> Iterator[tuple[str, str, str]]:
    for name in form.changed_data:
        bound = form[name]
        if name in form.fields and not isinstance(bound.field.widget, forms.HiddenInput):
            yield f"{of}{bound.label}", _in_words(bound, as_shown), _in_words(bound, _typed)


def _typed(bound: forms.BoundField) -> Any:
    return bound.data


def _in_words(bound: forms.BoundField, read: Any) -> str:
    """What a field shows, as a text; of a choice its label, of a rule its sentence."""
    if isinstance(bound.field, BuilderField):
        return bound.field.widget.in_words(bound.data if read is _typed else bound.initial)
    value = read(bound)
    if isinstance(value, bool):
        return "是" if value else "否"
    values = value if isinstance(value, list | tuple) else [value]
    if isinstance(bound.field, forms.ModelChoiceField):
        named = bound.field.queryset.filter(pk__in=[each for each in values if each])
        return "、".join(map(str, named)) or "—"
    if isinstance(bound.field, forms.ChoiceField):
        labels = {str(key): label for key, label in bound.field.choices}
        values = [labels.get(str(each), each) for each in values]
    return "、".join(str(each) for each in values if each not in (None, "")) or "—"
