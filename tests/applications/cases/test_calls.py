"""Calls: which one decides, who opens it, what becomes of drafts, and what the database holds."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.cases.models import Application, Attachment, Message
from applications.cases.services.calls import (
    Asked,
    CallError,
    change_call,
    discard_call,
    draft_call,
    figures_of,
    move_last_day,
    open_call,
    set_county_day,
    warn_of_last_days,
    withdraw_call,
)
from policies.catalogue.calls import Phase, in_county, materials_of, state_on
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, CallEvent, CountyLastDay, Material
from portal.models import Delivery
from portal.users import record_password
from tests.applying import CHINA
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    DraftFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    LibraryFileFactory,
    MembershipFactory,
    ProgrammeFactory,
    UserFactory,
    opened_call,
)

pytestmark = pytest.mark.django_db
# A Monday; the Friday of that week is five working days before the next Friday.
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 10, tzinfo=CHINA)
WORDS = {
    "title": "关于组织申报的通知",
    "text": "请在网上申报。",
    "document_number": "测试〔2026〕1号",
    "document": None,
    "opens_on": TODAY,
    "closes_on": date(2026, 3, 31),
    "places_are": "unpublished",
    "places": None,
    "office": "企业服务科",
    "telephone": "0356-7000002",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def programme():
    """Of the city, with an edition in force, so that cases can be handed in."""
    return EditionFactory(status="draft").programme


def clerk(**fields):
    return UserFactory(jurisdiction_code="140500", permissions=["manage_calls"], **fields)


def drafted(programme, actor, materials=(), **words):
    return draft_call(
        programme=programme, words=WORDS | words, materials=materials, actor=actor, now=NOW
    )


def opened(programme, **words):
    call = drafted(programme, clerk(), **words)
    return open_call(call=call, seen=call.version, actor=clerk(), now=NOW)


def state(programme, day=TODAY):
    return state_on(Catalogue().calls.get(programme.pk, ()), day)


def member_with_draft(programme, **fields):
    member = MembershipFactory(**fields)
    DraftFactory(enterprise=member.enterprise, programme=programme, updated_by=member.user)
    return member


def another_firm():
    return EnterpriseFactory(credit_code="91140500MA0TEST0X2", name="另一家企业")


def told(member):
    return list(Message.objects.filter(recipient=member.user).order_by("pk"))


def case(call, **fields):
    edition = call.programme.editions.first()
    return ApplicationFactory(edition=edition, call=call, on=TODAY, **fields)


# Which one decides.


def test_without_a_call_nothing_is_asked_of_the_table(programme, django_assert_num_queries):
    with django_assert_num_queries(1):  # the stamps
        assert Catalogue().calls == {}


def test_drafts_and_withdrawn_calls_decide_nothing(programme):
    drafted(programme, clerk())
    assert state(programme) is None
    call = opened(programme)
    assert state(programme).is_running
    withdraw_call(call=call, reason="开放错了", actor=clerk(), now=NOW)
    assert state(programme) is None


@pytest.mark.parametrize(
    ("day", "phase", "said"),
    [
        (date(2026, 2, 28), Phase.AHEAD, "2026年3月2日起受理，现在还没有开始"),
        (date(2026, 3, 2), Phase.RUNNING, ""),
        (date(2026, 3, 31), Phase.RUNNING, ""),
        (date(2026, 4, 1), Phase.OVER, "已于2026年3月31日截止"),
    ],
)
def test_the_first_and_the_last_day_count(programme, day, phase, said):
    call = opened(programme)
    found = state(programme, day)
    assert (found.call, found.phase) == (call, phase)
    assert said in found.closed
    assert bool(found.closed) == (phase is not Phase.RUNNING)
    if said:
        assert "企业服务科（0356-7000002）" in found.closed


def test_between_two_calls_the_next_one_is_told(programme):
    opened(programme)
    later = opened(programme, opens_on=date(2026, 9, 1), closes_on=date(2026, 9, 30))
    assert state(programme, date(2026, 5, 1)).call == later
    assert state(programme, date(2026, 9, 1)).is_running
    assert state(programme, date(2026, 12, 1)).phase is Phase.OVER


def test_one_without_a_last_day_stays_open(programme):
    opened(programme, closes_on=None)
    assert state(programme, date(2031, 1, 1)).is_running


def test_calls_of_other_programmes_do_not_count(programme):
    opened(ProgrammeFactory())
    assert state(programme) is None


# Drafted, and opened by a second person.


def test_a_second_person_opens_what_one_has_drafted(programme):
    first, second = clerk(), clerk()
    call = drafted(programme, first)
    with pytest.raises(CallError, match="要由另一人开放") as refused:
        open_call(call=call, seen=0, actor=first, now=NOW)
    assert refused.value.field == "reason"
    call = open_call(call=call, seen=0, actor=second, now=NOW)
    assert (call.opened_by, call.alone_reason) == (second, "")
    assert call.events.get().reason == ""


def test_the_drafter_opens_it_with_a_reason_on_record(programme):
    only = clerk()
    call = open_call(
        call=drafted(programme, only), seen=0, actor=only, now=NOW, reason=" 本中心只有一人 "
    )
    assert call.alone_reason == "本中心只有一人"
    assert call.events.get().reason == "本中心只有一人"


def test_whoever_has_the_drafters_account_in_hand_is_no_second_person(programme):
    maker, made = clerk(), clerk()
    record_password(user=made, actor=maker)
    with pytest.raises(CallError, match="要由另一人开放"):
        open_call(call=drafted(programme, made), seen=0, actor=maker, now=NOW)
    with pytest.raises(CallError, match="要由另一人开放"):
        open_call(call=drafted(programme, maker), seen=0, actor=made, now=NOW)


def test_who_changes_a_draft_has_drafted_it(programme):
    first, second = clerk(), clerk()
    call = drafted(programme, first)
    change_call(
        call=call, seen=0, words=WORDS | {"title": "改过"}, materials=[], actor=second, now=NOW
    )
    with pytest.raises(CallError, match="被改过"):
        open_call(call=call, seen=0, actor=first, now=NOW)
    with pytest.raises(CallError, match="要由另一人开放"):
        open_call(call=call, seen=1, actor=second, now=NOW)
    assert open_call(call=call, seen=1, actor=first, now=NOW).title == "改过"


def test_a_centre_calls_for_programmes_of_its_place_and_below_alone(programme):
    county = UserFactory(jurisdiction_code="140521", permissions=["manage_calls"])
    with pytest.raises(CallError, match="适用于晋城市"):
        drafted(programme, county)
    area = JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )
    below = ProgrammeFactory(area=area)
    assert drafted(below, clerk()).programme == below
    assert drafted(below, county).programme == below
    own = Call.objects.handled_by(county)
    assert {each.programme for each in own} == {below}
    drafted(programme, clerk())
    assert {each.programme for each in Call.objects.visible_to(county)} == {below, programme}


def test_calls_of_a_programme_never_overlap(programme):
    first = opened(programme)
    with pytest.raises(CallError, match="时间不能重叠") as refused:
        drafted(programme, clerk(), opens_on=date(2026, 3, 31), closes_on=date(2026, 5, 1))
    assert refused.value.field == "opens_on"
    second = opened(programme, opens_on=date(2026, 4, 1), closes_on=date(2026, 5, 1))
    with pytest.raises(CallError, match="时间不能重叠"):
        move_last_day(call=first, closes_on=date(2026, 4, 1), reason="延期", actor=clerk(), now=NOW)
    with pytest.raises(IntegrityError, match="时间不能重叠"), transaction.atomic():
        CallEvent.objects.create(
            call=first, at=NOW, actor=clerk(), action="move", reason="延期", last_day=None
        )
        Call.objects.filter(pk=first.pk).update(closes_on=None)
    assert second.is_open


def test_an_opened_draft_can_neither_be_changed_nor_thrown_away(programme):
    call = opened(programme)
    with pytest.raises(CallError, match="已经开放"):
        change_call(call=call, seen=0, words=WORDS, materials=[], actor=clerk(), now=NOW)
    with pytest.raises(CallError, match="已经开放"):
        discard_call(call=call, seen=0)
    draft = drafted(programme, clerk(), opens_on=date(2027, 1, 1), closes_on=date(2027, 2, 1))
    discard_call(call=draft, seen=0)
    assert Call.objects.get() == call


def test_a_call_whose_days_are_over_is_not_opened(programme):
    call = drafted(programme, clerk(), opens_on=date(2026, 1, 1), closes_on=date(2026, 1, 31))
    with pytest.raises(CallError, match="已经过了"):
        open_call(call=call, seen=0, actor=clerk(), now=NOW)


def test_a_material_of_the_programmes_list_is_not_asked_for_again():
    edition = EditionFactory(is_packed=True)
    Material.objects.create(edition=edition, position=1, name="营业执照")
    type(edition).objects.filter(pk=edition.pk).update(status="published", digest="x")
    with pytest.raises(CallError, match="清单里已有“营业执照”") as refused:
        drafted(edition.programme, clerk(), [Asked("营业执照")])
    assert refused.value.field == "materials"


@pytest.mark.parametrize(
    ("field", "day"), [("closes_on", date(9999, 12, 31)), ("opens_on", date(206, 3, 2))]
)
def test_a_year_that_was_typed_wrong_is_asked_back(programme, field, day):
    """The public calendar would count on from the last of all days."""
    with pytest.raises(CallError, match="核对年份") as refused:
        drafted(programme, clerk(), **{field: day})
    assert refused.value.field == field
    call = opened(programme)
    with pytest.raises(CallError, match="常年受理"):
        move_last_day(
            call=call, closes_on=date(9999, 12, 31), reason="长期", actor=clerk(), now=NOW
        )


def test_what_firms_hand_in_anyway_is_no_material_of_a_call(programme):
    """A draft keeps files by the material's name: those of one of the two would be lost."""
    with pytest.raises(CallError, match="“其他材料”企业本来就可以上传") as refused:
        drafted(programme, clerk(), [Asked("其他材料")])
    assert refused.value.field == "materials"


