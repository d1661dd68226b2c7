"""The public catalogue: search, filters, sorting, paging, and the page of a programme."""

import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Edition, Programme
from policies.pages.templatetags.programme_words import amount_words, level_words
from tests.factories import AwardFactory, CriterionFactory, EditionFactory, TrancheFactory, ready
from tests.policies.packs import catalogue, load_catalogue
from tests.two_editors import publish_correction, publish_edition

LIST = reverse("pages:programmes")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


def found(client, **query):
    caches["pages"].clear()
    entries = client.get(LIST, query).context["page"].paginator.object_list
    return [entry.edition.programme for entry in entries]


def page(programme):
    return reverse("pages:programme", args=[programme])


def test_every_programme_in_force_is_listed(client):
    assert len(found(client)) == len(catalogue().programmes)


@pytest.mark.parametrize("word", ["股改", "错峰", "晋市政办〔2021〕35号", "JC-XSG"])
def test_a_search_finds_words_of_two_characters_numbers_and_ids(client, word):
    assert found(client, q=word)


def test_every_word_has_to_occur(client):
    assert found(client, q="小升规 奖励")
    assert not found(client, q="小升规 没有这个词")


def test_filters_narrow_together(client):
    in_yangcheng = found(client, county="140522")
    assert "yang-tax" in in_yangcheng
    assert "yang-tax" not in found(client, county="140521")
    assert "jc-xsg" in found(client, county="140521", benefit="money", family="小升规")
    assert set(found(client, level="national")) < set(found(client))
    assert "jc-xsg-stat" in found(client, status="unpublished")
    assert found(client, city="140500", beneficiary="base_operator")


def test_sorting_by_amount_begins_with_the_most(client):
    entries = client.get(LIST, {"sort": "amount"}).context["page"].paginator.object_list
    amounts = [entry.most for entry in entries]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] >= 100


def test_an_unknown_choice_is_said_beside_its_field_and_lists_all(client):
    response = client.get(LIST, {"county": "999999", "q": "股改"})
    html = response.content.decode()
    assert "有的条件不认识" in html
    assert response.context["form"].errors["county"]
    assert 'value="股改"' in html


def test_a_search_keeps_its_words_over_pages(client):
    html = client.get(LIST, {"city": "140500", "page": 2}).content.decode()
    assert "?city=140500&amp;page=1" in html
    assert client.get(LIST, {"page": "nonsense"}).status_code == 200


@pytest.mark.parametrize("query", [{}, {"q": "股改", "sort": "amount"}])
def test_the_list_takes_constant_queries(client, query, django_assert_num_queries):
    client.get(LIST, {"q": "使目录编译好"})
    with django_assert_num_queries(2):
        shown = found(client, **query)
    assert shown


def test_a_page_takes_constant_queries(client, django_assert_num_queries):
    client.get(page("jc-zjtx-city"))
    for programme in ("jc-share", "jc-xsg"):
        with django_assert_num_queries(7):
            assert client.get(page(programme)).status_code == 200


@pytest.mark.parametrize("address", [LIST, page("jc-xsg")])
def test_a_page_is_served_again_without_queries_and_validated(
    client, address, django_assert_num_queries
):
    first = client.get(address)
    with django_assert_num_queries(0):
        again = client.get(address)
        unchanged = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.content == first.content
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_kept_page_is_not_that_of_another_search(client):
    assert client.get(LIST, {"q": "股改"}).content != client.get(LIST).content


def test_who_is_logged_in_gets_the_page_made_anew(client, admin_client):
    client.get(page("jc-xsg"))
    Programme.objects.filter(pk="jc-xsg").update(name="改了名的项目", updated_at=timezone.now())
    assert "改了名的项目" in admin_client.get(page("jc-xsg")).content.decode()


def test_every_figure_and_clause_leads_to_its_document_and_to_a_report(client):
    response = client.get(page("jc-xsg"))
    for row in response.context["criteria"]:
        assert row["sources"]
        for source in row["sources"]:
            assert client.get(source.page).status_code == 200
        assert client.get(row["report"]).status_code == 200
    cited = [row["bar"].more for row in response.context["money"] if row["bar"].more["sources"]]
    assert len(cited) == 4
    for each in cited:
        assert client.get(each["report"]).status_code == 200


def test_a_tier_names_the_ones_before_and_after(client):
    related = client.get(page("jc-zjtx-prov")).context["related"]
    assert [(line["programme"], line["how"].split("：")[0]) for line in related] == [
        ("jc-zjtx-city", "上一档"),
        ("jc-zjtx-giant-prov", "下一档"),
    ]


def test_what_is_the_same_money_is_said(client):
    related = client.get(page("yang-tax")).context["related"]
    assert any("同一笔钱" in line["how"] for line in related)


def test_a_page_compares_counties_and_says_what_is_unpublished(client):
    response = client.get(page("jc-xsg"))
    html = response.content.decode()
    assert "首次升规：30 万元" in html
    assert "晋市政办〔2021〕35号" in html
    bars = [row["bar"] for row in response.context["money"]]
    assert [bar.label for bar in bars] == ["省级", "市级", "县级", "县级", "县级"]
    counties = {place: bar for bar in bars for place in bar.text.split("、") if place}
    assert len(counties) == 7
    assert counties["沁水县"].notes[0] == "首次升规：30 万元"
    assert counties["泽州县"].notes == ("未公布",)
    assert counties["泽州县"].length == 0


