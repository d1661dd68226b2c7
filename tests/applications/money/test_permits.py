"""Permits to pay alone: from above, for a while, marked; and what they never allow."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.cases.services.errors import ApplicationError
from applications.centre.exports.payments import PAYMENTS
from applications.money.guards import PERMIT_FROM_ABOVE, PERMIT_STAYS, TWO_PEOPLE
from applications.money.models import AwardEvent, PaymentBatch, SinglePersonPermit
from applications.money.services.payments import pay_batch
from applications.money.services.permits import end_permit, grant_permit
from applications.money.services.two_people import answered_for
from portal.users import record_password
from tests.applications.cases.test_concurrency import at_once
from tests.applications.money.test_two_people import (
    OWN,
    drafted,
    granted,
    pay,
    recorded,
    rows_of,
)
from tests.factories import (
    AwardLineFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    UserFactory,
)

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
LIST = reverse("admin:money_singlepersonpermit_changelist")
GRANT = reverse("admin:money_singlepersonpermit_grant")
pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    city = JurisdictionFactory()
    return JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city)


@pytest.fixture
def clerk(county):
    """The only one of finance of 沁水县."""
    return FinanceFactory(username="alone", jurisdiction_code="140521")


@pytest.fixture
def manager(county):
    """A user manager of 晋城市."""
    names = ["view_singlepersonpermit", "grant_permits"]
    return UserFactory(username="manager", jurisdiction_code="140500", permissions=names)


@pytest.fixture
def fund(county):
    return FundFactory(level="county", jurisdiction=county, budget=Decimal(1000))


def permit(county, manager, days=30, **changes):
    what = {"reason": "只有一名财务人员", "last_day": TODAY + timedelta(days=days), "now": NOW}
    return grant_permit(jurisdiction=county, actor=manager, **{**what, **changes})


def raw(county, granted_by, **changes):
    """A permit written past all services."""
    fields = {"reason": "理由", "starts_at": NOW, "until": NOW + timedelta(days=30), **changes}
    return SinglePersonPermit.objects.create(jurisdiction=county, granted_by=granted_by, **fields)


def test_who_has_a_permit_pays_alone_and_every_payment_is_marked(fund, clerk, county, manager):
    line = granted(fund, clerk, clerk)
    batch = drafted([line], clerk)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, clerk)
    given = permit(county, manager)
    pay(batch, clerk)
    batch.refresh_from_db()
    assert batch.permit == given
    assert line.events.get(action="pay").permit == given


def test_only_what_was_paid_alone_is_marked(fund, clerk, county, manager):
    other = FinanceFactory(jurisdiction_code="140521")
    permit(county, manager)
    own, others = granted(fund, clerk, clerk), granted(fund, other, other)
    pay(drafted([own, others], clerk), clerk)
    assert own.events.get(action="pay").permit
    assert others.events.get(action="pay").permit is None
    third = granted(fund, other, other)
    assert pay(drafted([third], clerk), clerk, "支2号").permit is None


def test_a_permit_is_for_the_office_alone(fund, county, clerk, manager):
    neighbour = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent_id="140500"
    )
    permit(neighbour, manager)
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, clerk)
    permit(county, manager)
    of_city = FinanceFactory(jurisdiction_code="140500")
    theirs = drafted([granted(fund, of_city, of_city)], of_city)
    with pytest.raises(ApplicationError, match=OWN):
        pay(theirs, of_city)
    pay(batch, clerk)


@pytest.mark.parametrize("days", [0, 1])
def test_a_permit_holds_to_the_end_of_its_last_day(fund, clerk, county, manager, days):
    given = permit(county, manager, days=0)
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    late = datetime(2026, 10, 15 + days, 0 if days else 23, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert given.is_in_force(late) == (days == 0)
    what = {"batch": batch, "voucher_number": "支1号", "paid_on": TODAY, "actor": clerk}
    if days:
        with pytest.raises(ApplicationError, match=OWN):
            pay_batch(now=late, **what)
    else:
        assert pay_batch(now=late, **what).permit == given


def test_a_permit_that_was_ended_early_allows_nothing_more(fund, clerk, county, manager):
    given = permit(county, manager)
    first, second = (drafted([granted(fund, clerk, clerk)], clerk) for _ in range(2))
    pay(first, clerk)
    end_permit(permit=given, actor=manager, now=NOW)
    with pytest.raises(ApplicationError, match=OWN):
        pay(second, clerk, "支2号")
    with pytest.raises(ApplicationError, match="已经结束"):
        end_permit(permit=given, actor=manager, now=NOW)
    assert list(given.history.values_list("history_user", flat=True)) == [manager.pk] * 2
    first.refresh_from_db()
    assert first.permit == given


def test_an_office_never_permits_itself_nor_what_is_not_below(county, clerk, manager):
    city = county.parent
    with pytest.raises(ApplicationError, match="只能许可下级单位"):
        permit(county, clerk)
    with pytest.raises(ApplicationError, match="只能许可下级单位"):
        permit(city, manager)
    with pytest.raises(ApplicationError, match="只能许可下级单位"):
        permit(county, UserFactory(jurisdiction_code="140800"))
    given = permit(county, manager)
    with pytest.raises(ApplicationError, match="只能许可下级单位"):
        end_permit(permit=given, actor=clerk, now=NOW)


def test_who_granted_a_permit_does_not_pay_under_it(fund, county, manager):
    """Somebody of the city who moved to the county since."""
    permit(county, manager)
    manager.jurisdiction_code = "140521"
    manager.save()
    batch = drafted([granted(fund, manager, manager)], manager)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, manager)


def test_nobody_pays_under_a_permit_of_who_has_their_account_in_hand(fund, clerk, county, manager):
    """The manager has the clerk's password: the permit would be for the manager alone."""
    given = permit(county, manager)
    record_password(user=clerk, actor=manager)
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, clerk)
    line = AwardLineFactory(fund=fund, state="approved")
    event(line, clerk, action="confirm")
    refused(lambda: event(line, clerk, given), TWO_PEOPLE)
    record_password(user=clerk, actor=UserFactory(username="another"))
    assert pay(batch, clerk).permit == given
    event(line, clerk, given)


