"""What takes longer than a page may: asked for once, done by a worker, fetched when ready."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class JobQuerySet(models.QuerySet):
    def open(self) -> "JobQuerySet":
        """Those that wait or are being done."""
        return self.filter(state__in=Job.OPEN)


class Job(models.Model):
    """`kind` is the dotted name of a `portal.jobs.kinds.JobKind`, `parameters` what it is given.

    Done in blocks: `step` of `steps` are finished (`steps` is 0 while their number is unknown).
    Whoever does it is `worker`, last seen at `beat`; `attempts` counts how often it was begun
    since the last block. Without an `owner` it belongs to the page that knows its row.
    `digest` tells what is the same: of those open there is one at most.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "正在做"
        DONE = "done", "做好了"
        STOPPED = "stopped", "已停下"
        FAILED = "failed", "没有做成"

    OPEN = (State.WAITING, State.RUNNING)
    # The folder of the store for what jobs made.
    FOLDER = "made"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("种类", max_length=120)
    title = models.CharField("名称", max_length=200)
    parameters = models.JSONField("参数", default=dict)
    digest = models.CharField("摘要", max_length=64)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="由谁提出",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    page = models.CharField("从哪一页提出", max_length=2000, blank=True)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.WAITING)
    step = models.PositiveIntegerField("完成的步数", default=0)
    steps = models.PositiveIntegerField("总步数", default=0)
    words = models.CharField("进展", max_length=300, blank=True)
    asked_to_stop = models.BooleanField("要求停下", default=False)
    worker = models.CharField("执行者", max_length=120, blank=True)
    beat = models.DateTimeField("最近一次进展", null=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    result = models.JSONField("结果", default=dict)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    content_type = models.CharField("文件类型", max_length=100, blank=True)
    asked_at = models.DateTimeField("提出时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="job_state_is_valid",
                condition=Q(state__in=["waiting", "running", "done", "stopped", "failed"]),
                violation_error_message="没有这种状态。",
            ),
            models.CheckConstraint(
                name="job_ends_at_a_time",
                condition=Q(state__in=["waiting", "running"], ended_at=None)
                | Q(state__in=["done", "stopped", "failed"], ended_at__isnull=False),
                violation_error_message="结束了的要有结束时间，没有结束的没有。",
            ),
            models.UniqueConstraint(
                name="job_open_once",
                fields=["digest"],
                condition=Q(state__in=["waiting", "running"]),
                violation_error_message="同样的任务正在做。",
            ),
        ]
        indexes = [
            models.Index(
                name="job_open", fields=["asked_at"], condition=Q(state__in=["waiting", "running"])
            ),
            models.Index(name="job_digest", fields=["digest"]),
            models.Index(name="job_ended", fields=["ended_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page of whoever asked for it."""
        return reverse("job", args=[self.reference])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def path(self) -> Path:
        """Where the file lies that it made."""
        return Path(settings.MEDIA_ROOT) / self.FOLDER / self.reference.hex

    @property
    def has_file(self) -> bool:
        """Whether its file is there to be fetched."""
        return self.state == self.State.DONE and bool(self.file_name) and self.path.is_file()
