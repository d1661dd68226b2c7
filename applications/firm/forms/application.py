"""The forms with which a firm applies: what its profile lacks, materials, contact, commitment."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict

from applications.cases.models.draft import CONTACT, CONTACT_MAX, MATERIAL, Content
from applications.cases.services.drafts import MINE, THEIRS
from applications.cases.services.filling import Filling, unmet
from applications.cases.services.submission import COMMITMENT, Submission
from applications.firm.forms.accounts import ContactForm
from applications.firm.forms.materials import MaterialsForm
from policies.catalogue.models import Call, Edition
from policies.rules.years import carry_over
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.typed import sent
from portal.numbers import whole_number

LONGEST_TYPED, LONGEST_LIST = 2000, 20_000
# Years that a page may have been left open; anything else was not sent by a page.
LONGEST_OPEN = 2
CHOICE = "keep_"
UNMET_CHANGED = "核对结果刚刚有变化，请看过下面这些条件后重新打钩"
UNMET_MISSING = "有条件不符合或还不能判断：仍要提交，请在这里打钩；或先补填、修改数据"


class CommitmentForm(forms.Form):
    """What the firm says with its name: the truth, and that it knows which clauses are unmet."""

    truthful = forms.BooleanField(
        label=COMMITMENT, error_messages={"required": "请确认这项承诺，才能提交"}
    )
    confirmed_unmet = forms.BooleanField(label="不符合或还不能判断的条件", required=False)
    # Which clauses the page named.
    unmet_seen = forms.CharField(required=False)

    def __init__(self, data: Any = None, *, unmet: list[dict[str, str]]) -> None:
        super().__init__(data)
        # Above the form; its own label is the whole of what is promised.
        self.fields["truthful"].called = "承诺"
        self.unmet = unmet

    @property
    def unmet_now(self) -> str:
        return ",".join(f"{row['code']}:{row['outcome']}" for row in self.unmet)

    @property
    def is_confirmed(self) -> bool:
        """Whether the box is ticked, and for these very clauses."""
        return self.data.get("unmet_seen") == self.unmet_now and "confirmed_unmet" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.unmet and not self.is_confirmed:
            is_old = cleaned.get("confirmed_unmet")
            self.add_error("confirmed_unmet", UNMET_CHANGED if is_old else UNMET_MISSING)
        return cleaned


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field of the page."""

    field: str
    label: str
    message: str


class FillingForms:
    """All forms of the page, from what is typed: `content` as a draft holds it.

    With `data`, what was posted to be handed in is judged too; before that only the answers are.
    """

    def __init__(
        self,
        filling: Filling,
        content: Content,
        *,
        contact: Mapping[str, str],
        data: Any = None,
        materials: MaterialsForm | None = None,
        asked: Collection[str] = (),
        confirmed: bool = False,
        uploaded_by: Any = None,
    ) -> None:
        self.filling, self.content = filling, content
        self.asked = filling.asked({*asked, *content})
        typed = QueryDict(mutable=True)
        for key in self.asked:
            if key in content:
                typed.setlist(field_name(key), content[key])
        if confirmed:
            typed["confirmed"] = "on"
        self.questions = QuestionsForm(
            typed if typed or data is not None else None,
            facts=filling.facts,
            keys=self.asked,
            known=filling.profile.answers,
            on=filling.today,
        )
        self.questions.is_valid()
        known = {name: "".join(content.get(name, [])) or contact[name] for name in CONTACT}
        self.contact = ContactForm(data, initial=known)
        self.materials = materials or MaterialsForm(
            filling.edition,
            filling.enterprise,
            today=filling.today,
            call=filling.call,
            preset={
                name.removeprefix(MATERIAL): files
                for name, files in content.items()
                if name.startswith(MATERIAL)
            },
            uploaded_by=uploaded_by,
        )
        self.commitment = CommitmentForm(data, unmet=unmet(self.assessment))

    @cached_property
    def answers(self) -> dict[str, Any]:
        wrong = [key for key in self.asked if field_name(key) in self.questions.errors]
        return self.filling.answers(self.questions.parsed, wrong)

    @cached_property
    def assessment(self) -> dict[str, Any]:
        return self.filling.assess(self.answers)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The questions that still matter or are answered, and the rest."""
        matter = self.filling.still_matter(self.answers) | set(self.content)
        wrong = {key for key in self.asked if field_name(key) in self.questions.errors}
        first = [key for key in self.asked if key in matter | wrong]
        rest = [key for key in self.asked if key not in matter | wrong]
        return [
            (name, [self.questions[field_name(key)] for key in keys])
            for name, keys in (("matter", first), ("rest", rest))
        ]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the answers so far."""
        return [
            Problem(f"id_{field_name(key)}", self.filling.facts[key].label, errors[0])
            for key in self.asked
            if (errors := self.questions.errors.get(field_name(key)))
        ]

    def are_valid(self) -> bool:
        """Whether all can be handed in; every form is judged, so that all errors show at once."""
        parts = (self.questions, self.contact, self.materials, self.commitment)
        judged = [part.is_valid() for part in parts]
        return all(judged)

    @property
    def submission(self) -> Submission:
        return Submission(
            given=self.questions.parsed,
            answers=self.answers,
            assessment=self.assessment,
            chosen=self.materials.chosen,
            contact_name=self.contact.cleaned_data["contact_name"],
            contact_telephone=self.contact.cleaned_data["contact_telephone"],
            confirmed_unmet=self.commitment.unmet,
        )


