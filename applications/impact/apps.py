"""Impact of editions, and variants of drafts."""

from django.apps import AppConfig


class ImpactConfig(AppConfig):
    name = "applications.impact"
    label = "impact"
    verbose_name = "影响测算"
