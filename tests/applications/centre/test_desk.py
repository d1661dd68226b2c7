"""A clerk's way through many cases: the next one, what to look at first, and passing several."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.workflow import Status
from applications.centre.cases.many import GONE
from tests.applications.centre.test_admin import LIST, case, decide
from tests.applications.centre.test_roles import of_role
from tests.applying import handed_in, in_bulk
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    ClaimFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    LibraryFileFactory,
    MaterialFactory,
    StepFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

NEXT = reverse("admin:cases_application_next")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def reviewer(client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def three():
    """Cases that wait, the oldest first."""
    now = timezone.now()
    return [
        ApplicationFactory(county_id="140521", arrived_at=now - timedelta(days=days))
        for days in (3, 2, 1)
    ]


def said(response):
    return [str(message) for message in response.context["messages"]]


def kept(query):
    return f"?_changelist_filters={quote(query)}"


def decided(client, application, action, query="", **more):
    url = reverse("admin:cases_application_decide", args=[application.pk])
    application.refresh_from_db()
    data = {"action": action, "opinion": "", "seen": application.version, **more}
    return client.post(url + (kept(query) if query else ""), data, follow=True)


def test_after_a_decision_the_next_that_waits_opens_and_says_how_many_are_left(
    client, reviewer, three
):
    first, second, third = three
    page = decided(client, first, "reject", opinion="材料不实")
    assert page.redirect_chain[-1][0] == case(second)
    assert said(page) == [
        f'<a href="{case(first)}">{first.number}</a>：不予通过。下面是下一件，等您办理的还有 2 件。'
    ]
    # Who skips one goes on from there, and comes round.
    assert client.get(NEXT, {"after": second.pk}).url == case(third)
    assert client.get(NEXT, {"after": third.pk}).url == case(second)
    assert client.get(NEXT, {"after": "nonsense"}).url == case(second)


def test_the_last_one_leads_back_to_the_list(client, reviewer):
    only = ApplicationFactory(county_id="140521")
    page = decided(client, only, "reject", opinion="材料不实")
    assert page.redirect_chain[-1][0] == LIST
    assert "没有等您办理的申报了" in said(page)[0]
    assert client.get(NEXT).url == LIST


def test_what_goes_on_at_the_same_desk_comes_round_after_the_others(client, reviewer, three):
    first, second, third = three
    page = decided(client, first, "accept")
    assert page.redirect_chain[-1][0] == case(second)
    assert "等您办理的还有 3 件" in said(page)[0]
    for row in (second, third):
        page = decided(client, row, "reject", opinion="材料不实")
    assert page.redirect_chain[-1][0] == case(first)
    page = decided(client, first, "visit", opinion="看过", visited_on="2026-01-05")
    assert page.redirect_chain[-1][0] == case(first)


def test_the_way_on_and_back_keeps_search_filter_and_page(client, reviewer, three):
    first = three[0]
    second, third = (
        ApplicationFactory(county_id="140521", enterprise_name="同名企业", subject=subject)
        for subject in ("一号", "二号")
    )
    query = "q=同名企业&p=1&queue=all"
    opened = client.get(case(second) + kept(query)).content.decode()
    assert f"{LIST}?{quote('q=同名企业', safe='=')}&amp;p=1&amp;queue=all" in opened
    page = decided(client, second, "reject", query, opinion="材料不实")
    address = page.redirect_chain[-1][0]
    assert address.startswith(case(third))
    assert "_changelist_filters=" in address
    page = decided(client, third, "reject", query, opinion="材料不实")
    assert page.redirect_chain[-1][0].startswith(f"{LIST}?q=")
    first.refresh_from_db()
    assert first.status == Status.SUBMITTED


def test_a_filter_that_is_nonsense_leads_on_in_the_whole_queue(client, reviewer, three):
    page = decided(client, three[0], "reject", "step__nothing=1", opinion="材料不实")
    assert page.redirect_chain[-1][0].startswith(case(three[1]))


def test_a_day_before_all_that_are_kept_is_no_filter(client, reviewer, three):
    """The list is shown whole, with Django's mark, and the way on goes through the whole queue."""
    query = "submitted_at__lt=0001-01-01&submitted_at__gte=0001-01-01"
    assert client.get(f"{LIST}?{query}", follow=True).status_code in (200, 400)
    assert client.get(f"{NEXT}{kept(query)}&after={three[0].pk}").status_code == 302