class Page:
    """What a browser sent of the page: typed content, version, and choices between versions."""

    def __init__(self, request: HttpRequest, filling: Filling, uploaded_by: Any = None) -> None:
        data = request.POST
        self.filling, self.data = filling, data
        self.version = whole_number(data.get("version"))
        self.seen = data.get("seen", "")
        needed = set(filling.needed)
        self.asked = [key for key in data.get("asked", "").split(",") if key in needed]
        # A page of an edition or a call that counts no longer names its materials as that one did.
        edition, call = self._lists()
        self.materials = MaterialsForm(
            edition,
            filling.enterprise,
            data,
            request.FILES,
            today=filling.today,
            call=call,
            uploaded_by=uploaded_by,
        )
        self.choices = {
            name.removeprefix(CHOICE): choice
            for name, choice in data.items()
            if name.startswith(CHOICE) and choice in (MINE, THEIRS)
        }
        self.chosen_for = whole_number(data.get("resolve"), otherwise=-1)

    def _lists(self) -> tuple[Edition, Call | None]:
        """Whose materials the page asks for."""
        filling = self.filling
        if self.is_of_this_edition:
            return filling.edition, filling.call
        edition, _, call = self.seen.partition(".")[0].partition("-")
        editions = Edition.objects.filter(programme=filling.programme, pk=whole_number(edition))
        # Also one that was withdrawn meanwhile.
        shown = Call.objects.exclude(status=Call.Status.DRAFT)
        calls = shown.filter(programme=filling.programme, pk=whole_number(call))
        return editions.first() or filling.edition, calls.first() if call else None

    @property
    def is_of_this_edition(self) -> bool:
        """Whether it asks for the materials that are asked for now."""
        return self.seen.partition(".")[0] == self.filling.lists

    @property
    def year(self) -> int:
        """The year that its questions speak of: a page may be left open over New Year."""
        today = self.filling.today.year
        typed = whole_number(self.seen.rpartition(".")[2], otherwise=today)
        return typed if today - LONGEST_OPEN <= typed <= today else today

    @property
    def is_of_this_year(self) -> bool:
        return self.year == self.filling.today.year

    @property
    def has_uploads(self) -> bool:
        return any(self.materials.files.getlist(name) for name in self.materials.files)

    @property
    def content(self) -> Content:
        """All names of the page; call it when uploads are kept."""
        facts = self.filling.facts
        content = {
            key: _typed(
                sent(facts[key], self.data, field_name(key)),
                LONGEST_LIST if facts[key].type == "item_list" else LONGEST_TYPED,
            )
            for key in self.asked
        }
        if not self.is_of_this_year:
            content = carry_over(content, self.year, self.filling.today.year, self.filling.facts)
        for name in CONTACT:
            if name in self.data:
                content[name] = [text[:CONTACT_MAX] for text in _typed([self.data[name]])]
        for name, references in self.materials.typed.items():
            content[f"{MATERIAL}{name}"] = [each for each in references if _is_reference(each)]
        return content


def _typed(values: Iterable[str], longest: int = LONGEST_TYPED) -> list[str]:
    cleaned = (value.replace("\x00", "").strip()[:longest] for value in values)
    return [value for value in cleaned if value]


def _is_reference(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
