"""Who changed a row, when and from what to what: kept beside the row, and for good."""

from typing import Any

from django.db import models, transaction
from simple_history.models import HistoricalRecords


class History(HistoricalRecords):
    """History of a model, written only when something it keeps has changed.

    The acting user is the request's, or `row._history_user`; the reason `row._change_reason`, or
    what the request gave as its `change_reason` for all that it changes.
    """

    def get_change_reason_for_object(
        self, instance: Any, history_type: str, using: str | None
    ) -> str | None:
        own = super().get_change_reason_for_object(instance, history_type, using)
        request = getattr(self.context, "request", None)
        return own or getattr(request, "change_reason", None) or None

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        cls.history_keeper = self

    def post_save(
        self, instance: Any, created: bool, using: str | None = None, **kwargs: Any
    ) -> None:
        if created or self._has_changed(instance):
            super().post_save(instance, created, using=using, **kwargs)

    def _has_changed(self, instance: Any) -> bool:
        last = getattr(instance, self.manager_name).first()
        return last is None or any(
            field.to_python(getattr(instance, field.attname)) != getattr(last, field.attname)
            for field in self.fields_included(instance)
        )


class KeptQuerySet(models.QuerySet):
    """Rows with a history: `update`, which saves no row, writes it too.

    `bulk_create` and raw SQL do not; nothing may make or change such rows with them.
    """

    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db):
            keys = list(self.order_by().values_list("pk", flat=True))
            count = super().update(**values)
            for row in self.model._base_manager.filter(pk__in=keys):
                self.model.history_keeper.post_save(row, False)
        return count

    update.alters_data = True
