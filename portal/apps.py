"""The site: users, settings and what every page shares."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "站点"
