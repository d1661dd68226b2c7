"""The public pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "policies.pages"
    label = "pages"
    verbose_name = "公开页面"
