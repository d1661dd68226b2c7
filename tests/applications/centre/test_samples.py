"""Random samples: the same seed draws the same cases, anybody can check how, and all is on record."""

import io
import json
import zipfile
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.audit.samples import STATES
from applications.centre.audit.sampling import (
    BY_MONEY,
    LEAST,
    RANDOM,
    SampleError,
    Unit,
    digest_of,
    draw,
)
from applications.centre.models import AuditRecord, ExportLog
from portal.jobs.work import work_off
from tests.applications.centre.test_case_papers import staff
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FundFactory,
    JurisdictionFactory,
)
from tests.workbook import cells_of, rows_of

DRAW = reverse("admin:centre_auditrecord_draw_sample")
FEN = 10**6
pytestmark = pytest.mark.django_db


def units(count=100, programmes=("a", "b", "c"), amount=lambda number: number * FEN):
    return [
        Unit(f"140521-2026-{number:04d}", programmes[number % len(programmes)], amount(number))
        for number in range(count)
    ]


def numbers(drawn):
    return [each.number for each in drawn]


def test_a_sample_can_be_drawn_again_by_anybody_with_a_calculator_of_sha_256():
    population = units()
    by_hand = sorted(
        (sha256(f"种子七\n{unit.number}".encode()).hexdigest(), unit.number) for unit in population
    )
    drawn = draw(population, "种子七", 10)
    assert numbers(drawn) == [number for _, number in by_hand[:10]]
    assert numbers(draw(population[::-1], "种子七", 10)) == numbers(drawn)
    assert numbers(draw(population, "种子八", 10)) != numbers(drawn)
    # A larger sample begins with the smaller.
    assert numbers(draw(population, "种子七", 20))[:10] == numbers(drawn)
    # As it was drawn when this was written: at any later time, on whatever machine.
    assert numbers(draw(units(10), "1", 3)) == [
        number for _, number in sorted(
            (sha256(f"1\n140521-2026-{n:04d}".encode()).hexdigest(), f"140521-2026-{n:04d}") for n in range(10)
        )[:3]
    ]  # fmt: skip
    assert digest_of(population) == digest_of(population[::-1])
    assert digest_of(population) != digest_of(population[1:])


def test_each_programme_has_its_least_and_the_rest_is_drawn_from_all():
    population = units(90, ("a",) * 28 + ("b", "c"))
    drawn = draw(population, "s", 12, least=2)
    programmes = {unit.number: unit.programme for unit in population}
    least = Counter(programmes[each.number] for each in drawn if each.why == LEAST)
    assert least == {"a": 2, "b": 2, "c": 2}
    assert [each.why for each in drawn].count(RANDOM) == 6
    assert len(set(numbers(drawn))) == 12
    with pytest.raises(SampleError, match="3 个项目就要 6 件"):
        draw(population, "s", 5, least=2)


def test_by_money_each_yuan_has_the_same_chance():
    population = units(50, amount=lambda number: (1000 if number == 7 else number) * FEN)
    total = sum(unit.amount for unit in population)
    hits = Counter()
    for seed in range(400):
        drawn = draw(population, str(seed), 10, by_money=True)
        assert sum(each.times for each in drawn) == 10
        assert {each.why for each in drawn} == {BY_MONEY}
        hits.update({each.number: each.times for each in drawn})
    # Larger than the distance between two points: drawn each time.
    large = population[7]
    assert hits[large.number] / 4000 == pytest.approx(large.amount / total, abs=0.02)
    assert hits[population[0].number] == 0
    assert hits[population[49].number] > hits[population[10].number]
    with pytest.raises(SampleError, match="都没有金额"):
        draw(units(5, amount=lambda number: 0), "s", 2, by_money=True)


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(SampleError, match="没有申报"):
        draw([], "s", 1)
    with pytest.raises(SampleError, match="只有 5 件，抽不出 6 件"):
        draw(units(5), "s", 6)


@pytest.fixture
def auditor(client, files_root):
    JurisdictionFactory()
    user = staff("审计", first_name="审计员甲", jurisdiction_code="140500")
    client.force_login(user)
    return user


