"""One anonymous self-check: who holds its token or its code may read, resume and delete it."""

import secrets
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
        self, step: int, keys: list[str], answers: dict[str, Any], unclear: list[str]
    ) -> None:
        """Keep what was said of these facts at this step; unclear ones lose their answer."""
        kept = {key: value for key, value in self.answers.items() if key not in keys}
        self.answers = {**kept, **answers}
        self.unclear = [key for key in self.unclear if key not in keys] + unclear
        if step > len(self.steps):
            self.steps = [*self.steps, keys]
        self.save(update_fields=["answers", "unclear", "steps"])
