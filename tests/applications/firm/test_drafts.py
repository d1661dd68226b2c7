"""Drafts: every change is saved, colleagues see it, and nobody overwrites another in silence."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft
from applications.cases.services.drafts import save_draft
from applications.cases.services.filling import Filling
from applications.enterprises.models import ProfileAnswer
from tests.applying import (
    ANSWERS,
    address,
    at,
    draft,
    member_of,
    page_data,
    send,
    tell_profile,
)
from tests.factories import (
    PASSWORD,
    EnterpriseFactory,
    LibraryFileFactory,
    MembershipFactory,
    SelfCheckFactory,
    SubjectFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue
from tests.uploads import upload

REVENUE = "revenue.main_business.y0"
LACKING = {key: value for key, value in ANSWERS.items() if key != REVENUE}
HTMX = {"HX-Request": "true"}
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    pytest.mark.usefixtures("files_root"),
]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def member(client):
    member = member_of(LACKING)
    client.force_login(member.user)
    return member


@pytest.fixture
def colleague(member):
    own = Client()
    own.force_login(MembershipFactory(role="member", contact_name="财务").user)
    return own


def save(client, data, **changes):
    data = {name: value for name, value in {**data, **changes}.items() if value is not None}
    return client.post(address(name="apply-save"), data, headers=HTMX)


def version_of(response):
    return response.context["version"]


def test_each_change_is_saved_and_the_parts_of_the_page_come_back(client, member):
    data = page_data(client, address())
    response = save(client, data, revenue__main_business__y0="2000")
    text = response.content.decode()
    assert response["X-Draft"] == "saved"
    assert "已保存" in text
    assert "符合申报条件" in text
    assert version_of(response) == draft().version == 1
    assert draft().answers == {REVENUE: ["2000"]}
    assert draft().updated_by == member.user
    assert not ProfileAnswer.objects.filter(fact_key="revenue.main_business").exists()
    response = save(client, data, revenue__main_business__y0="1500", version=1)
    assert "目前不符合" in response.content.decode()
    assert "仍要提交" in response.content.decode()
    assert "invalid" not in response.content.decode()
    response = save(client, data, revenue__main_business__y0="很多", version=2)
    assert "请填数字" in response.content.decode()
    assert draft().answers == {REVENUE: ["很多"]}
    response = save(client, data, version=3)
    assert draft().answers == {}


@pytest.mark.parametrize("how", ["autosave", "button", "hand_in"])
def test_a_page_open_over_new_year_is_kept_as_of_its_own_year(client, member, how):
    here = address("jc-share")
    with time_machine.travel(at(2026, 12, 31, 23, 50)):
        client.force_login(member.user)
        data = page_data(client, here) | {"net_profit__y1": "7"}
    with time_machine.travel(at(2027, 1, 1, 0, 10)):
        to = here if how == "hand_in" else address("jc-share", name="apply-save")
        if how == "autosave":
            assert client.post(to, data, headers=HTMX)["HX-Redirect"] == here
        else:
            assert client.post(to, data | {"truthful": "on"}).url == here
        assert (draft().year, draft().answers) == (2027, {"net_profit.y2": ["7"]})
        assert "“今年”现在指 2027 年" in client.get(here).content.decode()
    assert not Application.objects.exists()


def test_saving_the_same_again_makes_no_new_version(client, member):
    data = page_data(client, address())
    save(client, data, revenue__main_business__y0="2000")
    response = save(client, data, revenue__main_business__y0="2000")
    assert response.status_code == 200
    assert draft().version == 1


def test_a_tick_stays_while_the_clauses_are_the_same(client, member):
    data = {**page_data(client, address()), "confirmed_unmet": "on"}
    assert "checked" in save(client, data).content.decode()
    response = save(client, data, revenue__main_business__y0="1500", version=1)
    assert "checked" not in response.content.decode()


def test_the_button_saves_without_scripts(client, member):
    data = {**page_data(client, address()), "revenue__main_business__y0": "2000"}
    page = client.post(address(name="apply-save"), data, follow=True)
    assert "已保存" in page.content.decode()
    assert page.context["row"]["verdict"] == "eligible"
    assert client.get(address(name="apply-save")).url == address()


def test_an_upload_is_kept_and_chosen_at_once(client, member):
    data = page_data(client, address())
    response = save(client, data, material_other_new=[upload("执照.pdf")])
    file = member.enterprise.files.get()
    assert draft().materials == {"其他材料": [str(file.reference)]}
    assert str(file.reference) in response.content.decode()
    response = save(client, data, material_other_new=[upload("坏.pdf", b"<html>")], version=1)
    assert "坏.pdf" in response.content.decode()


def test_colleagues_share_the_draft_and_add_to_it(client, member, colleague):
    mine, theirs = page_data(client, address()), page_data(colleague, address())
    save(client, mine, revenue__main_business__y0="2000")
    response = save(colleague, theirs, contact_name="财务科", revenue__main_business__y0=None)
    assert response.status_code == 409
    theirs = page_data(colleague, address())
    assert theirs["revenue__main_business__y0"] == "2000"
    assert save(colleague, theirs, contact_name="财务科").status_code == 200
    assert draft().contact_name == "财务科"
    # The first page has not seen that name, but has changed nothing else.
    response = save(client, mine, revenue__main_business__y0="2000", version=1)
    assert response.status_code == 409
    assert "财务科" in response.content.decode()


def test_an_older_version_is_told_who_changed_what_and_chooses(client, member, colleague):
    mine, theirs = page_data(client, address()), page_data(colleague, address())
    save(colleague, theirs, revenue__main_business__y0="2100")
    response = save(client, mine, revenue__main_business__y0="2200")
    text = response.content.decode()
    assert response["X-Draft"] == "conflict"
    saved, mark = timezone.localtime(draft().updated_at), draft().changes[REVENUE]
    changed = f"{mark['by']} {saved.month}月{saved.day}日 {saved:%H:%M} 改过"
    for part in ("财务", "2100 万元", "2200 万元", changed, "没有保存"):
        assert part in text
    assert draft().answers == {REVENUE: ["2100"]}
    page = client.post(address(name="apply-save"), {**mine, "revenue__main_business__y0": "2200"})
    assert page.status_code == 409
    assert 'value="2200"' in page.content.decode()
    assert page.context["version"] == 0

    choice = {f"keep_{REVENUE}": "theirs", "resolve": "1", "revenue__main_business__y0": "2200"}
    save(client, mine, **choice, keep_contact_name="theirs")
    assert draft().answers == {REVENUE: ["2100"]}
    response = save(client, mine, **{**choice, f"keep_{REVENUE}": "mine"})
    # The name of whom to call differs too, and was not decided.
    assert "联系人" in response.content.decode()
    choice["keep_contact_name"] = "theirs"
    save(client, mine, **{**choice, f"keep_{REVENUE}": "mine"})
    assert draft().answers == {REVENUE: ["2200"]}
    assert draft().version == 2


def test_a_choice_made_for_an_older_version_is_asked_again(client, member, colleague):
    mine, theirs = page_data(client, address()), page_data(colleague, address())
    save(colleague, theirs, revenue__main_business__y0="2100")
    save(colleague, theirs, revenue__main_business__y0="2300", version=1)
    choice = {f"keep_{REVENUE}": "mine", "resolve": "1", "revenue__main_business__y0": "2200"}
    response = save(client, mine, **choice)
    assert response.status_code == 409
    assert "2300" in response.content.decode()
    assert draft().answers == {REVENUE: ["2300"]}


def test_handing_in_an_older_version_is_asked_too(client, member, colleague):
    mine, theirs = page_data(client, address()), page_data(colleague, address())
    save(colleague, theirs, revenue__main_business__y0="2100")
    data = {**mine, "truthful": "on", "revenue__main_business__y0": "2200"}
    assert client.post(address(), data).status_code == 409
    assert not Application.objects.exists()


def test_who_types_on_after_a_colleague_handed_in_is_told(client, member, colleague):
    mine = page_data(client, address())
    assert send(colleague, revenue__main_business__y0="2000").status_code == 302
    response = save(client, mine, revenue__main_business__y0="2100")
    assert response.status_code == 409
    assert "已经提交过" in response.content.decode()
    assert not ApplicationDraft.objects.exists()


def test_a_draft_of_last_year_reads_its_years_anew(member):
    def save_on(day, content):
        filling = Filling(member.enterprise, "jc-xsg", day.date())
        save_draft(
            filling=filling,
            content=content,
            version=0,
            user=member.user,
            who="办公室",
            now=day,
        )

    save_on(at(2026, 12, 31, 12), {REVENUE: ["2000"], "stat.entry_path": ["below_scale"]})
    with time_machine.travel(at(2027, 1, 1, 12)):
        content = Filling(member.enterprise, "jc-xsg", timezone.localdate()).content
    assert REVENUE not in content
    assert content["stat.entry_path"] == ["below_scale"]
    # What was typed for last year is no other answer to this year's question.
    save_on(at(2027, 1, 1, 12), {REVENUE: ["2500"]})
    assert draft().content[REVENUE] == ["2500"]


def test_what_is_typed_over_the_profile_counts_until_it_is_cleared(client, member):
    check = SelfCheckFactory(answers={**ANSWERS, "industry.section": "B"})
    client.post(
        address(name="apply-take-over"),
        {"token": check.token, "version": "0", "replace": ["industry.section"]},
    )
    page = client.get(address())
    assert "industry.section" in page.context["forms"].asked
    assert page.context["forms"].answers["industry.section"] == "B"
    data = page_data(client, address())
    response = save(client, data, industry__section="")
    assert response.context["forms"].answers["industry.section"] == "C"


def test_a_self_check_is_taken_over_after_showing_what_differs(client, member):
    check = SelfCheckFactory(answers={**ANSWERS, "industry.section": "B", REVENUE: 2500})
    programme = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    result = client.get(programme).content.decode()
    link = address(**{"from": check.token})
    assert link in result
    page = client.get(link).content.decode()
    assert "和已有的不一样（1）" in page
    assert "还没有的（1）" in page
    assert not ApplicationDraft.objects.exists()
    take_over = address(name="apply-take-over")
    assert client.post(take_over, {"token": check.token, "version": "0"}).url == address()
    assert draft().answers == {REVENUE: ["2500"]}
    bad = {"token": check.token, "version": "x", "replace": ["no.such"]}
    assert client.post(take_over, bad).status_code == 400
    gone = {"token": "guess" * 8, "version": "0"}
    assert client.post(take_over, gone).status_code == 404
    tell_profile(member, {"industry.section": "B"})
    assert client.get(link).url == address()


def test_who_is_not_logged_in_logs_in_or_signs_up_and_goes_on_to_apply(client):
    check = SelfCheckFactory()
    link = address(**{"from": check.token})
    login = client.get(link)
    assert login.url.startswith(reverse("account_login"))
    user = MembershipFactory().user
    data = {"login": user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), {**data, "next": link}).url == link
    client.logout()
    client.get(link)
    # Whoever signs up comes back by the letter, without the address they began with.
    assert client.post(reverse("account_login"), data).url == link


def test_staff_fill_in_for_a_firm_that_walks_in_and_all_say_so(client):
    enterprise = EnterpriseFactory()
    reader = MembershipFactory(enterprise=enterprise)
    clerk = UserFactory(
        permissions=["view_enterprise", "fill_in_for_enterprise", "view_application"]
    )
    client.force_login(clerk)
    page = client.get(reverse("admin:enterprises_enterprise_change", args=[enterprise.pk]))
    index = reverse("firm:apply-index-for", args=[enterprise.pk])
    assert index in page.content.decode()
    url = reverse("firm:apply-for", args=[enterprise.pk, "jc-xsg"])
    assert url in client.get(index).content.decode()
    assert "您在代" in client.get(url).content.decode()
    typed = {key.replace(".", "__"): value for key, value in ANSWERS.items()}
    typed = {k: "true" if v is True else v for k, v in typed.items()}
    response = send(client, url, **typed, contact_name="经办人", contact_telephone="0356-7000001")
    application = Application.objects.get()
    case = reverse("admin:cases_application_change", args=[application.pk])
    assert response.url == case
    event = application.events.get()
    assert (event.actor, event.opinion) == (clerk, "由工作人员代填")
    assert application.submitted_by == clerk
    assert ProfileAnswer.objects.filter(by_staff=True).count() == len(ANSWERS)
    shown = client.get(case).content.decode()
    assert f"{clerk}：" in shown
    assert "由工作人员代填" in shown
    client.force_login(reader.user)
    own = client.get(reverse("firm:case", args=[application.reference])).content.decode()
    assert "由工作人员代填" in own
    assert clerk.username not in own


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140500"}, 200),
        ({"jurisdiction_code": "140522"}, 404),
        ({"jurisdiction_code": ""}, 404),
        ({"permissions": ["view_enterprise"]}, 404),
        ({"is_staff": False}, 404),
    ],
)
def test_only_staff_in_charge_fill_in(client, who, status):
    enterprise = EnterpriseFactory()
    permissions = ["view_enterprise", "fill_in_for_enterprise"]
    client.force_login(UserFactory(**{"permissions": permissions, **who}))
    for name in ("apply-for", "apply-save-for"):
        url = reverse(f"firm:{name}", args=[enterprise.pk, "jc-xsg"])
        response = client.get(url, follow=True)
        assert response.status_code == status
    if status != 200:
        assert client.post(url, {}).status_code == status
        assert not ApplicationDraft.objects.exists()


def test_a_member_reaches_no_other_firm_through_the_address_of_staff(client, member):
    url = reverse("firm:apply-for", args=[member.enterprise_id, "jc-xsg"])
    assert client.get(url).status_code == 404


def test_the_centre_lists_drafts_to_go_on_with(client, member):
    subject = SubjectFactory(enterprise=member.enterprise)
    for name, query in (("jc-xsg", {}), ("jc-proj-in", {"subject": subject.pk})):
        data = page_data(client, address(name, **query))
        client.post(address(name, "apply-save", **query), data)
    page = client.get(reverse("firm:enterprise")).content.decode()
    assert f'href="{address()}"' in page
    assert f'href="{address("jc-proj-in", subject=subject.pk)}"' in page


def test_files_that_left_the_library_are_no_longer_chosen(client, member):
    file = LibraryFileFactory(enterprise=member.enterprise)
    save(client, page_data(client, address()), material_other=[str(file.reference)])
    file.withdrawn_at = timezone.now()
    file.save()
    assert str(file.reference) not in client.get(address()).content.decode()
