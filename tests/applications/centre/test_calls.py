"""Calls on the centre's side: drafted, opened by another, moved, counted, and found in the lists."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.models import Call, CountyLastDay
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    DraftFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    ProgrammeFactory,
    UserFactory,
    opened_call,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = reverse("admin:catalogue_call_changelist")
NEW = reverse("admin:catalogue_call_draft")
CASES = reverse("admin:cases_application_changelist")


@pytest.fixture
def programme():
    return EditionFactory().programme


def person(code="140500", role="审核员"):
    user = UserFactory(jurisdiction_code=code, permissions=[])
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def clerk(client):
    clerk = person()
    client.force_login(clerk)
    return clerk


def words(**changes):
    today = timezone.localdate()
    return {
        "title": "关于组织申报的通知",
        "text": "请在网上申报。",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=30)).isoformat(),
        "places_are": "limited",
        "places": "三十个",
        "office": "企业服务科",
        "telephone": "0356-7000002",
        "materials": "诚信承诺函：盖章\n\n近三年纳税证明",
        **changes,
    }


def page_of(call, name="change"):
    return reverse(f"admin:catalogue_call_{name}", args=[call.pk])


def text(response):
    return response.content.decode()


def test_one_drafts_and_another_opens(client, clerk, programme):
    response = client.post(NEW, words(programme=programme.pk))
    call = Call.objects.get()
    assert response["Location"] == page_of(call)
    assert (call.places, call.document) == (30, None)
    asked = [(each.name, each.note) for each in call.materials.all()]
    assert asked == [("诚信承诺函", "盖章"), ("近三年纳税证明", "")]
    refused = client.post(page_of(call, "open"), {"seen": "0"})
    assert refused.status_code == 400
    assert "要由另一人开放" in text(refused)
    client.force_login(person())
    assert "拟好待开放的征集" in text(client.get(reverse("admin:index")))
    client.post(page_of(call, "write"), words(seen="0", title="改过的通知"))
    client.force_login(clerk)
    assert "被改过" in text(client.post(page_of(call, "open"), {"seen": "0"}))
    assert client.post(page_of(call, "open"), {"seen": "1"}).status_code == 302
    call.refresh_from_db()
    assert (call.title, call.status, call.opened_by) == ("改过的通知", "open", clerk)


def test_a_draft_is_shown_as_it_was_written(client, clerk, programme):
    """Saved as its page shows it, it stays as it is."""
    client.post(NEW, words(programme=programme.pk))
    before = Call.objects.get()
    form = client.get(page_of(before)).context["form"]
    shown = {field.name: field.value() for field in form}
    typed = {name: "" if value in (None, False) else value for name, value in shown.items()}
    page = text(client.get(page_of(before)))
    assert f'value="{before.opens_on.isoformat()}"' in page
    assert f'value="{before.closes_on.isoformat()}"' in page
    assert client.post(page_of(before, "write"), {**typed, "seen": "0"}).status_code == 302
    after = Call.objects.get()
    same = ("title", "text", "opens_on", "closes_on", "places_are", "places", "office")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert [each.note for each in after.materials.all()] == ["盖章", ""]


def test_a_double_click_drafts_it_once(client, clerk, programme):
    pages = {client.post(NEW, words(programme=programme.pk))["Location"] for _ in range(2)}
    assert pages == {page_of(Call.objects.get())}
    client.post(NEW, words(programme=programme.pk, materials="另一份材料"))
    assert Call.objects.count() == 2


def test_alone_it_is_opened_with_a_reason_that_the_page_shows(client, clerk, programme):
    client.post(NEW, words(programme=programme.pk))
    call = Call.objects.get()
    client.post(page_of(call, "open"), {"seen": "0", "reason": "本中心只有一人"})
    page = text(client.get(page_of(call)))
    assert "由拟稿人自己开放：本中心只有一人" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"programme": ""}, "请选择项目"),
        ({"closes_on": ""}, "请填截止日期；没有截止日的"),
        ({"stays_open": "on"}, "就不要再选"),
        ({"closes_on": "2020-01-01"}, "截止日期不能早于开始日期"),
        ({"places": ""}, "请填几个名额"),
        ({"places_are": "unpublished"}, "就不要再填个数"),
        ({"places_are": ""}, "请选有没有名额"),
        ({"telephone": "13800000000"}, "请填办公电话"),
        ({"telephone": "没有"}, "请填办公电话"),
        ({"materials": "承诺函\n承诺函"}, "“承诺函”写了两次"),
        ({"materials": "：说明"}, "第 1 行没有写材料的名称"),
        ({"text": "长" * 4001}, "最多 4000 字"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(client, clerk, programme, wrong, said):
    response = client.post(
        NEW, words(**{"programme": programme.pk, "title": "我写的标题", **wrong})
    )
    assert response.status_code == 400
    page = text(response)
    assert said in page
    assert "我写的标题" in page
    assert not Call.objects.exists()


def test_programmes_of_other_places_are_not_offered(client, clerk, programme):
    foreign = ProgrammeFactory(area=JurisdictionFactory(code="140400", name="长治市"))
    assert foreign.name not in text(client.get(NEW))
    assert client.post(NEW, words(programme=foreign.pk)).status_code == 400


def test_a_county_reads_calls_of_its_city_and_changes_none(client, programme):
    EnterpriseFactory()  # with its county
    client.force_login(person("140521"))
    call, draft = opened_call(programme=programme), CallFactory()
    page = text(client.get(page_of(call)))
    assert call.title in page
    assert "延期或提前截止" not in page
    for name in ("move", "withdraw"):
        assert client.post(page_of(call, name), {}).status_code == 403
    for name in ("write", "open", "discard"):
        assert client.post(page_of(draft, name), {}).status_code == 403
    foreign = CallFactory(
        programme=ProgrammeFactory(area=JurisdictionFactory(code="140400", name="长治市"))
    )
    assert client.get(page_of(foreign)).status_code == 404
    assert client.post(page_of(foreign, "open"), {}).status_code == 404
    assert foreign.title not in text(client.get(LIST))


def test_the_last_day_is_moved_with_a_reason(client, clerk, programme):
    call = opened_call(programme=programme)
    to = (call.closes_on + timedelta(days=7)).isoformat()
    lacking = client.post(page_of(call, "move"), {"move-closes_on": to, "move-reason": ""})
    assert lacking.status_code == 400
    assert to in text(lacking)
    client.post(page_of(call, "move"), {"move-closes_on": to, "move-reason": "系统检修"})
    call.refresh_from_db()
    assert call.closes_on.isoformat() == to
    assert "系统检修" in text(client.get(page_of(call)))
    client.post(page_of(call, "move"), {"move-stays_open": "on", "move-reason": "改为常年"})
    call.refresh_from_db()
    assert call.closes_on is None


def test_drafts_that_lose_days_are_looked_at_first(client, clerk, programme):
    call = opened_call(programme=programme)
    draft = DraftFactory(programme=programme)
    early = (timezone.localdate() + timedelta(days=1)).isoformat()
    typed = {"move-closes_on": early, "move-reason": "名额已满"}
    shown = client.post(page_of(call, "move"), typed)
    page = text(shown)
    assert shown.status_code == 400
    assert "有 1 家企业的草稿少了时间" in page
    assert "名额已满" in page
    seen = shown.context["move"]["seen_drafts"].value()
    other = {**typed, "move-closes_on": timezone.localdate().isoformat()}
    client.post(page_of(call, "move"), {**other, "move-seen_drafts": seen})
    call.refresh_from_db()
    assert call.closes_on.isoformat() != other["move-closes_on"]
    assert (
        client.post(page_of(call, "move"), {**typed, "move-seen_drafts": seen}).status_code == 302
    )
    later = {**typed, "move-closes_on": (call.closes_on + timedelta(days=9)).isoformat()}
    assert client.post(page_of(call, "move"), later).status_code == 302
    draft.delete()
    assert client.post(page_of(call, "move"), typed).status_code == 302


def test_a_county_sets_an_earlier_day_for_its_own_firms(client, programme):
    EnterpriseFactory()  # with its county
    call = opened_call(programme=programme)
    client.force_login(person("140521"))
    page = text(client.get(page_of(call)))
    assert "定县里的截止日" in page
    assert "延期或提前截止" not in page
    early = call.closes_on - timedelta(days=5)
    typed = {"county-county": "140521", "county-closes_on": early.isoformat()}
    lacking = client.post(page_of(call, "county"), typed)
    assert lacking.status_code == 400
    assert "请写明理由" in text(lacking)
    late = {**typed, "county-closes_on": call.closes_on.isoformat(), "county-reason": "初审"}
    refused = client.post(page_of(call, "county"), late)
    assert "要比征集的截止日" in text(refused)
    assert call.closes_on.isoformat() in text(refused)
    DraftFactory(programme=programme)
    typed["county-reason"] = "县里要先初审"
    shown = client.post(page_of(call, "county"), typed)
    assert "有 1 家企业的草稿少了时间" in text(shown)
    typed["county-seen_drafts"] = shown.context["county"]["seen_drafts"].value()
    assert client.post(page_of(call, "county"), typed).status_code == 302
    assert Call.objects.get(pk=call.pk).county_days["140521"].last_day == early
    client.force_login(person())
    page = text(client.get(page_of(call)))
    assert "县里要先初审" in page
    assert f"到 {early.isoformat()} 截止" in page


def test_nobody_sets_a_day_for_counties_of_others(client, programme):
    EnterpriseFactory()
    call = opened_call(programme=programme)
    other = JurisdictionFactory(code="140522", name="阳城县", level="county", parent=programme.area)
    typed = {"county-closes_on": timezone.localdate().isoformat(), "county-reason": "初审"}
    client.force_login(person(other.pk))
    refused = client.post(page_of(call, "county"), {**typed, "county-county": "140521"})
    assert "没有这个县（市、区）" in text(refused)
    county_call = opened_call(programme=EditionFactory(programme__area=other).programme)
    assert "定县里的截止日" not in text(client.get(page_of(county_call)))
    assert client.post(page_of(county_call, "county"), typed).status_code == 403
    client.force_login(person(role="财务"))
    assert client.post(page_of(call, "county"), typed).status_code in (403, 404)
    assert not CountyLastDay.objects.exists()


def test_a_call_opened_in_error_is_withdrawn_while_it_has_no_cases(client, clerk, programme):
    call = opened_call(programme=programme)
    client.post(page_of(call, "withdraw"), {"withdrawal-reason": "日期写错了"})
    call.refresh_from_db()
    assert call.status == "withdrawn"
    again = client.post(page_of(call, "withdraw"), {"withdrawal-reason": "再来"})
    assert "已撤回" in text(again)


def test_a_draft_is_thrown_away_and_nothing_else_can_be(client, clerk, programme):
    draft, call = CallFactory(), opened_call(programme=programme)
    client.post(page_of(draft, "discard"), {"seen": "0"})
    assert client.post(page_of(call, "discard"), {"seen": "0"}).status_code == 400
    assert client.post(page_of(call, "delete"), {"post": "yes"}).status_code == 403
    assert Call.objects.get() == call


def test_the_page_counts_and_leads_to_the_cases(client, clerk, programme):
    call = opened_call(programme=programme, places_are="limited", places=3)
    edition, today = programme.editions.get(), timezone.localdate()
    for status in ("submitted", "approved"):
        ApplicationFactory(edition=edition, call=call, on=today, subject=status, status=status)
    ApplicationFactory(subject="没有征集的")
    page = text(client.get(page_of(call)))
    assert "剩余名额</dt><dd>2 个" in page
    address = f"{CASES}?queue=all&call__id__exact={call.pk}"
    assert address.replace("&", "&amp;") in page
    listed = client.get(address).context["cl"].result_list
    assert {case.subject for case in listed} == {"submitted", "approved"}
    listed = client.get(f"{CASES}?queue=all&call__isnull=True").context["cl"].result_list
    assert {case.subject for case in listed} == {"没有征集的"}


def test_the_call_is_a_column_of_the_list_and_of_its_export(client, clerk, programme):
    call = opened_call(programme=programme)
    ApplicationFactory(edition=programme.editions.get(), call=call, on=timezone.localdate())
    ApplicationFactory(subject="没有征集的")
    assert call.title in text(client.get(f"{CASES}?queue=all")).split('id="result_list"')[1]
    made = client.post(
        f"{reverse('admin:cases_application_list', args=['applications'])}?queue=all",
        {"format": "csv"},
    )
    rows = b"".join(made).decode("utf-8-sig").splitlines()
    [header] = [row for row in rows if "申报编号" in row]
    assert "征集" in header.split(",")
    assert sum(call.title in row for row in rows) == 1


def test_pages_take_the_same_queries_for_many(client, clerk, programme, django_assert_num_queries):
    def fill():
        edition = EditionFactory()
        call = opened_call(programme=edition.programme, materials=["承诺函", "证明"])
        ApplicationFactory(edition=edition, call=call, on=timezone.localdate())
        return call

    call = fill()
    client.get(LIST)
    counts = {LIST: 8, page_of(call): 15}
    for _ in range(2):
        for url, count in counts.items():
            with django_assert_num_queries(count):
                assert client.get(url).status_code == 200
        fill()
