"""The self-check."""

from django.apps import AppConfig

from policies.self_check.guards import GUARDS
from portal.guards import keep_guards


class SelfCheckConfig(AppConfig):
    name = "policies.self_check"
    label = "self_check"
    verbose_name = "自测"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
