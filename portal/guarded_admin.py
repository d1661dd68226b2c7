"""Pages of the admin that say in words what a guard refuses, beside the field where it can."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.guards import is_refusal, refusal_of
from portal.quick_lists import QuickListAdmin
from portal.refusals import refused_deletion, refused_fields
from portal.typed.fields import ADMIN_FIELDS


class GuardedForm(forms.ModelForm):
    """Asks the guards about each changed field before it is saved."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.instance._state.adding:
            return
        names = {field.name for field in self.instance._meta.concrete_fields} - set(self.errors)
        changed = [name for name in self.changed_data if name in names]
        for name, refusal in refused_fields(self.instance, changed).items():
            self.add_error(name, refusal)


class GuardedAdmin(QuickListAdmin):
    """What other rows use is refused on the page itself, not by an error of the database."""

    form = GuardedForm
    formfield_overrides = ADMIN_FIELDS

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        objs = list(objs)
        *found, forbidden, protected = super().get_deleted_objects(objs, request)
        # Only to read a page, or by who may not, nothing is tried.
        if request.method == "POST" and not forbidden and not protected:
            protected = [f"{row}：{told}" for row in objs if (told := refused_deletion(row))]
        return *found, forbidden, protected

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refused(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refused(request, super().changelist_view, *args, **kwargs)

    def _or_refused(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What came into use between the question and the answer; of forms portal.refused_pages says it."""
        try:
            return view(request, *args, **kwargs)
        except IntegrityError as error:
            if not is_refusal(error):
                raise
            messages.error(request, f"没有办成：{refusal_of(error)}")
            return redirect(request.path)
