"""What the list of programmes is searched by."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from policies.catalogue.models import Programme
from policies.catalogue.models.award import Level
from policies.pages.listing import NO_MONEY, PUBLISHED, UNPUBLISHED
from portal.models import Jurisdiction

STATUSES = (
    (PUBLISHED, "金额已公布"),
    (UNPUBLISHED, "金额未公布"),
    (NO_MONEY, "不涉及资金"),
)
SORTS = (("", "相符程度、类别"), ("amount", "金额从高到低"), ("name", "名称（按拼音）"))


class ProgrammeSearchForm(forms.Form):
    """What the list of programmes is filtered and sorted by; an empty field asks for nothing."""

    q = forms.CharField(label="关键词", required=False, max_length=100)
    family = forms.ChoiceField(label="类别", required=False)
    city = forms.ChoiceField(label="市", required=False)
    county = forms.ChoiceField(label="县（市、区）", required=False)
    section = forms.ChoiceField(label="行业", required=False)
    level = forms.ChoiceField(label="哪一级给", required=False)
    benefit = forms.ChoiceField(label="给什么", required=False)
    beneficiary = forms.ChoiceField(label="给谁", required=False)
    status = forms.ChoiceField(label="金额", required=False)
    sort = forms.ChoiceField(label="排序", required=False)

    def __init__(
        self,
        data: Any,
        *,
        families: Iterable[str],
        areas: Mapping[str, Jurisdiction],
        sections: Mapping[str, str],
    ) -> None:
        super().__init__(data)
        places = {
            level: [(code, place.name) for code, place in areas.items() if place.level == level]
            for level in Jurisdiction.Level.values
        }
        for name, choices in {
            "family": [(family, family) for family in families],
            "city": places["city"],
            "county": places["county"],
            "section": sections.items(),
            "level": Level.choices,
            "benefit": Programme.Benefit.choices,
            "beneficiary": Programme.Beneficiary.choices,
            "status": STATUSES,
        }.items():
            self.fields[name].choices = [("", "不限"), *choices]
        self.fields["sort"].choices = SORTS


class PlaceForm(forms.Form):
    """Where a firm is and what it does; on the first page, before anything else is asked."""

    county = forms.ChoiceField(label="企业在哪个县（市、区）", required=False)
    section = forms.ChoiceField(label="主要做哪个行业", required=False)

    def __init__(
        self, data: Any, *, areas: Mapping[str, Jurisdiction], sections: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        self.cities: dict[str, list[tuple[str, str]]] = {}
        for code, place in areas.items():
            if place.level == Jurisdiction.Level.COUNTY:
                city = areas[place.parent_id].name
                self.cities.setdefault(city, []).append((code, place.name))
        self.fields["county"].choices = [*self.cities.items()]
        self.fields["section"].choices = [*sections.items()]


class CalendarForm(forms.Form):
    """Whose days the calendar shows; an empty field asks for all."""

    county = forms.ChoiceField(label="县（市、区）", required=False)
    family = forms.ChoiceField(label="类别", required=False)
    programme = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any,
        *,
        programmes: Iterable[Programme],
        areas: Mapping[str, Jurisdiction],
    ) -> None:
        super().__init__(data)
        programmes = list(programmes)
        counties = [
            (code, place.name)
            for code, place in areas.items()
            if place.level == Jurisdiction.Level.COUNTY
        ]
        families = dict.fromkeys(programme.family for programme in programmes)
        self.fields["county"].choices = [("", "不限"), *counties]
        self.fields["family"].choices = [("", "不限"), *((each, each) for each in families)]
        self.names = {programme.pk: programme.name for programme in programmes}

    def clean_programme(self) -> str:
        programme = self.cleaned_data["programme"]
        if programme and programme not in self.names:
            raise forms.ValidationError("没有这个项目，或现在不受理")
        return programme

    @property
    def chosen(self) -> dict[str, str]:
        """What was asked for and is known."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def in_words(self) -> str:
        """Such as 沁水县，小升规."""
        chosen = self.chosen
        words = [dict(self.fields["county"].choices).get(chosen.get("county", ""), "")]
        words += [chosen.get("family", ""), self.names.get(chosen.get("programme", ""), "")]
        return "，".join(word for word in words if word and word != "不限")
