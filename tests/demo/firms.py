"""The firms: plainly invented names, valid credit codes, profiles, and papers in the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from stdnum.cn import uscc

from applications.enterprises.models import Enterprise, LibraryFile, Subject
from applications.enterprises.services.library import keep_upload
from applications.enterprises.services.profile import record_answers
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
TELEPHONES = {"1405": "0356-7000000", "1408": "0359-2000000"}
PAPERS = ("营业执照", "上年度审计报告", "完税证明", "公司章程", "项目备案证")


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


@dataclass
class Firm:
    """A firm and who speaks for it; `owner` None: it has no account."""

    key: str
    enterprise: Enterprise
    telephone: str
    owner: User | None = None
    files: list[LibraryFile] = field(default_factory=list)

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


def keep_papers(firm: Firm) -> None:
    """Put some papers into the firm's library; one of them runs out soon."""
    now = timezone.now()
    for number, title in enumerate(PAPERS):
        upload = SimpleUploadedFile(f"{title}.pdf", a_pdf(f"DEMO {firm.key} {number}"))
        file, _ = keep_upload(
            upload,
            enterprise=firm.enterprise,
            user=firm.owner,
            now=now,
            title=title,
            valid_until=_expiry(title, timezone.localdate(now)),
        )
        firm.files.append(file)


def _expiry(title: str, today: date) -> date | None:
    return today + timedelta(days=480) if title == "营业执照" else None


def a_pdf(text: str) -> bytes:
    """A sheet of paper with one line of plain letters."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
    parts = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(parts) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("ascii")
