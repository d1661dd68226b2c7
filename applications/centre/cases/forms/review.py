"""The form with which staff decide a case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from applications.cases.models import Application
from applications.cases.models.correction import (
    CORRECTION_DAYS,
    FEWEST_CORRECTION_DAYS,
    MOST_CORRECTION_DAYS,
)
from applications.cases.services.review import DAYS_OUT_OF_RANGE
from applications.cases.workflow import Action
from policies.rules.facts import Fact
from portal.typed.fields import DayField, WholeField

LONGEST_OPINION = 2000
NO_SUCH_ACTION = "这件申报现在没有这种操作，请重新选择。"


def correctable_facts(application: Application, facts: Mapping[str, Fact]) -> dict[str, str]:
    """Labels of what the firm answered or was judged on, by key, as the questionnaire orders."""
    judged = {
        key for criterion in application.assessment["criteria"] for key in criterion["values"]
    }
    keys = judged | set(application.answers) | set(application.assessment["missing"])
    # The county decides who reviews: another county is another application.
    return {key: fact.label for key, fact in facts.items() if key in keys - {"enterprise.county"}}


class DecisionForm(forms.Form):
    """One action on a case, with opinion, what to correct and the day of a visit."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    action = forms.ChoiceField(error_messages={"invalid_choice": NO_SUCH_ACTION})
    opinion = forms.CharField(
        label="意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_OPINION,
        error_messages={"max_length": f"意见最多 {LONGEST_OPINION} 字，请写得短些。"},
    )
    facts = forms.MultipleChoiceField(
        label="要企业改的填报项", required=False, widget=forms.CheckboxSelectMultiple
    )
    materials = forms.MultipleChoiceField(
        label="要企业补的材料", required=False, widget=forms.CheckboxSelectMultiple
    )
    working_days = WholeField(
        unit="天",
        label="补正期限（工作日）",
        required=False,
        initial=CORRECTION_DAYS,
        min_value=FEWEST_CORRECTION_DAYS,
        max_value=MOST_CORRECTION_DAYS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), DAYS_OUT_OF_RANGE),
    )
    document_number = forms.CharField(
        label="上级文件的文号",
        required=False,
        max_length=60,
        error_messages={"max_length": "文号最多 60 字，请核对。"},
    )
    visited_on = DayField(
        label="实地核查日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(
        self, data: Any, *, application: Application, facts: Mapping[str, Fact], today: date
    ) -> None:
        super().__init__(data, initial={"seen": application.version})
        self.today = today
        if application.current_step.is_decided_here:
            del self.fields["document_number"]
        actions = [transition.action for transition in application.possible_actions]
        self.fields["action"].choices = [(action.value, action.label) for action in actions]
        self.fields["facts"].choices = list(correctable_facts(application, facts).items())
        names = [material.name for material in application.materials]
        self.fields["materials"].choices = [(name, name) for name in [*names, "其他材料"]]

    def clean_action(self) -> Action:
        return Action(self.cleaned_data["action"])

    def clean_working_days(self) -> int:
        return self.cleaned_data["working_days"] or CORRECTION_DAYS

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("action") is Action.VISIT and "visited_on" not in self.errors:
            day = data.get("visited_on")
            if day is None:
                self.add_error("visited_on", "请填实地核查的日期。")
            elif day > self.today:
                self.add_error("visited_on", "实地核查的日期不能在今天之后。")
        return data
