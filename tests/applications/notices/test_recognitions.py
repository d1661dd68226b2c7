"""Recognition: which cases, by which document, on which day, and what the firm then holds."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.enterprises.services.profile import current_answers, record_answers
from applications.notices.models import EnterpriseTitle, Recognition, RecognitionLine
from applications.notices.services.errors import NoticeError, RefusedError
from applications.notices.services.notices import end_notice
from applications.notices.services.objections import record_objection, settle_objection
from applications.notices.services.recognitions import (
    RecognitionError,
    _tell_profiles,
    recognise,
    waiting_for_recognition,
)
from policies.catalogue import current as catalogue
from policies.catalogue.models import Edition
from tests.applications.notices.test_notices import edition_with_notice
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    FactFactory,
    JurisdictionFactory,
    ManagerFactory,
    ProgrammeFactory,
    approved_cases,
    posted_notice,
)
from tests.policies.packs import load_catalogue

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
ENDED = datetime(2026, 10, 10, 18, tzinfo=CHINA)
NOW = datetime(2026, 10, 15, 9, tzinfo=CHINA)
DAY = date(2026, 10, 12)
NUMBER = "测试〔2026〕8号"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory()


def titles(key):
    """A fact for the titles that a firm holds."""
    FactFactory(key=key, type="enum_set", unit="", choices={"city": "市级"})


@pytest.fixture
def edition():
    titles("zjtx.tiers")
    programme = ProgrammeFactory(tier_fact="zjtx.tiers", tier_code="city")
    return edition_with_notice(5, programme=programme)


@pytest.fixture
def ended(manager, edition):
    notice = posted_notice(approved_cases(2, edition=edition), POSTED, manager)
    return end_notice(notice=notice, actor=manager, now=ENDED)


def record(applications, actor, **changes):
    what = {"document_number": NUMBER, "on": DAY, "now": NOW, **changes}
    return recognise(applications=applications, actor=actor, **what)


def test_the_cases_of_an_ended_notice_are_recognised_and_their_firms_hold_the_title(manager, ended):
    recognition = record(
        waiting_for_recognition(ended), manager, notice=ended, valid_until=date(2029, 10, 12)
    )
    assert (recognition.document_number, recognition.on) == (NUMBER, DAY)
    assert recognition.notice == ended
    assert recognition.jurisdiction_id == "140500"
    assert recognition.programme == ended.programme
    assert set(Application.objects.values_list("status", flat=True)) == {Status.RECOGNISED}
    lines = RecognitionLine.objects.values_list("title_code", "valid_until")
    assert set(lines) == {("city", date(2029, 10, 12))}
    titles = EnterpriseTitle.objects.values_list("fact", "code", "since", "recognition")
    assert list(titles) == [("zjtx.tiers", "city", DAY, recognition.pk)] * 2
    event = Application.objects.first().events.last()
    assert (event.actor, event.target) == (manager, Status.RECOGNISED)
    assert NUMBER in event.opinion


def test_a_programme_without_a_title_gives_none_and_two_bases_of_a_firm_give_one(manager):
    plain = approved_cases(1, edition=EditionFactory())
    record(plain, manager)
    assert not EnterpriseTitle.objects.exists()
    titles("base.titles")
    programme = ProgrammeFactory(tier_fact="base.titles", tier_code="city")
    edition = EditionFactory(programme=programme)
    bases = [
        ApplicationFactory(edition=edition, status=Status.APPROVED, subject=subject)
        for subject in ("一号基地", "二号基地")
    ]
    record(bases, manager)
    assert EnterpriseTitle.objects.count() == 1
    assert RecognitionLine.objects.filter(title_code="city").count() == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"document_number": "  "}, "请填认定文件的文号"),
        ({"on": date(2026, 10, 16)}, "不能晚于今天"),
        ({"on": date(2026, 10, 9)}, "不能早于公示结束日 2026-10-10"),
        ({"valid_until": DAY}, "有效期应晚于认定日期"),
    ],
)
def test_a_wrong_document_recognises_nothing(manager, ended, changes, told):
    cases = waiting_for_recognition(ended)
    with pytest.raises(RecognitionError, match=told):
        record(cases, manager, notice=ended, **changes)
    assert not Recognition.objects.exists()
    assert set(Application.objects.values_list("status", flat=True)) == {Status.APPROVED}


def test_the_day_of_the_end_and_today_are_both_possible(manager, ended):
    first, second = waiting_for_recognition(ended)
    record([first], manager, notice=ended, on=date(2026, 10, 10))
    record([second], manager, notice=ended, on=date(2026, 10, 15))
    assert Recognition.objects.count() == 2


def test_every_case_that_cannot_be_recognised_is_named_and_none_is(manager, ended, edition):
    good, taken_back = waiting_for_recognition(ended)
    Application.objects.filter(pk=taken_back.pk).update(status=Status.SUBMITTED)
    unnoticed = ApplicationFactory(edition=edition, status=Status.APPROVED, year=2025)
    with pytest.raises(RefusedError) as caught:
        record([good, taken_back, unnoticed], manager)
    reasons = {refusal.application: refusal.reason for refusal in caught.value.refusals}
    assert set(reasons) == {taken_back, unnoticed}
    assert "现在是“待受理”" in reasons[taken_back]
    assert "还没有公示期满" in reasons[unnoticed]
    with pytest.raises(RefusedError, match="不在这批公示里"):
        record([unnoticed], manager, notice=ended)
    with pytest.raises(RefusedError, match="不在您所管的地区"):
        record([good], _clerk_elsewhere())
    with pytest.raises(NoticeError, match="几个项目"):
        record([good, *approved_cases(1)], manager)
    with pytest.raises(RecognitionError, match="没有可以认定的申报"):
        record([], manager)
    good.refresh_from_db()
    assert good.status == Status.APPROVED
    assert not Recognition.objects.exists()


def _clerk_elsewhere():
    JurisdictionFactory(code="140522", name="阳城县", level="county")
    return ManagerFactory(jurisdiction_code="140522")


def test_without_naming_the_notice_its_end_holds_too(manager, ended):
    case = waiting_for_recognition(ended).first()
    with pytest.raises(RefusedError, match="不能早于公示结束日"):
        record([case], manager, on=date(2026, 10, 9))


def test_a_running_notice_recognises_nothing(manager, edition):
    cases = approved_cases(1, edition=edition)
    notice = posted_notice(cases, POSTED, manager)
    with pytest.raises(RecognitionError, match="现在是“公示中”，没有公示期满"):
        record(cases, manager, notice=notice)
    with pytest.raises(RefusedError, match="现在是“公示中”"):
        record(cases, manager)


def test_a_case_approved_anew_after_its_notice_needs_another(manager, ended):
    case = waiting_for_recognition(ended).first()
    case.events.create(
        at=NOW,
        actor=manager,
        action="recommend",
        source="in_review",
        target="approved",
        step_level="city",
        step_place=0,
    )
    assert case not in waiting_for_recognition(ended)
    with pytest.raises(RefusedError, match="还没有公示期满"):
        record([case], manager)


def test_a_case_rejected_by_an_objection_is_not_recognised(manager, edition):
    notice = posted_notice(approved_cases(2, edition=edition), POSTED, manager)
    line = notice.lines.first()
    objection = record_objection(
        notice=notice, line=line, name="测试单位", contact="a@b.cn", text="停产", now=POSTED
    )
    settle_objection(
        objection=objection, outcome="upheld", handling="属实", actor=manager, now=POSTED
    )
    end_notice(notice=notice, actor=manager, now=ENDED)
    record(waiting_for_recognition(notice), manager, notice=notice)
    line.application.refresh_from_db()
    assert line.application.status == Status.REJECTED
    assert RecognitionLine.objects.count() == 1


def test_the_database_keeps_a_recognition(manager, ended):
    recognition = record(waiting_for_recognition(ended), manager, notice=ended)
    own = Recognition.objects.filter(pk=recognition.pk)
    line = recognition.lines.first()
    for act in (
        lambda: own.update(document_number="改了"),
        lambda: own._raw_delete(own.db),
        lambda: recognition.lines.update(title_code="province"),
        lambda: recognition.lines.all()._raw_delete(own.db),
        lambda: RecognitionLine.objects.create(
            recognition=recognition, application=line.application
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def admin(notice, name="change"):
    return reverse(f"admin:notices_notice_{name}", args=[notice.pk])


FORM = {"document_number": NUMBER, "on": "2026-10-12", "valid_until": ""}


def test_staff_record_the_document_and_the_public_reads_it(client, manager, ended, time_machine):
    time_machine.move_to(NOW)
    client.force_login(manager)
    assert "2 件申报都成为“已认定”" in client.get(admin(ended)).content.decode()
    page = client.post(admin(ended, "recognise"), FORM, follow=True).content.decode()
    assert f"已登记认定 {NUMBER}，共 2 件" in page
    assert "登记认定</button>" not in page
    client.logout()
    public = client.get(reverse("notices:notice", args=[ended.number])).content.decode()
    assert f"已认定，文号 {NUMBER}，2026年10月12日" in public


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"document_number": ""}, "请填认定文件的文号"),
        ({"on": ""}, "请填认定日期"),
        ({"on": "昨天"}, "不是日期"),
        ({"on": "2026-10-16"}, "不能晚于今天"),
        ({"on": "2026-10-09"}, "不能早于公示结束日"),
        ({"valid_until": "2026-01-01"}, "有效期应晚于认定日期"),
    ],
)
def test_a_wrong_form_is_told_and_kept(client, manager, ended, time_machine, changes, told):
    time_machine.move_to(NOW)
    client.force_login(manager)
    response = client.post(admin(ended, "recognise"), {**FORM, **changes})
    assert response.status_code == 400
    page = response.content.decode()
    assert told in page
    for value in {**FORM, **changes}.values():
        assert value in page
    assert not Recognition.objects.exists()


def test_a_second_recording_finds_nothing_left(client, manager, ended, time_machine):
    time_machine.move_to(NOW)
    client.force_login(manager)
    client.post(admin(ended, "recognise"), FORM)
    response = client.post(admin(ended, "recognise"), FORM)
    assert response.status_code == 400
    assert "没有可以认定的申报" in response.content.decode()


def test_recognitions_are_seen_and_made_within_ones_own_place_only(client, manager, ended):
    recognition = record(waiting_for_recognition(ended), manager, notice=ended)
    page = reverse("admin:notices_recognition_change", args=[recognition.pk])
    listed = reverse("admin:notices_recognition_changelist")
    client.force_login(manager)
    assert "沁水县第1测试公司" in client.get(page).content.decode()
    assert NUMBER in client.get(listed).content.decode()
    assert client.post(page, {"document_number": "改"}).status_code == 403
    client.force_login(ManagerFactory(jurisdiction_code="140521"))
    assert client.get(page, follow=False).status_code == 404
    assert NUMBER not in client.get(listed).content.decode()
    assert client.post(admin(ended, "recognise"), FORM).status_code == 404
    client.force_login(ManagerFactory(permissions=["view_application"]))
    assert client.get(listed).status_code == 403
    assert client.post(admin(ended, "recognise"), FORM).status_code == 403


def test_a_notice_ended_late_is_recognised_after_its_real_end(manager, edition):
    notice = posted_notice(approved_cases(1, edition=edition), POSTED, manager)
    end_notice(notice=notice, actor=manager, now=ENDED + timedelta(days=5))
    with pytest.raises(RecognitionError, match="2026-10-15"):
        record(waiting_for_recognition(notice), manager, notice=notice, on=DAY)


CASES = reverse("admin:cases_application_changelist") + "?queue=all"
RECORD = reverse("admin:notices_recognition_record")


def choose(client, cases):
    data = {"action": "record_recognition", "_selected_action": [case.pk for case in cases]}
    return client.post(CASES, data)


def test_a_programme_without_a_notice_is_recognised_from_the_list(client, manager, time_machine):
    time_machine.move_to(NOW)
    client.force_login(manager)
    cases = approved_cases(2, edition=EditionFactory())
    address = choose(client, cases).url
    assert "下面的 2 件申报" in client.get(address).content.decode()
    assert not Recognition.objects.exists()
    page = client.post(address, FORM, follow=True).content.decode()
    assert f"已登记认定 {NUMBER}，共 2 件" in page
    assert Recognition.objects.get().notice is None


def test_cases_chosen_from_the_list_keep_the_notice_they_came_through(
    client, manager, ended, time_machine
):
    time_machine.move_to(NOW)
    client.force_login(manager)
    cases = list(waiting_for_recognition(ended))
    client.post(choose(client, cases).url, FORM)
    assert Recognition.objects.get().notice == ended
    public = client.get(reverse("notices:notice", args=[ended.number])).content.decode()
    assert public.count(f"已认定，文号 {NUMBER}") == 3


def test_what_cannot_be_recognised_from_the_list_is_named_and_kept(
    client, manager, edition, time_machine
):
    time_machine.move_to(NOW)
    client.force_login(manager)
    cases = approved_cases(1, edition=edition)
    response = client.post(choose(client, cases).url, FORM)
    assert response.status_code == 400
    page = response.content.decode()
    assert f"{cases[0].number}：文件规定要公示" in page
    assert NUMBER in page


def test_the_page_of_recording_knows_its_own_cases_only(client, manager):
    case = approved_cases(1, edition=EditionFactory())[0]
    client.force_login(_clerk_elsewhere())
    for query in ("", f"?case={case.pk}", "?case=x", f"?case={'9' * 30}"):
        assert client.get(RECORD + query).status_code == 404
        assert client.post(RECORD + query, FORM).status_code == 404
    client.force_login(ManagerFactory(permissions=["view_application"]))
    assert client.get(f"{RECORD}?case={case.pk}").status_code == 403


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ([], {"city"}),
        (["prov"], {"city", "prov"}),
        (None, None),
    ],
)
def test_the_title_joins_what_the_firm_said_of_its_titles(said, then):
    """Who never said which titles it holds is not made to say that it has no others."""
    load_catalogue()
    manager = ManagerFactory()
    edition = Edition.objects.get(programme="jc-zjtx-city")
    case = ApplicationFactory(status=Status.APPROVED, edition=edition)
    facts = catalogue.facts()
    if said is not None:
        record_answers(
            enterprise=case.enterprise,
            subject=None,
            answers={"zjtx.tiers": frozenset(said)},
            facts=facts,
            now=NOW,
            given_by=None,
        )
    _tell_profiles(edition.programme, [case], manager, NOW)
    answers = current_answers(case.enterprise, None, facts, DAY)
    assert answers.get("zjtx.tiers") == then


@pytest.mark.parametrize(("level", "recognised"), [("city", False), ("province", True)])
def test_a_notice_that_the_province_posts_is_not_waited_for_here(manager, level, recognised):
    edition = edition_with_notice(5)
    edition.steps.update(level=level)
    cases = approved_cases(1, edition=edition)
    if recognised:
        assert record(cases, manager)
    else:
        with pytest.raises(RefusedError, match="公示"):
            record(cases, manager)
