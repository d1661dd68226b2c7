"""One box finds whatever an editor keeps: by wording, number, key, telephone and pinyin."""

from datetime import date

import pytest

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition, Formula, Office, Synonym
from tests.factories import opened_call
from tests.policies.editors.people import JINCHENG, PROVINCE, YUNCHENG, editor_of
from tests.policies.editors.test_admin import url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = editor_of(PROVINCE)
    client.force_login(user)
    return user


def page(client, words):
    response = client.get(url("programme_find"), {"q": words})
    assert response.status_code == 200
    return response


def found(client, words):
    """By kind the titles found and what was marked in them."""
    return {
        group.title: [(hit.row.title, hit.found) for hit in group.hits]
        for group in page(client, words).context["groups"]
    }


@pytest.mark.parametrize(
    ("words", "kind", "title", "marked"),
    [
        ("小升规", "项目", "小升规", "小升规"),
        ("jc-xsg", "项目", "", "jc-xsg"),
        ("xsgjl", "项目", "小升规", "小升规奖励"),
        ("xiaoshenggui", "项目", "小升规", "小升规"),
        ("XSG.3", "条件", "XSG.3", "XSG.3"),
        ("30 万元", "金额", "省级", "30"),
        ("revenue.main_business.y0", "指标", "主营业务收入", "revenue.main_business.y0"),
        ("zhuyingyewu", "指标", "主营业务收入", "主营业务"),
        ("zyywsr", "指标", "主营业务收入", "主营业务收入"),
        ("晋市政办[2021]35号", "政策文件", "晋市政办〔2021〕35号", "晋市政办〔2021〕35号"),
        ("三（四）", "条款", "三（四）", "三（四）"),
        ("C07", "口径说明", "C07", "C07"),
        ("7068001", "科室和电话", "创业创新科", "7068001"),
        ("03567068001", "科室和电话", "创业创新科", "03567068001"),
        ("cycxk", "科室和电话", "创业创新科", "创业创新科"),
        ("每年约在10月份", "申报时间", "", "每年约在10月份"),
        ("营业执照", "材料", "", "营业执照"),
        ("函询", "环节", "", "函询"),
        ("XSG.3", "例子", "", "XSG.3"),
    ],
)
def test_each_kind_is_found_by_what_it_says(client, editor, words, kind, title, marked):
    hits = found(client, words)[kind]
    assert any(title in each and mark == marked for each, mark in hits), hits


def test_synonyms_and_calls_are_found_too(client, editor):
    Synonym.objects.create(word="瞪羚", means=["高科技领军企业"])
    call = opened_call(title="火星移民企业征集")
    Formula.objects.create(
        key="rd.share", effective_from=date(2020, 1, 1), label="研发费用占比", unit="比例",
        quantity={"quotient": ["rd.expense.y1", "revenue.main_business.y0"]},
    )  # fmt: skip
    assert found(client, "yffyzb")["公式"] == [("研发费用占比（2020-01-01起）", "研发费用占比")]
    assert found(client, "÷")["公式"]
    assert found(client, "denglin")["同义词"] == [("瞪羚", "瞪羚")]
    assert found(client, "火星移民")["征集"] == [(call.title, "火星移民")]


def test_every_word_has_to_be_there_and_the_words_around_are_shown(client, editor):
    Office.objects.filter(name="创业创新科").update(note="周一至周五，节假日除外")
    assert found(client, "创业 节假日")["科室和电话"]
    assert "科室和电话" not in found(client, "创业 没有这个词")
    html = page(client, "节假日").content.decode()
    assert "周一至周五，<mark>节假日</mark>除外" in html
    html = page(client, "<b>没有这个词</b>").content.decode()
    assert "没有找到“&lt;b&gt;没有这个词&lt;/b&gt;”" in html


def test_drafts_elsewhere_are_not_shown_and_states_are(client):
    edition = Edition.objects.get(programme="jc-xsg", status="published")
    draft = copy_to_draft(edition, date(2030, 1, 1))
    draft.criteria.filter(code="XSG.3").update(text="火星上的主营业务收入")
    for code, is_shown in ((JINCHENG, True), (PROVINCE, True), (YUNCHENG, False)):
        client.force_login(editor_of(code))
        assert ("条件" in found(client, "火星上的")) == is_shown
    client.force_login(editor_of(JINCHENG))
    html = page(client, "主营业务收入").content.decode()
    assert f"{draft}，草稿" in html
    assert f"{edition}，现行的版本" in html


@pytest.mark.parametrize("words", ["主营业务收入", "a", "zyywsr", "30万", "", "\0", "（" * 200])
def test_it_takes_a_query_a_kind_whatever_is_typed(
    client, editor, words, django_assert_max_num_queries
):
    page(client, words)
    with django_assert_max_num_queries(24):
        response = page(client, words)
    for group in response.context["groups"]:
        assert len(group.hits) <= 20
        if group.left_out:
            assert f"还有 {group.left_out} 条没有列出" in response.content.decode()


def test_the_box_stands_on_the_first_page_and_beside_each_list(client, editor):
    assert 'action="/admin/catalogue/programme/find/"' in client.get("/admin/").content.decode()
    for name in ("programme", "fact", "document"):
        assert url("programme_find") in client.get(url(f"{name}_changelist")).content.decode()
