"""Forms of the profile: a section's questions, a new project or base, what to take over."""

from collections.abc import Collection
from typing import Any

from django import forms

from applications.enterprises.models import Enterprise, Subject
from applications.enterprises.services.new_year import earlier_in_words
from applications.enterprises.services.profile import Profile
from policies.self_check.forms.questions import QuestionsForm
from portal.forms import plain_helper

NEW_YEAR = (
    "打开这一页以后换了年份：“今年”现在指 {year} 年，下面各年度的指标都跟着变了。"
    "请逐项核对您填的内容，确认无误后再保存一次。"
)
CHANGED_MEANWHILE = "打开这一页以后，档案刚被别人改过。请核对下面您填的内容，确认无误后再保存一次。"


class SectionForm(QuestionsForm):
    """The questions of one section as the self-check asks them, with what the profile holds."""

    def __init__(self, data: Any = None, *, profile: Profile, section: str) -> None:
        super().__init__(
            data,
            facts=profile.facts,
            keys=profile.section_keys(section),
            known=profile.answers,
            on=profile.today,
            earlier=earlier_in_words(profile),
        )
        self.year = profile.today.year
        self.version = f"{profile.version}.{self.year}"
        self.seen = str(data.get("seen")) if data is not None else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.seen != self.version:
            year = self.seen.partition(".")[2]
            is_of_before = year.isdecimal() and year != str(self.year)
            told = NEW_YEAR.format(year=self.year) if is_of_before else CHANGED_MEANWHILE
            self.add_error(None, told)
        return cleaned


class SubjectForm(forms.ModelForm):
    """A project or base, named so that the firm tells it from its others."""

    class Meta:
        model = Subject
        fields = ["kind", "name"]

    def __init__(
        self, data: Any = None, *, enterprise: Enterprise, kinds: Collection[str] = ()
    ) -> None:
        """With `kinds`, only these; a single one is not asked."""
        super().__init__(data, instance=Subject(enterprise=enterprise))
        self.fields["kind"].choices = [
            choice for choice in Subject.Kind.choices if not kinds or choice[0] in kinds
        ]
        if len(kinds) == 1:
            del self.fields["kind"]
            self.instance.kind = next(iter(kinds))
        self.helper = plain_helper()

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def _get_validation_exclusions(self) -> set[str]:
        # The enterprise is not typed, but its names must differ all the same.
        return super()._get_validation_exclusions() - {"enterprise", "kind"}
