"""One anonymous self-check: who holds its token or its code may read, resume and delete it."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models

from portal.models import Job

# Nothing that is misread on paper: no 0 and O, no 1, I and L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


def new_token() -> str:
    """24 random bytes: an address that cannot be guessed."""
    return secrets.token_urlsafe(24)


def new_code() -> str:
    """49 random bits, short enough to be typed from paper; looking it up is rate limited."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class SelfCheck(models.Model):
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    code = models.CharField(
        "短码", max_length=CODE_LENGTH, unique=True, default=new_code, editable=False
    )
    answers = models.JSONField("填报数据", default=dict)
    families = models.JSONField("类别", default=list)
    unclear = models.JSONField("答为不清楚的指标", default=list)
    steps = models.JSONField("各步的指标", default=list)
    topics = models.JSONField("勾选的事项", default=list)
    # What the last change of an answer set aside, with that answer as it was before.
    dropped = models.JSONField("改动前的回答", default=dict)
    # Of a check carried from an earlier year: by fact to be said anew, the year and what was said.
    earlier = models.JSONField("以前年度的回答", default=dict)
    on = models.DateField("测算日期")
    report = models.ForeignKey(
        Job,
        verbose_name="报告",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    expires_at = models.DateTimeField("到期时间")

    class Meta:
        verbose_name = "自测"
        verbose_name_plural = "自测"

    def __str__(self) -> str:
        return f"{self.on}"

    @property
    def code_in_halves(self) -> str:
        """The code as it is printed: ABCDE-FGHJK."""
        return f"{self.code[:5]}-{self.code[5:]}"

    def record(
        self,
        keys: Collection[str],
        answers: Mapping[str, Any],
        unclear: Iterable[str] = (),
        *,
        step: int | None = None,
        gone: Collection[str] = (),
    ) -> None:
        """Keep what was said of these facts; unclear ones lose their answer.

        What is `gone` for it can be restored, together with what was said of these facts before.
        """
        before = self.answers
        kept = {key: value for key, value in before.items() if key not in {*keys, *gone}}
        self.answers = {**kept, **answers}
        self.unclear = [key for key in self.unclear if key not in keys] + list(unclear)
        if gone:
            self.dropped = {
                key: before[key]
                for key in (*keys, *gone)
                if key in before and before[key] != self.answers.get(key)
            }
        if step is not None and step > len(self.steps):
            self.steps = [*self.steps, list(keys)]
        self.save(update_fields=["answers", "unclear", "steps", "topics", "dropped"])

    def restore(self) -> None:
        """Put back what the last change set aside, and what was changed."""
        self.answers = {**self.answers, **self.dropped}
        self.unclear = [key for key in self.unclear if key not in self.dropped]
        self.dropped = {}
        self.save(update_fields=["answers", "unclear", "dropped"])


class DailyCount(models.Model):
    """How many self-checks of a day came how far, or failed what; nothing leads to any of them.

    `key` is a fact for STOPPED, a programme and the code of a clause for FAILED, and empty for those
    that count all. The row of STARTED tells that its day was counted.
    """

    class Kind(models.TextChoices):
        STARTED = "started", "开始的自测"
        FINISHED = "finished", "答完的自测"
        STOPPED = "stopped", "停在哪一题"
        FAILED = "failed", "不符合的条件"

    day = models.DateField("日期")
    kind = models.CharField("数的是什么", max_length=8, choices=Kind.choices)
    key = models.CharField("题目或条件", max_length=160, blank=True)
    count = models.PositiveIntegerField("次数")

    class Meta:
        verbose_name = "自测的每天次数"
        verbose_name_plural = "自测的每天次数"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="daily_count_is_one_a_key",
                fields=["kind", "day", "key"],
                violation_error_message="这一天已经数过。",
            ),
            models.CheckConstraint(
                name="daily_count_kind_is_valid",
                condition=models.Q(kind__in=["started", "finished", "stopped", "failed"]),
                violation_error_message="没有这种次数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()} {self.key}"
