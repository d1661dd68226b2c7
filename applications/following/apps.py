"""Subscriptions."""

from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "applications.following"
    label = "following"
    verbose_name = "订阅提醒"
