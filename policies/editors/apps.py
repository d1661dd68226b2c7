"""The editors' side: the catalogue in the admin."""

from django.apps import AppConfig

from policies.editors.guards import GUARDS
from portal.guards import keep_guards


class EditorsConfig(AppConfig):
    name = "policies.editors"
    label = "editors"
    verbose_name = "政策编辑"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
