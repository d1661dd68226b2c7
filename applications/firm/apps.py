"""The pages of firms."""

from django.apps import AppConfig


class FirmConfig(AppConfig):
    name = "applications.firm"
    label = "firm"
    verbose_name = "企业中心"