def test_what_a_later_edition_lists_too_is_asked_for_once(programme):
    call = opened_call(programme=programme, materials=["承诺函", "照片"])
    edition = EditionFactory(programme=programme, effective_from="2026-04-01")
    listed = Material.objects.create(edition=edition, position=1, name="承诺函")
    assert materials_of(edition, call) == [listed, call.materials.get(name="照片")]


# Prolonged, closed early, withdrawn; firms with drafts are told.


def test_moving_the_last_day_needs_a_reason_and_is_told_to_drafts(programme):
    member = member_with_draft(programme)
    other = member_with_draft(ProgrammeFactory(), enterprise=another_firm())
    call = opened(programme)
    with pytest.raises(CallError, match="请写明理由"):
        move_last_day(call=call, closes_on=date(2026, 4, 10), reason=" ", actor=clerk(), now=NOW)
    with pytest.raises(CallError, match="没有变"):
        move_last_day(call=call, closes_on=call.closes_on, reason="x", actor=clerk(), now=NOW)
    with pytest.raises(CallError, match="不能早于今天"):
        move_last_day(call=call, closes_on=date(2026, 3, 1), reason="x", actor=clerk(), now=NOW)
    actor = clerk()
    move_last_day(call=call, closes_on=date(2026, 4, 10), reason="系统检修", actor=actor, now=NOW)
    move_last_day(call=call, closes_on=TODAY, reason="名额已满", actor=actor, now=NOW)
    assert not state(programme, date(2026, 3, 3)).is_running
    assert [(e.action, e.last_day_before, e.last_day, e.reason) for e in call.events.all()] == [
        ("open", None, date(2026, 3, 31), ""),
        ("move", date(2026, 3, 31), date(2026, 4, 10), "系统检修"),
        ("move", date(2026, 4, 10), TODAY, "名额已满"),
    ]
    subjects = [message.subject.partition("：")[0] for message in told(member)]
    assert subjects == ["征集已开放", "征集的截止日改了", "征集的截止日改了"]
    last = told(member)[-1]
    assert "原来到2026年4月10日，现在到2026年3月2日（含当天）" in last.text
    assert "名额已满" in last.text
    assert (last.kind, last.enterprise) == ("call", member.enterprise)
    assert Delivery.objects.filter(recipient=member.user, channel="email").count() == 3
    assert not told(other)


