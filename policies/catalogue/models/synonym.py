"""What people call things, beside what the catalogue calls them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from portal.history import History, KeptQuerySet

# One word as the search knows it: of one width, in small letters, without spaces or marks.
SYNONYM_WORD = r"^[a-z0-9\u3400-\u9fff]{1,20}$"
SYNONYM_WORD_SAYS = "只写一个词，最多 20 个字：汉字、小写字母和数字，中间不空格。"
LONGEST_MEANING = 50
MOST_MEANINGS = 10


class Synonym(models.Model):
    """Whoever looks for `word` also finds what has one of `means`; not the other way round."""

    word = models.CharField(
        "人们怎么说",
        max_length=20,
        primary_key=True,
        validators=[RegexValidator(SYNONYM_WORD, SYNONYM_WORD_SAYS)],
        error_messages={"unique": "已有这个词，请打开它修改。"},
        help_text="企业在查找框里会输入的词，如“高企”“电费”。拼音、首字母、同音字和错字不用写，本来就能找到。",
    )
    means = models.JSONField("政策里怎么说", default=list)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="同义词变更", verbose_name_plural="同义词变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "同义词"
        verbose_name_plural = "同义词"
        ordering = ["word"]
        constraints = [
            models.CheckConstraint(
                name="synonym_is_one_word",
                condition=Q(word__regex=SYNONYM_WORD),
                violation_error_message=SYNONYM_WORD_SAYS,
            )
        ]

    def __str__(self) -> str:
        return self.word

    def clean(self) -> None:
        if told := means_problem(self.means):
            raise ValidationError({"means": told})


def means_problem(means: Any) -> str:
    """What is wrong with the list of meanings; empty where it fits."""
    if not isinstance(means, list) or not means:
        return "至少写一个。"
    if not all(isinstance(each, str) and each.strip() for each in means):
        return "每一行写一个词。"
    if len(means) > MOST_MEANINGS or any(len(each) > LONGEST_MEANING for each in means):
        return f"最多 {MOST_MEANINGS} 个，每个最多 {LONGEST_MEANING} 个字。"
    return ""
