"""The editors' side: the catalogue in the admin."""

from django.apps import AppConfig


class EditorsConfig(AppConfig):
    name = "policies.editors"
    label = "editors"
    verbose_name = "政策编辑"
