"""Forms of auditors."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat

from applications.cases.models import Application
from applications.centre.audit.samples import STATES, Question
from applications.centre.audit.two_roles import RULES
from applications.centre.figures.forms import places_of, programmes_of
from applications.centre.figures.period import EARLIEST, LATEST
from portal.models import Jurisdiction
from portal.typed.fields import DayField, QuantityField, WholeField, YearField

MOST_DRAWN = 2000
DAY = {"type": "date"}
BACKWARDS = "起始日不能晚于截止日。"
FAR_AWAY = f"请填 {EARLIEST.year} 年到 {LATEST.year} 年的日期。"
HOW_MANY = "请填抽几件，或者抽百分之几。"
ONE_OF_TWO = "件数和百分之几只填一个。"
EMPTY = "文件是空的。"
TOO_LARGE = "文件超过 {most}，网页上收不了；请在服务器上运行 manage.py {command} 文件。"


class FileForm(forms.Form):
    """One file that somebody handed the auditor; it is read and not kept."""

    file = forms.FileField(
        label="文件", error_messages={"required": "请选择文件。", "empty": EMPTY}
    )

    def __init__(self, *args: Any, accept: str, command: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.command = command
        self.fields["file"].widget.attrs["accept"] = accept

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.FILE_SIZE_MAX:
            most = filesizeformat(settings.FILE_SIZE_MAX)
            raise forms.ValidationError(TOO_LARGE.format(most=most, command=self.command))
        return file


class ScopeForm(forms.Form):
    """Which cases: all that the auditor sees, or those of a year, a place, a programme."""

    year = YearField(label="申报年度", required=False, help_text="不填是全部年度。")
    place = forms.ChoiceField(label="哪里", required=False)
    programme = forms.ChoiceField(label="哪个项目", required=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        self.fields["place"].choices = [("", "所管的全部"), *places_of(user)]
        self.fields["programme"].choices = [("", "全部项目"), *programmes_of(user)]

    @property
    def cases(self) -> Any:
        """What was chosen; of what was not understood, nothing."""
        found = Application.objects.visible_to(self.user)
        if not self.is_valid():
            return found.none()
        given = self.cleaned_data
        if given["year"]:
            found = found.filter(year=given["year"])
        if given["place"]:
            within = Jurisdiction.objects.within(given["place"]).order_by().values("pk")
            found = found.filter(county__in=within)
        if given["programme"]:
            found = found.filter(edition__programme=given["programme"])
        return found

    @property
    def in_words(self) -> str:
        """What narrows the cases, as the form calls it."""
        told = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value:
                words = dict(getattr(field, "choices", ())).get(value, value)
                told.append(f"{field.label}：{'是' if words is True else words}")
        return "；".join(told) or "无，全部列出"


class TwoRolesForm(ScopeForm):
    rule = forms.ChoiceField(
        label="哪一种",
        required=False,
        choices=[("", "全部"), *((rule.key, rule.title) for rule in RULES.values())],
    )


class SampleForm(ScopeForm):
    """The question of a sample; how many as a number or in percent."""

    year = None
    first = DayField(label="提交日期从", widget=forms.DateInput(attrs=DAY))
    last = DayField(label="到（含当天）", widget=forms.DateInput(attrs=DAY))
    state = forms.ChoiceField(
        label="状态", required=False, choices=[(key, words) for key, (words, _) in STATES.items()]
    )
    size = WholeField(label="抽几件", required=False, unit="件", min_value=1, max_value=MOST_DRAWN)
    percent = QuantityField(
        label="或者抽百分之几",
        required=False,
        unit="%",
        min_value=Decimal("0.01"),
        max_value=100,
        help_text="不足一件的算一件。",
    )
    least = WholeField(
        label="每个项目至少几件",
        required=False,
        unit="件",
        min_value=0,
        max_value=MOST_DRAWN,
        help_text="可以不填；不够的全部抽中。",
    )
    by_money = forms.BooleanField(
        label="按奖补金额抽（金额大的容易抽中，没有金额的抽不到）", required=False
    )
    seed = forms.CharField(
        label="种子",
        required=False,
        max_length=60,
        help_text="任意一串字，如当众抽出的号码；不填由系统随机定，并写在记录里。同样的种子、同样的范围，任何时候抽出的都一样。",
    )
    field_order = (
        "first",
        "last",
        "place",
        "programme",
        "state",
        "size",
        "percent",
        "least",
        "by_money",
        "seed",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        first, last = given.get("first"), given.get("last")
        if first and last and first > last:
            self.add_error("first", BACKWARDS)
        for name, day in (("first", first), ("last", last)):
            if day and not EARLIEST <= day <= LATEST:
                self.add_error(name, FAR_AWAY)
        if not self.errors.keys() & {"size", "percent"}:
            if given.get("size") is None and given.get("percent") is None:
                self.add_error("size", HOW_MANY)
            elif given.get("size") is not None and given.get("percent") is not None:
                self.add_error("percent", ONE_OF_TWO)
        return given

    @property
    def question(self) -> Question:
        given = self.cleaned_data
        return Question(
            first=given["first"],
            last=given["last"],
            place=given["place"],
            programme=given["programme"],
            state=given["state"],
            size=given["size"],
            percent=given["percent"],
            least=given["least"] or 0,
            by_money=given["by_money"],
        )
