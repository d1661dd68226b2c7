"""Forms of calls: what a notice says, when it ends, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from applications.cases.services.calls import Asked
from policies.catalogue.models import Call, Document, Programme
from policies.catalogue.models.programme import MOBILE_NUMBER
from portal.forms import LONGEST, STRANGE, at_most
from portal.models import Jurisdiction
from portal.typed.fields import DayField, WholeField

MOST_PLACES = 100_000
LONGEST_NAME, LONGEST_NOTE, MOST_MATERIALS = 200, 500, 30
COLON = "："
NO_LAST_DAY = "请填截止日期；没有截止日的，请在下面打钩。"
BOTH_ENDS = "填了截止日期，就不要再选“常年受理”。"
PLACES_MISSING = "请填几个名额；不限或没有公布的，请选上面的另一项。"
PLACES_SUPERFLUOUS = "选了“{kind}”，就不要再填个数。"
TOO_LONG = "第 {line} 行太长：名称最多 {name} 字，说明最多 {note} 字。"
TWICE = "“{name}”写了两次。"
TOO_MANY = f"最多 {MOST_MATERIALS} 项，请合并。"


def _calendar() -> forms.DateInput:
    # Browsers read a day in this form only.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LastDayForm(forms.Form):
    """Until when, or that it stays open; one of the two has to be said."""

    no_last_day, both_ends = NO_LAST_DAY, BOTH_ENDS
    closes_on = DayField(label="截止日期（含当天）", required=False, widget=_calendar())
    stays_open = forms.BooleanField(label="常年受理，没有截止日", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "closes_on" not in self.errors:
            if not cleaned.get("closes_on") and not cleaned.get("stays_open"):
                self.add_error("closes_on", self.no_last_day)
            if cleaned.get("closes_on") and cleaned.get("stays_open"):
                self.add_error("stays_open", self.both_ends)
        return cleaned


class CallForm(LastDayForm):
    """The words of a draft; with `call` those of one that was written before."""

    programme = forms.ModelChoiceField(
        label="项目",
        queryset=Programme.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择项目。", "invalid_choice": "没有这个项目，请重新选择。"},
    )
    title = forms.CharField(
        label="标题", max_length=200, error_messages={"required": "请填标题。", **STRANGE}
    )
    text = forms.CharField(
        label="正文",
        help_text="公众和企业看得到：申报什么、怎么办、有什么要求。",
        validators=[at_most(4000)],
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80}),
        error_messages={"required": "请填正文。", **STRANGE},
    )
    document_number = forms.CharField(
        label="通知文号（选填）", required=False, max_length=60, error_messages=STRANGE
    )
    document = forms.ModelChoiceField(
        label="依据的政策文件（选填）",
        required=False,
        queryset=Document.objects.all(),
        empty_label="不在政策文件里",
        help_text="通知本身或它依据的文件，已收在“政策文件”里的才选。",
    )
    opens_on = DayField(
        label="开始日期",
        widget=_calendar(),
        error_messages={"required": "请填开始日期。"},
    )
    places_are = forms.ChoiceField(
        label="名额",
        choices=Call.Places.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选有没有名额；没有公布的，选“名额未公布”。"},
    )
    places = WholeField(
        unit="个", label="几个名额", required=False, min_value=1, max_value=MOST_PLACES
    )
    office = forms.CharField(
        label="联系科室", max_length=100, error_messages={"required": "请填联系科室。", **STRANGE}
    )
    telephone = forms.RegexField(
        label="联系电话",
        regex=rf"^(?!.*(?:{MOBILE_NUMBER})).*[0-9].*$",
        max_length=60,
        help_text="办公电话，公开显示。",
        error_messages={
            "required": "请填联系电话。",
            "invalid": "请填办公电话，不公开手机号码。",
            **STRANGE,
        },
    )
    materials = forms.CharField(
        label="另外要的材料（选填）",
        required=False,
        help_text="项目的清单以外的，一行一项；要说明的，写在“：”后面。",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        error_messages=STRANGE,
    )
    field_order = [
        "programme", "title", "text", "document_number", "document", "opens_on", "closes_on",
        "stays_open", "places_are", "places", "office", "telephone", "materials",
    ]  # fmt: skip

    def __init__(
        self, data: Any = None, *, programmes: Any = None, call: Call | None = None
    ) -> None:
        super().__init__(data, initial=_initial(call) if call else None)
        if call:
            # The programme of a draft stays: another one is another call.
            del self.fields["programme"]
        else:
            self.fields["programme"].queryset = programmes

    def clean_materials(self) -> list[Asked]:
        lines = enumerate(self.cleaned_data["materials"].splitlines(), start=1)
        found: dict[str, Asked] = {}
        for number, line in lines:
            name, _, note = (part.strip() for part in line.replace(":", COLON).partition(COLON))
            if not name and not note:
                continue
            if len(name) > LONGEST_NAME or len(note) > LONGEST_NOTE or not name:
                told = TOO_LONG.format(line=number, name=LONGEST_NAME, note=LONGEST_NOTE)
                raise forms.ValidationError(told if name else f"第 {number} 行没有写材料的名称。")
            if name in found:
                raise forms.ValidationError(TWICE.format(name=name))
            found[name] = Asked(name, note)
        if len(found) > MOST_MATERIALS:
            raise forms.ValidationError(TOO_MANY)
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, places = cleaned.get("places_are"), cleaned.get("places")
        if kind and "places" not in self.errors:
            if kind == Call.Places.LIMITED and places is None:
                self.add_error("places", PLACES_MISSING)
            if kind != Call.Places.LIMITED and places is not None:
                told = PLACES_SUPERFLUOUS.format(kind=Call.Places(kind).label)
                self.add_error("places", told)
        return cleaned

    @property
    def words(self) -> Mapping[str, Any]:
        """The fields of the call, when it is valid."""
        others = ("programme", "materials", "stays_open")
        return {name: value for name, value in self.cleaned_data.items() if name not in others}


def _initial(call: Call) -> dict[str, Any]:
    names = (
        "title", "text", "document_number", "document", "opens_on", "closes_on", "places_are",
        "places", "office", "telephone",
    )  # fmt: skip
    lines = [COLON.join(filter(None, (row.name, row.note))) for row in call.materials.all()]
    return {
        **{name: getattr(call, name) for name in names},
        "stays_open": call.closes_on is None,
        "materials": "\n".join(lines),
    }


def _reason(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        error_messages={"required": "请写明理由，企业看得到。", **STRANGE},
    )


class OpeningForm(forms.Form):
    """Why the drafter opens it themselves; a second person gives no reason."""

    reason = _reason("由拟稿人自己开放的理由", "会留在记录里。", required=False)


class MoveForm(LastDayForm):
    """Another last day, later or earlier."""

    reason = _reason("理由", "有草稿的企业会收到消息，看得到理由。")
    # What the page said of drafts that lose days; another count has to be seen first.
    seen_drafts = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="move")


class CountyDayForm(MoveForm):
    """An earlier last day for firms of one of `counties`, or none any more."""

    no_last_day = "请填县里的截止日期；不再另定的，请在下面打钩。"
    both_ends = "填了截止日期，就不要再选“不再另定”。"
    county = forms.ChoiceField(
        label="县（市、区）",
        error_messages={
            "required": "请选择县（市、区）。",
            "invalid_choice": "没有这个县（市、区），请重新选择。",
        },
    )
    field_order = ["county", "closes_on", "stays_open", "reason"]

    def __init__(self, data: Any = None, *, counties: Sequence[Jurisdiction]) -> None:
        # Not MoveForm's own: both forms stand on one page.
        forms.Form.__init__(self, data, prefix="county")
        self._counties = {county.pk: county for county in counties}
        choices = [(county.pk, county.name) for county in counties]
        self.fields["county"].choices = choices if len(choices) == 1 else [("", "请选择"), *choices]
        self.fields["closes_on"].label = "县里的截止日期（含当天）"
        self.fields["stays_open"].label = "不再另定，和全部地区一样"

    def clean_county(self) -> Jurisdiction:
        return self._counties[self.cleaned_data["county"]]


class WithdrawalForm(forms.Form):
    reason = _reason("撤回的理由", "有草稿的企业会收到消息，看得到理由。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="withdrawal")
