"""Following programmes: confirmed by letter, told once of each thing, ended by one click."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.services.calls import move_last_day, withdraw_call
from applications.enterprises.services.memberships import leave_all
from applications.firm.closing import close_account
from applications.firm.retention import tidy
from applications.following.models import Follower, Subscription, Told
from applications.following.subscriptions import TOLD_KEPT
from applications.following.wanted import programmes_found
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Document, Edition, Programme
from portal.models import Delivery
from tests.applying import at, member_of
from tests.factories import (
    AwardFactory,
    CriterionFactory,
    EditionFactory,
    ProgrammeFactory,
    SelfCheckFactory,
    TrancheFactory,
    UserFactory,
    opened_call,
    ready,
)
from tests.letters import sent_letters
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, publish_edition, retire_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FOLLOW = reverse("following:follow")
WHO = "someone@firm.example"
XSG = "programme=jc-xsg"


@pytest.fixture(autouse=True)
def today(time_machine, db):
    time_machine.move_to(at(2026, 3, 10, 9), tick=False)
    load_catalogue()
    time_machine.move_to(at(2026, 8, 10, 9), tick=False)


def links(text):
    return [urlsplit(found).path for found in re.findall(r"https?://\S+", text)]


def ask(client, what=XSG, who=WHO):
    return client.post(f"{FOLLOW}?{what}", {"email": who})


def follow(client, what=XSG, who=WHO):
    """Ask, open the letter and confirm; the page of what is followed."""
    before = len(sent_letters())
    ask(client, what, who)
    [letter] = sent_letters()[before:]
    response = client.post(links(letter.body)[0])
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def tell(time_machine=None, *when):
    """What the daily command writes; the letters that left for it."""
    if when:
        time_machine.move_to(at(*when, 6), tick=False)
    before = len(sent_letters())
    call_command("tell_followers")
    return sent_letters()[before:]


def test_an_address_is_kept_only_when_its_owner_has_said_yes(client):
    page = client.get(f"{FOLLOW}?{XSG}").content.decode()
    assert page.count('type="email"') == 1
    assert ask(client)["Location"] == reverse("following:asked")
    [letter] = sent_letters()
    assert letter.to == [WHO] and "小升规" in letter.body
    [confirm] = links(letter.body)
    # A scanner of mail opens the link.
    assert "确认订阅" in client.get(confirm).content.decode()
    assert not Follower.objects.exists()
    assert not Delivery.objects.exclude(text="").exists()
    shown = client.post(confirm, follow=True).content.decode()
    assert WHO in shown and "小升规" in shown
    # Twice is once.
    client.post(confirm)
    assert Subscription.objects.count() == 1


def test_asking_answers_alike_whether_or_not_an_address_is_known(client):
    follow(client)
    known, unknown = ask(client), ask(client, who="stranger@firm.example")
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert [each.to for each in sent_letters()[-2:]] == [[WHO], ["stranger@firm.example"]]


def test_nobody_is_written_to_without_end(client):
    for _ in range(5):
        assert ask(client).status_code == 302
    refused = ask(client)
    assert refused.status_code == 200 and "发了 5 封信" in refused.content.decode()
    assert f'value="{WHO}"' in refused.content.decode()


def test_a_link_serves_three_days_and_cannot_be_made_up(client, time_machine):
    ask(client)
    [confirm] = links(sent_letters()[-1].body)
    assert client.post(confirm[:-3] + "xx/").status_code == 410
    time_machine.shift(timedelta(days=3, minutes=1))
    assert client.post(confirm).status_code == 410
    assert not Follower.objects.exists()


@pytest.mark.parametrize("what", ["", "programme=nothing", "county=000000", "sort=name", "q="])
def test_there_is_nothing_to_follow_where_nothing_is_named(client, what):
    assert client.get(f"{FOLLOW}?{what}").status_code == 404


def test_a_wrong_address_is_told_beside_its_field(client):
    page = ask(client, who="no address").content.decode()
    assert "还没有发信" in page and 'value="no address"' in page
    assert not sent_letters()


def test_what_happens_to_a_call_is_told_once_each(client, time_machine):
    follow(client)
    programme = Programme.objects.get(pk="jc-xsg")
    assert tell() == []
    call = opened_call(
        programme=programme, title="第二批", opens_on=date(2026, 8, 20), closes_on=date(2026, 9, 30)
    )
    [letter] = tell()
    assert letter.subject.startswith("您订阅的政策有变化：") and "第二批" in letter.body
    assert "8月20日" in letter.body
    # Not twice on a day, nor the same on another.
    assert tell() == []
    assert tell(time_machine, 2026, 8, 11) == []
    [letter] = tell(time_machine, 2026, 8, 20)
    assert "开始受理" in letter.body and "截止日改为" not in letter.body
    assert tell(time_machine, 2026, 9, 22) == []
    [letter] = tell(time_machine, 2026, 9, 23)
    assert "2026年9月30日截止" in letter.body
    editor = UserFactory(jurisdiction_code="140500", permissions=["manage_calls"])
    move_last_day(
        call=call,
        closes_on=date(2026, 10, 15),
        reason="应企业要求",
        actor=editor,
        now=timezone.now(),
    )
    [letter] = tell(time_machine, 2026, 9, 24)
    assert "改为2026年10月15日" in letter.body and "应企业要求" in letter.body
    [letter] = tell(time_machine, 2026, 10, 8)
    assert "2026年10月15日截止" in letter.body
    withdraw_call(call=call, reason="并入下一批", actor=editor, now=timezone.now())
    [letter] = tell(time_machine, 2026, 10, 9)
    assert "撤回了：并入下一批" in letter.body


def test_a_printed_time_is_told_as_printed_and_what_is_not_printed_is_not(client, time_machine):
    follow(client, "programme=jc-xsg&programme=jc-cyb&programme=jc-zjtx-city")
    before = Told.objects.count()
    [letter] = tell(time_machine, 2026, 10, 1)
    assert "每年约在10月份左右" in letter.body and "以当年通知为准" in letter.body
    assert Told.objects.count() > before
    [letter] = tell(time_machine, 2026, 10, 24)
    assert "文件只印了月份，按月底算" in letter.body
    assert tell(time_machine, 2026, 12, 1) == []


def test_a_changed_rule_is_told_with_what_changed(client, time_machine):
    follow(client)
    edition = Edition.objects.get(programme="jc-xsg")
    time_machine.shift(timedelta(hours=1))
    draft = copy_to_draft(edition, date(2026, 9, 1))
    draft.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": 3000}, sentence=""
    )
    publish_edition(ready(draft))
    [letter] = tell()
    assert "规则自2026年9月1日起改了" in letter.body and "3000" in letter.body
    assert reverse("pages:programme", args=["jc-xsg"]) in letter.body
    draft = begin_correction(draft)
    draft.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": 2500}, sentence=""
    )
    publish_correction(ready(draft), reason="印错了", now=timezone.now())
    [letter] = tell(time_machine, 2026, 8, 11)
    assert "更正：印错了" in letter.body and "2500" in letter.body
    assert letter.body.count("· ") == 1
    draft.refresh_from_db()
    retire_edition(draft, reason="停办", day=date(2026, 12, 1), now=timezone.now())
    [letter] = tell(time_machine, 2026, 8, 12)
    assert "2026年12月1日起停止受理：停办" in letter.body


def test_a_superseded_document_is_told(client, time_machine):
    follow(client)
    time_machine.shift(timedelta(hours=1))
    old = Document.objects.get(number__contains="晋市政办〔2021〕35号")
    old.superseded_by = Document.objects.create(number="测试〔2026〕8号", title="新", issuer="市")
    old.save()
    [letter] = tell()
    assert f"{old.number}已由测试〔2026〕8号取代" in letter.body


def test_a_search_is_told_of_new_programmes_that_it_finds(client, time_machine):
    follow(client, "family=%E5%B0%8F%E5%8D%87%E8%A7%84&sort=amount")
    assert (
        "类别：小升规" in client.get(Follower.objects.get().address and page_of()).content.decode()
    )
    time_machine.shift(timedelta(hours=1))
    for family in ("小升规", "股改"):
        edition = EditionFactory(
            programme=ProgrammeFactory(family=family, name=f"新的{family}", area_id="140500")
        )
        CriterionFactory(edition=edition, kind="manual", rule=None)
        TrancheFactory(award=AwardFactory(edition=edition))
        publish_edition(ready(edition))
    [letter] = tell()
    assert "新的小升规" in letter.body and "新项目" in letter.body
    assert "新的股改" not in letter.body


def page_of(who=WHO):
    return reverse("following:following", args=[Follower.objects.get(address=who).token])


def test_programs_of_mail_end_all_by_one_post_without_cookies(client):
    follow(client)
    opened_call(programme=Programme.objects.get(pk="jc-xsg"))
    [letter] = tell()
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    end = urlsplit(letter.extra_headers["List-Unsubscribe"].strip("<>")).path
    assert page_of() in links(letter.body)
    # Neither the token nor the text stays in the outbox.
    assert not Delivery.objects.exclude(unsubscribe_address="", text="").exists()
    mail_program = Client(enforce_csrf_checks=True)
    assert "全部结束" in mail_program.get(end).content.decode()
    # Another site's button ends nothing, the page's own comes with its token.
    assert mail_program.post(end).status_code == 403
    assert Follower.objects.exists()
    assert mail_program.post(end, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Follower.objects.exists() and not Told.objects.exists()
    assert not Delivery.objects.filter(address=WHO, key__startswith="following:").exists()
    # Once more is no fault.
    assert mail_program.post(end, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert mail_program.get(end).status_code == 404


def test_a_search_is_told_of_what_its_words_mean():
    """As the list of programmes finds it: by synonym, by pinyin, and in the place that was named."""
    words = {"q=上市补贴": "yun-ipo", "q=xiaoshenggui": "jc-xsg", "q=阳城 小升规": "jc-xsg"}
    found = programmes_found(words, Catalogue(), timezone.localdate())
    for query, programme in words.items():
        assert programme in found[query]
    assert "yun-xsg" not in found["q=阳城 小升规"]


def test_one_of_several_is_ended_by_one_click_and_the_last_takes_the_address_along(client):
    page = follow(client, "programme=jc-xsg&programme=yun-new")
    one, other = Subscription.objects.order_by("pk")
    end = page + "end/"
    assert client.post(end, {"subscription": one.pk})["Location"] == page
    assert list(Subscription.objects.all()) == [other]
    stranger = Follower.objects.create(address="a@b.example", since=timezone.now())
    foreign = Subscription.objects.create(
        follower=stranger, query="q=x", since=timezone.now()
    )  # fmt: skip
    client.post(end, {"subscription": foreign.pk})
    assert Subscription.objects.filter(pk=foreign.pk).exists()
    assert "订阅已结束" in client.post(end, {"subscription": other.pk}).content.decode()
    assert not Follower.objects.filter(address=WHO).exists()


def test_what_waits_does_not_leave_after_the_end(client):
    page = follow(client)
    opened_call(programme=Programme.objects.get(pk="jc-xsg"))
    call_command("tell_followers")
    client.post(page + "end/")
    before = len(sent_letters())
    assert len(sent_letters()) == before
    assert Delivery.objects.get(key__startswith="following:").state == "failed"


def test_what_a_failed_letter_said_stands_in_the_next(client, time_machine, settings):
    follow(client)
    opened_call(programme=Programme.objects.get(pk="jc-xsg"), title="第一批")
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    call_command("tell_followers")
    for _ in range(8):
        time_machine.shift(timedelta(hours=25))
        sent_letters()
    assert Delivery.objects.get(key__startswith="following:").state == "failed"
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    [letter] = tell()
    assert "第一批" in letter.body
    time_machine.shift(timedelta(days=1))
    assert tell() == []


def test_of_a_result_only_the_programmes_are_kept(client):
    check = SelfCheckFactory()
    page = client.get(reverse("self_check:result", args=[check.token])).content.decode()
    [address] = re.findall(r'href="(/follow/[^"]+)"', page)
    assert "programme=jc-xsg" in address and check.token not in address
    follow(client, address.partition("?")[2].replace("&amp;", "&"))
    assert Subscription.objects.filter(programme="jc-xsg").exists()
    assert not Subscription.objects.exclude(query="").exists()


def test_a_member_follows_by_one_click_and_takes_it_along(client, time_machine):
    member = member_of()
    client.force_login(member.user)
    page = client.get(reverse("pages:programme", args=["jc-xsg"])).content.decode()
    assert f'action="{FOLLOW}?programme=jc-xsg"' in page
    assert client.post(f"{FOLLOW}?{XSG}").status_code == 302
    assert not sent_letters()
    user = member.user
    assert Follower.objects.get().address == user.email
    user.email = "New@firm.example"
    user.save()
    opened_call(programme=Programme.objects.get(pk="jc-xsg"))
    [letter] = tell()
    assert letter.to == ["new@firm.example"]
    assert [each.address for each in Follower.objects.all()] == ["new@firm.example"]
    close_account(user, timezone.now())
    assert not Follower.objects.exists()


def test_a_member_is_told_once_a_year_when_a_limit_comes_near(client, time_machine):
    member = member_of(
        {
            "industry.section": "C",
            "revenue.main_business.y0": 1900,
            "stat.direct_reporting": True,
            "stat.first_time_above_scale": True,
            "stat.entry_path": "below_scale",
            "stat.first_upgrade_year": 2026,
        }
    )
    client.force_login(member.user)
    client.post(reverse("firm:follow"))
    [letter] = tell()
    assert "1900 万元" in letter.body and "到2000 万元就符合申报条件" in letter.body
    assert "1800" not in letter.body
    assert tell(time_machine, 2026, 9, 1) == []
    # Whoever has left the firm reads nothing of it any more.
    leave_all(user=member.user, now=timezone.now())
    Told.objects.all().delete()
    assert tell(time_machine, 2026, 9, 2) == []
    assert not Subscription.objects.exists()


def test_a_limit_far_off_or_unknown_is_no_news(client):
    for answers in ({"industry.section": "C", "revenue.main_business.y0": 900}, {}):
        member = member_of(answers, enterprise__credit_code=f"TESTCODE{len(answers):010d}")
        client.force_login(member.user)
        client.post(reverse("firm:follow"))
    assert tell() == []


def test_what_was_told_long_ago_is_forgotten(client, time_machine):
    follow(client)
    opened_call(programme=Programme.objects.get(pk="jc-xsg"))
    tell()
    assert Told.objects.exists()
    tidy(timezone.now() + TOLD_KEPT)
    assert not Told.objects.exists()
    page = client.get(reverse("firm:privacy")).content.decode()
    assert "订阅提醒" in page


def test_queries_do_not_grow_with_followers(client, django_assert_max_num_queries):
    def count(number):
        for each in range(number):
            follower = Follower.objects.create(
                address=f"{number}-{each}@firm.example", since=timezone.now()
            )
            Subscription.objects.create(
                follower=follower, programme_id="jc-xsg", since=timezone.now()
            )

    count(1)
    with django_assert_max_num_queries(40) as one:
        call_command("tell_followers")
    count(9)
    with django_assert_max_num_queries(len(one) + 2):
        call_command("tell_followers")


def test_staff_see_how_many_follow_what_and_never_who(client):
    for number in range(5):
        follower = Follower.objects.create(address=f"{number}@firm.example", since=timezone.now())
        for programme in ("jc-xsg", "yun-new")[: 1 + (number < 4)]:
            Subscription.objects.create(
                follower=follower, programme_id=programme, since=timezone.now()
            )
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    page = client.get(reverse("admin:centre_figures_looked_for")).content.decode()
    followed = page[page.index("关注什么") :]
    assert "小升规" in followed and ">5<" in followed
    assert Programme.objects.get(pk="yun-new").name not in followed
    assert "@firm.example" not in page