def test_what_is_over_can_be_prolonged(programme):
    call = opened(programme)
    later = NOW + timedelta(days=60)
    move_last_day(call=call, closes_on=date(2026, 5, 15), reason="延期", actor=clerk(), now=later)
    assert state(programme, date(2026, 5, 10)).is_running


def test_a_call_with_cases_is_neither_withdrawn_nor_deleted(programme):
    member = member_with_draft(programme)
    call = opened(programme)
    case(call)
    with pytest.raises(CallError, match="已有 1 件申报"):
        withdraw_call(call=call, reason="开放错了", actor=clerk(), now=NOW)
    CallEvent.objects.create(
        call=call, at=NOW, actor=clerk(), action="withdraw", reason="x", last_day=call.closes_on
    )
    with pytest.raises(IntegrityError, match="已有申报按这次征集提交"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(status="withdrawn")
    empty = opened(programme, opens_on=date(2026, 5, 1), closes_on=date(2026, 5, 2))
    withdraw_call(call=empty, reason="日期写错了", actor=clerk(), now=NOW)
    assert "日期写错了" in told(member)[-1].text


# A county closes it earlier for its own firms.


def county_day(call, county, day=date(2026, 3, 20), actor=None, now=NOW, reason="县里要先初审"):
    actor = actor or UserFactory(jurisdiction_code=county.pk, permissions=["manage_calls"])
    return set_county_day(
        call=call, county=county, last_day=day, reason=reason, actor=actor, now=now
    )


def test_a_county_ends_it_earlier_for_its_own_firms_alone(programme):
    member, call = member_with_draft(programme), opened(programme)
    own, other = (
        member.enterprise.county,
        JurisdictionFactory(code="140522", name="阳城县", level="county", parent=programme.area),
    )
    far = EnterpriseFactory(credit_code="91140522MA0TEST0X2", name="邻县企业", county=other)
    neighbour = member_with_draft(programme, enterprise=far)
    county_day(call, own)
    [call] = Catalogue().calls[programme.pk]
    after = date(2026, 3, 21)
    assert state_on(in_county([call], own.pk), after).phase is Phase.OVER
    assert "县里要先初审" in state_on(in_county([call], own.pk), after).closed
    assert state_on(in_county([call], other.pk), after).is_running
    assert state_on([call], after).is_running
    assert "到2026年3月20日截止（全部地区到2026年3月31日）" in told(member)[-1].text
    assert not told(neighbour)
    county_day(call, own, None, reason="不用初审了")
    [call] = Catalogue().calls[programme.pk]
    assert state_on(in_county([call], own.pk), after).is_running
    assert "不再另定截止日" in told(member)[-1].text


def test_a_county_day_that_does_not_fit_is_refused(programme):
    call, county = opened(programme), EnterpriseFactory().county
    for day, said in (
        (call.closes_on, "要比征集的截止日 2026-03-31 早"),
        (date(2026, 3, 1), "不能早于今天"),
        (None, "没有另定截止日"),
    ):
        with pytest.raises(CallError, match=said) as refused:
            county_day(call, county, day)
        assert refused.value.field == "closes_on"
    with pytest.raises(CallError, match="请写明理由"):
        county_day(call, county, reason=" ")
    with pytest.raises(CallError, match="由那个县或上级的中心定"):
        county_day(call, county, actor=UserFactory(jurisdiction_code="140522"))
    county_day(call, county, actor=clerk())  # on its behalf
    with pytest.raises(CallError, match="没有变"):
        county_day(call, county)
    draft = drafted(programme, clerk(), opens_on=date(2027, 1, 1), closes_on=date(2027, 2, 1))
    with pytest.raises(CallError, match="现在是“草稿”"):
        county_day(draft, county, date(2027, 1, 5))


def test_the_database_holds_the_days_of_counties(programme):
    call, county = opened(programme), EnterpriseFactory().county
    row = county_day(call, county)
    words = {"call": call, "reason": "x", "at": NOW, "actor": row.actor}
    far = JurisdictionFactory(code="140800", name="运城市", parent=programme.area.parent)
    foreign = JurisdictionFactory(code="140802", name="盐湖区", level="county", parent=far)
    for wrong in (
        {"county": county, "last_day": call.closes_on},
        {"county": county, "last_day": date(2026, 3, 1)},
        {"county": foreign, "last_day": date(2026, 3, 20)},
        {"county": programme.area, "last_day": date(2026, 3, 20)},
    ):
        with pytest.raises(IntegrityError, match="县里的截止日只能"), transaction.atomic():
            CountyLastDay.objects.create(**words, **wrong)
    for change in ({"last_day": date(2026, 3, 30)}, {"reason": "另一个"}):
        with pytest.raises(IntegrityError, match="不能改动"), transaction.atomic():
            CountyLastDay.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError, match="不能改动"), transaction.atomic():
        CountyLastDay.objects.all().delete()
    edition = programme.editions.first()
    with pytest.raises(IntegrityError, match="按县里定的截止日"), transaction.atomic():
        ApplicationFactory(edition=edition, call=call, on=date(2026, 3, 21))
    assert ApplicationFactory(edition=edition, call=call, on=date(2026, 3, 20)).pk


