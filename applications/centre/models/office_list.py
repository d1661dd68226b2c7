"""How a centre wants its award and payment lists: which columns, in which order, called what."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q

from portal.models import Jurisdiction
from portal.scope import in_charge

# Of each signer a place of its own on one line of the paper.
MOST_SIGNERS = 6
TOO_MANY_SIGNERS = f"签字处最多 {MOST_SIGNERS} 个。"
SIGNERS = "制表人、审核人、单位（盖章）"


def signers_of(text: str) -> list[str]:
    """The names of the places to sign, as they were typed: separated by 、 or a comma."""
    plain = text.replace("，", "、").replace(",", "、")
    return [name.strip() for name in plain.split("、") if name.strip()]


def check_signers(text: str) -> None:
    if len(signers_of(text)) > MOST_SIGNERS:
        raise ValidationError(TOO_MANY_SIGNERS)


class OfficeListQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "OfficeListQuerySet":
        """Those of the user's place and of all below it."""
        return self.filter(in_charge(user, "jurisdiction"))

    def used_by(self, user: Any) -> "OfficeListQuerySet":
        """Those of the user's own place; whoever has none is offered all."""
        code = user.jurisdiction_code
        return self.filter(jurisdiction=code) if code else self.visible_to(user)


class OfficeList(models.Model):
    """A list as one centre hands it on; the running number always comes first."""

    class Kind(models.TextChoices):
        AWARDS = "awards", "奖补名单"
        PAYMENTS = "payments", "支付清单"

    class RowOf(models.TextChoices):
        FIRM = "firm", "一家企业一行（金额相加）"
        LINE = "line", "一项奖补一行"

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="哪里用", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("哪种名单", max_length=8, choices=Kind.choices)
    title = models.CharField(
        "标题", max_length=60, help_text="印在最上面，也是下载时的名称，如“专项资金拨付明细表”。"
    )
    issuer = models.CharField(
        "编制单位", max_length=60, help_text="如“沁水县中小企业发展促进中心”。"
    )
    row_of = models.CharField("每行", max_length=4, choices=RowOf.choices, default=RowOf.FIRM)
    signers = models.CharField(
        "签字处",
        max_length=100,
        default=SIGNERS,
        validators=[check_signers],
        help_text="用顿号分开，每个留一处签字的地方。",
    )

    objects = OfficeListQuerySet.as_manager()

    class Meta:
        verbose_name = "名单格式"
        verbose_name_plural = "名单格式"
        ordering = ["jurisdiction", "kind", "title"]
        constraints = [
            models.UniqueConstraint(
                name="office_list_is_titled_once",
                fields=["jurisdiction", "kind", "title"],
                violation_error_message="这里已有同样标题的名单格式。",
            ),
            models.CheckConstraint(
                name="office_list_kind_is_valid",
                condition=Q(kind__in=["awards", "payments"], row_of__in=["firm", "line"]),
                violation_error_message="没有这种名单。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def places_to_sign(self) -> Sequence[str]:
        return signers_of(self.signers)


class OfficeColumn(models.Model):
    """One column of such a list: what stands in it, and what it is called."""

    class Source(models.TextChoices):
        FIRM = "firm", "企业名称"
        CREDIT_CODE = "credit_code", "统一社会信用代码"
        COUNTY = "county", "县（市、区）"
        PROGRAMME = "programme", "项目"
        SOURCES = "sources", "依据"
        CLAUSES = "clauses", "依据（文件和条款）"
        AMOUNT = "amount", "金额（万元）"
        BANK = "bank", "开户行"
        ACCOUNT = "account", "账号"
        NOTE = "note", "备注"
        HOLDER = "holder", "开户名"
        NUMBER = "number", "申报编号"
        TRANCHE = "tranche", "级别和期次"
        YEAR = "year", "给付年度"
        FUND = "fund", "资金"
        BATCH = "batch", "支付批次"
        VOUCHER = "voucher", "凭证号"
        CONTACT = "contact", "联系人"
        TELEPHONE = "telephone", "联系电话"

    office_list = models.ForeignKey(OfficeList, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveSmallIntegerField("次序")
    source = models.CharField("内容", max_length=11, choices=Source.choices)
    title = models.CharField(
        "栏目名称",
        max_length=20,
        blank=True,
        validators=[MaxLengthValidator(20)],
        help_text="不填就用内容的名称。",
    )

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["position", "pk"]
        default_permissions = []
        constraints = [
            models.UniqueConstraint(
                name="office_column_is_shown_once",
                fields=["office_list", "source"],
                violation_error_message="同一种内容只能列一栏。",
            ),
            models.CheckConstraint(
                name="office_column_source_is_valid",
                condition=Q(
                    source__in=[
                        "firm", "credit_code", "county", "programme", "sources", "clauses", "amount", "bank",
                        "account", "note", "holder", "number", "tranche", "year", "fund", "batch",
                        "voucher", "contact", "telephone",
                    ]
                ),
                violation_error_message="没有这种内容。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title or self.get_source_display()
