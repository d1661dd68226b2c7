"""The policies app: which subsidies exist and who qualifies."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from policies.guards import install_guards, remove_guards


class PoliciesConfig(AppConfig):
    name = "policies"
    verbose_name = "惠企政策"

    def ready(self) -> None:
        pre_migrate.connect(remove_guards, sender=self, dispatch_uid="remove_guards")
        post_migrate.connect(install_guards, sender=self, dispatch_uid="install_guards")
