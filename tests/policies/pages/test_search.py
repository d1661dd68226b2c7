"""What people type, and which programmes have to be among the first three that they are shown."""

import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse

from policies.catalogue.models import Office, Synonym
from policies.pages.models import FruitlessSearch
from policies.search.sounds import OWN, initials_of, name_order, sounds_of
from portal.models import Jurisdiction
from tests.policies.packs import load_catalogue

LIST = reverse("pages:programmes")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
# Each names programmes that all have to be among the first three.
FIRST_THREE = {
    # what nothing was found for
    "上市补贴": "yun-ipo yun-transfer",
    "专精特新怎么申请": "jc-zjtx-city jc-zjtx-prov",
    "孵化器": "jc-base-city yun-base",
    "招聘": "yun-hire yun-intern",
    "电费": "jc-zjtx-cost",
    "45万": "jc-xsg",
    "ＩＴＳＳ": "yun-itss",
    "xiaoshenggui": "jc-xsg yun-xsg",
    "xsg": "jc-xsg yun-xsg",
    "专精特心": "jc-zjtx-city jc-zjtx-prov",
    "高企": "yun-hte yun-hte-3",
    "沁水 30万": "jc-xsg",
    # whole questions
    "我公司今年刚升规能拿多少钱": "jc-xsg",
    "贷款难怎么办": "jc-xsg-loan jc-zjtx-loan",
    "股改需要什么条件": "jc-share",
    "高新技术企业认定奖励在哪里办": "yun-hte",
    "招大学生实习有补贴吗": "yun-intern",
    "被拖欠货款怎么办": "jc-xsg-clear",
    "个体户检测费能减免吗": "yun-fee",
    "阳城有什么补贴": "yang-tax yang-top",
    "孩子上学怎么解决": "jc-xsg-talent",
    "小升规奖励需要什么材料？": "jc-xsg yun-xsg",
    "怎么才能进规上企业培育库": "jc-xsg-lib",
    # places and amounts
    "阳城 上市": "jc-zjtx-list",
    "运城 专精特新": "yun-zjtx",
    "运城市企业上市给多少钱": "yun-ipo",
    "沁水县股改奖励": "jc-share",
    "yangcheng": "yang-tax yang-top",
    "qinshui 30wan": "jc-xsg",
    "500万": "yun-ipo",
    "二百万": "yun-neeq",
    "每月300元": "yun-post",
    "1020元": "yun-intern",
    "10% 税收": "yang-tax",
    "年收入2000万": "jc-xsg",
    "沁水 50万元": "jc-xsg",
    "阳城 100万": "yang-top",
    "晋城 20 万元 小巨人": "jc-zjtx-giant-nat",
    # numbers of documents, identifiers, offices
    "晋市政办〔2021〕36号": "jc-zjtx-city",
    "晋市政办[2021]35号": "jc-xsg",
    "JC-XSG": "jc-xsg",
    "市能源局": "jc-zjtx-cost",
    "创业创新科": "jc-base-city",
    # what people call things
    "规上": "jc-xsg",
    "新三板": "yun-neeq",
    "ipo": "yun-ipo",
    "科小": "yun-tsme-1 yun-tsme-3",
    "小巨人": "jc-zjtx-giant-prov jc-zjtx-giant-nat",
    "技改": "yun-techup jc-zjtx-techup",
    "社保补贴": "jc-xsg-soc",
    "厂房租金": "jc-xsg-land",
    "评职称": "yang-title",
    "错峰生产": "jc-xsg-prod",
    "过桥资金": "yun-fin",
    "众创空间": "jc-base-city",
    "软件公司": "yun-soft",
    "技术合同": "yun-buy yun-broker",
    "专利转让": "yun-sell",
    "展会": "jc-zjtx-market yun-act",
    "智能制造": "yun-smart",
    "晋城工匠": "jc-zjtx-skill",
    # pinyin, initials, slips
    "zhuanjingtexin": "jc-zjtx-city jc-zjtx-prov",
    "zjtx": "jc-zjtx-city jc-zjtx-prov",
    "shuangchuangjidi": "jc-base-city",
    "gaoqi": "yun-hte",
    "jxb": "yun-jxb",
    "shangshi": "yun-ipo",
    "zhuanjintexin": "jc-zjtx-city jc-zjtx-prov",
    "xiaoshenggu": "jc-xsg yun-xsg",
    "小生规": "jc-xsg yun-xsg",
    "高薪技术企业": "yun-hte",
    "专精新特": "jc-zjtx-city jc-zjtx-prov",
    "專精特新": "jc-zjtx-city jc-zjtx-prov",
    "股份制改照": "jc-share",
    "晋兴版挂牌": "yun-jxb",
    "泌水小升规": "jc-xsg",
    "itts": "yun-itss",
    "zhuan jing te xin": "jc-zjtx-city jc-zjtx-prov",
    "yun cheng gao qi": "yun-hte yun-hte-3",
    "企业被欠账收不回来找谁": "jc-xsg-clear",
}


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


