"""A step of the self-check: questions whose answers may end what earlier ones said."""

from typing import Any

from policies.rules.answers import contradictions
from policies.rules.industry import SECTION_OF
from policies.self_check.forms.questions import UNCLEAR, QuestionsForm, field_name

SECTION, DIVISION = "industry.section", "industry.division"


class StepForm(QuestionsForm):
    """Once valid, `contradicted` are the earlier answers that these ones leave no room for."""

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