def test_taking_over_and_a_visit_stay_with_the_case(client, reviewer, three):
    page = decided(client, three[1], "take_over")
    assert page.redirect_chain[-1][0] == case(three[1])


def test_nobody_is_led_to_what_is_not_theirs(client, reviewer, three):
    ApplicationFactory(county=JurisdictionFactory(code="140522"))
    ApplicationFactory(county_id="140521", desk="city")
    ApplicationFactory(county_id="140521", assignee=UserFactory())
    for row in three:
        decided(client, row, "reject", opinion="材料不实")
    assert client.get(NEXT).url == LIST


def test_a_case_is_found_by_whom_to_call_and_by_its_programme(client, reviewer, three):
    found = ApplicationFactory(
        county_id="140521", contact_name="李会计", contact_telephone="0356-7654321"
    )
    for words in ("李会计", "7654321", found.edition.programme.name, found.number):
        page = client.get(LIST, {"q": words, "queue": "all"})
        assert [row.pk for row in page.context["cl"].result_list] == [found.pk], words


def test_leading_on_takes_few_queries(client, reviewer, three, django_assert_max_num_queries):
    ApplicationFactory.create_batch(30, county_id="140521")
    client.get(NEXT)
    with django_assert_max_num_queries(13):
        client.get(NEXT)


@pytest.fixture
def doubtful(client):
    """A case that another contradicts, with a paper out of date and others lacking."""
    load_catalogue()
    application = handed_in()
    ApplicationFactory(
        enterprise=application.enterprise,
        year=application.year,
        answers=application.answers | {"revenue.main_business.y0": "1999"},
    )
    paper = LibraryFileFactory(
        enterprise=application.enterprise, title="营业执照", valid_until="2020-01-01"
    )
    AttachmentFactory(application=application, library_file=paper, material=None)
    return application


def warned(page):
    return [warning.text for warning in page.context["warnings"]]


def test_what_to_look_at_first_stands_beside_the_buttons(client, reviewer, doubtful):
    page = client.get(case(doubtful))
    contradicted, *papers = warned(page)
    assert "说法不一 1 项：主营业务收入" in contradicted
    assert any(text.startswith("没有附件的材料") for text in papers)
    assert "文件过期：营业执照（有效期至 2020-01-01）" in papers
    shown = page.content.decode()
    assert shown.index("说法不一 1 项") < shown.index('value="accept"')
    for place in {warning.place for warning in page.context["warnings"]}:
        assert f'id="{place}"' in shown


def test_every_line_of_the_contents_has_its_place(client, reviewer, doubtful):
    shown = client.get(case(doubtful)).content.decode()
    contents = shown[shown.index('class="desk-contents"') :]
    places = [part.split('"')[0] for part in contents.split('href="#')[1:]]
    assert len(places) > 5
    assert all(f'id="{place}"' in shown for place in places)


def test_several_pass_after_a_look_at_their_warnings(client, reviewer, doubtful):
    plain = ApplicationFactory(county_id="140521")
    ended = ApplicationFactory(county_id="140521", status=Status.REJECTED)
    chosen = {
        "action": "accept_selected",
        "_selected_action": [plain.pk, doubtful.pk, ended.pk],
    }
    page = client.post(f"{LIST}?queue=all", chosen)
    rows = {row["case"].pk: row for row in page.context["rows"]}
    assert (page.status_code, page.context["left_out"]) == (200, 2)
    assert rows[plain.pk]["warnings"] == []
    assert rows[ended.pk]["refusal"] == "“未通过”的申报不能“受理”。"
    shown = page.content.decode()
    assert f'value="{plain.pk}" aria-label="办理 {plain.number}" checked' in shown
    assert f'value="{doubtful.pk}" aria-label="办理 {doubtful.number}">' in shown
    plain.refresh_from_db()
    assert plain.status == Status.SUBMITTED  # nothing is done before it is confirmed
    page = client.post(f"{LIST}?queue=all", in_bulk("accept_selected", plain), follow=True)
    assert "受理 1 件。" in said(page)
    for row in (plain, doubtful):
        row.refresh_from_db()
    assert (plain.status, doubtful.status) == (Status.IN_REVIEW, Status.SUBMITTED)