def page(client, q, **query):
    caches["pages"].clear()
    return client.get(LIST, {"q": q, **query})


def found(client, q, **query):
    entries = page(client, q, **query).context["page"].paginator.object_list
    return [entry.edition.programme for entry in entries]


def test_what_people_type_finds_what_they_mean_among_the_first_three(client):
    wrong = {
        query: first
        for query, wanted in FIRST_THREE.items()
        if not set(wanted.split()) <= set(first := found(client, query)[:3])
    }
    assert not wrong


def test_nothing_that_was_typed_is_markup(client):
    html = page(client, "<script>alert(1)</script>高企").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_each_programme_tells_which_of_its_words_were_meant(client):
    html = page(client, "高企").content.decode()
    assert "找到：高新技术企业（高企）" in html
    assert (
        "没有找到“专精新特”，按“<strong>专精特新</strong>”查找"
        in page(client, "专精新特").content.decode()
    )


def test_a_number_of_a_document_leads_to_it(client):
    response = page(client, "晋市政办2021年36号")
    [document] = response.context["documents"]
    assert document.number == "晋市政办〔2021〕36号"
    assert document.get_absolute_url() in response.content.decode()


def test_a_county_that_is_named_is_the_one_whose_money_is_shown(client):
    response = page(client, "沁水 小升规")
    assert response.context["county"].name == "沁水县"
    # Where another one was chosen, that counts.
    assert page(client, "沁水 小升规", county="140522").context["county"].name == "阳城县"
    assert not set(found(client, "运城 专精特新")) & {"jc-zjtx-city", "jc-zjtx-prov"}


def test_what_only_another_county_pays_is_not_found_for_this_one(client):
    """阳城县 alone pays 30 for a provincial giant; of 沁水县's firms nobody gets it."""
    assert "jc-zjtx-giant-prov" in found(client, "阳城 30万")
    assert "jc-zjtx-giant-prov" not in found(client, "沁水 30万")
    assert found(client, "沁水 30万")[0] == "jc-xsg"


def test_an_empty_result_offers_the_nearest_the_self_check_and_whom_to_call(client):
    with time_machine.travel("2026-11-28T10:00:00+08:00"):
        response = page(client, "沁水 火星移民 专精特新")
    html = response.content.decode()
    assert response.context["page"].paginator.count == 0
    assert reverse("pages:programme", args=["jc-zjtx-city"]) in html
    assert f"{reverse('self_check:self-check')}?county=140521" in html
    # The office of the nearest programmes comes first.
    assert html.index("创业创新科") < html.index("经济监测科")
    assert "tel:0356-7068001" in html
    # Where no county was named, none but those with a telephone.
    offices = page(client, "qqqqqq").context["offices"]
    assert offices and all(office.telephone for office in offices)
    assert "没有相近的政策" in page(client, "qqqqqq").content.decode()


