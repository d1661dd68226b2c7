"""A changed pack on rows that editors changed, deleted or added: theirs stays, and is listed."""

from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from policies.catalogue.models import (
    Clause,
    Conflict,
    Contact,
    Document,
    Fact,
    Office,
    PackedRow,
    Programme,
    Window,
)
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.catalogue.screening import set_screened
from portal.models import Jurisdiction
from tests.policies.catalogue.test_packs import edit, folder  # noqa: F401 (a fixture)
from tests.policies.packs import catalogue, load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NOW = timezone.now()
SHENGGUI = "programmes/jincheng-xiaoshenggui.yaml"
TELEPHONE = "telephone: 0356-7098132"
OFFICE = f"  - {{jurisdiction: '140521', office: 经济监测科, {TELEPHONE}}}\n"
OTHER_DESK = "  - {jurisdiction: '140521', office: 创业创新科, telephone: 0356-1}\n"
OCTOBER = "starts: '10', ends: '10'"
CITIES = "    '000000': 其他地区\n  changeable: false"
MINE = "后台的说法"


@pytest.fixture(autouse=True)
def loaded(db):
    load_catalogue()


def load(folder):  # noqa: F811
    return load_packs(folder, NOW)


def county_office():
    return Contact.objects.get(programme="jc-xsg", office__jurisdiction="140521")


def october():
    return Window.objects.get(programme="jc-xsg", starts_month=10)


# What an editor changes, and what a later pack says of the same field.
CHANGES = {
    "programme": (
        lambda: Programme.objects.get(pk="jc-share"),
        "name",
        ("name: 中小微企业规范化股份制改造奖补", "name: 股改奖补"),
    ),
    "document": (
        lambda: Document.objects.get(number="沁水县申报指南"),
        "note",
        ("note: 没有印文号和日期，不早于2021年", "note: 不早于2020年", "documents.yaml"),
    ),
    "conflict": (
        lambda: Conflict.objects.get(pk="C05"),
        "text",
        ("收入口径以统计的", "收入口径用统计的", "conflicts.yaml"),
    ),
    "fact": (
        lambda: Fact.objects.get(pk="enterprise.city"),
        "question",
        ("企业注册在哪个市？", "企业在哪个市注册？", "facts.yaml"),
    ),
    "place": (
        lambda: Jurisdiction.objects.get(pk="140502"),
        "name",
        ("'140502', name: 城区", "'140502', name: 晋城市城区", "jurisdictions.yaml"),
    ),
    "clause": (
        lambda: Clause.objects.get(document__number="晋市政办〔2021〕35号", name="三（四）"),
        "gist",
        ("gist: 市级20、10、10万元", "gist: 市级奖励分三次给", "clauses.yaml"),
    ),
    "office": (
        lambda: county_office().office,
        "telephone",
        (TELEPHONE, "telephone: 0356-1", SHENGGUI),
    ),
    "window": (october, "wording", ("wording: 每年约在10月份左右", "wording: 每年10月", SHENGGUI)),
}


def change_pack(folder, change):  # noqa: F811
    """Of a telephone wherever the pack has it."""
    for _ in range(3 if change[0] == TELEPHONE else 1):
        edit(folder, *change)


def words_of(kind):
    return "0356-7020000" if kind == "office" else MINE


@pytest.mark.parametrize("kind", CHANGES)
def test_what_an_editor_changed_stays_and_is_listed(folder, kind):  # noqa: F811
    row_of, name, change = CHANGES[kind]
    row = row_of()
    setattr(row, name, words_of(kind))
    row.save()
    for is_changed in (False, True):
        if is_changed:
            change_pack(folder, change)
        counts = load(folder)
        row.refresh_from_db()
        assert getattr(row, name) == words_of(kind)
        [line] = counts.kept
        assert words_of(kind) in line
        assert str(row._meta.get_field(name).verbose_name) in line
        assert counts.new == {}


@pytest.mark.parametrize("kind", CHANGES)
def test_where_no_editor_was_the_changed_pack_is_taken(folder, kind):  # noqa: F811
    row_of, name, change = CHANGES[kind]
    row, before = row_of(), getattr(row_of(), name)
    change_pack(folder, change)
    counts = load(folder)
    row.refresh_from_db()
    assert getattr(row, name) != before
    assert counts.kept == []
    assert list(counts.changed) == [row._meta.verbose_name]


def test_what_the_editor_took_back_is_the_packs_again(folder):  # noqa: F811
    fact = Fact.objects.get(pk="enterprise.city")
    before = fact.question
    fact.question = MINE
    fact.save()
    edit(folder, *CHANGES["fact"][2])
    load(folder)
    fact.question = before
    fact.save()
    assert load(folder).kept == []
    fact.refresh_from_db()
    assert fact.question == "企业在哪个市注册？"


