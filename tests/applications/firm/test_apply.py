"""Applying: from profile and draft to an application, and what is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft, ApplicationEvent
from applications.cases.services.submission import COMMITMENT
from applications.cases.workflow import Status
from applications.enterprises.models import ProfileAnswer
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Material
from tests.applying import (
    ANSWERS,
    CONTACT,
    address,
    draft,
    edition_of,
    member_of,
    page_data,
    send,
    tell_profile,
)
from tests.factories import (
    ContactFactory,
    FirmUserFactory,
    LibraryFileFactory,
    MembershipFactory,
    OfficeFactory,
    SubjectFactory,
    UserFactory,
    ready,
)
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition
from tests.uploads import CONTENTS, upload

REVENUE = "revenue.main_business.y0"
LACKING = {key: value for key, value in ANSWERS.items() if key != REVENUE}
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
    member = member_of()
    client.force_login(member.user)
    return member


def test_a_firm_applies_from_its_profile(client, member):
    response = send(client)
    application = Application.objects.get()
    assert response.url == reverse("firm:case", args=[application.reference])
    assert application.number == f"140521-{timezone.localdate().year}-0001"
    assert application.county_id == "140521"
    assert application.answers == {**ANSWERS, "enterprise.county": "140521"}
    assert application.assessment["awards"]["province"]["now"] == [30, 30]
    assert application.submitted_by == member.user
    assert application.commitment == COMMITMENT
    event = application.events.get()
    assert (event.target, event.actor) == (Status.SUBMITTED, member.user)
    assert not ApplicationDraft.objects.exists()
    page = client.get(response.url).content.decode()
    assert application.number in page
    assert "待受理" in page
    assert COMMITMENT in page


def test_only_what_the_profile_lacks_is_asked_and_goes_to_it_on_submit(client):
    member = member_of(LACKING)
    client.force_login(member.user)
    page = client.get(address())
    assert page.context["forms"].asked[0] != "industry.section"
    assert REVENUE in page.context["forms"].asked
    known = {answer.fact.key for answer, _ in page.context["known"]}
    assert known == set(LACKING)
    before = ProfileAnswer.objects.count()
    send(client, address(), revenue__main_business__y0="2000", truthful=None)
    assert ProfileAnswer.objects.count() == before
    send(client, address())
    answer = ProfileAnswer.objects.latest("pk")
    assert ProfileAnswer.objects.count() == before + 1
    assert (answer.fact_key, answer.value) == ("revenue.main_business", 2000)
    assert answer.year == timezone.localdate().year
    assert Application.objects.get().answers[REVENUE] == 2000


def test_what_is_typed_is_kept_right_or_wrong(client, member):
    response = send(
        client, contact_telephone="12345", truthful=None, stat__never_left_library="nonsense"
    )
    forms = response.context["forms"]
    assert "请填手机号码" in str(forms.contact.errors["contact_telephone"])
    assert "请确认这项承诺" in str(forms.commitment.errors["truthful"])
    assert "stat__never_left_library" in forms.questions.errors
    page = response.content.decode()
    assert "您填的内容都还在" in page
    above = page[page.index("还没有提交：") : page.index("</div>", page.index("还没有提交："))]
    assert "还有 1 处要填" in above and "有 2 处请核对" in above
    for anchor in ("id_truthful", "id_contact_telephone", "id_stat__never_left_library_0"):
        assert f'href="#{anchor}"' in above
        assert f'id="{anchor}"' in page
    assert '<a href="#id_truthful">承诺</a>' in above
    assert "12345" in response.content.decode()
    assert draft().contact_telephone == "12345"
    assert "12345" in client.get(address()).content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("两千", "2000 元还是 2000 万元"),
        ("1,5", "1.5 还是 15"),
        ("2000%", "这里要填的单位是“万元”"),
        ("-5", "不能小于"),
        ("1e999", ""),
        ("20000000", "请确认单位是万元而不是元"),
        ("2000\x00", None),
        ("<script>", "请填数字"),
    ],
)
def test_a_wrong_number_is_named_beside_its_field_and_kept(client, typed, message):
    client.force_login(member_of(LACKING).user)
    response = send(client, revenue__main_business__y0=typed)
    if message is None:
        assert Application.objects.get().answers[REVENUE] == 2000
        return
    assert message in str(response.context["forms"].questions.errors["revenue__main_business__y0"])
    assert draft().answers[REVENUE] == [typed]
    assert not Application.objects.exists()


@pytest.mark.parametrize("typed", ["2026-02-30", "9999-01-01", "昨天", "0000-00-00"])
def test_an_impossible_date_is_refused(client, typed):
    member = member_of({})
    client.force_login(member.user)
    SubjectFactory(enterprise=member.enterprise, kind="base")
    url = address("jc-base-city", subject=member.enterprise.subjects.get().pk)
    response = send(client, url, base__operating_since=typed)
    assert "base__operating_since" in response.context["forms"].questions.errors
    assert draft().answers["base.operating_since"] == [typed]
    assert typed in client.get(url).content.decode()


def test_sending_twice_gives_the_same_application(client, member):
    data = {**page_data(client, address()), "truthful": "on"}
    first, second = (client.post(address(), data) for _ in range(2))
    assert first.url == second.url
    assert Application.objects.count() == ApplicationEvent.objects.count() == 1
    assert not ApplicationDraft.objects.exists()
    assert client.get(address()).url == first.url


@pytest.mark.parametrize("status", [Status.REJECTED, Status.WITHDRAWN])
def test_when_it_has_ended_the_firm_may_apply_again(client, member, status):
    send(client)
    Application.objects.update(status=status)
    send(client)
    assert Application.objects.count() == 2


def test_while_it_is_granted_the_firm_may_not_apply_again_that_year(client, member):
    send(client)
    Application.objects.update(status=Status.RECOGNISED)
    assert client.get(address()).status_code == 302
    assert client.post(address(), {"truthful": "on"}).status_code == 302
    assert Application.objects.count() == 1


def test_an_unfit_firm_submits_after_confirming_the_unmet_clauses(client):
    member = member_of({**ANSWERS, REVENUE: 1000})
    client.force_login(member.user)
    page = client.get(address()).content.decode()
    assert "目前不符合" in page
    assert "仍要提交，由审核人员决定" in page
    response = send(client)
    assert "confirmed_unmet" in response.context["forms"].commitment.errors
    response = send(client, confirmed_unmet="on", unmet_seen="XSG.9:not_met")
    assert "重新打钩" in str(response.context["forms"].commitment.errors)
    assert not Application.objects.exists()
    send(client, confirmed_unmet="on")
    details = Application.objects.get().events.get().details
    assert details["verdict"] == "not_eligible"
    assert [row["outcome"] for row in details["confirmed_unmet"]] == ["not_met"]
    client.force_login(UserFactory())
    case = reverse("admin:cases_application_change", args=[Application.objects.get().pk])
    shown = client.get(case).content.decode()
    assert "确认后仍然提交" in shown
    assert f"提交时已确认的条件：{details['confirmed_unmet'][0]['text']}" in shown


def test_an_undecided_firm_confirms_too(client):
    client.force_login(member_of(LACKING).user)
    assert "还不能判断" in client.get(address()).content.decode()
    send(client, confirmed_unmet="on")
    assert Application.objects.get().assessment["verdict"] == "unknown"


def test_files_of_the_library_and_new_ones_are_attached(client, member):
    material = edition_of().materials.get()
    licence = LibraryFileFactory(enterprise=member.enterprise)
    name = f"material_{material.pk}"
    url = address()
    data = {**page_data(client, url), "truthful": "on", name: [str(licence.reference)]}
    response = client.post(
        url, {**data, "material_other_new": [upload("补充.pdf")], "truthful": ""}
    )
    assert response.status_code == 200
    assert member.enterprise.files.count() == 2
    kept = draft().materials
    assert kept[material.name] == [str(licence.reference)]
    assert len(kept["其他材料"]) == 1
    send(client, url)
    titles = Application.objects.get().attachments.values_list(
        "material__name", "library_file__title"
    )
    assert set(titles) == {(material.name, licence.title), (None, "补充")}


def test_one_scan_serves_many_applications(client, member):
    licence = LibraryFileFactory(enterprise=member.enterprise)
    for programme in ("jc-xsg", "jc-xsg-svc"):
        send(
            client,
            address(programme),
            material_other=[str(licence.reference)],
            confirmed_unmet="on",
        )
    assert licence.attachments.count() == 2


def test_an_expired_file_is_refused_and_the_rest_is_kept(client, member):
    day = timezone.localdate() - timedelta(days=1)
    old = LibraryFileFactory(enterprise=member.enterprise, title="旧执照", valid_until=day)
    response = send(client, material_other=[str(old.reference)])
    assert f"“旧执照”的有效期到 {day} 为止" in response.content.decode()
    assert not Application.objects.exists()


def test_a_refused_upload_is_named_beside_its_material(client, member):
    bad = upload("网页.pdf", b"<html>")
    response = send(client, material_other_new=[bad])
    assert "网页.pdf" in str(response.context["forms"].materials.errors)
    assert not Application.objects.exists()
    assert send(client, material_other_new=[upload("图.png", CONTENTS["png"])]).status_code == 302


def test_files_drafts_and_subjects_of_others_cannot_be_used(client, member):
    other = MembershipFactory(
        enterprise__credit_code="91140522MA0K00003X", enterprise__name="阳城县另一家公司"
    )
    foreign = LibraryFileFactory(enterprise=other.enterprise, title="别家的文件")
    response = send(client, material_other=[str(foreign.reference)])
    assert "已不在资料库中" in response.content.decode()
    assert "别家的文件" not in response.content.decode()
    subject = SubjectFactory(enterprise=other.enterprise, kind="project", name="别家的项目")
    for wrong in (subject.pk, "x", "-1", "9" * 30, "٣"):
        assert client.get(address("jc-proj-in", subject=wrong)).status_code == 404
        assert client.post(address("jc-proj-in", subject=wrong), {}).status_code == 404
        saved = client.post(address("jc-proj-in", "apply-save", subject=wrong), {})
        assert saved.status_code == 404
    base = SubjectFactory(enterprise=member.enterprise, kind="base")
    assert client.get(address("jc-proj-in", subject=base.pk)).status_code == 404
    assert client.get(address(subject=base.pk)).status_code == 404
    assert not Application.objects.exists()
    assert not ApplicationDraft.objects.exclude(enterprise=member.enterprise).exists()


@pytest.mark.parametrize(
    "tampered",
    [
        {"version": "x"},
        {"version": "-3"},
        {"version": "9" * 40},
        {"seen": "..."},
        {"seen": ""},
        {"asked": "no.such,enterprise.county,;--", "enterprise__county": "140522"},
        {"enterprise": "1", "subject": "1"},
        {"material_other": ["'; --", "00000000-0000-4000-8000-000000000000"]},
        {"keep_x": "mine", "resolve": "99999999999999"},
    ],
)
def test_tampered_hidden_fields_break_nothing(client, member, tampered):
    response = send(client, **tampered)
    assert response.status_code in (200, 302)
    for application in Application.objects.all():
        assert application.county_id == "140521"
        assert application.answers["enterprise.county"] == "140521"


def test_a_new_edition_is_told_and_nothing_is_lost(client):
    member = member_of(LACKING)
    client.force_login(member.user)
    licence = LibraryFileFactory(enterprise=member.enterprise)
    old = edition_of()
    name = f"material_{old.materials.get().pk}"
    data = {
        **page_data(client, address()),
        "truthful": "on",
        "revenue__main_business__y0": "2000",
        name: [str(licence.reference)],
        f"{name}_new": [upload("补充.pdf")],
    }
    new = copy_to_draft(old, timezone.localdate())
    Material.objects.create(edition=new, position=9, name="新要的材料")
    publish_edition(ready(new))
    response = client.post(address(), data)
    page = response.content.decode()
    assert "政策内容更新了" in page
    assert "新要的材料" in page
    assert draft().answers[REVENUE] == ["2000"]
    assert len(draft().materials[old.materials.get().name]) == 2
    assert not Application.objects.exists()
    send(client)
    application = Application.objects.get()
    assert application.edition == new
    assert application.attachments.count() == 2


def test_a_profile_that_changed_meanwhile_is_shown_before_sending(client, member):
    data = {**page_data(client, address()), "truthful": "on"}
    tell_profile(member, {REVENUE: 1900})
    response = client.post(address(), data)
    assert "刚被改过" in response.content.decode()
    assert not Application.objects.exists()


def test_answers_of_last_year_are_not_read_as_of_this_year(client):
    member = MembershipFactory()
    year_ago = timezone.now() - timedelta(days=366)
    tell_profile(member, {REVENUE: 2000, "industry.section": "C"}, now=year_ago)
    client.force_login(member.user)
    page = client.get(address())
    assert REVENUE in page.context["forms"].asked
    assert "industry.section" not in page.context["forms"].asked


def test_a_project_or_base_is_chosen_or_added_and_applied_for_one_by_one(client, member):
    page = client.get(address("jc-proj-in"))
    assert "添加并继续" in page.content.decode()
    assert "kind" not in page.context["form"].fields
    add = address("jc-proj-in", "apply-subject")
    assert client.post(add, {"name": ""}).status_code == 400
    response = client.post(add, {"name": "一号生产线"})
    first = member.enterprise.subjects.get()
    assert (first.kind, first.name) == ("project", "一号生产线")
    assert response.url == address("jc-proj-in", subject=first.pk)
    assert client.post(add, {"name": "一号生产线"}).status_code == 400
    second = SubjectFactory(enterprise=member.enterprise, name="二号生产线")
    for subject in (first, second):
        url = address("jc-proj-in", subject=subject.pk)
        send(client, url, project__in_park="true", confirmed_unmet="on", truthful=None)
        assert send(client, url, confirmed_unmet="on").status_code == 302
    names = Application.objects.order_by("pk").values_list("subject", flat=True)
    assert list(names) == ["一号生产线", "二号生产线"]
    answer = ProfileAnswer.objects.latest("pk")
    assert (answer.subject, answer.fact_key, answer.value) == (second, "project.in_park", True)


def test_strangers_and_unknown_programmes_find_nothing(client, member):
    assert client.get(address("no-such")).status_code == 404
    assert client.post(address("no-such", "apply-save"), {}).status_code == 404
    clerk = UserFactory()
    client.force_login(clerk)
    assert client.get(address()).status_code == 404


def test_who_has_no_firm_is_asked_to_register_one(client):
    client.force_login(FirmUserFactory())
    response = client.get(address(), follow=True)
    assert response.redirect_chain[0][0] == reverse("firm:enterprise")
    assert "请先登记您的企业" in response.content.decode()


def test_the_form_is_kept_out_of_indexes_and_caches(client, member):
    response = client.get(address())
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_the_form_takes_the_same_queries_for_much(client, member, django_assert_num_queries):
    client.get(address())
    with django_assert_num_queries(13):
        client.get(address())
    files = LibraryFileFactory.create_batch(20, enterprise=member.enterprise)
    with django_assert_num_queries(13):
        shown = client.get(address()).content.decode()
    assert all(f"{file.title}（" in shown for file in files)


def test_the_list_of_programmes_holds_those_of_the_firms_place(client, member):
    page = client.get(reverse("firm:apply-index")).content.decode()
    assert address() in page
    assert address("yang-tax") not in page


def test_contact_is_that_of_the_membership_at_first(client, member):
    contact = client.get(address()).context["forms"].contact
    assert {name: contact[name].value() for name in CONTACT} == CONTACT


def test_nobody_applies_by_rules_that_do_not_compile(client, member):
    publish_faulty()
    listed = client.get(reverse("firm:apply-index")).content.decode()
    assert "写错的项目</a>：暂不能测算，也暂不能在网上申报" in listed
    url = reverse("firm:apply", args=["jc-faulty"])
    page = client.get(url).content.decode()
    assert "暂不能在网上申报" in page
    assert "问谁" in page
    assert "<input" not in page.partition("<main")[2].partition("</main>")[0]
    # Nothing can be saved without rules: what was typed stays on the page.
    for name in ("apply", "apply-save"):
        answer = client.post(reverse(f"firm:{name}", args=["jc-faulty"]), {"contact_name": "老李"})
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "暂不能在网上申报" in page
        assert 'name="contact_name" value="老李"' in page
        assert "X-Draft" not in answer
    assert not Application.objects.exists()


def test_a_draft_stays_where_the_rules_stop_compiling_and_says_whom_to_ask(client, member):
    firm = member.enterprise
    edition = publish_faulty()
    now = timezone.now()
    office = OfficeFactory(jurisdiction=firm.county, name="县企业服务中心")
    ContactFactory(programme=edition.programme, office=office)
    draft = ApplicationDraft.objects.create(
        enterprise=firm, programme=edition.programme, year=now.year, updated_by=member.user,
        created_at=now, updated_at=now, version=1, answers={REVENUE: ["2345"]},
    )  # fmt: skip
    page = client.get(reverse("firm:apply", args=["jc-faulty"])).content.decode()
    assert "2345 万元" in page
    assert "县企业服务中心" in page
    for name in ("enterprise", "calendar"):
        listed = client.get(reverse(f"firm:{name}")).content.decode()
        assert "规则正在核对" in listed
        assert "看草稿" in listed
    discard = reverse("firm:apply-discard", args=["jc-faulty"])
    client.post(discard, {"version": draft.version})
    assert not ApplicationDraft.objects.exists()