def test_the_pictures_show_what_the_rules_give_and_when(client):
    """首次升规 30+20 万元 now, the second and third tranche after two and three whole years."""
    with time_machine.travel("2026-11-28T10:00:00+08:00"):
        response = client.get(page("jc-xsg"))
    bars = [row["bar"] for row in response.context["money"]]
    assert dict(bars[0].shares) == {"now": 30, "later": 15}
    assert dict(bars[1].shares) == {"now": 20, "later": 20}
    province = response.context["money"][0]["parts"]
    assert [(part.kind, part.x, part.width) for part in province] == [
        ("now", "0.00%", "60.00%"),  # of 沁水县's 50
        ("later", "60.00%", "30.00%"),
    ]
    years = {row["bar"].label: row["bar"] for row in response.context["years"]}
    assert list(years) == ["2026 年", "2029 年", "2030 年", "时间看情况"]
    assert years["2029 年"].text == "省级 5 万元，市级 10 万元，县级 10 万元（沁水县）"
    # What only one county gives may come on top.
    assert years["2029 年"].shares == (("later", 5), ("later", 10), ("perhaps", 10))
    assert "首次入规年度是 2026 年" in response.content.decode()


def test_what_has_no_printed_year_stands_last_and_by_name(client):
    years = [row["bar"] for row in client.get(page("jc-base-city")).context["years"]]
    assert years[-1].label == "以后，年份没有印"
    assert years[-1].text == "市级第二年 10 万元，市级第三年 10 万元"
    assert years[-1].shares == (("later", 10), ("later", 10))
    # The county's award depends on when the base was founded, and only 阳城县 prints one.
    assert "（阳城县）" in years[0].text


def test_what_is_paid_at_once_needs_no_years(client):
    assert client.get(page("jc-zjtx-city")).context["years"] == []


def test_a_list_for_a_county_shows_that_countys_money(client):
    def entry(programme, **query):
        rows = client.get(LIST, {"q": programme, **query}).context["rows"]
        return next(entry for entry, *_ in rows if entry.edition.programme == programme)

    def paid(entry):
        return {row["level"]: row["text"] for row in level_words(entry)}

    assert paid(entry("jc-xsg", county="140521"))["县级"] == "最高 50 万元"
    elsewhere = entry("jc-xsg", county="140525")
    assert paid(elsewhere)["县级"] == "未公布"
    assert amount_words(elsewhere) == "最高 85 万元"
    assert amount_words(entry("jc-xsg")) == "最高 135 万元"


def test_an_industry_leaves_out_what_rules_it_out(client):
    assert "jc-xsg" in found(client, section="C")
    assert "jc-xsg" not in found(client, section="I")
    assert "jc-zjtx-city" in found(client, section="I")
    assert "yun-soft" in found(client, section="I")
    assert "yun-soft" not in found(client, section="C")


def test_every_programme_has_a_page_with_clauses(client):
    for pack in catalogue().programmes:
        response = client.get(page(pack.row["id"]))
        assert response.status_code == 200
        for row in response.context["criteria"]:
            assert row["sources"], row["code"]


def required(client):
    rows = client.get(page("jc-share")).context["criteria"]
    return {row["code"]: row["requires"] for row in rows}


def test_conditions_are_told_in_sentences(client):
    requires = required(client)
    assert requires["SH.4"] == "三年净利润合计达到100万元"
    assert requires["SH.13"] == "由评审人员判断"
    assert "；文件没有列明的其他行业：前年末总资产达到500万元" in requires["SH.8"]


def test_a_condition_that_nobody_worded_shows_what_its_rule_says(client):
    draft = begin_correction(Edition.objects.get(programme="jc-share"))
    draft.criteria.filter(code="SH.4").update(sentence="")
    publish_correction(ready(draft), reason="核对", now=timezone.now())
    assert required(client)["SH.4"] == "≥ 100 万元"


def test_a_word_of_a_sentence_finds_the_programme(client):
    assert found(client, q="税收（比上年）") == ["yang-tax"]


def test_a_page_says_what_the_newer_edition_changed(client):
    edition = Edition.objects.get(programme="jc-xsg")
    draft = copy_to_draft(edition, edition.effective_from)
    draft.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": 3000}, sentence=""
    )
    draft.materials.all().delete()
    publish_edition(ready(draft))
    html = client.get(page("jc-xsg")).content.decode()
    assert "修改条件：XSG.3" in html
    assert "取消材料" in html


def test_a_place_whose_counties_are_not_known_stands_for_them(client):
    edition = EditionFactory(programme__area__code="142300", programme__area__name="吕梁市")
    CriterionFactory(edition=edition, kind="manual", rule=None)
    TrancheFactory(award=AwardFactory(edition=edition, level="county", payer=None))
    publish_edition(ready(edition))
    [row] = client.get(page(edition.programme_id)).context["money"]
    assert (row["bar"].label, row["bar"].text) == ("县级", "吕梁市")


def test_a_programme_that_is_not_there_is_not_found(client):
    assert client.get(page("no-such")).status_code == 404
