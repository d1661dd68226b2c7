"""Loading the catalogue: twice changes nothing, a bad pack changes nothing at all."""

import shutil
from contextlib import suppress

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from policies.catalogue.content import digest_of, edition_content, edition_data, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Citation, Edition, Fact, Programme, Stamp
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.pages.programme_page import award_lines
from policies.presentation.changes import changes_between
from policies.rules.read_edition import read_edition
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
        ("amount: 10, sources", "amount: 10, joint_cap: {group: 股改}, sources", "缺少这个键"),
        (
            "amount: 10, sources",
            "amount: 10, claw_back: {when: 迁出, share: 2}, sources",
            "share：应大于 0",
        ),
        (
            "effective_from: 2021-09-28",
            "effective_from: 2021-09-28\n        places: {most: 0}",
            "places.most",
        ),
        (
            "amount: 10, sources",
            "amount: {share: {of: {sum: [net_profit.y1, enterprise.employees]}, rate: 1}}, sources",
            "万元、人不是同一个单位",
        ),
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


def test_what_awards_share_and_what_is_chosen_comes_from_the_pack_and_back(folder):
    shared = "joint_cap: {group: 股改, most: 15}, claw_back: {when: 迁出, years: 3, share: 1}"
    edit(folder, "amount: 10, sources", f"amount: 10, {shared}, sources")
    edit(folder, "amount: 20, sources", "amount: 20, only_highest: [股改奖励], sources")
    places = "places: {most: 20, ranked_by: 评分}"
    edit(folder, "effective_from: 2021-09-28", f"effective_from: 2021-09-28\n        {places}")
    load_packs(folder, timezone.now())
    [row] = with_content(Edition.objects.filter(programme="jc-share"))
    edition = read_edition(
        edition_data(row), {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
    )
    assert not edition.fault
    city, county = edition.awards[1:3]
    assert city.joint_cap == ("股改", 15)
    assert city.claw_back == ("迁出", 3, 1)
    assert county.only_highest == ("股改奖励",)
    assert edition.places.in_words in edition.notices
    plain = edition_content(row) | {"places": None}
    changes = changes_between(plain, edition_content(row), edition.facts, Catalogue().areas)
    assert [str(change) for change in changes] == [
        f"修改名额：由“无”改为“{edition.places.in_words}”"
    ]
    copied = edition_content(copy_to_draft(row, row.effective_from))
    assert copied | {"effective_from": "2021-09-28"} == edition_content(row)
    assert digest_of(edition_content(row)) == row.digest
    assert award_lines(city, edition.facts)[1:] == [
        "“股改”各项合计最高 15 万元", "3 年内迁出的，收回全部奖补",
    ]  # fmt: skip


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
