"""The profile: kept with its year, newest counts, nothing is lost, strangers find nothing."""

from datetime import date, datetime, time

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.enterprises.models import ProfileAnswer, Subject
from applications.enterprises.services.profile import Profile, current_answers, record_answers
from policies.catalogue.current import facts
from policies.rules.years import carry_over
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import known_answers
from tests.factories import (
    EnterpriseFactory,
    FirmUserFactory,
    MembershipFactory,
    ProfileAnswerFactory,
    SelfCheckFactory,
    SubjectFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

PROFILE, EDIT = reverse("firm:profile"), reverse("firm:profile-edit")
CHECK, ADD = reverse("firm:profile-self-check"), reverse("firm:subject-add")
TODAY = date(2026, 11, 20)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    load_catalogue()


@pytest.fixture
def member(client):
    membership = MembershipFactory(role="member", contact_name="财务")
    client.force_login(membership.user)
    return membership


def record(enterprise, answers, subject=None, unclear=(), on=TODAY, **more):
    """Record raw answers on a day, at noon; by nobody unless said."""
    check = SelfCheckFactory.build(answers=answers, on=on)
    return record_answers(
        enterprise=enterprise,
        subject=subject,
        answers=known_answers(check, facts(), on),
        unclear=unclear,
        facts=facts(),
        now=datetime.combine(on, time(12), timezone.get_current_timezone()),
        given_by=more.pop("given_by", None),
        **more,
    )


def section(name, subject=None):
    address = reverse("firm:subject-profile-edit", args=[subject.pk]) if subject else EDIT
    return f"{address}?section={name}"


def seen():
    newest = ProfileAnswer.objects.order_by("pk").last()
    return f"{newest.pk if newest else 0}.{timezone.localdate().year}"


def save(client, name="基本情况", subject=None, **data):
    return client.post(section(name, subject), {"seen": seen(), **data})


GIVEN = {
    "enterprise.county": "140521",
    "enterprise.employees": 85,
    "revenue.main_business.y0": 2000.5,
    "assets.total.y1": 900,
    "net_profit.y1": 10,
    "net_profit.y2": 9,
    "net_profit.y3": -8,
    "finance.new_equity_2y": 5,
    "recognition.new_this_year": [],
    "stat.first_upgrade_year": 2026,
    "revenue.taxable.y0": 0.1,
    "accounting.sound": False,
    "enterprise.founded_on": "2015-06-30",
}


@pytest.mark.parametrize("later", [0, 1, 2, 3, 4])
def test_answers_read_in_a_later_year_as_a_self_check_that_was_carried_over(later):
    enterprise = EnterpriseFactory()
    assert record(enterprise, GIVEN) == len(GIVEN)
    day = TODAY.replace(year=2026 + later)
    check = SelfCheckFactory.build(answers=carry_over(GIVEN, 2026, day.year, facts()), on=day)
    assert current_answers(enterprise, None, facts(), day) == known_answers(check, facts(), day)


def test_an_answer_is_kept_with_its_absolute_year():
    given = {"net_profit.y1": 10, "enterprise.employees": 85, "accounting.sound": True}
    record(EnterpriseFactory(), given)
    kept = ProfileAnswer.objects.values_list("fact_key", "year", "value")
    assert set(kept) == {
        ("net_profit", 2025, 10),
        ("enterprise.employees", 2026, 85),  # said of the end of the year before
        ("accounting.sound", None, True),
    }


def test_last_years_own_figure_can_be_corrected_a_year_later():
    enterprise = EnterpriseFactory()
    record(enterprise, {"net_profit.y1": 10})
    record(enterprise, {"net_profit.y2": 12, "net_profit.y1": 20}, on=date(2027, 2, 1))
    in_2026 = current_answers(enterprise, None, facts(), TODAY)
    assert in_2026["net_profit.y1"] == 12
    in_2027 = current_answers(enterprise, None, facts(), date(2027, 2, 1))
    assert (in_2027["net_profit.y1"], in_2027["net_profit.y2"]) == (20, 12)


def test_only_what_changed_is_written_and_the_newest_counts():
    enterprise = EnterpriseFactory()
    record(enterprise, GIVEN)
    assert record(enterprise, GIVEN) == 0
    assert record(enterprise, {**GIVEN, "enterprise.employees": 90}) == 1
    assert record(enterprise, {}, unclear=["enterprise.employees", "market.segment_since"]) == 1
    assert "enterprise.employees" not in current_answers(enterprise, None, facts(), TODAY)
    values = ProfileAnswer.objects.filter(fact_key="enterprise.employees").order_by("pk")
    assert list(values.values_list("value", flat=True)) == [85, 90, None]


def test_numbers_come_back_exact():
    enterprise = EnterpriseFactory()
    record(enterprise, {"revenue.taxable.y0": 0.1})
    assert str(current_answers(enterprise, None, facts(), TODAY)["revenue.taxable.y0"]) == "0.1"


def test_projects_and_bases_have_answers_of_their_own():
    enterprise = EnterpriseFactory()
    one, two = (SubjectFactory(enterprise=enterprise, name=name) for name in ("一号", "二号"))
    said = {"project.in_park": True, "enterprise.employees": 85, "base.tenants": 30}
    assert record(enterprise, said, one) == 2
    assert record(enterprise, said) == 0
    assert current_answers(enterprise, one, facts(), TODAY) == {
        "project.in_park": True,
        "enterprise.employees": 85,
    }
    assert current_answers(enterprise, two, facts(), TODAY) == {"enterprise.employees": 85}
    assert current_answers(enterprise, None, facts(), TODAY) == {"enterprise.employees": 85}


def test_what_the_catalogue_no_longer_understands_is_unknown_again_and_still_kept(client, member):
    ProfileAnswerFactory(fact_key="a.fact.that.was.dropped")
    ProfileAnswerFactory(fact_key="industry.section", value="no such code")
    ProfileAnswerFactory(year=TODAY.year)
    found = current_answers(member.enterprise, None, facts(), TODAY)
    assert found == {"enterprise.employees": 85}
    assert "请重新填写" in client.get(PROFILE).content.decode()


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_the_database_keeps_every_answer_and_minds_whose_subject_it_is():
    answer = ProfileAnswerFactory()
    own = ProfileAnswer.objects.filter(pk=answer.pk)
    refused(lambda: own.update(value=1))
    refused(lambda: own.update(by_staff=True))
    refused(own.delete)
    refused(lambda: own._raw_delete(own.db))
    other = SubjectFactory(enterprise__credit_code="91140522MA0K00003X")
    refused(lambda: ProfileAnswerFactory(subject=other))
    refused(lambda: Subject.objects.filter(pk=other.pk).update(enterprise=answer.enterprise))
    refused(lambda: ProfileAnswerFactory(by_staff=True))
    refused(lambda: SubjectFactory(enterprise=other.enterprise))
    refused(lambda: SubjectFactory(enterprise=other.enterprise, kind="firm"))


def test_a_member_fills_in_a_section_and_finds_it_with_year_day_and_name(client, member):
    response = save(client, "经营数据", net_profit__y1="1,000", accounting__sound="true")
    assert response.url == PROFILE
    page = client.get(PROFILE).content.decode()
    row = page[page.index('<th scope="row">净利润（上年度）') :].split("</tr>")[0]
    assert "1000 万元" in row
    assert "2025 年" in row
    assert "2026年11月20日" in row
    assert "财务" in row
    assert ProfileAnswer.objects.filter(given_by=member.user, by_staff=False).count() == 2
    again = client.get(section("经营数据"))
    assert again.context["form"].initial["net_profit__y1"] == "1000"


def test_what_was_said_before_and_of_past_years_is_folded(client, member, time_machine):
    save(client, "经营数据", net_profit__y3="7")
    save(client, "经营数据", net_profit__y3="8")
    page = client.get(PROFILE).content.decode()
    assert "改动前" in page
    time_machine.move_to("2027-02-01 12:00+08:00")
    client.force_login(member.user)
    page = client.get(PROFILE).content.decode()
    assert "以前年度（1）" in page
    assert "2023 年净利润：8 万元" in page
    assert "改动前" not in page


@pytest.mark.parametrize(
    ("name", "field", "typed", "problem"),
    [
        ("基本情况", "enterprise__employees", "很多", "请填数字"),
        ("基本情况", "enterprise__employees", "-1", "不能小于"),
        ("基本情况", "enterprise__county", "999999", "选择一个有效"),
        ("基本情况", "enterprise__founded_on", "2027-01-01", "不能晚于"),
        ("经营数据", "net_profit__y1", "20000000", "请确认单位"),
        ("经营数据", "accounting__sound", "maybe", "选择一个有效"),
    ],
)
def test_a_slip_is_named_and_nothing_typed_is_lost(client, member, name, field, typed, problem):
    response = save(client, name, **{field: typed})
    assert response.status_code == 200
    assert problem in "".join(response.context["form"].errors[field])
    assert typed in response.content.decode()
    assert not ProfileAnswer.objects.exists()


def test_answers_that_contradict_those_of_another_section_are_named(client, member):
    record(member.enterprise, {"enterprise.county": "140521"})
    response = save(client, enterprise__city="140800", enterprise__county="140521")
    assert "不一致" in "".join(response.context["form"].errors["enterprise__city"])


@pytest.mark.parametrize("version", ["0.2026", "", "nonsense", "999999"])
def test_a_page_grown_old_overwrites_nothing_unseen(client, member, version):
    record(member.enterprise, {"enterprise.employees": 90})
    response = save(client, enterprise__employees="70", seen=version)
    page = response.content.decode()
    assert "档案刚被别人改过" in page
    assert 'value="70"' in page
    assert ProfileAnswer.objects.count() == 1
    assert save(client, enterprise__employees="70").status_code == 302
    assert ProfileAnswer.objects.count() == 2


def test_a_page_opened_before_new_year_is_not_kept_as_of_the_new_year(client, member, time_machine):
    time_machine.move_to("2026-12-31 23:50+08:00")
    client.force_login(member.user)
    opened = {"seen": client.get(section("经营数据")).context["form"].version}
    typed = {"revenue__operating__y1": "2025"}
    time_machine.move_to("2027-01-01 00:10+08:00")
    page = client.post(section("经营数据"), {**opened, **typed})
    assert "“今年”现在指 2027 年" in page.content.decode()
    assert 'value="2025"' in page.content.decode()
    assert not ProfileAnswer.objects.exists()
    again = {"seen": page.context["form"].version}
    assert client.post(section("经营数据"), {**again, **typed}).status_code == 302
    assert ProfileAnswer.objects.get().year == 2026


def test_fields_that_are_not_asked_are_not_written(client, member):
    save(client, enterprise__employees="70", net_profit__y1="5", by_staff="on", year="1999")
    assert ProfileAnswer.objects.get().fact_key == "enterprise.employees"


def test_a_project_is_added_once_and_filled_in(client, member):
    response = client.post(ADD, {"kind": "project", "name": " 一号  生产线 "})
    subject = Subject.objects.get()
    assert response.url == reverse("firm:subject-profile", args=[subject.pk])
    assert subject.name == "一号 生产线"
    again = client.post(ADD, {"kind": "project", "name": "一号 生产线"})
    assert again.status_code == 400
    assert "已有这个名称" in again.content.decode()
    for wrong in ({"kind": "firm", "name": "x"}, {"kind": "base", "name": " "}):
        assert client.post(ADD, wrong).status_code == 400
    save(client, "重点项目", subject, project__in_park="true")
    page = client.get(response.url).content.decode()
    assert "重点项目" in page
    assert "经营数据" not in page
    assert ProfileAnswer.objects.get().subject == subject


def test_a_section_that_is_not_there_is_not_found(client, member):
    subject = SubjectFactory()
    assert client.get(EDIT).status_code == 404
    assert client.get(section("没有")).status_code == 404
    assert client.get(section("重点项目")).status_code == 404
    assert client.get(section("经营数据", subject)).status_code == 404


def test_a_self_check_starts_from_the_profile_and_every_answer_can_be_gone_over(client, member):
    record(member.enterprise, SelfCheckFactory.build().answers)
    response = client.post(CHECK)
    check = SelfCheck.objects.get()
    assert response.url == reverse("self_check:result", args=[check.token])
    assert check.answers == SelfCheckFactory.build().answers
    assert {key for step in check.steps for key in step} >= set(check.answers)
    page = client.get(response.url).content.decode()
    assert reverse("firm:apply", args=["jc-xsg"]) in page
    for step in range(1, len(check.steps) + 1):
        url = reverse("self_check:self-check-step", args=[check.token, step])
        assert client.get(url).status_code == 200
    assert client.get(CHECK).status_code == 405


def test_a_self_check_of_a_project_takes_the_firms_answers_with_the_projects(client, member):
    subject = SubjectFactory()
    record(member.enterprise, {"project.in_park": True, "enterprise.employees": 85}, subject)
    client.post(reverse("firm:subject-profile-self-check", args=[subject.pk]))
    assert SelfCheck.objects.get().answers == {
        "enterprise.county": "140521",
        "enterprise.employees": 85,
        "project.in_park": True,
    }


def test_a_self_check_from_the_profile_knows_where_the_firm_is_registered(client, member):
    record(member.enterprise, {"enterprise.employees": 85})
    client.post(CHECK)
    answers = SelfCheck.objects.get().answers
    assert answers == {"enterprise.county": "140521", "enterprise.employees": 85}


def take_over(client, check, **data):
    return client.post(reverse("firm:take-over", args=[check.token]), data)


def test_taking_over_shows_what_differs_before_it_replaces_what_was_chosen(client, member):
    record(member.enterprise, {"enterprise.employees": 85, "industry.section": "F"})
    check = SelfCheckFactory(answers={**GIVEN, "industry.section": "C", "net_profit.y1": 11})
    check.answers |= {"enterprise.employees": 99}
    check.save()
    before = ProfileAnswer.objects.count()
    page = take_over(client, check)
    text = page.content.decode()
    assert {row.key for row in page.context["different"]} == {
        "enterprise.employees",
        "industry.section",
    }
    assert "85 人" in text
    assert "99 人" in text
    assert ProfileAnswer.objects.count() == before
    done = take_over(client, check, seen=page.context["version"], replace=["industry.section"])
    assert done.url == PROFILE
    answers = current_answers(member.enterprise, None, facts(), TODAY)
    assert answers["industry.section"] == "C"
    assert answers["enterprise.employees"] == 85
    assert answers["net_profit.y1"] == 11
    assert ProfileAnswer.objects.filter(given_by=member.user).exists()


def test_a_self_check_of_last_year_is_taken_over_into_its_own_years(client, member):
    check = SelfCheckFactory(answers=GIVEN, on=date(2025, 6, 1))
    page = take_over(client, check)
    take_over(client, check, seen=page.context["version"])
    kept = ProfileAnswer.objects.filter(fact_key="net_profit").values_list("year", "value")
    assert sorted(kept) == [(2023, 9), (2024, 10)]
    assert not ProfileAnswer.objects.filter(fact_key="finance.new_equity_2y").exists()


def test_taking_over_with_tampered_fields_writes_nothing(client, member):
    record(member.enterprise, {"enterprise.employees": 85})
    check = SelfCheckFactory(answers={**GIVEN, "enterprise.employees": 99})
    version = seen().partition(".")[0]
    for tampered in ("net_profit.y1", "no.such.fact", "enterprise.employees' --"):
        page = take_over(client, check, seen=version, replace=[tampered]).content.decode()
        assert "列表里没有这一项" in page
    page = take_over(client, check, seen="0", replace=["enterprise.employees"]).content.decode()
    assert "档案刚被改过" in page
    other = SubjectFactory(enterprise__credit_code="91140522MA0K00003X")
    for subject in (other.pk, "x", "-1", "1e3", "²"):
        assert take_over(client, check, seen=version, subject=subject).status_code == 404
    assert seen().partition(".")[0] == version


def test_data_of_a_project_is_taken_over_to_the_project_that_is_chosen(client, member):
    subject = SubjectFactory()
    check = SelfCheckFactory(answers={"project.in_park": True, "enterprise.employees": 85})
    page = take_over(client, check)
    assert [row.name for row in page.context["subjects"]] == ["一号生产线"]
    assert len(page.context["left_out"]) == 1
    page = take_over(client, check, subject=subject.pk)
    assert page.context["left_out"] == []
    take_over(client, check, subject=subject.pk, seen=page.context["version"])
    assert ProfileAnswer.objects.get(fact_key="project.in_park").subject == subject


def test_the_result_offers_to_keep_it_only_to_those_who_speak_for_a_firm(client):
    check = SelfCheckFactory()
    result = reverse("self_check:result", args=[check.token])
    for user in (None, FirmUserFactory(), UserFactory()):
        if user:
            client.force_login(user)
        assert "存入企业档案" not in client.get(result).content.decode()
    client.force_login(MembershipFactory().user)
    assert "存入企业档案" in client.get(result).content.decode()


def pages(subject, check):
    own = [subject.pk]
    return [
        ("get", PROFILE),
        ("get", section("经营数据")),
        ("post", section("经营数据")),
        ("post", CHECK),
        ("post", ADD),
        ("post", reverse("firm:take-over", args=[check.token])),
        ("get", reverse("firm:subject-profile", args=own)),
        ("get", section("重点项目", subject)),
        ("post", section("重点项目", subject)),
        ("post", reverse("firm:subject-profile-self-check", args=own)),
    ]


def test_strangers_find_nothing(client):
    record(EnterpriseFactory(), {"enterprise.employees": 85})
    subject, check = SubjectFactory(), SelfCheckFactory()
    before = SelfCheck.objects.count(), ProfileAnswer.objects.count()
    for method, page in pages(subject, check):
        assert getattr(client, method)(page).url.startswith(reverse("account_login"))
    for stranger in (FirmUserFactory(), UserFactory(), UserFactory(jurisdiction_code="140522")):
        client.force_login(stranger)
        for method, page in pages(subject, check):
            assert getattr(client, method)(page, {"kind": "base", "name": "x"}).status_code == 404
    other = MembershipFactory(
        enterprise__credit_code="91140522MA0K00003X", enterprise__name="另一家公司"
    )
    client.force_login(other.user)
    for method, page in pages(subject, check)[6:]:
        assert getattr(client, method)(page).status_code == 404
    assert "85 人" not in client.get(PROFILE).content.decode()
    assert (SelfCheck.objects.count(), ProfileAnswer.objects.count()) == before


def test_the_profile_takes_the_same_queries_for_much(client, member, django_assert_max_num_queries):
    save(client, enterprise__employees="1")
    client.get(PROFILE)
    for number in range(2, 30):
        record(member.enterprise, {"enterprise.employees": number}, given_by=FirmUserFactory())
    with django_assert_max_num_queries(8):
        shown = client.get(PROFILE).content.decode()
    assert all(f">{number} 人" in shown for number in range(1, 30))
    client.get(reverse("firm:enterprise"))
    with django_assert_max_num_queries(15):
        assert client.get(reverse("firm:enterprise")).status_code == 200


def test_a_profile_reads_all_its_answers_at_once(django_assert_max_num_queries):
    enterprise, known = EnterpriseFactory(), facts()
    record(enterprise, GIVEN)
    with django_assert_max_num_queries(2):
        profile = Profile(enterprise, None, known, TODAY)
        assert profile.answers
        assert profile.sections


def test_the_profile_says_where_the_firm_is_registered_before_anybody_fills_it_in(client, member):
    load_catalogue()
    rows = {
        row.label: row.value
        for section, _ in client.get(reverse("firm:profile")).context["sections"]
        for row in section.rows
    }
    assert rows["注册地所在县（市、区）"] == "沁水县（按企业登记）"
    assert rows["注册地所在市"] == "晋城市（按企业登记）"
    assert rows["申报主体类型"] == "未填"