def test_what_changed_since_the_look_is_left_alone(client, reviewer, three):
    data = in_bulk("accept_selected", *three[:2])
    decide(client, three[0], "reject", opinion="材料不实")
    page = client.post(LIST, data, follow=True)
    assert said(page)[-2:] == [GONE.format(count=1), "受理 1 件。"]
    late = in_bulk("accept_selected", three[2])
    decide(client, three[2], "visit", opinion="看过", visited_on="2026-01-05")
    page = client.post(LIST, late, follow=True)
    assert f"{three[2].number}：这件申报现在是“待受理”" in said(page)[-1]
    three[2].refresh_from_db()
    assert three[2].status == Status.SUBMITTED


def test_the_look_takes_the_same_queries_for_many(
    client, reviewer, three, django_assert_num_queries
):
    many = ApplicationFactory.create_batch(30, county_id="140521")
    for row in many:
        MaterialFactory(edition=row.edition)
    chosen = [row.pk for row in many]
    client.post(LIST, {"action": "accept_selected", "_selected_action": chosen})
    for count in (1, 30):
        data = {"action": "accept_selected", "_selected_action": chosen[:count]}
        with django_assert_num_queries(20):
            assert len(client.post(LIST, data).context["rows"]) == count


def menu(client, address=LIST):
    """The entries of the menu by their titles."""
    return {entry.title: entry for entry in client.get(address).context["work_menu"]}


def test_the_menu_says_how_much_waits_and_what_presses(client, time_machine):
    time_machine.move_to("2025-11-21 09:00+08:00", tick=False)
    edition = EditionFactory()
    StepFactory(edition=edition, level="county", kind="review", working_days=10)
    now = timezone.now()
    for days in (30, 11, 10, 0):
        ApplicationFactory(
            edition=edition,
            county_id="140521",
            subject=f"{days}",
            arrived_at=now - timedelta(days=days),
        )
    ClaimFactory.create_batch(2, enterprise=EnterpriseFactory())
    client.force_login(of_role("审核员"))
    entries = menu(client)
    assert {title: entry.count for title, entry in entries.items()} == {
        "申报": 4, "公示": 0, "认定": 0, "名单": 0, "企业": 2, "设置": 0,
    }  # fmt: skip
    pressing = {each.beside: each for each in entries["申报"].pressing}
    assert {name: each.count for name, each in pressing.items()} == {"逾期": 1, "快到期": 2}
    for each in pressing.values():
        assert client.get(each.address).context["cl"].result_count == each.count
    shown = client.get(LIST).content.decode()
    assert '申报 <span class="count">4<' in shown
    assert "逾期 1</a>" in shown


@pytest.mark.parametrize("role", ["审核员", "财务", "负责人", "审计", "用户管理", "政策编辑"])
def test_the_menu_leads_only_to_what_opens(client, role):
    """To read calls, which lie in the catalogue, is not to read the catalogue."""
    client.force_login(of_role(role))
    for title, entry in menu(client, reverse("admin:index")).items():
        assert client.get(entry.address).status_code == 200, title


def test_the_figures_of_the_menu_are_a_minute_old_at_most(client, three, time_machine):
    time_machine.move_to("2025-11-21 09:00+08:00", tick=False)
    first, second = of_role("审核员"), of_role("审核员")
    client.force_login(first)
    assert menu(client)["申报"].count == 3
    decided(client, three[0], "reject", opinion="材料不实")
    assert menu(client)["申报"].count == 3
    # The first page counts anew, and so the menu knows.
    assert menu(client, reverse("admin:index"))["申报"].count == 2
    assert menu(client)["申报"].count == 2
    decided(client, three[1], "reject", opinion="材料不实")
    time_machine.move_to("2025-11-21 09:01:01+08:00", tick=False)
    assert menu(client)["申报"].count == 1
    client.force_login(second)
    assert menu(client)["申报"].count == 1
    client.force_login(of_role("审计"))
    assert menu(client)["申报"].count == 0


def test_the_menu_costs_a_page_no_query_within_the_minute(client, three):
    client.force_login(of_role("审核员"))

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    first, second = asked(), asked()
    ApplicationFactory.create_batch(10, county_id="140521")
    assert asked() == second < first
    caches["pages"].clear()
    assert asked() == first