@pytest.mark.parametrize(
    ("changes", "told", "field"),
    [
        ({"reason": "  "}, "请写明理由", "reason"),
        ({"days": -1}, "不能早于今天", "last_day"),
        ({"days": 184}, "一次最多许可到 2027-04-16", "last_day"),
    ],
)
def test_a_permit_says_why_and_lasts_half_a_year_at_most(county, manager, changes, told, field):
    with pytest.raises(ApplicationError, match=told) as raised:
        permit(county, manager, **changes)
    assert raised.value.field == field
    assert not SinglePersonPermit.objects.exists()
    permit(county, manager, days=183)


def test_half_a_year_is_counted_from_the_minute_it_is_granted(county, manager):
    midnight = NOW.replace(hour=0)
    assert permit(county, manager, days=183, now=midnight).until == midnight + timedelta(days=184)
    with pytest.raises(ApplicationError, match="一次最多许可到 2027-04-16"):
        permit(county, manager, days=184, now=midnight)


def test_of_two_permits_the_first_is_the_one_that_is_marked(fund, clerk, county, manager):
    first, _ = permit(county, manager), permit(county, manager)
    assert pay(drafted([granted(fund, clerk, clerk)], clerk), clerk).permit == first


def test_an_import_records_own_lines_under_a_permit(fund, clerk, county, manager):
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    permit(county, manager)
    assert recorded(rows_of(batch, "支1号"), clerk).outcome.startswith("已登记 1 行。")
    batch.refresh_from_db()
    assert batch.permit


# The database


def event(line, actor, permit=None, action="pay", at=NOW):
    made = AwardEvent(
        line=line, at=at, actor=actor, action=action, source="approved", target="paid",
        permit=permit,
    )  # fmt: skip
    AwardEvent.objects.bulk_create([made])


def refused(act, message):
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        act()


