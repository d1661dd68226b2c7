"""The self-check."""

from django.apps import AppConfig


class SelfCheckConfig(AppConfig):
    name = "policies.self_check"
    label = "self_check"
    verbose_name = "自测"