def test_an_earlier_end_for_all_beats_the_countys(programme):
    call, county = opened(programme), EnterpriseFactory().county
    county_day(call, county)
    move_last_day(call=call, closes_on=date(2026, 3, 10), reason="x", actor=clerk(), now=NOW)
    [call] = Catalogue().calls[programme.pk]
    assert call.in_county(county.pk).last_day == date(2026, 3, 10)
    assert not call.county_days


def test_firms_are_warned_before_the_day_of_their_county(programme):
    member, call = member_with_draft(programme), opened(programme, closes_on=None)
    assert warn_of_last_days(at(2026, 3, 19)) == 0
    county_day(call, member.enterprise.county)
    assert warn_of_last_days(at(2026, 3, 19)) == 1
    assert warn_of_last_days(at(2026, 3, 19)) == 0
    assert warn_of_last_days(at(2026, 3, 21)) == 0
    assert "到2026年3月20日（含当天）截止" in warned(member)[0].text
    assert "县里要先初审" in warned(member)[0].text


def test_a_county_day_leaves_a_standing_call_standing(programme):
    """A firm applies by it each year anew, whatever day its county has set."""
    call, county = opened(programme, closes_on=None), EnterpriseFactory().county
    county_day(call, county)
    [call] = Catalogue().calls[programme.pk]
    assert not call.in_county(county.pk).is_one_round