def test_another_field_of_a_row_that_an_editor_changed_is_still_taken(folder):  # noqa: F811
    Fact.objects.filter(pk="enterprise.city").update(label=MINE)
    edit(folder, *CHANGES["fact"][2])
    load(folder)
    fact = Fact.objects.get(pk="enterprise.city")
    assert (fact.label, fact.question) == (MINE, "企业在哪个市注册？")
    record = fact.history.first()
    assert (record.history_user, record.history_change_reason) == (None, "随目录更新载入")


def test_a_choice_that_the_pack_adds_joins_those_an_editor_reworded(folder):  # noqa: F811
    fact = Fact.objects.get(pk="enterprise.city")
    fact.choices["140800"] = MINE
    fact.save()
    edit(folder, CITIES, f"    '140400': 长治市\n{CITIES}", "facts.yaml")
    counts = load(folder)
    fact.refresh_from_db()
    assert (fact.choices["140800"], fact.choices["140400"]) == (MINE, "长治市")
    assert fact.choices["140500"] == "晋城市"
    assert ["选项" in line for line in counts.kept] == [True]


def test_a_window_that_fits_no_longer_stays_whole(folder):  # noqa: F811
    window = october()
    window.starts_month, window.ends_month = 2, 3
    window.save()
    edit(folder, OCTOBER, "starts: '10-30', ends: '10-31'", SHENGGUI)
    counts = load(folder)
    window.refresh_from_db()
    assert (window.starts_month, window.starts_day, window.ends_month) == (2, None, 3)
    assert ["2月没有30日" in line for line in counts.kept] == [True]


@pytest.mark.parametrize("row_of", [county_office, october])
def test_a_contact_or_window_that_an_editor_deleted_does_not_come_back(folder, row_of):  # noqa: F811
    row = row_of()
    row.delete()
    for _ in range(2):
        counts = load(folder)
        assert not type(row).objects.filter(pk=row.pk).exists()
        assert ["已在后台删除" in line for line in counts.kept] == [True]
        assert counts.new == {}


def test_a_contact_that_an_editor_added_stays_when_the_pack_changes_another(folder):  # noqa: F811
    office = Office.objects.create(jurisdiction_id="140521", name="后台加的科")
    Contact.objects.create(programme_id="jc-xsg", office=office)
    own = Contact.objects.filter(programme="jc-xsg").order_by("pk")
    before = list(own.values_list("pk", flat=True))
    edit(folder, TELEPHONE, "telephone: 0356-1", SHENGGUI)
    load(folder)
    assert list(own.values_list("pk", flat=True)) == before


def test_an_office_is_written_once_for_a_place(folder):  # noqa: F811
    edit(folder, OFFICE, OFFICE + OFFICE.replace("7098132", "7098133"), SHENGGUI)
    with pytest.raises(PackError, match="经济监测科"):
        load(folder)


@pytest.mark.parametrize("is_edited", [True, False])
def test_what_the_pack_dropped_goes_unless_an_editor_changed_it(folder, is_edited):  # noqa: F811
    contact = county_office()
    if is_edited:
        contact.note = MINE
        contact.save()
    edit(folder, OFFICE, "", SHENGGUI)
    counts = load(folder)
    assert Contact.objects.filter(pk=contact.pk).exists() == is_edited
    assert any("目录包里已没有" in line for line in counts.kept) == is_edited


def test_a_deleted_document_stays_away_until_the_packs_cite_it(folder):  # noqa: F811
    new = "  - {number: 新文1号, title: 新文, issuer: 某局, issued_on: 2026-01-01}\n"
    edit(folder, "documents:\n", f"documents:\n{new}", "documents.yaml")
    load(folder)
    Document.objects.get(number="新文1号").delete()
    counts = load(folder)
    assert not Document.objects.filter(number="新文1号").exists()
    assert ["新文1号" in line and "没有载入" in line for line in counts.kept] == [True]
    edit(folder, "document: 沁水县申报指南, clause: 股改 五 1", "document: 新文1号, clause: 一")
    counts = load(folder)
    assert Document.objects.get(number="新文1号").issued_on == date(2026, 1, 1)
    assert ["重新载入" in line for line in counts.kept] == [True]
    assert load(folder).kept == []


def test_what_superseded_a_document_and_since_when_comes_from_the_pack(folder):  # noqa: F811
    newer = "晋财规建〔2025〕1号"
    end = "未取得，经沁水县申报指南引用, superseded_by: null}"
    since = end.replace("null", f"{newer}, superseded_on: 2025-06-01")
    edit(folder, end, since, "documents.yaml")
    load(folder)
    [older] = Document.objects.exclude(superseded_by=None)
    assert (str(older.superseded_by), older.superseded_on) == (newer, date(2025, 6, 1))
    edit(folder, since, since.replace(newer, "null"), "documents.yaml")
    with pytest.raises(PackError, match="superseded_on"):
        load(folder)


