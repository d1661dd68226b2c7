"""The policies app: which subsidies exist and who qualifies."""

from django.apps import AppConfig

from policies.guards import GUARDS
from portal.guards import keep_guards


class PoliciesConfig(AppConfig):
    name = "policies"
    verbose_name = "惠企政策"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
