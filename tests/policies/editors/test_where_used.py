"""Where a shared row is used is told before it is changed or deleted, and nothing is left out."""

import re
from datetime import date

import pytest
from django.utils import timezone

from policies.catalogue.content import with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import (
    Award,
    Citation,
    Clause,
    Conflict,
    Contact,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Formula,
    Material,
    Programme,
    Synonym,
    Tranche,
    Window,
)
from policies.editors.jurisdiction import Reach, reach_of
from policies.editors.proposals import open_proposal
from policies.editors.where_used import MOST_UNFOLDED, where_used
from portal.models import Jurisdiction
from tests.factories import EnterpriseFactory, FactFactory
from tests.policies.editors.people import JINCHENG, PROVINCE, QINSHUI, YUNCHENG, editor_of
from tests.policies.editors.test_admin import sent_back, url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
EVERYTHING = Reach(frozenset(), is_whole=True)
REVENUE = "revenue.main_business.y0"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def uses_of(row, reach=EVERYTHING):
    """Each use as the admin's page of its row, the kind and where in it."""
    told = where_used(row, reach, timezone.localdate())
    return [
        (holder, use)
        for section in told.sections
        for holder in section.holders
        for use in holder.uses
    ]


def parts_of(row, kind):
    return {use.part for _, use in uses_of(row) if use.kind == kind}


def names_of(value):
    """A walk of its own over JSON: every text, keys too."""
    if isinstance(value, dict):
        return {*value, *(name for item in value.values() for name in names_of(item))}
    if isinstance(value, list):
        return {name for item in value for name in names_of(item)}
    return {value} if isinstance(value, str) else set()


def test_every_fact_tells_each_rule_and_amount_that_compiles_to_it():
    known = Catalogue()
    expected = {}
    for edition in with_content(Edition.objects.all()):
        compiled = known.pinned_edition(edition)
        for row, criterion in zip(edition.criteria.all(), compiled.criteria, strict=True):
            for key in criterion.reads:
                expected.setdefault(key, set()).add(url("criterion_change", row.pk))
        for row, award in zip(edition.awards.all(), compiled.awards, strict=True):
            for key in award.reads:
                expected.setdefault(key, set()).add(url("award_change", row.pk))
    assert len(expected) > 100
    materials = {}
    for material in Material.objects.all():
        for key in material.proves:
            materials.setdefault(key, set()).add(material.name)
    examples = {}
    for example in Example.objects.all():
        for name in names_of([example.firm, example.criteria, example.money]):
            examples.setdefault(name, set()).add(url("example_change", example.pk))
    assert len(examples) > 100
    for fact in Fact.objects.all():
        found = uses_of(fact)
        told = {use.address for _, use in found if use.kind == "例子"}
        assert told == examples.get(fact.key, set()), fact.key
        rules = {use.address for _, use in found if use.kind in ("条件", "奖补", "金额")}
        assert rules == expected.get(fact.key, set()), fact.key
        assert parts_of(fact, "材料") == materials.get(fact.key, set()), fact.key


def test_every_conflict_clause_and_document_tells_all_that_names_it():
    said = {}
    for model, columns in (
        (Criterion, ("rule", "when", "reason")),
        (Award, ("unsplit", "undecided", "conflicts", "same_money")),
        (Tranche, ("amount", "now_when", "past_when", "void_when", "conflicts")),
    ):
        for row in model.objects.all():
            page = (
                url("criterion_change", row.pk)
                if model is Criterion
                else url("award_change", row.award_id if model is Tranche else row.pk)
            )
            for name in {n for column in columns for n in names_of(getattr(row, column))}:
                said.setdefault(name, []).append(page)
    for conflict in Conflict.objects.all():
        found = [use for _, use in uses_of(conflict)]
        assert sorted(use.address for use in found if use.address) == sorted(
            said.get(conflict.code, [])
        )
        assert sum(use.kind == "项目" for use in found) == conflict.programmes.count()
    cited = {}
    for citation in Citation.objects.all():
        page = (
            url("criterion_change", citation.criterion_id)
            if citation.criterion_id
            else url("award_change", citation.award_id)
        )
        cited.setdefault((citation.document_id, citation.clause), []).append(page)
    windows = list(Window.objects.all())
    for document in Document.objects.all():
        own = [each for (pk, _), each in cited.items() if pk == document.pk]
        found = [use for _, use in uses_of(document)]
        rules = [use.address for use in found if use.kind in ("条件", "奖补")]
        assert sorted(rules) == sorted(page for pages in own for page in pages)
        timed = sum(each.document_id == document.pk for each in windows)
        assert sum(use.kind == "申报时间" for use in found) == timed
        assert sum(use.kind == "条款" for use in found) == document.clauses.count()
    for clause in Clause.objects.all():
        names = [clause.name, *clause.cited_as]
        found = [use for _, use in uses_of(clause)]
        rules = [use.address for use in found if use.kind in ("条件", "奖补")]
        expected = [page for name in names for page in cited.get((clause.document_id, name), [])]
        assert sorted(rules) == sorted(expected)
        assert sum(use.kind == "条款列出的部分" for use in found) == len(clause.parts)


