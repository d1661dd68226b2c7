"""Papers of the firms: what the lists of their programmes ask for, saying what the firms say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from io import BytesIO
from itertools import pairwise

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

from applications.enterprises.services.library import keep_upload
from policies.catalogue.models import Material
from policies.rules.answers import parse_answers
from policies.rules.facts import Fact
from tests.demo.answers import FITTING
from tests.demo.cases import Plan
from tests.demo.firms import PAPERS, Firm, basics_of, paper_of

LICENCE = PAPERS[0]
# What is handed in anew when something was wrong.
CORRECTED = "更正说明"
STYLE = """
@page { size: A4; margin: 30mm 25mm; @bottom-center { content: "演示用，企业和内容都是虚构的"; font-size: 9pt; } }
html { font-family: "Noto Sans CJK SC", sans-serif; font-size: 12pt; line-height: 1.8; }
section { break-after: page; } section:last-child { break-after: auto; }
h1 { font-size: 20pt; font-weight: normal; text-align: center; margin: 0 0 12mm; }
table { width: 100%; border-collapse: collapse; } th, td { border: .3mm solid #444; padding: 2mm; text-align: left; }
th { width: 60%; font-weight: normal; background: #f3f3f3; } .sign { margin-top: 20mm; text-align: right; }
"""


@dataclass(frozen=True)
class Sheet:
    """A paper's title, and what it says of the firm."""

    firm: Firm
    title: str
    lines: Sequence[tuple[str, str]]

    @property
    def html(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>"
            for label, value in self.lines
        )
        name = escape(self.firm.enterprise.name)
        return (
            f"<section><h1>{escape(self.title)}</h1><table>{rows}</table>"
            f'<p class="sign">{name}（盖章）</p></section>'
        )


def keep_papers(
    firms: Mapping[str, Firm], plans: Iterable[Plan], facts: Mapping[str, Fact], today: date
) -> None:
    """Put into each firm's library what its applications ask for; licences run out soon."""
    own: dict[str, list[Plan]] = {key: [] for key in firms}
    for plan in plans:
        if plan.firm in own:
            own[plan.firm].append(plan)
    materials: dict[str, list[Material]] = {}
    for material in Material.objects.filter(edition__status="published").select_related("edition"):
        materials.setdefault(material.edition.programme_id, []).append(material)
    sheets = [
        sheet
        for key, asked in own.items()
        for sheet in _sheets(firms[key], asked, materials, facts, today)
    ]
    now = timezone.now()
    for sheet, content in zip(sheets, _pages(sheets), strict=True):
        file, _ = keep_upload(
            SimpleUploadedFile(f"{sheet.title.replace('/', '、')}.pdf", content),
            enterprise=sheet.firm.enterprise,
            user=sheet.firm.owner,
            now=now,
            title=sheet.title,
            valid_until=_expiry(sheet.title, timezone.localdate(now)),
        )
        sheet.firm.files.append(file)


def _sheets(
    firm: Firm,
    plans: Iterable[Plan],
    materials: Mapping[str, Sequence[Material]],
    facts: Mapping[str, Fact],
    today: date,
) -> Iterator[Sheet]:
    head = [("企业名称", firm.enterprise.name), ("统一社会信用代码", firm.enterprise.credit_code)]
    lines: dict[str, dict[str, str]] = {title: {} for title in PAPERS}
    for plan in plans:
        told = basics_of(firm) | FITTING[plan.programme](today) | dict(plan.answers)
        said = parse_answers(told, facts, today)
        for material in materials.get(plan.programme, ()):
            proved = said if "*" in material.proves else material.proves
            lines.setdefault(paper_of(material), {}).update(
                (facts[key].label, facts[key].show(said[key]))
                for key in proved
                if key in said and key in facts
            )
    for title, found in lines.items():
        yield Sheet(firm, title, [*head, *found.items()])
    told = ("说明", "退回的内容已与审计报告核对，改正后重新提交。")
    yield Sheet(firm, CORRECTED, [*head, told])


def _pages(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Each sheet as a document of its own; all are set at once, which is far quicker."""
    html = "".join(sheet.html for sheet in sheets)
    document = PdfReader(BytesIO(HTML(string=f"<style>{STYLE}</style>{html}").write_pdf()))
    # Each title is an entry of the document's outline, and a sheet may go on overleaf.
    starts = [document.get_destination_page_number(title) for title in document.outline]
    for first, after in pairwise([*starts, len(document.pages)]):
        one, file = PdfWriter(), BytesIO()
        for page in document.pages[first:after]:
            one.add_page(page)
        one.write(file)
        yield file.getvalue()


def _expiry(title: str, today: date) -> date | None:
    return today + timedelta(days=480) if title == LICENCE else None
