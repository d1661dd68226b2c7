"""Awards, budgets and payments."""

from django.apps import AppConfig

from applications.money.guards import GUARDS
from portal.guards import keep_guards


class MoneyConfig(AppConfig):
    name = "applications.money"
    label = "money"
    verbose_name = "奖补和支付"

    def ready(self) -> None:
        keep_guards(self, GUARDS)
