"""The catalogue: which subsidies exist, and by which rules."""

from django.apps import AppConfig

from policies.catalogue import call_guards, guards, shared_guards, source_guards
from portal.guards import keep_guards
from portal.triggers import keep_triggers


class CatalogueConfig(AppConfig):
    name = "policies.catalogue"
    label = "catalogue"
    verbose_name = "惠企政策"

    def ready(self) -> None:
        # It knows the tables by their models, which are there only now.
        from policies.catalogue.stamps import stamp_triggers

        keep_guards(
            self,
            (*guards.GUARDS, *shared_guards.GUARDS, *call_guards.GUARDS, *source_guards.GUARDS),
        )
        keep_triggers(self, tuple(stamp_triggers()))
