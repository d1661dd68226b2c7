"""The applications app: a firm asks for one programme, staff decide."""

from django.apps import AppConfig

from applications.guards import GUARDS
from applications.roles import keep_roles
from portal.guards import keep_guards


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "申报审核"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
        keep_roles(self)
