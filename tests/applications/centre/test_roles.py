"""The roles: made by migrating, kept as written, and what the first page shows each."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.centre.roles import roles
from applications.money.models import AwardLine
from applications.money.services.payments import schedule
from portal.models import User
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    ClaimFactory,
    CorrectionFactory,
    EditionFactory,
    EnterpriseFactory,
    ErrorReportFactory,
    ExpertAssignmentFactory,
    FundFactory,
    JurisdictionFactory,
    MembershipFactory,
    ObjectionFactory,
    UserFactory,
    approved_cases,
    posted_notice,
)

INDEX = reverse("admin:index")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def of_role(name, **fields):
    user = UserFactory(permissions=[], **fields)
    user.groups.add(Group.objects.get(name=name))
    return user


def names_of(group):
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def first_page(client, user):
    client.force_login(user)
    page = client.get(INDEX).content.decode()
    block = page.split('class="workbench"')[1].split('class="work latest"')[0]
    return " ".join(block.split())


@pytest.mark.parametrize("role", roles(), ids=lambda role: role.name)
def test_migrating_makes_each_role_as_it_is_written(role):
    assert names_of(Group.objects.get(name=role.name)) == role.permissions


def test_migrating_again_keeps_roles_as_written_and_other_groups_as_they_are():
    own = Group.objects.create(name="本中心值班")
    extra = Permission.objects.get(codename="view_application")
    own.permissions.add(extra)
    finance, auditor = (Group.objects.get(name=name) for name in ("财务", "审计"))
    finance.permissions.add(Permission.objects.get(codename="decide_application"))
    auditor.permissions.clear()
    call_command("migrate", verbosity=0)
    assert list(own.permissions.all()) == [extra]
    written = {role.name: role.permissions for role in roles()}
    assert names_of(finance) == written["财务"]
    assert names_of(auditor) == written["审计"]
    assert Group.objects.count() == len(written) + 1


def test_an_auditor_changes_nothing():
    auditor = next(role for role in roles() if role.name == "审计")
    others = {name for name in auditor.permissions if ".view_" not in name}
    assert others == {"centre.export_lists"}


def test_a_role_is_not_edited_by_hand_but_a_centre_has_groups_of_its_own(client):
    client.force_login(UserFactory(is_superuser=True))
    kept, own = Group.objects.get(name="财务"), Group.objects.create(name="本中心值班")

    def page(group, name="change"):
        return reverse(f"admin:auth_group_{name}", args=[group.pk])

    assert "由系统维护" in client.get(page(kept)).content.decode()
    assert client.post(page(kept), {"name": "财务", "permissions": []}).status_code == 403
    assert client.post(page(kept, "delete"), {"post": "yes"}).status_code == 403
    groups = reverse("admin:auth_group_changelist")
    client.post(groups, {"action": "delete_selected", "_selected_action": kept.pk, "post": "yes"})
    assert names_of(kept)
    assert client.post(page(own), {"name": "值班", "permissions": []}).status_code == 302
    assert client.post(page(own, "delete"), {"post": "yes"}).status_code == 302


def test_a_user_gets_a_role_and_a_place_by_their_names(client):
    JurisdictionFactory(code="140521", name="沁水县", level="county")
    user = UserFactory(jurisdiction_code="", permissions=[])
    client.force_login(UserFactory(is_superuser=True))
    url = reverse("admin:portal_user_change", args=[user.pk])
    page = client.get(url).content.decode()
    assert "140521 沁水县" in page
    for role in roles():
        assert role.meaning in page
    group = Group.objects.get(name="审核员")
    data = {"username": user.username, "is_staff": "on", "groups": [group.pk]}
    assert (
        "不在可用的选项中"
        in client.post(url, {**data, "jurisdiction_code": "999999"}).content.decode()
    )
    assert client.post(url, {**data, "jurisdiction_code": "140521"}).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert (user.jurisdiction_code, user.is_staff) == ("140521", True)
    assert user.has_perm("cases.decide_application")


def test_whoever_is_no_superuser_raises_neither_themselves_nor_superusers(client):
    JurisdictionFactory(code="140521", name="沁水县", level="county")
    clerk = UserFactory(permissions=["view_user", "change_user"])
    boss, other = UserFactory(is_superuser=True), UserFactory()
    client.force_login(clerk)
    for user in (clerk, boss):
        data = {"username": user.username, "is_staff": "on", "is_superuser": "on"}
        url = reverse("admin:portal_user_change", args=[user.pk])
        assert client.post(url, data).status_code == 403
        assert (
            client.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code
            == 403
        )
    url = reverse("admin:portal_user_change", args=[other.pk])
    data = {"username": other.username, "is_superuser": "on", "jurisdiction_code": "140521"}
    assert client.post(url, data).status_code == 302
    other.refresh_from_db()
    assert (other.is_superuser, other.jurisdiction_code) == (False, "140521")


def some_work(count, start=0):
    """As much of every kind, in 沁水县 and in 阳城县."""
    for code, name in (("140521", "沁水县"), ("140522", "阳城县")):
        county = JurisdictionFactory(
            code=code, name=name, level="county", parent=JurisdictionFactory()
        )
        for number in range(start, start + count):
            enterprise = EnterpriseFactory(credit_code=f"T{code}{number:011d}", county=county)
            ApplicationFactory(enterprise=enterprise)
            ClaimFactory(enterprise=enterprise)
            ErrorReportFactory()


def test_a_reviewer_sees_first_what_waits_in_their_county(client):
    some_work(2)
    MembershipFactory(enterprise=EnterpriseFactory())
    notice = posted_notice(
        approved_cases(1), timezone.now(), actor=UserFactory(permissions=["manage_notices"])
    )
    ObjectionFactory(notice=notice)
    page = first_page(client, of_role("审核员"))
    today = timezone.localdate()
    assert "等我办理的申报 <strong>2</strong> 件" in page
    assert f"最早 {today.year}年{today.month}月{today.day}日" in page
    assert "待核实的企业认领 <strong>2</strong> 件" in page
    assert "未办结的公示异议 <strong>1</strong> 条" in page
    assert "未读消息 <strong>0</strong> 条" in page
    for other in ("报错", "待我评审"):
        assert other not in page
    unsettled = reverse("admin:notices_notice_changelist") + "?objections=unsettled"
    assert notice.number in client.get(unsettled).content.decode()


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("评审专家", {"待我评审的申报", "未读消息"}),
        ("政策编辑", {"未处理的报错", "等我确认的修改", "未读消息"}),
        (
            "财务",
            {
                "本年到期，待确认的奖补",
                "已确认，待批准的奖补",
                "已批准，待列入批次的奖补",
                "还没有支付的批次",
                "未读消息",
            },
        ),
        ("审计", {"未读消息"}),
        ("用户管理", {"未读消息"}),
    ],
)
def test_each_role_sees_its_own_work_only(client, role, shown):
    user = of_role(role)
    some_work(1)
    ExpertAssignmentFactory(expert=user)
    page = first_page(client, user)
    titles = {
        "等我办理的申报",
        "待我评审的申报",
        "待核实的企业认领",
        "未办结的公示异议",
        "未处理的报错",
        "待公示或认定",
        "到期可以结束的公示",
    }
    assert {title for title in titles | shown | {"未读消息"} if title in page} == shown


@pytest.mark.parametrize("role", ["审核员", "财务"])
def test_links_lead_to_what_was_counted(client, time_machine, role):
    some_work(2)
    time_machine.move_to("2026-03-02 10:00+08:00")
    manager = UserFactory(permissions=["manage_notices"])
    for number, day in enumerate((2, 27)):
        cases = approved_cases(1, edition=EditionFactory(), year=2020 + number)
        time_machine.move_to(f"2026-03-{day:02} 10:00+08:00")
        posted_notice(cases, timezone.now(), actor=manager)
    approved_cases(2, edition=EditionFactory())
    for due in (26, 27):
        correction = CorrectionFactory(due_on=f"2026-03-{due}")
        assert correction.application.county_id == "140521"
    fund = FundFactory(jurisdiction_id="140521", jurisdiction=None)
    elsewhere = FundFactory(jurisdiction_id="140522", jurisdiction=None)
    for state in ("prepared", "confirmed", "approved", "approved", "void"):
        for paid_by in (fund, elsewhere):
            AwardLineFactory(fund=paid_by, state=state, application__subject=f"{state}{paid_by.pk}")
    payer = UserFactory(is_superuser=True, jurisdiction_code="")
    schedule(
        lines=AwardLine.objects.filter(state="approved", fund=fund)[:1],
        actor=payer,
        now=timezone.now(),
    )
    page = first_page(client, of_role(role))
    expected = {
        "审核员": {
            "cases/application/?queue=mine": 2, "queue=all&status": 2, "correction=overdue": 1,
            "notice/?status__exact": 1, "notice/?objections": 0, "claim/": 2,
        },
        "财务": {
            "mine=yes&due=now": 1, "due=to_approve": 1, "due=to_schedule": 1, "paymentbatch/": 1,
        },
    }[role]  # fmt: skip
    found = re.findall(r'<a href="([^"]+)">[^<]+<strong>(\d+)</strong>', page)
    counts = {address.replace("&amp;", "&"): int(count) for address, count in found}
    for part, count in expected.items():
        assert [counts[address] for address in counts if part in address] == [count]
    for address, count in counts.items():
        if "message" not in address:
            assert client.get(address).context["cl"].result_count == count


def test_without_a_jurisdiction_nothing_waits(client):
    some_work(1)
    page = first_page(client, of_role("审核员", jurisdiction_code=""))
    assert "等我办理的申报 <strong>0</strong> 件" in page
    assert "待核实的企业认领 <strong>0</strong> 件" in page


def test_the_first_page_takes_the_same_queries_however_much_waits(client):
    user = of_role("审核员")
    some_work(1)
    first_page(client, user)
    with CaptureQueriesContext(connection) as few:
        client.get(INDEX)
    some_work(4, start=1)
    with CaptureQueriesContext(connection) as many:
        client.get(INDEX)
    assert len(many) == len(few)
    assert len(many) <= 27


def test_rights_are_named_in_chinese():
    """Also those of Django's own models, which `migrate` would name in English."""
    named = {
        f"{each.content_type.app_label}.{each.codename}": each.name
        for each in Permission.objects.all()
    }
    assert [name for name in named.values() if name.startswith("Can ")] == []
    assert (named["cases.view_application"], named["auth.change_group"]) == ("查看申报", "修改组")
    assert named["admin.add_logentry"] == "增加日志记录"
