"""A clerk keeps filters under a name: their own, above the list, and honest about what is gone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.centre.models import SavedFilter
from applications.centre.models.saved_filter import MOST
from tests.applications.centre.test_admin import LIST
from tests.applications.centre.test_desk import said
from tests.applications.centre.test_roles import of_role
from tests.factories import ApplicationFactory, EditionFactory, StepFactory, UserFactory

SAVE = reverse("admin:cases_application_save_filter")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def clerk(client):
    user = UserFactory()
    client.force_login(user)
    return user


def save(client, name, query="queue=all&status__exact=submitted&q=制造&o=2", follow=True):
    return client.post(SAVE, {"name": name, "query": query}, follow=follow)


def address(name, saved):
    return reverse(f"admin:cases_application_{name}", args=[saved.pk])


def opened(client, saved):
    return client.get(address("open_filter", saved), follow=True)


def test_the_filter_the_search_and_the_order_are_kept_and_found_above_the_list(client, clerk):
    names = ("乙制造", "甲制造", "丙服务")
    cases = [
        ApplicationFactory(
            county_id="140521",
            enterprise__name=name,
            enterprise__credit_code=f"91140521MA0K0000{at}",
        )
        for at, name in enumerate(names, start=11)
    ]
    rows = cases[:2]
    page = save(client, "  制造业  待受理 ")
    assert said(page) == ["已保存“制造业 待受理”。"]
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.of_list, saved.name) == (clerk, "cases.application", "制造业 待受理")
    page = opened(client, client.get(LIST).context["saved_filters"].get())
    assert said(page) == []
    found = [row.pk for row in page.context["cl"].result_list]
    assert found == [row.pk for row in sorted(rows, key=lambda row: row.enterprise_name)]
    assert 'aria-current="true">制造业 待受理<' in page.content.decode()


@pytest.mark.parametrize(
    ("of_list", "query", "gone"),
    [
        ("money_awardline", "state__exact=approved&q=制造", "fund__id__exact=9999"),
        ("money_paymentbatch", "state__exact=paid&q=制造", "fund__id__exact=9999"),
    ],
)
def test_finance_keeps_filters_of_its_own_lists(client, of_list, query, gone):
    client.force_login(of_role("财务"))
    names = f"admin:{of_list}"
    save = reverse(f"{names}_save_filter")
    page = client.post(save, {"name": "常用", "query": query}, follow=True)
    assert said(page) == ["已保存“常用”。"]
    assert 'aria-current="true">常用<' in page.content.decode()
    other = client.post(save, {"name": "旧的", "query": gone}, follow=True)
    assert other.status_code == 200
    saved = SavedFilter.objects.get(name="旧的")
    page = client.get(reverse(f"{names}_open_filter", args=[saved.pk]), follow=True)
    assert "“旧的”里的" in said(page)[0]
    client.post(reverse(f"{names}_remove_filter", args=[saved.pk]), {"query": query})
    assert SavedFilter.objects.get().of_list == of_list.replace("_", ".")


def test_the_page_of_a_list_is_no_part_of_it(client, clerk):
    save(client, "第三页", "p=3&e=1&queue=all")
    assert SavedFilter.objects.get().query == "queue=all"


def test_saving_under_a_name_again_replaces_it(client, clerk):
    save(client, "常用")
    page = save(client, "常用", "queue=office")
    assert said(page) == ["已改成现在的筛选：“常用”。"]
    assert SavedFilter.objects.get().query == "queue=office"


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("  ", "queue=all", "起个名称"),
        ("长" * 31, "queue=all", "名称最多 30 字，请起得短些：长长"),
        ("太长", f"q={'x' * 2001}", "存不下"),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_list_stays(client, clerk, name, query, told):
    page = save(client, name, query)
    assert told in said(page)[0]
    assert page.redirect_chain[-1][0].startswith(f"{LIST}?{query[:5]}")
    assert not SavedFilter.objects.exists()


def test_there_are_not_more_than_find_room(client, clerk):
    for number in range(MOST):
        save(client, f"第{number}个")
    assert f"最多保存 {MOST} 个" in said(save(client, "再一个"))[0]
    assert "已改成" in said(save(client, "第0个"))[0]
    assert SavedFilter.objects.count() == MOST


def test_they_are_ones_own_to_see_open_and_remove(client, clerk):
    save(client, "我的常用")
    saved = SavedFilter.objects.get()
    client.force_login(UserFactory())
    assert "我的常用" not in client.get(LIST).content.decode()
    assert client.get(address("open_filter", saved)).status_code == 404
    assert client.post(address("remove_filter", saved)).status_code == 404
    client.force_login(clerk)
    assert client.get(address("remove_filter", saved)).status_code == 405
    page = client.post(address("remove_filter", saved), {"query": "queue=all"}, follow=True)
    assert said(page) == ["已删除“我的常用”。"]
    assert page.redirect_chain[-1][0] == f"{LIST}?queue=all"
    assert not SavedFilter.objects.exists()


def test_who_may_not_see_the_list_keeps_nothing_of_it(client, clerk):
    client.force_login(UserFactory(permissions=[]))
    assert save(client, "常用").status_code == 403
    assert client.get(SAVE).status_code == 405
    assert not SavedFilter.objects.exists()


def test_what_a_filter_names_and_is_no_longer_there_is_said(client, clerk):
    edition = EditionFactory()
    StepFactory(edition=edition, level="county", title="初审")
    waits = ApplicationFactory(edition=edition, county_id="140521")
    programme = edition.programme_id
    query = f"edition__programme__id__exact={programme}&queue=all&step=初审"
    save(client, "初审的", query)
    saved = SavedFilter.objects.get()
    page = opened(client, saved)
    assert said(page) == []
    assert [row.pk for row in page.context["cl"].result_list] == [waits.pk]
    SavedFilter.objects.update(
        query="edition__programme__id__exact=jc-gone&queue=all&status__exact=gone&step=复审"
    )
    page = opened(client, saved)
    (told,) = said(page)
    for part in ("jc-gone", "“状态：gone”", "“环节：复审”", "现在没有了，所以列不出什么"):
        assert part in told
    assert page.context["cl"].result_count == 0


@pytest.mark.parametrize("part", ["no__such__thing=1", "year=1999", "status__nothing=1"])
def test_what_the_list_does_not_understand_is_said_and_left_out(client, clerk, part):
    ApplicationFactory(county_id="140521")
    user_query = f"queue=all&{part}"
    saved = SavedFilter.objects.create(
        user=clerk, of_list="cases.application", name="旧的", query=user_query
    )
    page = opened(client, saved)
    assert said(page) == [
        f"“旧的”里的“{part}”这个名单已经不认识，没有按它筛选；可以重新保存，或者删除它。"
    ]
    assert page.redirect_chain[-1][0] == f"{LIST}?queue=all"
    assert page.context["cl"].result_count == 1


def test_the_list_asks_as_often_for_many_filters(client, clerk):
    save(client, "第一个")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    asked()
    few = asked()
    for number in range(8):
        save(client, f"第{number}个")
    client.get(LIST)  # says what was saved
    assert asked() == few
