"""Public notices and recognitions."""

from django.apps import AppConfig

from applications.notices.guards import GUARDS
from portal.guards import keep_guards


class NoticesConfig(AppConfig):
    name = "applications.notices"
    label = "notices"
    verbose_name = "公示和认定"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
