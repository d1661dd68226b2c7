"""Rows with valid defaults for the tests."""

import factory
from factory.django import DjangoModelFactory

from policies import models


class JurisdictionFactory(DjangoModelFactory):
    class Meta:
        model = models.Jurisdiction
        django_get_or_create = ["code"]

    code = "140500"
    name = "晋城市"
    level = "city"

    @factory.lazy_attribute
    def parent(self):
        if self.level == "nation":
            return None
        nation, _ = models.Jurisdiction.objects.get_or_create(
            code="100000", defaults={"name": "中华人民共和国", "level": "nation"}
        )
        return nation


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = models.Document

    number = factory.Sequence(lambda number: f"测试〔2024〕{number}号")
    title = "测试文件"
    issuer = "测试机关"


class FactFactory(DjangoModelFactory):
    class Meta:
        model = models.Fact
        django_get_or_create = ["key"]

    key = "revenue.main_business.y0"
    section = "经营情况"
    label = "主营业务收入"
    type = "decimal"
    unit = "万元"


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = models.Programme

    id = factory.Sequence(lambda number: f"test-{number}")
    name = factory.Sequence(lambda number: f"测试项目{number}")
    family = "小升规"
    kind = "cash"
    area = factory.SubFactory(JurisdictionFactory)


class EditionFactory(DjangoModelFactory):
    class Meta:
        model = models.Edition

    programme = factory.SubFactory(ProgrammeFactory)
    effective_from = "2024-01-01"


class CriterionFactory(DjangoModelFactory):
    class Meta:
        model = models.Criterion

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    code = "T.1"
    kind = "gate"
    text = "主营业务收入达到2000万元"
    rule = factory.LazyFunction(lambda: {"fact": "revenue.main_business.y0", "at_least": 2000})


class AwardFactory(DjangoModelFactory):
    class Meta:
        model = models.Award

    edition = factory.SubFactory(EditionFactory)
    position = factory.Sequence(lambda number: number + 1)
    level = "city"


class TrancheFactory(DjangoModelFactory):
    class Meta:
        model = models.Tranche

    award = factory.SubFactory(AwardFactory)
    position = factory.Sequence(lambda number: number + 1)
    amount = 20