def test_the_database_takes_a_permit_that_is_in_force_and_no_other(fund, clerk, county, manager):
    line = AwardLineFactory(fund=fund, state="approved")
    event(line, clerk, action="confirm")
    given, over = raw(county, manager), raw(county, manager)
    end_permit(permit=over, actor=manager, now=NOW)
    neighbour = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent_id="140500"
    )
    elsewhere = raw(neighbour, manager)
    for wrong, at in (
        (None, NOW), (over, NOW), (elsewhere, NOW), (given, NOW - timedelta(seconds=1)),
        (given, NOW + timedelta(days=30)),
    ):  # fmt: skip
        refused(lambda wrong=wrong, at=at: event(line, clerk, wrong, at=at), TWO_PEOPLE)
    event(line, clerk, given)
    event(line, clerk, given, at=NOW + timedelta(days=30) - timedelta(seconds=1))


def test_the_database_takes_no_permit_of_whoever_pays_or_is_of_another_office(
    fund, clerk, county, manager
):
    line = AwardLineFactory(fund=fund, state="approved")
    given = raw(county, manager)
    of_city = FinanceFactory(jurisdiction_code="140500")
    event(line, of_city, action="approve")
    refused(lambda: event(line, of_city, given), TWO_PEOPLE)
    manager.jurisdiction_code = "140521"
    manager.save()
    event(line, manager, action="approve")
    refused(lambda: event(line, manager, given), TWO_PEOPLE)


def test_the_database_takes_permits_from_above_only(county, clerk, manager):
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    province = UserFactory(jurisdiction_code="140000")
    refused(lambda: raw(county, clerk), PERMIT_FROM_ABOVE)
    refused(lambda: raw(county, UserFactory(jurisdiction_code="140800")), PERMIT_FROM_ABOVE)
    refused(lambda: raw(county, province), PERMIT_FROM_ABOVE)
    refused(lambda: raw(county.parent, manager), PERMIT_FROM_ABOVE)
    refused(lambda: raw(county, UserFactory(jurisdiction_code="")), PERMIT_FROM_ABOVE)
    raw(county, root)
    raw(county, UserFactory(jurisdiction_code="100000"))


def test_the_database_keeps_a_permit(county, manager):
    given = raw(county, manager)
    own = SinglePersonPermit.objects.filter(pk=given.pk)
    refused(lambda: own.update(until=NOW + timedelta(days=60)), PERMIT_STAYS)
    refused(lambda: own.update(reason="改了"), PERMIT_STAYS)
    refused(lambda: own._raw_delete("default"), PERMIT_STAYS)
    refused(lambda: own.update(ended_at=NOW), "permit_is_ended_by_somebody")
    own.update(ended_at=NOW, ended_by=manager)
    refused(lambda: own.update(ended_at=None, ended_by=None), PERMIT_STAYS)
    refused(lambda: given.history.all()._raw_delete("default"), "变更历史不能改动或删除")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"reason": ""}, "permit_says_why"),
        ({"until": NOW}, "permit_ends_after_it_starts"),
        ({"until": NOW + timedelta(days=184, seconds=1)}, "permit_lasts_half_a_year_at_most"),
    ],
)
def test_the_database_limits_a_permit(county, manager, fields, name):
    refused(lambda: raw(county, manager, **fields), name)
    raw(county, manager, until=NOW + timedelta(days=184))


@pytest.mark.parametrize("action", ["confirm", "approve", "unschedule"])
def test_a_permit_is_named_by_payments_only(fund, clerk, county, manager, action):
    line, given = AwardLineFactory(fund=fund, state="approved"), raw(county, manager)
    refused(lambda: event(line, clerk, given, action), "award_event_needs_a_permit_to_pay_only")
    draft = PaymentBatch.objects.filter(pk=drafted([line], clerk).pk)
    refused(lambda: draft.update(permit=given), "payment_batch_is_paid_whole")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_a_permit_ended_while_somebody_pays_under_it_marks_what_went_through(
    fund, clerk, county, manager
):
    given = permit(county, manager)
    batch = drafted([granted(fund, clerk, clerk)], clerk)

    def tried(act):
        try:
            act()
        except (ApplicationError, IntegrityError):
            return 0
        return 1

    end = [lambda: tried(lambda: end_permit(permit=given, actor=manager, now=NOW))]
    paid = at_once([*[lambda: tried(lambda: pay(batch, clerk))] * 3, *end * 3])
    assert sum(paid[:3]) <= 1
    assert sum(paid[3:]) == 1
    marked = AwardEvent.objects.filter(action="pay", permit=given).count()
    assert marked == AwardEvent.objects.filter(action="pay").count() == sum(paid[:3])


