"""What all processes of the site share for a while: pages, and counts of who asked how often."""

from django.db import models


class CachedPage(models.Model):
    """A row of Django's DatabaseCache; only portal.caches reads and writes it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "暂存的页面"
        verbose_name_plural = "暂存的页面"
        default_permissions = ()

    def __str__(self) -> str:
        return self.cache_key


class Count(models.Model):
    """How often something happened, or a lock; `value` is JSON, `expires` in seconds since 1970."""

    key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.FloatField(db_index=True)

    class Meta:
        verbose_name = "计数"
        verbose_name_plural = "计数"
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