def test_every_place_tells_its_programmes_awards_rules_and_offices():
    awards, tranches = list(Award.objects.all()), list(Tranche.objects.all())
    criteria = list(Criterion.objects.all())
    for place in Jurisdiction.objects.all():
        found = [use for _, use in uses_of(place)]
        count = {
            where: sum(use.where == where for use in found)
            for where in ("支付地区", "联系方式", "选项")
        }
        assert count["支付地区"] == sum(each.payer_id == place.pk for each in awards)
        assert count["联系方式"] == Contact.objects.filter(office__jurisdiction=place).count()
        own = sum(use.part == "适用地区" for use in found)
        assert own == Programme.objects.filter(area=place).count()
        named = sum(place.pk in names_of([row.rule, row.when]) for row in criteria)
        assert sum(use.kind == "条件" for use in found) == named
        amounts = sum(
            place.pk in names_of([row.amount, row.now_when, row.past_when, row.void_when])
            for row in tranches
        )
        assert sum(use.kind == "金额" for use in found) == amounts


def test_a_place_tells_how_many_rows_of_other_rooms_belong_to_it():
    place = Jurisdiction.objects.get(pk=QINSHUI)
    for code in ("91140521MA0K000019", "91140521MA0K00003X", "91140521MA0K000078"):
        EnterpriseFactory(county=place, credit_code=code)
    for areas, is_told in ((frozenset({QINSHUI}), True), (frozenset(), False)):
        found = uses_of(place, Reach(areas, is_whole=False))
        assert ("企业 3 条" in {use.part for _, use in found}) == is_told


def test_a_formula_stands_between_a_fact_and_the_rules_that_name_it():
    formula = Formula.objects.create(
        key="rd.share", effective_from=date(2020, 1, 1), label="研发费用占比", unit="比例",
        quantity={"quotient": ["rd.expense.y1", REVENUE]},
    )  # fmt: skip
    draft = drafted("jc-xsg")
    criterion = draft.criteria.filter(kind="gate").last()
    criterion.rule = {"quantity": "rd.share", "at_least": 0.04}
    criterion.save()
    page = url("criterion_change", criterion.pk)
    reach = Reach(frozenset({JINCHENG}), is_whole=False)
    told = {use.address: use.where for _, use in uses_of(formula, reach)}
    assert told == {page: "规则"}
    for key in ("rd.expense.y1", REVENUE):
        told = {use.address: use.where for _, use in uses_of(Fact.objects.get(pk=key), reach)}
        assert told[page] == "规则（通过公式“研发费用占比”）"
        assert told[url("formula_change", formula.pk)] == "怎么算"


def test_a_word_that_people_say_tells_the_programmes_that_it_leads_to():
    synonym = Synonym.objects.create(word="升规补贴", means=["小升规", "没有这种说法"])
    assert {use.part for _, use in uses_of(synonym)} == {"“小升规”"}
    assert {holder.title.split("，")[0] for holder, _ in uses_of(synonym)} >= {
        Programme.objects.get(pk="jc-xsg").name
    }


@pytest.fixture
def province(client):
    user = editor_of(PROVINCE)
    client.force_login(user)
    return user


def drafted(programme):
    """A draft beside the edition in force, as an editor makes it."""
    edition = Edition.objects.get(programme=programme, status="published")
    return copy_to_draft(edition, date(2030, 1, 1))


