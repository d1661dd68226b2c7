"""What people type, and which programmes have to be among the first three that they are shown."""

import pytest
from django.core.cache import caches
from django.urls import reverse

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
