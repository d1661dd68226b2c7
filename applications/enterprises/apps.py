"""Firms."""

from django.apps import AppConfig

from applications.enterprises.guards import GUARDS
from portal.guards import keep_guards


class EnterprisesConfig(AppConfig):
    name = "applications.enterprises"
    label = "enterprises"
    verbose_name = "企业"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