def test_filters_that_leave_nothing_are_told_apart_from_words_that_find_nothing(client):
    html = page(client, "高企", county="140521", family="双创基地").content.decode()
    assert "只按“高企”找" in html
    assert not FruitlessSearch.objects.exists()
    page(client, "火星移民")
    assert FruitlessSearch.objects.get().words == "火星移民"


def test_a_word_that_an_editor_adds_finds_at_once_and_no_more_when_it_is_gone(client):
    assert not found(client, "瞪羚")
    Synonym.objects.create(word="瞪羚", means=["高科技领军企业"])
    assert found(client, "瞪羚") == ["yun-lead"]
    assert found(client, "denglin") == ["yun-lead"]
    Synonym.objects.get(word="瞪羚").delete()
    assert not found(client, "瞪羚")


@pytest.mark.parametrize(
    "words", ["县中心电话", "沁水 小升规 电话", "小升规找谁", "沁水县中心的电话号码"]
)
def test_who_asks_for_a_telephone_gets_it_whatever_else_is_found(client, words):
    html = page(client, words).content.decode()
    assert html.count('id="whom-to-ask"') == 1
    assert html.index("tel:0356-70") < html.index('id="found"')


def test_a_place_without_a_telephone_says_so_and_others_are_not_asked(client):
    html = page(client, "电话", county="140522").content.decode()
    assert "问阳城县的办理部门" in html
    assert "（电话没有公布）" in html
    assert 'id="whom-to-ask"' not in page(client, "小升规").content.decode()


def test_a_changed_telephone_is_told_at_once(client):
    assert "0356-7068001" in page(client, "沁水 火星移民").content.decode()
    for number, office in enumerate(Office.objects.filter(jurisdiction="140521")):
        office.telephone = f"0356-700000{number}"
        office.save()
    html = page(client, "沁水 火星移民").content.decode()
    assert "0356-7000000" in html and "0356-7068001" not in html


@pytest.mark.parametrize("words", ["上市补贴", "火星移民", "专精新特", "沁水 30万"])
def test_a_search_takes_few_queries_whatever_it_finds(client, words, django_assert_max_num_queries):
    page(client, "使索引建好")
    with django_assert_max_num_queries(4):
        page(client, words)


def test_names_are_sorted_as_a_chinese_dictionary_does(client):
    entries = client.get(LIST, {"sort": "name"}).context["page"].paginator.object_list
    names = [entry.edition.name for entry in entries]
    assert names == sorted(names, key=name_order)
    assert names.index("首次小升规工业企业奖励") < names.index("小升规奖励（首次升规及稳规）")
    wanted = ["安泽", "长治", "洪洞", "绛县", "吕梁", "沁水", "隰县", "盂县", "泽州", "长子"]
    assert sorted(set(wanted), key=name_order) == wanted


def test_both_forms_lead_past_the_filters_to_what_was_found(client):
    html = page(client, "高企").content.decode()
    assert html.count(f'action="{LIST}#found"') == 2
    assert 'id="found"' in html


@pytest.mark.parametrize("address", ["home", "programmes", "calendar", "document-list"])
def test_every_public_page_has_the_search(client, address):
    html = client.get(reverse(f"pages:{address}")).content.decode()
    assert html.count('id="site-search"') == 1
    assert f'action="{LIST}#found"' in html


def test_each_place_of_the_catalogue_is_read_by_hand(client):
    for place in Jurisdiction.objects.filter(level__in=["city", "county"]):
        short = place.name.removesuffix("开发区")
        short = short[:2] if short not in ("城区",) else ""
        assert not short or short in OWN, place
    for name, letters in {"长治": "cz", "长子": "zz", "洪洞": "ht", "繁峙": "fs"}.items():
        assert initials_of(name) == letters
    assert sounds_of("洪洞") == ("hon ton",)