@pytest.fixture
def cases(auditor):
    """Twelve of two programmes, with money and without, and one of another city."""
    editions, fund = EditionFactory.create_batch(2), FundFactory(budget=False)
    found = []
    for number in range(12):
        firm = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}")
        case = ApplicationFactory(
            enterprise=firm, edition=editions[number % 2], number=f"140521-2026-{number:04d}",
            status="recognised" if number % 3 else "rejected",
        )  # fmt: skip
        if number % 3:
            AwardLineFactory(application=case, fund=fund, amount=Decimal("1.25") * number)
        found.append(case)
    ApplicationFactory(
        county=JurisdictionFactory(code="140400", name="长治市"), edition=editions[0]
    )
    return found


def asked(**changes):
    today = timezone.localdate()
    return {
        "first": f"{today.year}-01-01",
        "last": today.isoformat(),
        "size": "4",
        "seed": "开标号 17",
        **changes,
    }


def drawn_of(client, **changes):
    response = client.post(DRAW, asked(**changes))
    assert response.status_code == 302, response.content.decode()
    record = AuditRecord.objects.latest("pk")
    return record, client.get(response.url).content.decode()


def test_whatever_became_of_a_case_it_can_be_asked_for():
    asked = [statuses for _, statuses in STATES.values() if statuses is not None]
    assert sorted(status for each in asked for status in each) == sorted(Status)


def test_a_sample_is_on_record_and_the_same_seed_gives_it_again(client, auditor, cases):
    record, page = drawn_of(client)
    again, _ = drawn_of(client)
    assert record.details["drawn"] == again.details["drawn"]
    assert (record.details["population"], len(record.details["drawn"])) == (12, 4)
    assert record.sha256 == again.sha256
    assert "开标号 17" in page and record.sha256 in page and "总体没有变，抽出的一样" in page
    for number, *_ in record.details["drawn"]:
        assert number in page
    with pytest.raises(IntegrityError, match="审计记录不能改动"), transaction.atomic():
        AuditRecord.objects.filter(pk=record.pk).update(sha256="")
    # Whose money changed, or who came in since, is another population.
    AwardLineFactory(application=cases[0], fund=FundFactory(budget=False))
    page = client.get(reverse("admin:centre_auditrecord_change", args=[record.pk])).content.decode()
    assert "总体已经变了：现在 12 件" in page
    seedless, page = drawn_of(client, seed="")
    assert len(seedless.details["seed"]) == 16 and seedless.details["seed"] in page


def test_the_question_narrows_and_weighs(client, auditor, cases):
    record, _ = drawn_of(client, state="granted", size="", percent="50")
    assert (record.details["population"], record.details["size"]) == (8, 4)
    one = cases[0].edition.programme_id
    record, _ = drawn_of(client, programme=one, size="2")
    assert record.details["population"] == 6
    assert "哪个项目" in record.subject
    record, page = drawn_of(client, by_money="on", least="1", size="5")
    assert {row[1] for row in record.details["drawn"]} == {LEAST, BY_MONEY}
    expected = sum(Decimal("1.25") * number for number in range(12) if number % 3)
    assert (record.details["with_money"], record.details["total"]) == (8, int(expected * FEN))
    assert "按金额" in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"size": ""}, "请填抽几件"),
        ({"percent": "5"}, "只填一个"),
        ({"size": "13"}, "只有 12 件，抽不出 13 件"),
        ({"size": "2", "least": "2"}, "2 个项目就要 4 件"),
        ({"first": "2020-01-01", "last": "2020-02-01"}, "没有申报"),
        ({"first": "2026-12-31", "last": "2026-01-01"}, "起始日不能晚于截止日"),
        ({"first": "1900-01-01"}, "2000 年到 2100 年"),
        ({"last": "明天"}, "明天"),
        ({"percent": "0", "size": ""}, "大于或等于"),
    ],
)
def test_what_cannot_be_asked_is_said_and_nothing_typed_is_lost(
    client, auditor, cases, changes, told
):
    response = client.post(DRAW, asked(**changes))
    page = response.content.decode()
    assert response.status_code == 400
    assert told in page and "开标号 17" in page
    assert not AuditRecord.objects.exists()


