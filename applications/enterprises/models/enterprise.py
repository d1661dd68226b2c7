"""The firms that apply, one record for each 统一社会信用代码."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Substr
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NotValidError

from applications.enterprises.names import check_name
from portal.history import History, KeptQuerySet
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.typed.signs import folded

CREDIT_CODE_EXPECTED = "请核对统一社会信用代码：营业执照上的 18 位，没有字母 I、O、S、V、Z"
TELEPHONE = RegexValidator(
    r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,5})?)$", "请填手机号码或带区号的座机，如 0356-7098132"
)


def compact_credit_code(text: str) -> str:
    """A code however it was spaced, in whatever width and case; any other text stays one."""
    return uscc.compact(folded(text)).upper()


def check_credit_code(code: str) -> None:
    """Raise ValidationError unless `code` is a compact, valid 统一社会信用代码 (GB 32100)."""
    try:
        is_compact = uscc.validate(code) == code
    except NotValidError:
        is_compact = False
    if not is_compact:
        raise ValidationError(CREDIT_CODE_EXPECTED)


def registry_of(path: str = "credit_code") -> Substr:
    """The jurisdiction that a code names: positions 3 to 8, where the firm was first registered."""
    return Substr(path, 3, 6)


class EnterpriseQuerySet(KeptQuerySet):
    def registered_with(self, user: Any) -> "EnterpriseQuerySet":
        """Firms registered in a member of staff's jurisdiction."""
        return self.filter(in_charge(user))

    def looked_after_by(self, user: Any) -> "EnterpriseQuerySet":
        """Those, and firms whose code says that they belong there, whatever somebody registered."""
        by_code = self.alias(registry=registry_of())
        return by_code.filter(in_charge(user) | in_charge(user, "registry"))


class Enterprise(models.Model):
    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        unique=True,
        validators=[check_credit_code],
        error_messages={"unique": "已有这个统一社会信用代码。"},
    )
    name = models.CharField("企业名称", max_length=200, validators=[check_name])
    county = models.ForeignKey(Jurisdiction, verbose_name="注册地", on_delete=models.PROTECT)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = EnterpriseQuerySet.as_manager()
    history = History(verbose_name="企业变更", verbose_name_plural="企业变更")

    class Meta:
        verbose_name = "企业"
        verbose_name_plural = "企业"
        ordering = ["name"]
        indexes = [models.Index(name="enterprise_by_name", fields=["name"])]
        permissions = [("fill_in_for_enterprise", "可以代企业填写档案和申报")]

    def __str__(self) -> str:
        return self.name

    def line_of_succession(self) -> list["Enterprise"]:
        """The firm, and who absorbed it, and who absorbed that one: the last goes on today."""
        firms = [self]
        while merger := firms[-1].changes.mergers().exclude(successor__in=firms).first():
            firms.append(merger.successor)
        return firms

    def with_absorbed(self) -> set[int]:
        """Keys of the firm and of all that went over to it, on whatever way."""
        found, newly = {self.pk}, {self.pk}
        while newly:
            mergers = self.changes.model.objects.mergers().filter(successor__in=newly)
            newly = set(mergers.values_list("enterprise", flat=True)) - found
            found |= newly
        return found
