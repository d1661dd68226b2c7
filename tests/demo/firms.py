"""The firms: plainly invented names, valid credit codes, and what their profiles say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import factory
from django.utils import timezone
from stdnum.cn import uscc

from applications.enterprises.models import Enterprise, LibraryFile, Subject
from applications.enterprises.services.profile import record_answers
from policies.catalogue.models import Material
from policies.rules.answers import parse_answers
from policies.rules.facts import Fact
from portal.models import Jurisdiction, User
from tests.demo.accounts import firm_user
from tests.demo.answers import basic
from tests.factories import EnterpriseFactory, MembershipFactory, SubjectFactory

TRADES = (
    ("煤机配件", "C", "35"),
    ("精密铸造", "C", "33"),
    ("蚕丝纺织", "C", "17"),
    ("蜂蜜食品", "C", "14"),
    ("新型建材", "C", "30"),
    ("通用机械", "C", "34"),
    ("化工材料", "C", "26"),
    ("电气设备", "C", "38"),
    ("光伏组件", "C", "39"),
    ("中药饮片", "C", "27"),
    ("包装印刷", "C", "23"),
    ("木业家具", "C", "21"),
    ("陶瓷制品", "C", "30"),
    ("仪器仪表", "C", "40"),
    ("创业园管理", "L", "72"),
    ("软件科技", "I", "65"),
)
EMPLOYEES = (12, 45, 85, 160, 28, 320, 64, 640, 110)
# Key, code, name and how many firms.
COUNTIES = (
    ("qinshui", "140521", "沁水县", 16),
    ("yangcheng", "140522", "阳城县", 14),
    ("yanhu", "140802", "盐湖区", 13),
)
# A firm in each of these places of its county came to the centre's desk and has no account.
WITHOUT_ACCOUNT = (5, 11)
WITH_COLLEAGUE = (1, 4)
# Above the county, as the numbers in fixtures: no mobile telephones.
# What any firm has; a material that names one of these is that paper. Other papers are named as it is.
PAPERS = ("营业执照", "审计报告", "完税证明", "公司章程")
LONGEST_TITLE = 100
TELEPHONES = {"1405": "0356-7000000", "1408": "0359-2000000"}


class FirmFactory(EnterpriseFactory):
    """Firm `number` of its county, with a credit code whose last character is right."""

    class Params:
        number = 1

    credit_code = factory.LazyAttribute(lambda firm: credit_code(firm.county.code, firm.number))
    name = factory.LazyAttribute(
        lambda firm: f"{firm.county.name}测试{TRADES[firm.number - 1][0]}有限公司"
    )


def credit_code(county: str, number: int) -> str:
    start = f"91{county}MADEM{number:04d}"
    return start + uscc.calc_check_digit(start)


def paper_of(material: Material) -> str:
    """The title under which a library has what a material asks for."""
    named = (title for title in PAPERS if title in material.name)
    return next(named, material.name[:LONGEST_TITLE])


@dataclass
class Firm:
    """A firm and who speaks for it; `owner` None: it has no account."""

    key: str
    enterprise: Enterprise
    telephone: str
    owner: User | None = None
    files: list[LibraryFile] = field(default_factory=list)

    def papers_for(self, material: Material, now: datetime) -> list[LibraryFile]:
        """What the firm had by then of what a material asks for."""
        title = paper_of(material)
        return [file for file in self.files if file.title == title and file.uploaded_at <= now]

    @property
    def contact(self) -> dict[str, str]:
        return {"contact_name": "办公室", "contact_telephone": self.telephone}


def make_firms() -> dict[str, Firm]:
    """All firms by key, such as "qinshui1", with their members."""
    return {
        f"{place}{number}": _firm(place, code, number)
        for place, code, _, count in COUNTIES
        for number in range(1, count + 1)
    }


def _firm(place: str, code: str, number: int) -> Firm:
    county = Jurisdiction.objects.get(pk=code)
    key, telephone = f"{place}{number}", TELEPHONES[code[:4]]
    firm = Firm(key, FirmFactory(county=county, number=number), telephone)
    if number not in WITHOUT_ACCOUNT:
        firm.owner = firm_user(key)
        MembershipFactory(user=firm.owner, enterprise=firm.enterprise, **firm.contact)
    if number in WITH_COLLEAGUE:
        colleague = firm_user(f"{key}.accounts")
        contact = {"contact_name": "财务科", "contact_telephone": telephone}
        MembershipFactory(user=colleague, enterprise=firm.enterprise, role="member", **contact)
    return firm


def basics_of(firm: Firm) -> dict[str, Any]:
    number = int(firm.enterprise.credit_code[13:17])
    _, section, division = TRADES[number - 1]
    employees = EMPLOYEES[number % len(EMPLOYEES)]
    return basic(section, division, employees, founded=2006 + number)


def tell_profile(
    firm: Firm,
    answers: Mapping[str, Any],
    facts: Mapping[str, Fact],
    *,
    staff: User,
    subject: Subject | None = None,
) -> None:
    """Write what the firm says today; staff write it down for a firm without an account."""
    now = timezone.now()
    record_answers(
        enterprise=firm.enterprise,
        subject=subject,
        answers=parse_answers(answers, facts, timezone.localdate(now)),
        facts=facts,
        now=now,
        given_by=firm.owner or staff,
        by_staff=firm.owner is None,
    )


def subject_of(firm: Firm, kind: str, name: str) -> Subject:
    known = firm.enterprise.subjects.filter(kind=kind, name=name).first()
    return known or SubjectFactory(enterprise=firm.enterprise, kind=kind, name=name)
