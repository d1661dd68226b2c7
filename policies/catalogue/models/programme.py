"""Programmes: what a firm can ask for, and whom to call about it."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from policies.catalogue.models.fact import Fact
from policies.catalogue.models.source import Conflict
from portal.history import History, KeptQuerySet
from portal.models.jurisdiction import Jurisdiction

# An office has a landline; a person's mobile number is not ours to publish.
PROGRAMME_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PROGRAMME_ID_SAYS = "编号用于网址，只能用小写英文字母、数字和连字符，如 jc-xsg。"
MOBILE_NUMBER = r"(^|[^0-9-])1[3-9][0-9]([ -]?[0-9]){8}($|[^0-9])"


class Programme(models.Model):
    class Kind(models.TextChoices):
        CASH = "cash", "资金奖补"
        REBATE = "rebate", "返还"
        PRICE_CUT = "price_cut", "费用优惠"
        PRIORITY = "priority", "优先支持"
        SERVICE = "service", "服务"
        DUTY = "duty", "义务"

    class Benefit(models.TextChoices):
        MONEY = "money", "资金"
        TAX = "tax", "税费"
        FINANCE = "finance", "融资"
        LAND = "land", "用地"
        TALENT = "talent", "人才"
        SERVICE = "service", "服务和其他"

    class Beneficiary(models.TextChoices):
        ENTERPRISE = "enterprise", "企业"
        BASE_OPERATOR = "base_operator", "双创基地运营单位"
        INDIVIDUAL_BUSINESS = "individual_business", "个体工商户"
        PERSON = "person", "个人"
        GOVERNMENT = "government", "政府部门的义务"

    id = models.CharField(
        "编号",
        max_length=60,
        primary_key=True,
        validators=[RegexValidator(PROGRAMME_ID, PROGRAMME_ID_SAYS)],
        error_messages={"unique": "已有这个编号。"},
    )
    position = models.PositiveIntegerField("次序", default=0)
    name = models.CharField("名称", max_length=200)
    family = models.CharField("类别", max_length=50)
    summary = models.CharField("一句话介绍", max_length=300, blank=True)
    kind = models.CharField("性质", max_length=12, choices=Kind.choices)
    benefit = models.CharField(
        "给什么", max_length=10, choices=Benefit.choices, default=Benefit.SERVICE
    )
    tier_fact = models.CharField(
        "所属梯度的称号指标",
        max_length=80,
        blank=True,
        help_text="同一地区、同一指标的项目按次序组成一个梯度，如市级→省级→小巨人。",
    )
    tier_code = models.CharField("带来哪个称号（选项代码）", max_length=40, blank=True)
    area = models.ForeignKey(Jurisdiction, verbose_name="适用地区", on_delete=models.PROTECT)
    beneficiary = models.CharField(
        "受益对象", max_length=30, choices=Beneficiary.choices, default=Beneficiary.ENTERPRISE
    )
    screened = models.BooleanField(
        "参与自测", default=True, help_text="不参与的不在自测结果里，也不能在网上申报。"
    )
    # Of the last change, both empty before the first: see policies.catalogue.screening.
    screened_reason = models.TextField("参与或不参与自测的原因", blank=True, editable=False)
    screened_at = models.DateTimeField(
        "从何时起参与或不参与自测", null=True, blank=True, editable=False
    )
    conflicts = models.ManyToManyField(
        Conflict, verbose_name="口径说明", blank=True, related_name="programmes"
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="项目变更",
        verbose_name_plural="项目变更",
        excluded_fields=["updated_at", "screened_reason", "screened_at"],
        m2m_fields=[conflicts],
    )

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="programme_id_is_an_identifier",
                condition=Q(id__regex=PROGRAMME_ID),
                violation_error_message=PROGRAMME_ID_SAYS,
            ),
            models.CheckConstraint(
                name="programme_kind_is_valid",
                condition=Q(
                    kind__in=["cash", "rebate", "price_cut", "priority", "service", "duty"]
                ),
                violation_error_message="没有这种项目性质。",
            ),
            models.CheckConstraint(
                name="programme_beneficiary_is_valid",
                condition=Q(
                    beneficiary__in=[
                        "enterprise",
                        "base_operator",
                        "individual_business",
                        "person",
                        "government",
                    ]
                ),
                violation_error_message="没有这种受益对象。",
            ),
            models.CheckConstraint(
                name="programme_tier_is_whole",
                condition=Q(tier_fact="", tier_code="") | ~Q(tier_fact="") & ~Q(tier_code=""),
                violation_error_message="梯度的指标和称号要么都填，要么都不填。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.tier_fact:
            return
        fact = Fact.objects.filter(pk=self.tier_fact).first()
        if fact is None:
            raise ValidationError({"tier_fact": f"没有指标 {self.tier_fact}。"})
        if self.tier_code and self.tier_code not in fact.choices:
            told = f"应为“{fact}”的选项之一：{'、'.join(fact.choices)}。"
            raise ValidationError({"tier_code": told})


class AsksForProgramme(models.Model):
    """What is open for a `programme` and goes by whichever edition is in force, such as a draft.

    Rooms above inherit it, so that an editor is told how many there are.
    """

    class Meta:
        abstract = True


class Office(models.Model):
    """Whom to call in a place. Programmes point to it, so that a telephone is changed once."""

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="行政区划", on_delete=models.PROTECT, related_name="offices"
    )
    name = models.CharField("科室", max_length=100)
    telephone = models.CharField(
        "电话",
        max_length=60,
        blank=True,
        validators=[
            RegexValidator(MOBILE_NUMBER, "请填办公电话，不公开手机号码。", inverse_match=True)
        ],
    )
    address = models.CharField("地址", max_length=200, blank=True)
    note = models.CharField(
        "说明", max_length=300, blank=True, help_text="对每个项目都适用的，如办公时间。"
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="科室变更", verbose_name_plural="科室变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "科室和电话"
        verbose_name_plural = "科室和电话"
        ordering = ["jurisdiction", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="office_is_told_once",
                fields=["jurisdiction", "name", "telephone"],
                violation_error_message="这个地区已有同名、同电话的科室，请用那一条。",
            ),
            models.CheckConstraint(
                name="office_telephone_is_no_mobile",
                condition=~Q(telephone__regex=MOBILE_NUMBER),
                violation_error_message="请填办公电话，不公开手机号码。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.name} {self.telephone}".strip()


class FormerContact(models.Model):
    """What the history keeps of contacts from before offices were rows of their own."""

    jurisdiction = models.ForeignKey(
        Jurisdiction,
        verbose_name="行政区划",
        null=True,
        blank=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="+",
    )
    office_name = models.CharField("科室", max_length=100, blank=True, default="")
    telephone = models.CharField("电话", max_length=60, blank=True, default="")

    class Meta:
        abstract = True


class Contact(models.Model):
    """An office that answers for a programme; `note` is of the two together."""

    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.CASCADE, related_name="contacts"
    )
    office = models.ForeignKey(
        Office, verbose_name="科室和电话", on_delete=models.PROTECT, related_name="contacts"
    )
    note = models.CharField("说明", max_length=300, blank=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="联系方式变更", verbose_name_plural="联系方式变更", bases=[FormerContact]
    )

    class Meta:
        verbose_name = "联系方式"
        verbose_name_plural = "联系方式"
        ordering = ["programme", "office__jurisdiction", "id"]

    def __str__(self) -> str:
        return f"{self.office.name} {self.office.telephone}".strip()

    @property
    def more(self) -> str:
        """What else to know, in one line."""
        address = f"地址：{self.office.address}" if self.office.address else ""
        return "；".join(filter(None, (self.note, self.office.note, address)))
