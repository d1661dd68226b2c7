"""Calls: a centre takes applications for a programme from one day to another, by a notice of its own."""

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format

from policies.catalogue.models.programme import MOBILE_NUMBER, Programme
from policies.catalogue.models.source import Document
from portal.models import Jurisdiction
from portal.scope import above_or_in_charge, in_charge

A_YEAR = timedelta(days=365)
NO_MOBILE = "请填办公电话，不公开手机号码。"


class CallQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "CallQuerySet":
        """What a member of staff reads: calls of their place, of those below and of those above, by
        which the cases of their own firms go.
        """
        return self.filter(above_or_in_charge(user, "programme__area"))

    def handled_by(self, user: Any) -> "CallQuerySet":
        """What they draft, open and change: calls for programmes of their place and those below."""
        return self.filter(in_charge(user, "programme__area"))

    def opened(self) -> "CallQuerySet":
        """Those that count, whether their days are over, running or to come."""
        return self.filter(status=Call.Status.OPEN)


class Call(models.Model):
    """A period with its notice; which one decides on a day, policies.catalogue.calls says.

    Opened, it does not change but for its last day, whose every move is a CallEvent with a reason.
    Without a last day it stays open all the year round. A county may close it earlier for its own
    firms: see CountyLastDay.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        OPEN = "open", "已开放"
        WITHDRAWN = "withdrawn", "已撤回"

    class Places(models.TextChoices):
        """What is known of their number; what is not published is not none."""

        LIMITED = "limited", "有名额"
        UNLIMITED = "unlimited", "不限名额"
        UNPUBLISHED = "unpublished", "名额未公布"

    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="calls"
    )
    title = models.CharField("标题", max_length=200)
    text = models.TextField("正文", max_length=4000)
    document_number = models.CharField("通知文号", max_length=60, blank=True)
    document = models.ForeignKey(
        Document,
        verbose_name="政策文件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="calls",
    )
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField(
        "截止日期（含当天）", null=True, blank=True, help_text="空表示常年受理。"
    )
    places_are = models.CharField("名额", max_length=11, choices=Places.choices)
    places = models.PositiveIntegerField(
        "几个名额", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    office = models.CharField("联系科室", max_length=100)
    telephone = models.CharField(
        "联系电话",
        max_length=60,
        validators=[RegexValidator(MOBILE_NUMBER, NO_MOBILE, inverse_match=True)],
    )
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    # Counts how often a draft was written, so that nobody opens what they have not read.
    version = models.PositiveIntegerField(default=0, editable=False)
    drafted_at = models.DateTimeField("拟稿时间")
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="拟稿人",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="最后改过草稿的人。",
    )
    opened_at = models.DateTimeField("开放时间", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="开放人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    alone_reason = models.TextField("由拟稿人自己开放的理由", blank=True)

    # What the county has set of whose firms the call is told; see `in_county`.
    of_county: "CountyLastDay | None" = None

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "征集"
        verbose_name_plural = "征集"
        ordering = ["-opens_on", "-pk"]
        default_permissions = ["view"]
        permissions = [("manage_calls", "可以拟定、开放征集，改截止日")]
        constraints = [
            models.CheckConstraint(
                name="call_status_is_valid",
                condition=Q(status__in=["draft", "open", "withdrawn"]),
                violation_error_message="没有这种征集状态。",
            ),
            models.CheckConstraint(
                name="call_closes_after_it_opens",
                condition=Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message="截止日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="call_places_are_known_or_not",
                condition=Q(places_are="limited", places__isnull=False, places__gte=1)
                | Q(places_are__in=["unlimited", "unpublished"], places=None),
                violation_error_message="有名额的要填几个，不限或未公布的不填。",
            ),
            models.CheckConstraint(
                name="call_says_whom_to_ask",
                condition=~Q(title="") & ~Q(text="") & ~Q(office="") & ~Q(telephone=""),
                violation_error_message="请填标题、正文、联系科室和电话。",
            ),
            models.CheckConstraint(
                name="call_telephone_is_no_mobile",
                condition=~Q(telephone__regex=MOBILE_NUMBER),
                violation_error_message=NO_MOBILE,
            ),
            models.CheckConstraint(
                name="call_is_opened_by_somebody",
                condition=Q(status="draft", opened_at=None, opened_by=None, alone_reason="")
                | Q(
                    status__in=["open", "withdrawn"],
                    opened_at__isnull=False,
                    opened_by__isnull=False,
                ),
                violation_error_message="开放征集要记明时间和经办人。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether it counts; on which days, its dates say."""
        return self.status == self.Status.OPEN

    @property
    def when(self) -> str:
        """Such as 2026年3月1日至2026年4月30日（含当天）."""
        starts = _in_words(self.opens_on)
        if self.last_day is None:
            return f"{starts}起，常年受理"
        return f"{starts}至{_in_words(self.last_day)}（含当天）"

    @property
    def last_day(self) -> date | None:
        """Until when whoever it is told to can hand in."""
        return self.of_county.last_day if self.of_county else self.closes_on

    @property
    def county_days(self) -> Mapping[str, "CountyLastDay"]:
        """By county, what counts now: the newest day that it has set, where that is the earlier one."""
        newest = {row.county_id: row for row in self.county_last_days.all()}
        return {
            county: row
            for county, row in newest.items()
            if row.last_day and (self.closes_on is None or row.last_day < self.closes_on)
        }

    def in_county(self, county: str | None) -> "Call":
        """The same call as firms of a county know it, with the last day of theirs."""
        own = self.county_days.get(county or "")
        if own is None:
            return self
        told = copy(self)
        told.of_county = own
        return told

    @property
    def changed_at(self) -> datetime:
        """When something of it changed last since it was opened, for all firms or those of a county."""
        changes = (*self.events.all(), *self.county_last_days.all())
        return max((row.at for row in changes), default=self.opened_at)

    @property
    def times_moved(self) -> int:
        """How often its last day changed since it was opened, for all firms or those of a county."""
        moves = [row for row in self.events.all() if row.action == CallEvent.Action.MOVE]
        return len(moves) + len(self.county_last_days.all())

    @property
    def county_words(self) -> str:
        """Why it closes earlier for firms of the county; empty where it does not."""
        own = self.of_county
        if own is None:
            return ""
        whole = f"全部地区到{_in_words(self.closes_on)}" if self.closes_on else "全部地区常年受理"
        return f"{own.county}的企业先报县里，到{_in_words(own.last_day)}截止（{whole}）。理由：{own.reason}"

    @property
    def places_in_words(self) -> str:
        if self.places_are == self.Places.LIMITED:
            return f"{self.places} 个"
        return {"unlimited": "不限", "unpublished": "未公布"}[self.places_are]

    @property
    def contact(self) -> str:
        return f"{self.office}（{self.telephone}）"

    @property
    def is_one_round(self) -> bool:
        """Whether a firm applies by it once, also over New Year; by what runs a year or longer it
        applies each year anew.
        """
        return self.closes_on is not None and self.closes_on - self.opens_on < A_YEAR

    def has_begun_on(self, day: date) -> bool:
        return self.opens_on <= day

    def is_over_on(self, day: date) -> bool:
        return self.last_day is not None and self.last_day < day

    def is_running_on(self, day: date) -> bool:
        return self.has_begun_on(day) and not self.is_over_on(day)

    def state_on(self, day: date) -> str:
        """What staff read of it."""
        if not self.is_open:
            return self.get_status_display()
        if self.is_over_on(day):
            return "已截止"
        return "受理中" if self.has_begun_on(day) else "还没有开始"


