"""Loading the catalogue: twice changes nothing, a bad pack changes nothing at all."""

import shutil
from contextlib import suppress

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from policies.catalogue.models import Citation, Edition, Fact, Programme, Stamp
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from portal.models import Jurisdiction
from tests.factories import JurisdictionFactory
from tests.policies import packs
from tests.policies.packs import FIXTURES, catalogue, load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
REVENUE = "revenue.main_business.y0"
PACK = "programmes/jincheng-gugai.yaml"


@pytest.fixture
def folder(tmp_path):
    """The packs to be changed, without the examples that would notice."""
    return shutil.copytree(
        FIXTURES, tmp_path / "fixtures", ignore=shutil.ignore_patterns("examples")
    )


def edit(folder, before, after, name=PACK):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_loading_twice_changes_nothing():
    load_packs(FIXTURES, timezone.now())
    before = list(Edition.objects.order_by("pk").values())
    citations = list(Citation.objects.order_by("pk").values())
    load_packs(FIXTURES, timezone.now())
    assert list(Edition.objects.order_by("pk").values()) == before
    assert list(Citation.objects.order_by("pk").values()) == citations
    assert Programme.objects.count() == len(catalogue().programmes)


class UndoneError(Exception):
    pass


def rows_made(load, *, beside=False):
    """What `load` makes of an empty database, or of one in which a test made a county; undone."""
    with suppress(UndoneError), transaction.atomic():
        if beside:
            province = JurisdictionFactory(code="140000", name="省", level="province")
            JurisdictionFactory(code="140521", name="测试县", level="county", parent=province)
        load()
        places = list(Jurisdiction.objects.order_by("pk").values("code", "name", "level", "parent"))
        own = apps.get_app_config("catalogue").get_models(include_auto_created=True)
        counts = {model: model.objects.count() for model in own if model is not Stamp}
        raise UndoneError
    return places, counts


def test_the_quick_way_of_tests_makes_what_a_load_makes(monkeypatch):
    made = rows_made(lambda: load_packs(FIXTURES, timezone.now()))
    monkeypatch.setattr(packs, "_rows", {})
    monkeypatch.setattr(packs, "_statuses", [])
    assert rows_made(load_catalogue, beside=True) == made
    assert packs._rows
    assert rows_made(load_catalogue, beside=True) == made
    assert rows_made(load_catalogue) == made


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("kind: cash", "kind: gift", "kind"),
        ("    summary:", "    sumary:", "sumary"),
        ("accounting.sound", "accounting.fine", "accounting.fine"),
        ("document: 沁水县申报指南", "document: 无此文件", "无此文件"),
        ("area: '140500'", "area: '999999'", "999999"),
        ("at_least: 100", "at_lest: 100", "criteria"),
        ("proves: [reform.registered", "proves: [reform.registred", "没有指标 reform.registred"),
        ("proves: [reform.registered_as_shares_company]", "proves: 章程", "proves：应为文字列表"),
        ("[net_profit.sum3|", "[net_profit.sum|", "sentence：缺少 net_profit.sum3 的说法"),
        ("净利润合计达到{}", "净利润合计达到100万元", "sentence：数字不要写在句子里"),
        (
            "[industry.section|文件没有列明的其他",
            "[industry|文件没有列明的其他",
            "sentence：缺少 industry.section 的说法",
        ),
    ],
)
def test_a_bad_pack_names_its_file_and_line_and_changes_nothing(folder, before, after, told):
    edit(folder, before, after)
    with pytest.raises(PackError) as raised:
        load_packs(folder, timezone.now())
    lines = [str(problem) for problem in raised.value.problems]
    assert any("jincheng-gugai.yaml" in line for line in lines), lines
    assert any(told in line for line in lines), lines
    assert all(problem.line > 0 for problem in raised.value.problems)
    assert not Programme.objects.exists()
    assert not Jurisdiction.objects.exists()


def test_a_sentence_that_does_not_fit_is_told_with_its_line(folder):
    edit(folder, "[net_profit.sum3|", "[net_profit.sum|")
    lines = (folder / PACK).read_text(encoding="utf-8").splitlines()
    [number] = [place for place, line in enumerate(lines, 1) if "[net_profit.sum|" in line]
    with pytest.raises(PackError) as raised:
        load_packs(folder, timezone.now())
    [problem] = raised.value.problems
    assert (problem.line, problem.key) == (number, "sentence")


@pytest.mark.parametrize(
    ("tier", "told"),
    [
        ("{fact: base.titles, code: town}", "没有选项 town"),
        ("{fact: base.title, code: city}", "没有指标 base.title"),
        ("{fact: base.titles}", "code"),
        ("city", "tier"),
    ],
)
def test_a_tier_names_a_choice_of_a_fact(folder, tier, told):
    name = "programmes/jincheng-shuangchuang.yaml"
    edit(folder, "tier: {fact: base.titles, code: city}", f"tier: {tier}", name)
    with pytest.raises(PackError, match=told):
        load_packs(folder, timezone.now())
    assert not Programme.objects.exists()


def test_what_is_not_yaml_is_told_with_its_line(folder):
    (folder / PACK).write_text("family: [\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"jincheng-gugai\.yaml"):
        load_packs(folder, timezone.now())


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("  unit: 万元\n", "  unit: 元\n", "unit"),
        ("  type: decimal\n", "  type: ratio\n", "type"),
    ],
)
def test_a_pack_cannot_change_what_a_fact_in_use_means(folder, before, after, key):
    load_packs(folder, timezone.now())
    kept = Fact.objects.get(pk=REVENUE)
    name = "facts.yaml"
    start = (folder / name).read_text(encoding="utf-8").index(f"key: {kept.pk}\n")
    head, tail = (
        (folder / name).read_text(encoding="utf-8")[:start],
        (folder / name).read_text(encoding="utf-8")[start:],
    )
    assert before in tail
    (folder / name).write_text(head + tail.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PackError) as raised:
        load_packs(folder, timezone.now())
    [problem] = [each for each in raised.value.problems if "facts.yaml" in each.file]
    assert problem.key == key
    assert problem.line > 1
    assert Fact.objects.get(pk=kept.pk).unit == kept.unit
