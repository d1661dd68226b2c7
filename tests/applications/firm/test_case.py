"""The firm's own case: how far it is, putting right what was asked, and taking it back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from applications.cases.models import Application, ApplicationEvent, CaseNote
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import decide, request_correction, withdraw
from applications.cases.workflow import Action, Status
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition, Programme, Step
from policies.catalogue.screening import set_screened
from tests.applying import at, handed_in, member_of, send
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    EditionFactory,
    ExpertScoreFactory,
    LibraryFileFactory,
    MembershipFactory,
    StepFactory,
    UserFactory,
)
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import load_catalogue
from tests.uploads import upload

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    pytest.mark.usefixtures("files_root"),
]
REVENUE = "revenue.main_business.y0"
OTHER = "material_other"


@pytest.fixture
def member(client):
    load_catalogue()
    member = member_of()
    client.force_login(member.user)
    return member


@pytest.fixture
def licence(member):
    return LibraryFileFactory(enterprise=member.enterprise, title="执照")


@pytest.fixture
def returned(member):
    application = handed_in(member)
    request_correction(
        application=application,
        actor=UserFactory(),
        facts=[REVENUE],
        materials=["其他材料"],
        reason="收入与报表不符",
        now=timezone.now(),
    )
    return application


def address(name, application):
    return reverse(f"firm:{name}", args=[application.reference])


def test_the_case_says_what_to_correct(client, returned):
    page = client.get(address("case", returned)).content.decode()
    assert "收入与报表不符" in page
    assert f"要改的填报项：{Catalogue().facts[REVENUE].label}" in page
    assert "本企业（等您补正）" in page
    assert address("correct", returned) in page


def test_only_the_named_facts_and_materials_reopen(client, returned, licence):
    url = address("correct", returned)
    page = client.get(url)
    assert list(page.context["form"].keys) == [REVENUE]
    assert page.context["materials_form"].materials == [None]
    listed = returned.edition.materials.get()
    sent = {
        "revenue__main_business__y0": "1800",
        "enterprise__county": "140522",
        OTHER: [str(licence.reference)],
        f"material_{listed.pk}": [str(licence.reference)],
    }
    assert client.post(url, sent).status_code == 302
    returned.refresh_from_db()
    assert returned.status == Status.IN_REVIEW
    assert returned.answers[REVENUE] == 1800
    assert returned.answers["enterprise.county"] == "140521"
    assert returned.assessment["verdict"] == "not_eligible"
    assert list(returned.attachments.values_list("material", "library_file")) == [
        (None, licence.pk)
    ]
    event = returned.events.last()
    assert event.details["changes"] == {REVENUE: [2000, 1800]}
    assert event.details["materials"] == ["其他材料"]
    assert returned.corrections.get().answered_at
    assert client.get(url).status_code == 404


def test_a_wrong_number_is_said_beside_its_field_and_the_upload_is_kept(client, returned):
    data = {"revenue__main_business__y0": "两千", f"{OTHER}_new": [upload("执照.pdf")]}
    page = client.post(address("correct", returned), data)
    assert "revenue__main_business__y0" in page.context["form"].errors
    assert "两千" in page.content.decode()
    file = returned.enterprise.files.get()
    assert f'value="{file.reference}"' in page.content.decode()
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED


def test_a_material_that_was_asked_for_takes_a_file(client, returned):
    page = client.post(address("correct", returned), {"revenue__main_business__y0": "2100"})
    assert "请选用或上传这项材料" in page.content.decode()
    foreign = LibraryFileFactory(enterprise__credit_code="91140522MA0K00003X")
    data = {"revenue__main_business__y0": "2100", OTHER: [str(foreign.reference)]}
    page = client.post(address("correct", returned), data)
    assert "已不在资料库中" in page.content.decode()
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED


def test_a_reviewer_sees_what_the_correction_changed(client, returned, licence):
    data = {"revenue__main_business__y0": "2100", OTHER: [str(licence.reference)]}
    client.post(address("correct", returned), data)
    client.force_login(UserFactory())
    url = reverse("admin:cases_application_change", args=[returned.pk])
    page = client.get(url).content.decode()
    assert "2000 万元 → 2100 万元" in page
    assert "执照" in page


def test_a_firm_takes_its_application_back_and_may_apply_again(client, member, returned):
    url = address("withdraw", returned)
    asked = client.get(url).content.decode()
    assert "不能恢复" in asked and "撤回以后可以重新申报" in asked and "要求的补正不用再做" in asked
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED
    assert client.post(url, {"reason": "想先补材料"}).status_code == 302
    returned.refresh_from_db()
    assert returned.status == Status.WITHDRAWN
    assert returned.events.last().opinion == "想先补材料"
    assert returned.events.last().actor == member.user
    again = client.post(url, {"reason": "又想撤回"})
    assert again.status_code == 400
    assert "不能“撤回申报”" in again.content.decode()
    assert "“已撤回”的申报不能撤回" in client.get(url).content.decode()
    send(client)
    assert Application.objects.count() == 2


def test_a_reason_too_long_is_said_and_kept(client, returned):
    reason = "长" * 2001
    page = client.post(address("withdraw", returned), {"reason": reason})
    assert page.status_code == 400
    assert "最多 2000 字，您写了 2001 字" in page.content.decode()
    assert reason in page.content.decode()
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED


def test_only_an_owner_takes_an_application_back_and_others_are_told_who(client, returned):
    colleague = MembershipFactory(
        enterprise=returned.enterprise, role="member", contact_name="统计员"
    )
    client.force_login(colleague.user)
    page = client.get(address("case", returned)).content.decode()
    assert "撤回申报只能由企业的管理员办理：办公室。" in page
    assert address("withdraw", returned) not in page
    for answer in (
        client.get(address("withdraw", returned)),
        client.post(address("withdraw", returned), {"reason": "不想报了"}),
    ):
        assert answer.status_code == 403
        assert "撤回申报只能由企业的管理员办理：办公室。" in answer.content.decode()
        assert "确认撤回" not in answer.content.decode()
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED


@pytest.mark.parametrize("who", ["member", "other firm's owner", "staff"])
def test_the_service_itself_refuses_whoever_is_no_owner(returned, who):
    actor = {
        "member": lambda: MembershipFactory(enterprise=returned.enterprise, role="member").user,
        "other firm's owner": lambda: (
            MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
        ),
        "staff": lambda: UserFactory(is_superuser=True, jurisdiction_code=""),
    }[who]()
    with pytest.raises(ApplicationError, match="只能由企业的管理员办理：办公室"):
        withdraw(application=returned, actor=actor, opinion="", now=timezone.now())
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED
    assert returned.corrections.get().answered_at is None


def test_what_follows_depends_on_whether_the_programme_is_offered(client, returned):
    programme = Programme.objects.get(pk="jc-xsg")
    set_screened(programme, is_screened=False, reason="县里停办一年", now=timezone.now())
    page = client.get(address("withdraw", returned)).content.decode()
    assert "暂时不能重新申报" in page
    assert "可以重新申报" not in page


def test_the_case_shows_what_was_handed_in_with_units_and_years(client, member, licence):
    listed = Edition.objects.get(programme="jc-xsg", status="published").materials.get()
    application = handed_in(member, **{f"material_{listed.pk}": [str(licence.reference)]})
    page = client.get(address("case", application))
    said = {each.label: each for each in page.context["answers"]}
    label = Catalogue().facts[REVENUE].label
    assert (said[label].value, said[label].year) == ("2000 万元", application.year)
    text = page.content.decode()
    assert f"{label}（{application.year} 年）" in text
    assert "2000 万元" in text
    assert f"{listed.name}：" in text and f"/files/{licence.reference}/" in text
    assert "执照.pdf" in text


def test_the_case_keeps_what_was_handed_in_beside_what_was_corrected(client, returned, licence):
    data = {"revenue__main_business__y0": "2100", OTHER: [str(licence.reference)]}
    client.post(address("correct", returned), data)
    page = client.get(address("case", returned)).content.decode()
    assert "2100 万元" in page
    assert "提交时：2000 万元" in page


def test_the_case_shows_the_expected_money_by_level_and_year(client):
    tranche = {"payer": "140521", "condition": None, "sources": []}
    application = ApplicationFactory(
        assessment={
            **ApplicationFactory.build().assessment,
            "awards": {
                "county": {"status": "unpublished"},
                "city": {
                    "status": "published",
                    "total": [5, 8],
                    "now": [5, 5],
                    "later": [0, 3],
                },
                "province": {"status": "none_listed"},
            },
            "tranches": [
                {**tranche, "level": "city", "title": "首次", "when": "now", "year": 2026,
                 "amount": [5, 5]},
                {**tranche, "level": "city", "title": "第二年", "when": "later", "year": 2027,
                 "amount": [0, 3], "condition": "仍在规上"},
            ],
        }
    )  # fmt: skip
    member = MembershipFactory(enterprise=application.enterprise)
    client.force_login(member.user)
    page = client.get(address("case", application)).content.decode()
    money = " ".join(strip_tags(page[page.index('id="submitted"') :]).split())
    assert "县级：未公布" in money
    assert "市级：合计 5–8 万元" in money
    assert "省级：文件未列此级" in money
    assert "2026 年（现在）：5 万元，首次" in money
    assert "2027 年（以后）：最高 3 万元，第二年，仍在规上" in money


def test_a_correction_made_in_two_tabs_counts_once(client, returned, licence):
    url, files = address("correct", returned), {OTHER: [str(licence.reference)]}
    first = client.post(url, {"revenue__main_business__y0": "2100", **files})
    second = client.post(url, {"revenue__main_business__y0": "2200", **files})
    assert (first.status_code, second.status_code) == (302, 404)
    returned.refresh_from_db()
    assert returned.answers[REVENUE] == 2100


def test_the_case_is_for_members_only(client, returned):
    names = ("case", "correct", "withdraw", "write-note")
    stranger = MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
    for user in (stranger, UserFactory(), UserFactory(jurisdiction_code="", is_superuser=True)):
        client.force_login(user)
        for name in names:
            url = address(name, returned)
            assert client.post(url, {"text": "冒充"}).status_code in (404, 405)
            assert client.get(url).status_code in (404, 405)
    client.logout()
    for name in names:
        assert client.post(address(name, returned)).status_code in (302, 405)
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED
    assert not CaseNote.objects.exists()


def test_a_member_of_several_firms_opens_the_cases_of_each(client, returned, member):
    other = MembershipFactory(user=member.user, enterprise__credit_code="91140522MA0K00003X")
    elsewhere = ApplicationFactory(enterprise=other.enterprise)
    for application in (returned, elsewhere):
        assert client.get(address("case", application)).status_code == 200


def test_the_case_is_kept_out_of_indexes_and_caches(client, returned):
    response = client.get(address("case", returned))
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


STEPS = (
    ("prepare", "county", "入库", None),
    ("apply", "county", "提交纸质申请", None),
    ("review", "county", "初审", 5),
    ("expert", "city", "专家评审", None),
    ("notice", "city", "公示", 5),
    ("recognition", "city", "发文认定", None),
)


@pytest.fixture
def stepped():
    edition = EditionFactory()
    for position, (kind, level, title, days) in enumerate(STEPS):
        Step.objects.create(
            edition=edition,
            position=position,
            kind=kind,
            level=level,
            actor=f"{title}的中心",
            title=title,
            working_days=days,
        )
    submitted = at(2026, 9, 24, 9)
    application = ApplicationFactory(edition=edition, submitted_at=submitted)
    MembershipFactory(enterprise=application.enterprise)
    return application


def standing(client, application):
    client.force_login(application.enterprise.memberships.first().user)
    return client.get(address("case", application)).context["standing"]


def states(found):
    return [stage.state for stage in found.stages]


def test_the_timeline_says_who_has_it_and_until_when(client, stepped):
    found = standing(client, stepped)
    assert states(found) == ["before", "done", "now", "to_come", "to_come", "to_come"]
    assert found.stages[1].day == date(2026, 9, 24)
    assert found.holder == "初审的中心"
    # 25 to 27 September are off for the festival, as are 1 to 7 October.
    assert found.until == "预计 2026-10-09 前（5 个工作日）"


def test_the_timeline_follows_the_case(client, stepped):
    county, city = UserFactory(), UserFactory(jurisdiction_code="140500")

    def go(action, actor):
        stepped.refresh_from_db()
        decide(application=stepped, action=action, actor=actor, now=timezone.now())

    stepped.county.parent_id = "140500"
    stepped.county.save()
    go(Action.ACCEPT, county)
    go(Action.RECOMMEND, county)
    found = standing(client, stepped)
    assert states(found) == ["before", "done", "done", "now", "to_come", "to_come"]
    assert found.stages[2].day == timezone.localdate()
    assert found.until == "文件没有印时限"
    ExpertScoreFactory(assignment__application=stepped)
    go(Action.RECOMMEND, city)
    assert states(standing(client, stepped))[3:] == ["done", "now", "to_come"]
    ApplicationEvent.objects.create(
        application=stepped, at=timezone.now(), action=Action.END_NOTICE, target="approved"
    )
    assert states(standing(client, stepped))[3:] == ["done", "done", "now"]
    Application.objects.filter(pk=stepped.pk).update(status=Status.RECOGNISED)
    assert set(states(standing(client, stepped))) == {"before", "done"}
    Application.objects.filter(pk=stepped.pk).update(status=Status.REJECTED, step=1)
    found = standing(client, stepped)
    assert states(found)[2:] == ["done", "stopped", "to_come", "to_come"]
    assert found.holder == ""


def test_where_nothing_is_printed_the_county_reviews(client):
    application = ApplicationFactory(arrived_at=timezone.now() - timedelta(days=1))
    MembershipFactory(enterprise=application.enterprise)
    found = standing(client, application)
    assert [stage.title for stage in found.stages] == ["提交申报", "审核"]
    assert found.until == "文件没有印时限"


def test_what_comes_before_is_listed_before_handing_in(client):
    application = ApplicationFactory()
    StepFactory(edition=application.edition, kind="prepare", title="进入培育库")
    StepFactory(edition=application.edition, title="核实")
    MembershipFactory(enterprise=application.enterprise)
    found = standing(client, application)
    assert [stage.title for stage in found.stages] == ["进入培育库", "提交申报", "核实"]
    assert states(found) == ["before", "done", "now"]


def test_a_year_without_a_calendar_is_said_and_not_guessed(client, stepped):
    Application.objects.filter(pk=stepped.pk).update(arrived_at=at(2049, 12, 20, 9))
    assert "放假安排还没有公布" in standing(client, stepped).until


def test_the_case_takes_the_same_queries_for_much(client, stepped, django_assert_num_queries):
    standing(client, stepped)
    with django_assert_num_queries(16):
        client.get(address("case", stepped))
    AttachmentFactory.create_batch(8, application=stepped)
    for number in range(8):
        user = UserFactory()
        stepped.events.create(at=timezone.now(), actor=user, action="visit", target="submitted")
        said = {"from_staff": bool(number % 2), "text": f"第{number}条", "at": timezone.now()}
        stepped.notes.create(author=user, **said)
    with django_assert_num_queries(16):
        shown = client.get(address("case", stepped)).content.decode()
    assert shown.count('href="/files/') == 8
    assert all(f"第{number}条" in shown for number in range(8))


def test_a_correction_waits_while_its_rules_do_not_compile(client, member):
    faulty = publish_faulty()
    application = ApplicationFactory(
        enterprise=member.enterprise, edition=faulty, county_id="140521"
    )
    request_correction(
        application=application,
        actor=UserFactory(),
        facts=[REVENUE],
        materials=[],
        reason="收入与报表不符",
        now=timezone.now(),
    )
    data = {"revenue__main_business__y0": "2100"}
    answer = client.post(address("correct", application), data)
    assert "规则正在核对" in answer.content.decode()
    application.refresh_from_db()
    assert application.status == Status.RETURNED
