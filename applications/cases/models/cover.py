"""Who stands in for whom while somebody is away; over by itself when its last day is."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.cases.reviewers import able_to_review


class CoverQuerySet(models.QuerySet):
    def on(self, day: date) -> "CoverQuerySet":
        """Those in force on a day."""
        return self.filter(ended_at=None, first__lte=day, last__gte=day)

    def overlapping(self, first: date, last: date) -> "CoverQuerySet":
        """Those in force on any of these days."""
        return self.filter(ended_at=None, first__lte=last, last__gte=first)

    def of(self, user: Any, today: date) -> "CoverQuerySet":
        """In force today by the user or for them."""
        concerned = Q(person=user) | Q(substitute=user)
        return self.on(today).working().filter(concerned).select_related("person", "substitute")

    def working(self) -> "CoverQuerySet":
        """Without those whose substitute may review no more, or at another place by now."""
        at_one_place = Q(substitute__jurisdiction_code=F("person__jurisdiction_code"))
        return self.filter(at_one_place, substitute__in=able_to_review())


class Cover(models.Model):
    """From `first` to `last`, both included, `substitute` decides what `person` has, in their stead.

    That gives no right: both review cases of the same place. The database lets nothing change but
    its end before its time.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="谁不在",
        on_delete=models.PROTECT,
        related_name="absences",
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="由谁代办",
        on_delete=models.PROTECT,
        related_name="covers",
    )
    first = models.DateField("从哪天起")
    last = models.DateField("到哪天止")
    reason = models.CharField("说明", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("提前结束", null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="由谁结束",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = CoverQuerySet.as_manager()

    class Meta:
        verbose_name = "代班"
        verbose_name_plural = "代班"
        ordering = ["first", "pk"]
        default_permissions = []
        constraints = [
            models.CheckConstraint(
                name="cover_ends_after_it_begins",
                condition=Q(last__gte=F("first")),
                violation_error_message="最后一天不能早于第一天。",
            ),
            models.CheckConstraint(
                name="cover_is_by_another",
                condition=~Q(person=F("substitute")),
                violation_error_message="代办的要是另一个人。",
            ),
            models.CheckConstraint(
                name="cover_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message="提前结束要有人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} 代 {self.person}"

    @property
    def days(self) -> str:
        """Such as 2026年12月30日到2027年1月5日."""
        return f"{self.first:%Y年%-m月%-d日}到{self.last:%Y年%-m月%-d日}"


def stood_in_for(user: Any, today: date) -> models.QuerySet:
    """The people whose cases the user decides in their stead today, as keys."""
    return Cover.objects.on(today).working().filter(substitute=user).order_by().values("person")
