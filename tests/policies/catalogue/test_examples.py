"""The packs' own examples: they hold, and no limit, choice or figure can change unnoticed."""

import shutil
from copy import deepcopy

import pytest
from django.utils import timezone

from policies.catalogue.models import Programme
from policies.catalogue.packs.catalogue_pack import read_packs
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.consistency.examples import faults_of
from policies.rules.derived import DERIVED
from policies.rules.read_edition import UNREADABLE, compile_edition
from tests.policies.packs import FIXTURES, catalogue, facts

pytestmark = pytest.mark.one_database
# Whole numbers of years, months or parts; everything else is moved by the smallest step.
WHOLE = (
    "full_years",
    "full_months",
    "remaining_years",
    "is_year",
    "n_of",
    "min_months",
    "max_months",
)
WITHOUT_VALUE = ("non_empty", "answered", "later", "per_item")
# Exactly three is met before anything is asked of what is more.
SAME = (("YUN-TSME-3.2", 2), ("YUN-HTE-3.3", 2))
LISTS = ("in", "open", "industry", "has_any", "lacks_all")
RULES = {
    "criteria": ("rule", "when"),
    "awards": ("tranches", "unsplit", "undecided", "fee_cap", "price_cut", "headline"),
}


def packed():
    return [
        (pack.data(content), pack.row["id"], content["effective_from"])
        for pack in catalogue().programmes
        if pack.row["screened"]
        for _, content in pack.editions
    ]


def step_of(key, is_share):
    """The smallest difference of a fact's values; of a share of people or firms one in a hundred."""
    if key in DERIVED:
        return 1 if DERIVED[key].unit in ("年", "户") else 0.000001
    fact = facts().get(key)
    if fact is not None and fact.type == "int":
        return 0.01 if is_share else 1
    return 10 ** -(6 if fact is None or fact.decimals is None else fact.decimals)


def changes_of(data, path=(), key="", is_share=False):
    """Each figure moved up and down, each yes turned to no, each choice left out of its list."""
    if isinstance(data, dict):
        key = data["fact"] if "fact" in data and "steps" not in data else key
        is_share = "ratio" in data
        key = data["ratio"][0] if is_share else key
        for name, value in data.items():
            yield from changes_of(value, (*path, name), key, is_share)
    elif isinstance(data, list):
        if path[-1] in LISTS and len(data) > 1:
            for index in range(len(data)):
                yield path, [*data[:index], *data[index + 1 :]]
        for index, value in enumerate(data):
            yield from changes_of(value, (*path, index), key, is_share)
    elif isinstance(data, bool):
        if path[-1] not in WITHOUT_VALUE:
            yield path, not data
    elif isinstance(data, int | float):
        names = [step for step in path if isinstance(step, str)]
        step = 1 if names[-1] in WHOLE else step_of(key, is_share)
        yield from ((path, data + step), (path, data - step))


def changed(data, path, value):
    copy = deepcopy(data)
    owner = copy
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    return copy


def is_noticed(data, examples):
    try:
        edition = compile_edition(data, facts())
    except UNREADABLE:
        return True
    return any(True for each in examples for _ in faults_of(each, edition, facts()))


@pytest.mark.parametrize(
    ("data", "programme", "starts"), packed(), ids=[f"{row[1]} {row[2]}" for row in packed()]
)
def test_no_limit_choice_or_figure_changes_unnoticed(data, programme, starts):
    examples = catalogue().examples.by_edition[programme, starts]
    assert not is_noticed(data, examples)
    unnoticed = [
        (row.get("code", row.get("level")), path, value)
        for part, names in RULES.items()
        for index, row in enumerate(data[part])
        for name in names
        if row.get(name) is not None
        for path, value in changes_of(row[name], (part, index, name))
        if (row.get("code"), value) not in SAME
        and not is_noticed(changed(data, path, value), examples)
    ]
    assert unnoticed == []


# --- in a pack ----------------------------------------------------------------------------------

PACK, OWN = "programmes/jincheng-gugai.yaml", "examples/jincheng-gugai.yaml"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FIXTURES, tmp_path / "fixtures")


def edit(folder, name, before, after):
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")


def problems_of(folder):
    with pytest.raises(PackError) as raised:
        read_packs(folder)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.django_db
def test_a_pack_whose_figure_no_longer_fits_its_examples_is_not_loaded(folder):
    edit(
        folder,
        PACK,
        "{fact: net_profit.sum3, at_least: 100}",
        "{fact: net_profit.sum3, at_least: 10}",
    )
    with pytest.raises(PackError) as raised:
        load_packs(folder, timezone.now())
    told = [str(problem) for problem in raised.value.problems]
    assert any(
        "examples/jincheng-gugai.yaml 第 " in line
        and "例子写 SH.4 为 not_met，算出来是 met" in line
        for line in told
    )
    assert not Programme.objects.exists()


def test_an_amount_that_changes_is_told_with_the_level_and_both_figures(folder):
    edit(folder, PACK, "payer: '140500', amount: 10,", "payer: '140500', amount: 11,")
    assert any("例子写 city now 为 10、10，算出来是 11、11" in line for line in problems_of(folder))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("programme: jc-share", "programme: jc-shar", "没有项目 jc-shar 的 2021-09-28 版"),
        ("edition: '2021-09-28'", "edition: '2020-09-28'", "没有项目 jc-share 的 2020-09-28 版"),
        ("code: SH.1,", "code: SH.99,", "没有条件 SH.99"),
        ("is: met}", "is: yes}", "应为 met"),
        ("level: province", "level: village", "应为 national"),
        ("accounting.sound: true", "accounting.sound: 1", "应填“是”或“否”"),
        ("    firm:", "    frim:", "没有这个键"),
    ],
)
def test_a_faulty_example_names_its_line_and_what_was_expected(folder, before, after, told):
    edit(folder, OWN, before, after)
    lines = problems_of(folder)
    assert any(told in line and "examples/jincheng-gugai.yaml" in line for line in lines), lines