# Warned before the last day.


def warned(member):
    return [m for m in told(member) if m.subject.startswith("征集快截止了")]


def at(*day):
    return datetime(*day, 8, tzinfo=CHINA)


def test_drafts_are_warned_five_and_one_working_days_before_once(programme):
    member = member_with_draft(programme)
    other = member_with_draft(ProgrammeFactory(), enterprise=another_firm())
    call = opened(programme, closes_on=date(2026, 3, 20))  # a Friday
    assert warn_of_last_days(at(2026, 3, 12)) == 0
    assert warn_of_last_days(at(2026, 3, 13)) == 1
    assert warn_of_last_days(at(2026, 3, 13)) == 0
    assert warn_of_last_days(at(2026, 3, 16)) == 0
    assert warn_of_last_days(at(2026, 3, 19)) == 1
    assert warn_of_last_days(at(2026, 3, 20)) == 0
    assert warn_of_last_days(at(2026, 3, 21)) == 0
    assert len(warned(member)) == 2
    assert "到2026年3月20日（含当天）截止" in warned(member)[0].text
    assert call.contact in warned(member)[0].text
    assert not warned(other)


def test_a_new_last_day_is_warned_of_anew(programme):
    member = member_with_draft(programme)
    call = opened(programme, closes_on=date(2026, 3, 20))
    warn_of_last_days(at(2026, 3, 20))
    move_last_day(
        call=call, closes_on=date(2026, 4, 17), reason="延期", actor=clerk(), now=at(2026, 3, 20)
    )
    assert warn_of_last_days(at(2026, 3, 23)) == 0
    assert warn_of_last_days(at(2026, 4, 16)) == 1
    assert len(warned(member)) == 2


def test_a_year_without_a_calendar_is_warned_of_all_the_same(programme):
    member = member_with_draft(programme)
    opened(programme, closes_on=date(2040, 3, 16))  # a Friday
    assert warn_of_last_days(at(2040, 3, 8)) == 0
    assert warn_of_last_days(at(2040, 3, 9)) == 1
    assert warned(member)


def test_drafts_of_calls_to_come_or_withdrawn_are_not_warned(programme):
    member = member_with_draft(programme)
    call = opened(programme, opens_on=date(2026, 3, 10), closes_on=date(2026, 3, 11))
    assert warn_of_last_days(at(2026, 3, 9)) == 0
    withdraw_call(call=call, reason="错了", actor=clerk(), now=NOW)
    assert warn_of_last_days(at(2026, 3, 10)) == 0
    assert not warned(member)


