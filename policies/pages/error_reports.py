"""Reports of errors: what a report is about, and the form that a reader fills in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from policies.catalogue import current as catalogue
from policies.catalogue.models import Award, Citation, Criterion, Edition, Programme
from policies.catalogue.models.award import Level
from policies.pages.models import ErrorReport
from policies.presentation.words import written
from policies.rules.formulas import with_formulas
from policies.rules.read_edition import UNREADABLE
from policies.rules.wording import formula_in_words
from portal.forms import LONGEST, STRANGE, at_most, plain_helper


class SubjectForm(forms.Form):
    """The identifiers in the address; they come from links, so a wrong one is not found."""

    programme = forms.SlugField(max_length=60)
    edition = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    criterion = forms.CharField(max_length=60, required=False)
    level = forms.ChoiceField(choices=[("", ""), *Level.choices], required=False)
    payer = forms.RegexField(r"^\d{6}$", required=False)


@dataclass(frozen=True)
class Subject:
    """What a report is about, and the text that the reader saw."""

    edition: Edition
    criterion: Criterion | None = None
    award: Award | None = None
    text: str = ""

    @property
    def programme(self) -> Programme:
        return self.edition.programme

    @property
    def title(self) -> str:
        part = self.criterion.code if self.criterion else self.award or ""
        return f"{self.edition} {part}".strip()

    def report(self, problem: str, contact: str) -> ErrorReport:
        return ErrorReport.objects.create(
            programme=self.programme,
            edition=self.edition,
            criterion=self.criterion,
            award=self.award,
            subject=self.title,
            seen_text=self.text,
            problem=problem,
            contact=contact,
        )


def find_subject(query: Mapping[str, str], on: date) -> Subject | None:
    """What the address names, of a published edition; None when there is no such thing."""
    form = SubjectForm(query)
    if not form.is_valid():
        return None
    wanted = form.cleaned_data
    edition = _edition(wanted["programme"], wanted["edition"], on)
    if edition is None or (wanted["criterion"] and wanted["level"]):
        return None
    if wanted["criterion"]:
        return _criterion(edition, wanted["criterion"])
    if wanted["level"]:
        return _award(edition, wanted["level"], wanted["payer"])
    return Subject(edition, text=edition.programme.summary or edition.programme.name)


def _edition(programme: str, starts: date | None, on: date) -> Edition | None:
    """The edition that starts on a day, else the one in force, else the last published."""
    shown = Edition.objects.standing().filter(programme=programme).select_related("programme")
    if starts:
        return shown.filter(effective_from=starts).first()
    return shown.in_force(on).first() or shown.last()


def _criterion(edition: Edition, code: str) -> Subject | None:
    """Rows that share a code are one criterion to the reader."""
    criteria = edition.criteria.prefetch_related("citations__document")
    rows = [row for row in criteria if row.code == code or code in _case_ids(row)]
    if not rows:
        return None
    lines = [line for row in rows for line in (row.text, _sources(row.citations.all()))]
    return Subject(edition, criterion=rows[0], text=_text(lines))


def _case_ids(criterion: Criterion) -> list[str]:
    """A result names the case of a rule that applied, such as SH.8b of SH.8."""
    try:
        return [case.get("id", "") for case in (criterion.rule or {}).get("cases", ())]
    except UNREADABLE:
        return []


def _award(edition: Edition, level: str, payer: str) -> Subject | None:
    """One level and payer may have several awards; they are shown together."""
    awards = edition.awards.filter(level=level, payer=payer or None).select_related("payer")
    rows = list(awards.prefetch_related("tranches", "citations__document"))
    if not rows:
        return None
    facts = with_formulas(catalogue.facts(), edition.formulas)
    lines = [
        line
        for row in rows
        for line in (
            f"{row}，{row.get_status_display()}",
            *(
                f"{t.title}：{written(formula_in_words, t.amount, facts)}"
                for t in row.tranches.all()
            ),
            _sources(row.citations.all()),
        )
    ]
    return Subject(edition, award=rows[0], text=_text(lines))


def _sources(citations: Iterable[Citation]) -> str:
    cited = "；".join(str(citation) for citation in citations)
    return f"依据 {cited}" if cited else ""


def _text(lines: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(line for line in lines if line))


class ErrorReportForm(forms.Form):
    problem = forms.CharField(
        label="哪里不对？",
        help_text="例如：金额写错、条款对不上、文件已有新规定。能写出原文更好。",
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[at_most(LONGEST)],
        error_messages={"required": "请写明哪里不对。", **STRANGE},
    )
    contact = forms.CharField(
        label="联系方式（选填）",
        help_text="电话或邮箱，只用来问清这处错误，不会公开。",
        required=False,
        validators=[MaxLengthValidator(100, "最多 100 字，请只留一个电话或邮箱。")],
        error_messages=STRANGE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()
