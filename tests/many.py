"""As many cases, and programmes, as a province has in years, for what must not grow with them."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.enterprises.models import Enterprise
from applications.money.models import AwardLine, Payment, PaymentBatch
from policies.catalogue.content import edition_content, write_content
from policies.catalogue.editions import put_in_force
from policies.catalogue.models import Document, Edition, Programme
from portal.models import Jurisdiction
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
)

COUNTIES = {"140521": "沁水县", "140522": "阳城县", "140524": "陵川县", "140525": "泽州县"}
# Most cases are old ones; a few wait.
STATUSES = (
    [Status.RECOGNISED] * 14
    + [Status.REJECTED] * 3
    + [
        Status.SUBMITTED,
        Status.IN_REVIEW,
        Status.APPROVED,
    ]
)
TRANCHES = [
    {
        "level": level,
        "payer": payer,
        "title": title,
        "when": when,
        "year": 2026,
        "amount": [amount, amount],
        "status": "published",
        "condition": None,
        "sources": [{"document": "测试〔2024〕1号", "clause": "一"}],
    }
    for level, payer, amount in (
        ("province", "140000", 30),
        ("city", "140500", 20),
        ("county", "140521", 30),
    )
    for title, when in (("首次奖励", "now"),)
]


def many_applications(count, tranches=1):
    """Make `count` applications of four counties, each with so many tranches; the last of all."""
    city = JurisdictionFactory(code="140500", name="晋城市", level="city")
    for code, name in COUNTIES.items():
        JurisdictionFactory(code=code, name=name, level="county", parent=city)
    counties = list(Jurisdiction.objects.filter(code__in=COUNTIES))
    template = ApplicationFactory(county=counties[0], edition=EditionFactory())
    template.assessment["tranches"] = TRANCHES[:tranches]
    enterprises = Enterprise.objects.bulk_create(
        [
            Enterprise(
                credit_code=f"TESTCODE{number:010d}",
                name=f"{counties[number % 4].name}第{number}测试有限公司",
                county=counties[number % 4],
            )
            for number in range(count)
        ],
        batch_size=2000,
    )
    now = timezone.now()

    def case(number):
        county = counties[number % 4]
        return Application(
            reference=uuid.UUID(int=number),
            number=f"{county.pk}-2025-{number:06d}",
            enterprise=enterprises[number],
            enterprise_name=enterprises[number].name,
            edition=template.edition,
            county=county,
            contact_name="办公室",
            contact_telephone="0356-7000000",
            on=template.on,
            year=2022 + number % 5,
            answers={"enterprise.employees": 85},
            assessment=template.assessment,
            status=STATUSES[number // 4 % len(STATUSES)],
            desk="county" if number % 3 else "city",
            submitted_at=now - timedelta(minutes=number),
            arrived_at=now - timedelta(minutes=number),
        )

    for start in range(0, count, 2000):
        Application.objects.bulk_create(map(case, range(start, min(start + 2000, count))))
    return template


# What the first upgrade pays at each level in three tranches, and how many years later.
UPGRADE = {"city": (20, 10, 10), "county": (30, 10, 10), "province": (30, 5, 10)}
TITLES = {"首次升规": 0, "连续在规两年": 3, "连续在规三年": 4}
CONDITION = "首次升规后没有退出规上工业企业库（起算以统计部门确认为准）"
LAST_PAID_YEAR = 2025
# Of the lines of the year after it most wait to be confirmed.
STATES = ["prepared"] * 7 + ["confirmed", "approved", "void"]
LINES_A_BATCH = 50


def many_award_lines(count):
    """Make `count` lines for the recognised cases, and batches that paid what is paid of them."""
    cases = list(Application.objects.filter(status=Status.RECOGNISED).only("county", "year"))
    funds = {}
    for level in UPGRADE:
        for code in COUNTIES if level == "county" else ["140500"]:
            place = Jurisdiction.objects.get(pk=code)
            name = f"{place.name}小升规奖励资金（{level}）"
            funds[level, code] = FundFactory(
                name=name, level=level, jurisdiction=place, budget=False
            )
    tranches = [
        (level, title, later, Decimal(UPGRADE[level][place]))
        for place, (title, later) in enumerate(TITLES.items())
        for level in UPGRADE
    ]
    a_case = -(-count // len(cases))

    def line(number):
        case, place = cases[number // a_case], number % a_case
        level, title, later, amount = tranches[place]
        fund = funds[level, case.county_id if level == "county" else "140500"]
        year = case.year + later
        state = "paid" if year <= LAST_PAID_YEAR else "prepared"
        if year == LAST_PAID_YEAR + 1:
            state = STATES[number // a_case % len(STATES)]
        return AwardLine(
            application=case,
            level=level,
            payer_id=fund.jurisdiction_id,
            position=place + 1,
            title=title,
            year=year,
            kind="exact",
            low=amount,
            high=amount,
            amount=amount,
            condition=CONDITION if later else "",
            sources="晋市政办〔2021〕35号 三（四）",
            fund=fund,
            state=state,
            paid=amount if state == "paid" else Decimal(0),
        )

    for start in range(0, count, 2000):
        AwardLine.objects.bulk_create(map(line, range(start, min(start + 2000, count))))
    _pay(funds.values())


def _pay(funds):
    """Payments of all lines that are paid, each fund's in batches."""
    clerk, now = FinanceFactory(), timezone.now()
    for fund in funds:
        paid = list(AwardLine.objects.filter(fund=fund, state="paid").values_list("pk", "amount"))
        numbers = range(0, len(paid), LINES_A_BATCH)
        batches = PaymentBatch.objects.bulk_create(
            PaymentBatch(
                number=f"{fund.jurisdiction_id}-ZF{fund.pk}-{number // LINES_A_BATCH:05d}",
                fund=fund,
                created_at=now,
                created_by=clerk,
            )
            for number in numbers
        )
        Payment.objects.bulk_create(
            (
                Payment(batch=batches[place // LINES_A_BATCH], line_id=line, amount=amount)
                for place, (line, amount) in enumerate(paid)
            ),
            batch_size=2000,
        )
        made = PaymentBatch.objects.filter(fund=fund)
        made.update(
            state="paid",
            voucher_number=F("number"),
            paid_on=date(LAST_PAID_YEAR, 12, 20),
            paid_at=now,
            paid_by=clerk,
        )


def many_programmes(copies):
    """Put `copies` of each programme in force beside it, under names of their own."""
    documents = {document.number: document for document in Document.objects.all()}
    for edition in Edition.objects.in_force(timezone.localdate()).select_related("programme"):
        content, programme = edition_content(edition), edition.programme
        for number in range(1, copies + 1):
            own = Programme.objects.get(pk=programme.pk)
            own.pk, own.name = f"{programme.pk}-copy{number}", f"{programme.name}（{number}）"
            own.save(force_insert=True)
            draft = Edition.objects.create(
                programme=own, effective_from=edition.effective_from, is_packed=True
            )
            write_content(draft, content, documents)
            put_in_force(draft)