# The pages


def test_a_manager_grants_and_ends_a_permit_on_its_pages(client, county, manager, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.force_login(manager)
    assert GRANT in client.get(LIST).content.decode()
    page = client.get(GRANT).content.decode()
    assert "沁水县" in page
    assert "晋城市</option>" not in page
    data = {"jurisdiction": "140521", "reason": "", "last_day": "2026-12-31"}
    wrong = client.post(GRANT, data)
    assert (wrong.status_code, "请写明理由" in wrong.content.decode()) == (400, True)
    late = client.post(GRANT, data | {"reason": "一人", "last_day": "2027-12-31"})
    assert (late.status_code, "一次最多许可到" in late.content.decode()) == (400, True)
    done = client.post(GRANT, data | {"reason": "只有一名财务人员"}, follow=True).content.decode()
    given = SinglePersonPermit.objects.get()
    assert (given.granted_by, given.jurisdiction) == (manager, county)
    assert "只有一名财务人员" in done
    end = reverse("admin:money_singlepersonpermit_end", args=[given.pk])
    assert end in done
    assert "已提前结束" in client.post(end, follow=True).content.decode()
    again = client.post(end)
    assert (again.status_code, "已经结束" in again.content.decode()) == (400, True)
    history = reverse("admin:money_singlepersonpermit_history", args=[given.pk])
    assert str(manager) in client.get(history).content.decode()


def test_who_may_not_grant_only_looks(client, county, clerk, manager):
    given = raw(county, manager)
    watcher = UserFactory(permissions=["view_singlepersonpermit"])
    client.force_login(watcher)
    page = reverse("admin:money_singlepersonpermit_change", args=[given.pk])
    end = reverse("admin:money_singlepersonpermit_end", args=[given.pk])
    assert GRANT not in client.get(LIST).content.decode()
    assert end not in client.get(page).content.decode()
    assert client.post(end).status_code == client.get(GRANT).status_code == 403
    client.force_login(UserFactory(jurisdiction_code="140800", permissions=["grant_permits"]))
    assert client.post(end).status_code == 404


def test_the_batch_the_line_and_the_list_name_the_permit(client, fund, clerk, county, manager):
    line = granted(fund, clerk, clerk)
    batch = drafted([line], clerk)
    SinglePersonPermit.objects.create(
        jurisdiction=county, reason="只有一名财务人员", granted_by=manager,
        starts_at=NOW - timedelta(days=1), until=NOW + timedelta(days=180),
    )  # fmt: skip
    given = SinglePersonPermit.objects.get()
    pay(batch, clerk)
    client.force_login(clerk)
    page = client.get(reverse("admin:money_paymentbatch_change", args=[batch.pk])).content.decode()
    assert f"按许可 {given.pk} 号，由确认或批准的人自己登记支付" in page
    page = client.get(reverse("admin:money_awardline_change", args=[line.pk])).content.decode()
    assert f"（单人办理许可 {given.pk} 号）" in page
    [row] = PAYMENTS.rows(PaymentBatch.objects.all())
    shown = {column.header: column.cell(row) for column in PAYMENTS.columns}
    assert shown["单人办理许可"] == f"{given.pk} 号"
    client.force_login(manager)
    page = reverse("admin:money_singlepersonpermit_change", args=[given.pk])
    assert batch.number in client.get(page).content.decode()


def test_a_draft_with_own_lines_offers_the_payment_under_a_permit(
    client, fund, clerk, county, manager, time_machine
):
    time_machine.move_to(NOW, tick=False)
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    client.force_login(clerk)
    page = reverse("admin:money_paymentbatch_change", args=[batch.pk])
    address = reverse("admin:money_paymentbatch_pay", args=[batch.pk])
    assert address not in client.get(page).content.decode()
    permit(county, manager)
    shown = client.get(page).content.decode()
    assert address in shown
    assert "许可贵单位在 2026-11-15 00:00 前单人办理" in shown
    assert answered_for([payment.line for payment in batch.payments.all()], clerk)