def test_a_clause_that_the_pack_has_no_more_goes_unless_an_editor_changed_it(folder):  # noqa: F811
    mine = Clause.objects.get(document__number="晋市政办〔2021〕35号", name="三（八）")
    mine.gist = MINE
    mine.save()
    for line in ("三（七）, gist: 错峰生产差别化管理", "三（八）, gist: 社会保险补贴"):
        edit(folder, f"      - {{clause: {line}}}\n", "", "clauses.yaml")
    counts = load(folder)
    names = mine.document.clauses.values_list("name", flat=True)
    assert "三（七）" not in names
    assert "三（八）" in names
    assert ["三（八）" in line for line in counts.kept] == [True]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("document: 运政发〔2020〕38号", "document: 无此文件", "没有政策文件 无此文件"),
        ("{programme: yun-gov,", "{programme: no-such,", "没有项目 no-such"),
        ("part: effective_from", "part: begin", "part"),
        ("clause: 二（二）", "clause: 二（一）", "不应重复出现"),
        ("gist: 总体要求", "gists: 总体要求", "gists"),
    ],
)
def test_a_wrong_list_of_clauses_changes_nothing_and_names_its_line(folder, before, after, told):  # noqa: F811
    edit(folder, before, after, "clauses.yaml")
    was = list(Clause.objects.order_by("pk").values())
    with pytest.raises(PackError) as raised:
        load(folder)
    lines = [str(problem) for problem in raised.value.problems]
    assert any("clauses.yaml 第 " in line and told in line for line in lines), lines
    assert list(Clause.objects.order_by("pk").values()) == was


def test_a_row_that_an_editor_made_before_the_pack_had_it_stays(folder):  # noqa: F811
    Document.objects.create(number="新文1号", title=MINE, issuer="某局")
    new = "  - {number: 新文1号, title: 新文, issuer: 某局, issued_on: null}\n"
    edit(folder, "documents:\n", f"documents:\n{new}", "documents.yaml")
    counts = load(folder)
    assert Document.objects.get(number="新文1号").title == MINE
    assert ["新文1号" in line for line in counts.kept] == [True]


def test_loading_twice_changes_nothing_beside_what_editors_did(folder, capsys):  # noqa: F811
    programme = Programme.objects.get(pk="jc-share")
    set_screened(programme, is_screened=False, reason="试点", now=NOW)
    own = sorted(each.pk for each in programme.conflicts.all())
    programme.conflicts.remove(own[0])
    edit(folder, f"conflicts: [{', '.join(own)}]", f"conflicts: [{', '.join(own[:-1])}]")
    load(folder)

    def rows():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Programme, Document, Fact, Contact, Window, PackedRow)
        ] + [Programme.history.count(), Fact.history.count()]

    before = rows()
    call_command("load_catalogue", folder)
    assert rows() == before
    told = [line for line in capsys.readouterr().out.splitlines() if "与目录包不同" in line]
    assert len(told) == 2
    assert "“参与自测”后台是“否”，目录包是“是”" in "".join(told)
    assert sorted(each.pk for each in programme.conflicts.all()) == own[1:]


def test_a_pack_that_takes_a_programme_out_says_so_in_the_history(folder):  # noqa: F811
    programme = Programme.objects.get(pk="jc-share")
    edit(folder, "screened: true", "screened: false")
    assert load(folder).changed == {"项目": 1}
    programme.refresh_from_db()
    assert (programme.screened, programme.screened_at) == (False, NOW)
    assert programme.history.first().history_change_reason == "随目录更新载入"
    assert load(folder).kept == []


def test_an_office_that_many_programmes_name_is_one_row(folder):  # noqa: F811
    packed = [each for programme in catalogue().programmes for each in programme.contacts]
    names = [(each["jurisdiction_id"], each["office"]) for each in packed]
    assert len(names) > Office.objects.count() == len(set(names))
    assert Contact.objects.count() == len(names)


def test_a_programme_that_gives_another_telephone_gets_an_office_of_its_own(folder):  # noqa: F811
    contact, others = county_office(), Contact.objects.filter(office__name="创业创新科")
    count, office = others.count(), others.first().office
    edit(folder, OFFICE, OFFICE + OTHER_DESK, SHENGGUI)
    load(folder)
    new = Contact.objects.get(programme=contact.programme_id, office__telephone="0356-1")
    assert new.office != office
    assert Contact.objects.filter(office=office).count() == count
    edit(folder, OTHER_DESK, "", SHENGGUI)
    load(folder)
    assert not Office.objects.filter(telephone="0356-1").exists()


def test_an_office_that_an_editor_deleted_with_its_contacts_is_told(folder):  # noqa: F811
    office = county_office().office
    Contact.objects.filter(office=office).delete()
    office.delete()
    kept = load(folder).kept
    assert any("经济监测科" in line and "已重新载入" in line for line in kept)
    assert not any("已重新载入" in line for line in load(folder).kept)


def test_an_office_that_an_editor_renamed_keeps_its_programmes(folder):  # noqa: F811
    office = county_office().office
    office.name = MINE
    office.save()
    count = office.contacts.count()
    change_pack(folder, (TELEPHONE, "telephone: 0356-1", SHENGGUI))
    counts = load(folder)
    office.refresh_from_db()
    assert (office.name, office.telephone, office.contacts.count()) == (MINE, "0356-1", count)
    assert [MINE in line for line in counts.kept] == [True]