def test_the_list_and_the_dossiers_of_a_sample(client, auditor, cases):
    record, _ = drawn_of(client, size="3")
    chosen = [row[0] for row in record.details["drawn"]]
    sent = client.post(reverse("admin:centre_auditrecord_sample_file", args=[record.pk]))
    rows = rows_of(cells_of(b"".join(sent.streaming_content)))
    texts = [[cell.value for cell in row] for row in rows]
    assert [row[1] for row in texts if len(row) > 1 and row[1] in chosen] == chosen
    log = ExportLog.objects.get()
    assert (
        log.key == "audit-sample" and "开标号 17" in log.filtered and record.sha256 in log.filtered
    )

    page = client.post(reverse("admin:centre_auditrecord_sample_dossiers", args=[record.pk])).url
    work_off(timezone.now)
    whole = b"".join(client.get(f"{page}file/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        names = set(packed.namelist())
        assert {f"案卷-{number}.zip" for number in chosen} <= names
        manifest = json.loads(packed.read("manifest.json"))
        inner = packed.read(f"案卷-{chosen[0]}.zip")
    assert manifest["cases"] == sorted(chosen)
    # One of each case beside that of all.
    assert ExportLog.objects.filter(key="dossier").count() == 4
    for content in (whole, inner):
        file = io.BytesIO(content)
        file.name = "案卷.zip"
        told = client.post(reverse("admin:centre_auditrecord_check_dossier"), {"file": file})
        assert "逐字节相同" in told.content.decode()


def test_who_sees_a_part_of_a_sample_is_told_no_firm_of_the_rest(client, auditor, cases):
    elsewhere = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=JurisdictionFactory()
    )
    far = ApplicationFactory(
        enterprise=EnterpriseFactory(credit_code="TESTCODE0000000099", county=elsewhere),
        edition=cases[0].edition, enterprise_name="远县的企业",
    )  # fmt: skip
    record, page = drawn_of(client, size="13")
    assert "远县的企业" in page
    superior = staff("审计", jurisdiction_code="140521")
    client.force_login(superior)
    # Made by the city: not the county's.
    assert (
        client.get(reverse("admin:centre_auditrecord_change", args=[record.pk])).status_code == 404
    )
    AuditRecord.objects.create(
        at=timezone.now(), user=superior, jurisdiction_code="140521", kind="sample", subject="全部",
        outcome="抽出", sha256=record.sha256, details=record.details,
    )  # fmt: skip
    own = AuditRecord.objects.latest("pk")
    page = client.get(reverse("admin:centre_auditrecord_change", args=[own.pk])).content.decode()
    assert far.number in page and "远县的企业" not in page
    refused = client.post(
        reverse("admin:centre_auditrecord_sample_dossiers", args=[own.pk]), follow=True
    )
    assert "不在您管的地区" in refused.content.decode()


def test_who_is_in_charge_of_no_place_draws_nothing(client, cases):
    client.force_login(staff("审计", jurisdiction_code=""))
    assert "没有申报" in client.post(DRAW, asked()).content.decode()


def test_a_sample_takes_as_many_queries_for_many_cases(client, auditor, cases):
    def count(size):
        record, _ = drawn_of(client, size=size)
        address = reverse("admin:centre_auditrecord_change", args=[record.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    assert count("2") == count("12")
    assert Application.objects.count() == 13


def test_records_of_a_place_below_are_seen_from_above_only(client, auditor, cases):
    before = timezone.now() - timedelta(days=1)
    AuditRecord.objects.create(
        at=before,
        user=auditor,
        jurisdiction_code="140400",
        kind="seal",
        subject="长治的",
        outcome="没有改动过",
    )
    AuditRecord.objects.create(
        at=before,
        user=auditor,
        jurisdiction_code="140521",
        kind="seal",
        subject="沁水的",
        outcome="没有改动过",
    )
    page = client.get(reverse("admin:centre_auditrecord_changelist")).content.decode()
    assert "沁水的" in page and "长治的" not in page
    assert all(
        title in page for title in ("随机抽样", "一人办了两步的申报", "核对案卷", "核对导出的文件")
    )
