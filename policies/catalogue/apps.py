"""The catalogue: which subsidies exist, and by which rules."""

from django.apps import AppConfig

from policies.catalogue import guards, shared_guards
from portal.guards import keep_guards


class CatalogueConfig(AppConfig):
    name = "policies.catalogue"
    label = "catalogue"
    verbose_name = "惠企政策"

    def ready(self) -> None:
        keep_guards(self, (*guards.GUARDS, *shared_guards.GUARDS))
