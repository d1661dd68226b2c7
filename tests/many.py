"""As many cases as a province has in years, for what must not grow with them."""

import uuid
from datetime import timedelta

from django.utils import timezone

from applications.models import Application, Enterprise
from applications.workflow import Status
from policies.models import Jurisdiction
from tests.factories import ApplicationFactory, EditionFactory, JurisdictionFactory

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