def test_a_page_tells_the_uses_before_the_row_is_changed_with_few_queries(
    client, province, django_assert_max_num_queries
):
    reach = reach_of(province)
    for row, name in (
        (Fact.objects.get(pk="enterprise.county"), "fact"),
        (Jurisdiction.objects.get(pk=QINSHUI), "jurisdiction"),
        (Document.objects.get(number="晋市政办〔2021〕35号"), "document"),
    ):
        client.get(url(f"{name}_change", row.pk))
        with django_assert_max_num_queries(22):
            page = client.get(url(f"{name}_change", row.pk))
        with django_assert_max_num_queries(9):
            told = where_used(row, reach, timezone.localdate())
        text = page.content.decode()
        assert f"改动会影响用到它的 {told.total} 处" in text
        assert "用在哪里</h2>" in text
        for section in told.sections:
            folded = "" if section.count > MOST_UNFOLDED else " open"
            summary = f"<summary>{section.title}（{section.count} 处）</summary>"
            assert re.search(rf"<details{folded}>\s*{re.escape(summary)}", text)


def test_every_link_of_the_uses_opens(client, province):
    for row, name in (
        (Fact.objects.get(pk=REVENUE), "fact"),
        (Conflict.objects.get(pk="C07"), "conflict"),
        (Clause.objects.filter(document__number="晋市政办〔2021〕35号").first(), "clause"),
    ):
        page = client.get(url(f"{name}_change", row.pk)).content.decode()
        section = page[page.index("where-used") :]
        links = set(re.findall(r'href="(/[^"#]+)"', section))
        assert any(link.startswith("/programmes/") for link in links)
        for link in links:
            assert client.get(link).status_code == 200, link


def test_a_draft_elsewhere_is_counted_and_not_named(client):
    draft = drafted("jc-xsg")
    fact = Fact.objects.get(pk="stat.first_time_above_scale")
    for code, is_named in ((JINCHENG, True), (PROVINCE, True), (YUNCHENG, False), (QINSHUI, False)):
        client.force_login(editor_of(code))
        page = client.get(url("fact_change", fact.pk)).content.decode()
        assert (str(draft) in page) == is_named
        assert ("别的地区还有 1 份草稿用到它" in page) != is_named


def test_what_nothing_uses_is_said_to_be_unused_and_what_only_a_hidden_draft_uses_is_not(client):
    fact = FactFactory(key="unused.fact", type="decimal")
    document = Document.objects.create(number="测〔2026〕1号", title="没有用到", issuer="测试局")
    client.force_login(editor_of(YUNCHENG))
    for name, row in (("fact", fact), ("document", document)):
        assert "没有地方用到它" in client.get(url(f"{name}_change", row.pk)).content.decode()
    draft = drafted("jc-xsg")
    draft.criteria.filter(kind="gate").first().citations.create(document=document, clause="一")
    criterion = draft.criteria.filter(kind="gate").last()
    criterion.rule = {"fact": fact.pk, "nonsense": "that does not compile"}
    criterion.save()
    for name, row in (("fact", fact), ("document", document)):
        page = client.get(url(f"{name}_change", row.pk)).content.decode()
        assert "没有地方用到它" not in page
        assert "改动会影响用到它的别的地区的草稿" in page
        assert str(draft) not in page


def test_the_state_of_an_edition_decides_where_it_stands(client):
    fact = Fact.objects.get(pk=REVENUE)
    draft = drafted("jc-xsg")
    sections = {
        section.title: {holder.address for holder in section.holders}
        for section in where_used(
            fact, Reach(frozenset({JINCHENG}), True), date(2026, 1, 1)
        ).sections
    }
    assert sections["草稿"] == {url("edition_change", draft.pk)}
    standing = Edition.objects.get(programme="jc-xsg", status="published")
    assert url("edition_change", standing.pk) in sections["现行的版本"]
    before = where_used(fact, EVERYTHING, date(1999, 1, 1)).sections
    assert "现行的版本" not in {section.title for section in before}
    assert "以后起用的版本" in {section.title for section in before}


def test_who_deletes_and_who_confirms_a_proposal_read_the_same_list(client):
    fact = Fact.objects.get(pk=REVENUE)
    client.force_login(editor_of(PROVINCE))
    deletion = client.get(url("fact_delete", fact.pk)).content.decode()
    assert "用在哪里</h2>" in deletion
    client.force_login(editor_of(QINSHUI))
    data = sent_back(client.get(url("fact_change", fact.pk)))
    answer = client.post(url("fact_change", fact.pk), data | {"help": "看年报", "why": "说清楚"})
    assert answer.status_code == 302
    client.force_login(editor_of(JINCHENG))
    page = client.get(f"/admin/editors/proposedchange/{open_proposal(fact).pk}/change/")
    total = where_used(fact, EVERYTHING, timezone.localdate()).total
    assert f"共 {total} 处" in page.content.decode()