def test_the_day_asks_for_the_warning(programme):
    assert "remind_drafts" in settings.DAILY_COMMANDS
    member_with_draft(programme)
    opened(programme, closes_on=TODAY)
    out = StringIO()
    call_command("remind_drafts", stdout=out)
    assert "提醒征集快截止 1 家" in out.getvalue()


# Counted.


def test_places_left_count_what_passed_everywhere_and_unknown_is_not_none(programme):
    reviewer = UserFactory(jurisdiction_code="140500")
    call = opened(programme, places_are="limited", places=2)
    for status in ("submitted", "approved", "recognised", "rejected"):
        case(call, status=status, subject=status)
    member_with_draft(programme)
    figures = figures_of(call, reviewer)
    assert (figures.drafts, figures.handed_in, figures.passed, figures.left) == (1, 4, 2, 0)
    elsewhere = UserFactory(jurisdiction_code="140522")
    figures = figures_of(call, elsewhere)
    assert (figures.drafts, figures.handed_in, figures.passed, figures.left) == (0, 0, 0, 0)


@pytest.mark.parametrize(("kind", "said"), [("unlimited", "不限"), ("unpublished", "未公布")])
def test_what_is_not_limited_has_no_number_left(programme, kind, said):
    call = opened(programme, places_are=kind)
    assert call.places_in_words == said
    assert figures_of(call, UserFactory()).left is None


# What the database holds, whoever writes.


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def test_an_opened_call_stays_as_it_was(programme):
    call = opened(programme)
    for change in ({"title": "别的"}, {"opens_on": TODAY - timedelta(days=1)}, {"status": "draft"}):
        with refused("征集开放后不能改动"), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(**change)
    with refused("要先记下经办人和理由"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(closes_on=date(2026, 6, 1))
    with refused("要先记下经办人和理由"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(status="withdrawn")
    with refused("征集记录不能改动"), transaction.atomic():
        CallEvent.objects.update(reason="别的")
    with refused("征集开放后不能改动"), transaction.atomic():
        Material.objects.create(call=call, position=1, name="另加")


def test_nobody_opens_alone_without_a_reason(programme):
    call = drafted(programme, clerk())
    opening = {"status": "open", "opened_at": NOW, "opened_by": call.drafted_by}
    with refused("由拟稿人以外的人开放"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(**opening)
    Call.objects.filter(pk=call.pk).update(**opening, alone_reason="只有一人")
    with refused("先拟稿，再开放"), transaction.atomic():
        CallFactory(**opening, alone_reason="x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"places_are": "limited", "places": None},
        {"places_are": "limited", "places": 0},
        {"places_are": "unpublished", "places": 3},
        {"closes_on": TODAY - timedelta(days=1)},
        {"telephone": "13800000000"},
        {"text": ""},
    ],
)
def test_a_call_says_what_it_has_to(programme, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        CallFactory(programme=programme, **wrong)


def test_a_case_belongs_to_the_call_that_runs(programme):
    call = opened(programme)
    other = opened(EditionFactory().programme)
    edition = programme.editions.first()
    with refused("要在征集开放的时间里提交"), transaction.atomic():
        ApplicationFactory(edition=edition, on=TODAY)
    for wrong in (
        {"call": other, "on": TODAY},
        {"call": call, "on": TODAY - timedelta(days=1)},
        {"call": call, "on": date(2026, 4, 1)},
        {"call": drafted(ProgrammeFactory(), clerk()), "on": TODAY},
    ):
        with refused("征集开放的时间里提交"), transaction.atomic():
            ApplicationFactory(edition=edition, **wrong)
    own = case(call)
    with refused("填报内容不能改动"), transaction.atomic():
        Application.objects.filter(pk=own.pk).update(call=None)


def test_files_fit_the_list_of_the_edition_or_of_the_call(programme, files_root):
    call = opened_call(programme=programme, materials=["承诺函"])
    other = opened_call(programme=EditionFactory().programme, materials=["别的"])
    own = case(call)
    file = LibraryFileFactory(enterprise=own.enterprise)
    told = {"application": own, "library_file": file, "added_at": timezone.now()}
    attached = Attachment.objects.create(**told, material=call.materials.get())
    assert attached.material_name == "承诺函"
    assert [each.name for each in own.materials] == ["承诺函"]
    with refused("或是这次征集要的"), transaction.atomic():
        Attachment.objects.create(**told, material=other.materials.get())
