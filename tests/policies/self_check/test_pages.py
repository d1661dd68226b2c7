"""The public pages: queries, privacy, strangers and bad input."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from applications.cases.services.calls import set_county_day
from policies.catalogue.models import Fact, Programme
from policies.presentation.programme import amount_in_words
from policies.self_check.models import SelfCheck
from policies.self_check.standing import Standing
from portal.models import Jurisdiction
from tests.factories import SelfCheckFactory, UserFactory, opened_call
from tests.policies.packs import load_catalogue

FIRM = {
    "enterprise.county": "140521",
    "industry.section": "C",
    "revenue.main_business.y0": 2000,
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def check(db):
    return SelfCheck.objects.create(
        answers=FIRM, on="2026-11-20", expires_at=timezone.now() + timedelta(days=1)
    )


def test_the_result_takes_at_most_ten_queries(client, check, django_assert_max_num_queries):
    url = reverse("self_check:result", args=[check.token])
    client.get(url)
    with django_assert_max_num_queries(10):
        page = client.get(url).content.decode()
    assert "小升规奖励" in page
    assert "未公布" in page


def test_the_result_is_kept_out_of_indexes_and_caches(client, check):
    response = client.get(reverse("self_check:result", args=[check.token]))
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_the_result_tells_of_the_call_of_today(client, check, django_assert_max_num_queries):
    """By whatever day the rest is reckoned; and of programmes without calls nothing."""
    url = reverse("self_check:result", args=[check.token])
    own = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    assert "征集" not in client.get(url).content.decode().split("<main")[1]
    today = timezone.localdate()
    programme = Programme.objects.get(pk="jc-xsg")
    call = opened_call(programme=programme, places_are="limited", places=7)
    set_county_day(
        call=call,
        county=Jurisdiction.objects.get(pk="140521"),
        last_day=today + timedelta(days=5),
        reason="县里要先初审",
        actor=UserFactory(jurisdiction_code="140500", permissions=["manage_calls"]),
        now=timezone.now(),
    )
    client.get(url)
    with django_assert_max_num_queries(10):
        page = client.get(url).content.decode()
    paper = client.get(reverse("self_check:result-print", args=[check.token])).content.decode()
    last = date_format(today + timedelta(days=5), "Y年n月j日")
    for shown in (page, paper, client.get(own).content.decode()):
        assert f"至{last}（含当天）" in shown
        assert "县里要先初审" in shown
        assert "名额：7 个" in shown
    assert f"/programmes/jc-xsg/#call-{call.pk}" in page
    SelfCheck.objects.update(expires_at=timezone.now() + timedelta(days=30))
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        for address in (url, own):
            page = client.get(address).content.decode()
            assert "现在不能申报" in page
            assert f"已于{last}截止" in page
            assert reverse("firm:apply", args=["jc-xsg"]) not in page


def test_an_expired_or_guessed_link_is_not_found(client, check):
    assert client.get(reverse("self_check:result", args=["guess" * 7])).status_code == 404
    SelfCheck.objects.update(expires_at=timezone.now())
    assert client.get(reverse("self_check:result", args=[check.token])).status_code == 404


def test_deleting_takes_a_post(client, check):
    url = reverse("self_check:result-delete", args=[check.token])
    assert client.get(url).status_code == 405
    client.post(url)
    assert not SelfCheck.objects.exists()


def test_today_makes_a_new_link_and_keeps_the_old_day(client, check):
    response = client.post(reverse("self_check:result-today", args=[check.token]))
    assert response.status_code == 302
    check.refresh_from_db()
    assert check.on.isoformat() == "2026-11-20"
    assert SelfCheck.objects.exclude(pk=check.pk).get().on == timezone.localdate()


def test_a_step_once_shown_can_be_gone_back_to(client, check):
    url = reverse("self_check:self-check-step", args=[check.token, 1])
    page = client.get(url)
    name = page.context["form"].keys[0]
    client.post(url, {})
    check.refresh_from_db()
    assert check.unclear == page.context["form"].keys
    assert client.get(url).context["form"].keys[0] == name
    assert len(check.answers) == len(FIRM)


def test_posting_too_often_gives_back_what_was_typed(client, check, settings):
    settings.ANONYMOUS_POST_RATE = "1/h"
    url = reverse("self_check:self-check-step", args=[check.token, 1])
    name = client.get(url).context["form"].keys[0].replace(".", "__")
    client.post(url, {})
    response = client.post(url, {name: "<b>1234</b>"})
    assert response.status_code == 429
    page = response.content.decode()
    assert f'name="{name}" value="&lt;b&gt;1234&lt;/b&gt;"' in page


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2000", "贰仟万元"),
        ("两千", ""),
        ("1,5", ""),
        ("2300万", "贰仟叁佰万元"),
        ("0.23亿", "贰仟叁佰万元"),
        ("23000000元", "贰仟叁佰万元"),
        ("", ""),
        ("-5", ""),
        ("9" * 30, ""),
        ("１２", "壹拾贰万元"),
    ],
)
def test_an_amount_is_echoed_in_words(client, typed, shown):
    page = client.get(reverse("self_check:amount-in-words"), {"any": typed}).content.decode()
    assert (shown in page) if shown else not page.strip()


def test_each_phrase_of_a_condition_is_marked_for_eyes_and_ears(client, check):
    check.answers = FIRM | {"revenue.main_business.y0": 1999}
    check.save()
    address = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    page = client.get(address).content.decode()
    told = page[page.index("申报当年主营业务收入达到2000万元") :]
    assert told.startswith(
        '申报当年主营业务收入达到2000万元<span class="outcome-not_met" aria-hidden="true">✗</span>'
        '<span class="visually-hidden">（不符合）</span>；或者'
    )
    # What is one test only has its outcome beside it.
    assert ">已纳入统计部门规上工业企业联网直报库</td>" in page


def test_words_of_editors_are_text_and_not_markup(client, check):
    Fact.objects.update(question="<img src=x>问题", help="<script>1</script>")
    page = client.get(reverse("self_check:self-check")).content.decode()
    assert "<img src=x>" not in page
    assert "<script>1</script>" not in page
    assert "&lt;img src=x&gt;问题" in page


def test_the_print_view_unfolds_what_the_firm_may_claim(
    client, check, django_assert_max_num_queries
):
    url = reverse("self_check:result-print", args=[check.token])
    client.get(url)
    with django_assert_max_num_queries(10):
        response = client.get(url)
    page = response.content.decode()
    assert "noindex" in response["X-Robots-Tag"]
    assert "晋市政办〔2021〕35号" in page
    assert check.token in page
    assert "<details" not in page


def test_money_that_is_the_same_is_said_to_count_once(client, check):
    url = reverse("self_check:result", args=[check.token])
    assert not client.get(url).context["page"]["counts_once"]
    both = {
        "enterprise.county": "140522",
        "tax.increase": 150,
        "tax.paid.y0": 400,
        "tax.base_paid": 200,
        "tax.local_share": 0.3,
        "enterprise.ownership": "private",
        "industry.division": "33",
        "enterprise.employees": 80,
        "revenue.operating.y1": 1500,
        "hte.consecutive_count": 1,
        "enterprise.subject_type": "company",
        "conduct.violation_3y": "none",
        "conduct.major_accident_3y": False,
        "product.prohibited": False,
        "credit.adverse_lists": [],
    }
    check.answers = SelfCheckFactory.build().answers | both
    check.save()
    page = client.get(url)
    assert page.context["page"]["counts_once"]
    assert "合计只算较多的一项" in page.content.decode()


def test_each_level_is_drawn_as_on_the_other_pages(client, check):
    """The same bars as of a programme or a county, on the scale of the longest."""
    check.answers = {**FIRM, "stat.never_left_library": True}
    check.families = ["小升规"]
    check.save()
    response = client.get(reverse("self_check:result", args=[check.token]))
    bars = response.context["page"]["bars"]
    shown = {row["bar"].label: (row["bar"].text, dict(row["bar"].shares)) for row in bars}
    assert shown["省级"] == ("45 万元", {"now": 30, "later": 15})
    assert shown["县级"] == ("50 万元", {"now": 30, "later": 20})
    longest = max(bars, key=lambda row: row["bar"].length)
    assert longest["parts"][-1].end == "100.00%"
    assert response.content.decode().count('<svg class="money-bar"') == len(bars)


def test_what_was_paid_or_lapsed_is_not_listed_as_having_money(client, check):
    answers = {"stat.first_upgrade_year": 2020, "stat.never_left_library": True}
    check.answers = {**FIRM, **answers, "stat.first_award_received": True}
    check.save()
    result = client.get(reverse("self_check:result", args=[check.token])).context["page"]
    assert "jc-xsg" not in {row["id"] for row in (*result["certain"], *result["one_away"])}
    spent = client.get(reverse("self_check:result-group", args=[check.token, "spent"]))
    assert "奖补已发或已过期" in spent.content.decode()
    assert "jc-xsg" in {row["id"] for row in spent.context["page"]["parts"][0]["rows"]}
    upgrade = client.get(reverse("self_check:result-programme", args=[check.token, "jc-xsg"]))
    words = {row["code"]: row["word"] for row in upgrade.context["row"]["criteria"]}
    assert words["XSG.7"] == words["XSG.8"] == "已发或已过期"


def test_what_was_paid_or_lapsed_says_what_it_was_worth_and_never_zero(client, check):
    answers = {"stat.first_upgrade_year": 2020, "stat.never_left_library": True}
    check.answers = {**FIRM, **answers, "stat.first_award_received": True}
    check.save()
    group = client.get(reverse("self_check:result-group", args=[check.token, "spent"]))
    [row] = [row for row in group.context["page"]["parts"][0]["rows"] if row["id"] == "jc-xsg"]
    assert row["amount"] == "没有还要发的奖补"
    assert row["over"].startswith("已发或已过期：省级首次升规 30 万元、连续在规两年 5 万元")
    own = client.get(reverse("self_check:result-programme", args=[check.token, "jc-xsg"]))
    assert own.context["row"]["amount"] == "没有还要发的奖补"
    for page in (group.content.decode(), own.content.decode()):
        assert not re.search(r"(?<![\d.])0 万元", page)


def test_what_a_firm_lost_by_leaving_the_library_is_not_said_to_be_paid(client, check):
    answers = {"stat.first_upgrade_year": 2020, "stat.never_left_library": False}
    check.answers = {**FIRM, **answers, "stat.first_award_received": True}
    check.save()
    group = client.get(reverse("self_check:result-group", args=[check.token, "spent"]))
    [row] = [row for row in group.context["page"]["parts"][0]["rows"] if row["id"] == "jc-xsg"]
    assert "条件已不成立：省级连续在规两年 5 万元、连续在规三年 10 万元" in row["over"]


@pytest.mark.parametrize(
    ("on", "now", "later", "whole", "years"),
    [
        ("2026-12-31", "80 万元", "55 万元", "135 万元", [2026, 2029, 2030]),
        # The first tranche may be paid or not: nobody asked yet.
        ("2027-01-01", "最高 80 万元", "55 万元", "55–135 万元", [2029, 2030, None]),
        ("2028-02-29", "最高 80 万元", "55 万元", "55–135 万元", [2029, 2030, None]),
        ("2029-01-01", "25–105 万元", "30 万元", "55–135 万元", [2029, 2030, None]),
        ("2030-12-31", "30–110 万元", "0 万元", "30–110 万元", [2030, None]),
    ],
)
def test_headline_and_timeline_hold_over_the_years(client, check, on, now, later, whole, years):
    """Upgraded in 2026: on the last and the first day of a year and on 29 February."""
    check.answers = {**FIRM, "stat.never_left_library": True}
    check.on, check.families = date.fromisoformat(on), ["小升规"]
    check.save()
    page = client.get(reverse("self_check:result", args=[check.token])).context["page"]
    assert (page["now"], page["later"], page["all"]) == (now, later, whole)
    assert [item["year"] for item in page["timeline"]] == years


def test_recomputed_after_new_year_the_first_tranche_is_not_nothing(client, check):
    check.on, check.families = date(2026, 12, 31), ["小升规"]
    check.save()
    with time_machine.travel(datetime(2027, 1, 1, 1, tzinfo=UTC), tick=False):
        SelfCheck.objects.update(expires_at=timezone.now() + timedelta(days=1))
        response = client.post(reverse("self_check:result-today", args=[check.token]), follow=True)
    page = response.context["page"]
    assert page["on"] == "2027-01-01"
    assert page["now"] == "最高 80 万元"
    [upgrade] = [row for row in page["certain"] if row["id"] == "jc-xsg"]
    assert upgrade["verdict"] == "eligible"
    assert "首次升规的奖励是否已经领到" in upgrade["missing"]


def test_a_plan_names_a_year_that_can_be_and_none_that_comes_too_late(client, check):
    check.answers = {
        "enterprise.county": "140524", "enterprise.subject_type": "company",
        "enterprise.ownership": "private", "project.kind": "industrial",
        "project.city": "140500", "project.in_park": False, "project.plan_145": True,
        "project.total_investment": 3000, "project.under_construction.y1": True,
        "project.prep_done": True, "project.received_city_funds": False,
        "credit.adverse_lists": [], "project.progress.y1": 0.55, "project.filing_year": 2024,
    }  # fmt: skip
    check.save()
    address = reverse("self_check:result-group", args=[check.token, "failed"])
    response = client.get(address)
    near = response.context["page"]["parts"][0]
    assert near["title"] == "差一点，可以争取"
    assert [(row["year"], row["id"]) for row in near["rows"]] == [(2027, "jc-proj-out")]
    assert "最早 2027 年" in response.content.decode()
    check.answers["project.filing_year"] = 2023  # too old by then
    check.save()
    parts = client.get(address).context["page"]["parts"]
    titles = {row["id"]: part["title"] for part in parts for row in part["rows"]}
    assert titles["jc-proj-out"] == "目前不符合"


def test_a_question_names_the_calendar_year_that_it_asks_for(client, check):
    del check.answers["revenue.main_business.y0"], check.answers["stat.first_upgrade_year"]
    check.on, check.families, check.steps = date(2026, 12, 31), ["小升规"], [[]]
    check.save()
    address = reverse("self_check:self-check-step", args=[check.token, 2])
    assert "今年的主营业务收入是多少？（2026年）" in client.get(address).content.decode()
    check.on = date(2027, 1, 1)
    check.save()
    assert "今年的主营业务收入是多少？（2027年）" in client.get(address).content.decode()


def headline_of(client, **fields):
    check = SelfCheckFactory(**fields)
    page = client.get(reverse("self_check:result", args=[check.token])).content.decode()
    return page.split('<p class="answer">')[1].split("</p>")[0]


def test_the_headline_denies_no_money_while_some_of_unknown_amount_is_open(client):
    assert "可能有金额未定的资金" in headline_of(client, answers={})


def test_the_headline_denies_nothing_that_was_not_asked(client):
    keys = Fact.objects.exclude(key="enterprise.county").values_list("key", flat=True)
    told = headline_of(client, answers={"enterprise.county": "140521"}, unclear=list(keys))
    assert "项未问" in told


@pytest.mark.parametrize(
    ("city", "county", "words"),
    [
        ([0, 0], "unpublished", "金额未公布"),
        ([0, 0], "unknown", "资料不足，暂不能算"),
        ([0, 0], "none_listed", "0 万元"),
        ([0, None], "unpublished", "0 万元以上"),
        ([2, 3], "unpublished", "2–3 万元"),
    ],
)
def test_that_one_level_pays_nothing_hides_no_level_whose_money_is_open(city, county, words):
    awards = {"city": {"status": "published", "total": city}, "county": {"status": county}}
    assert amount_in_words(awards) == words


def test_the_result_never_counts_what_is_unpublished_as_nothing(client):
    answers = FIRM | {"stat.first_upgrade_year": 2018, "stat.first_award_received": True}
    answers |= {"enterprise.county": "140525", "stat.never_left_library": True}
    check = SelfCheckFactory(answers=answers, on=date(2026, 11, 20))
    standing = Standing(check)
    [found] = [each for each in standing.groups["money"] if each.edition.programme == "jc-xsg"]
    page = client.get(reverse("self_check:result", args=[check.token])).content.decode()
    assert found.payable.pair == [0, 0]
    heading = page.split('id="certain-jc-xsg"')[1].split("</h3>")[0]
    assert '<span class="amount">金额未公布</span>' in heading


@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_a_page_refuses_other_methods(client, check, method):
    for address in (
        "/", "/self-check/", reverse("self_check:result", args=[check.token]),
        reverse("self_check:self-check-topics", args=[check.token]),
        reverse("self_check:self-check-step", args=[check.token, 1]),
    ):  # fmt: skip
        assert getattr(client, method)(address).status_code == 405, address


def test_what_was_chosen_on_the_first_page_is_filled_in(client):
    chosen = "?county=140522&section=C"
    home = client.get(f"/{chosen}").content.decode()
    begin = f"{reverse('self_check:self-check')}{chosen}"
    assert f'href="{begin.replace("&", "&amp;")}"' in home
    form = client.get(begin).context["form"]
    assert form["enterprise__county"].value() == "140522"
    assert form["industry__section"].value() == "C"
    strange = client.get(f"{reverse('self_check:self-check')}?county=999999&section=%00")
    assert strange.context["form"]["enterprise__county"].value() is None


def test_what_a_result_rests_on_is_said_once_a_level(client, check):
    check.answers = {**FIRM, "stat.never_left_library": True}
    check.save()
    url = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    response = client.get(url)
    province = response.context["row"]["levels"][0]
    assert [each["title"] for each in province["tranches"]] == [
        "首次升规", "连续在规两年", "连续在规三年",
    ]  # fmt: skip
    told = "依据 " + "；".join(f'<a href="{each.page}">{each}</a>' for each in province["sources"])
    assert response.content.decode().count(told) == 1