class CallEvent(models.Model):
    """Who opened a call, moved its last day or withdrew it, and why; never changed or deleted."""

    class Action(models.TextChoices):
        OPEN = "open", "开放"
        MOVE = "move", "改截止日"
        WITHDRAW = "withdraw", "撤回"

    call = models.ForeignKey(
        Call, verbose_name="征集", on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("操作", max_length=8, choices=Action.choices)
    # Empty: open all the year round.
    last_day_before = models.DateField("原截止日", null=True, blank=True)
    last_day = models.DateField("截止日", null=True, blank=True)
    reason = models.TextField("理由", blank=True)

    class Meta:
        verbose_name = "征集记录"
        verbose_name_plural = "征集记录"
        ordering = ["at", "pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="call_event_says_why",
                condition=Q(action="open") | Q(action__in=["move", "withdraw"]) & ~Q(reason=""),
                violation_error_message="改截止日和撤回征集，都要写明理由。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.get_action_display()}"


class CountyLastDay(models.Model):
    """The day until which firms of a county hand in, where they hand in at their county first.

    Never changed or deleted: the newest row of a county counts, while its day is earlier than the
    call's. Without a day the county's firms have as long as all others again.
    """

    call = models.ForeignKey(
        Call, verbose_name="征集", on_delete=models.PROTECT, related_name="county_last_days"
    )
    county = models.ForeignKey(
        Jurisdiction, verbose_name="县（市、区）", on_delete=models.PROTECT, related_name="+"
    )
    last_day = models.DateField("县里的截止日", null=True, blank=True)
    reason = models.TextField("理由")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "县里的截止日"
        verbose_name_plural = "县里的截止日"
        ordering = ["at", "pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="county_last_day_says_why",
                condition=~Q(reason=""),
                violation_error_message="县里另定截止日，要写明理由。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.county}"


def _in_words(day: date) -> str:
    return date_format(day, "Y年n月j日")
