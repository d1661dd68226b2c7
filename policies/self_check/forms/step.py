"""A step of the self-check: questions whose answers may end what earlier ones said."""

from collections.abc import Iterable
from typing import Any

from policies.rules.answers import AnswersError, contradictions, parse_answers
from policies.rules.facts import Fact
from policies.rules.industry import SECTION_OF
from policies.self_check.forms.questions import UNCLEAR, QuestionsForm, field_name
from policies.self_check.forms.typed import as_said, read_typed, sent
from portal.typed.signs import UnreadError

ASKED = "asked"
SECTION, DIVISION = "industry.section", "industry.division"


class StepForm(QuestionsForm):
    """Once valid, `contradicted` are the earlier answers that these ones leave no room for.

    A page sends along in `asked` which questions it held: of a list of ticks nothing else arrives
    where none is ticked. They may have changed since, in another window.
    """

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.contradicted: set[str] = set()
        section = self.others.get(SECTION)
        if DIVISION in self.keys and section:
            divisions = self.facts[DIVISION].choices.items()
            own = [(code, name) for code, name in divisions if SECTION_OF.get(code) == section]
            self.fields[field_name(DIVISION)].choices = [(UNCLEAR, "不清楚"), *own]

    def _name_contradictions(self) -> None:
        """Beside the field where it is on the page; what is not on the page gives way."""
        others = self.others
        while problems := contradictions(others | self.parsed, self.on):
            gives_way = {problem.key for problem in problems} & set(others)
            if not gives_way:
                break
            self.contradicted |= gives_way
            others = {key: value for key, value in others.items() if key not in gives_way}
        for problem in problems:
            if field_name(problem.key) not in self.errors:
                self.add_error(field_name(problem.key), problem.expected)

    @property
    def is_of_another_page(self) -> bool:
        """Whether the page that was sent held other questions than are asked now."""
        return self._asked is not None and self._asked != set(self.keys)

    @property
    def not_kept(self) -> list[tuple[str, str]]:
        """What was typed into questions that are not asked any more: label and words."""
        gone = sorted((self._asked or set()) - set(self.keys))
        said = [(fact, sent(fact, self.data, field_name(fact.key))) for fact in self._known(gone)]
        return [
            (fact.label, as_said(fact, texts))
            for fact, texts in said
            if any(texts) and not self._is_known(fact, texts)
        ]

    def asked_now(self) -> "StepForm":
        """The questions of now, none of them sent; they hold what was typed into the same ones."""
        fresh = StepForm(
            facts=self.facts, keys=self.keys, known=self.known, on=self.on, earlier=self.earlier
        )
        for fact in self._known(sorted((self._asked or set()) & set(self.keys))):
            texts = sent(fact, self.data, field_name(fact.key))
            is_list = fact.type == "enum_set"
            fresh.initial[field_name(fact.key)] = texts if is_list else "".join(texts[-1:])
        return fresh

    @property
    def _asked(self) -> set[str] | None:
        asked = self.data.get(ASKED)
        return None if asked is None else set(filter(None, asked.split(",")))

    def _known(self, keys: Iterable[str]) -> list[Fact]:
        return [self.facts[key] for key in keys if key in self.facts]

    def _is_known(self, fact: Fact, texts: list[str]) -> bool:
        """Whether it is what was answered meanwhile, as by a second click."""
        try:
            value = read_typed(fact, texts if fact.type == "enum_set" else texts[-1]).value
            read = parse_answers({fact.key: value}, self.facts, self.on)
        except (UnreadError, AnswersError):
            return False
        return self.known.get(fact.key) == read[fact.key]
