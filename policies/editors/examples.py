"""Examples of a draft in the admin: a firm, and rows that say what must come out for it."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from policies.catalogue.current import Catalogue
from policies.catalogue.making_examples import (
    ExampleError,
    add_missing_sides,
    answers_in_words,
    content_of,
    fill_expected,
)
from policies.catalogue.models import Edition, Example
from policies.catalogue.models.award import Level
from policies.catalogue.models.example import UNTITLED
from policies.consistency.examples import OUTCOME_WORDS, STATUS_WORDS, faults_of
from policies.editors.examples_told import read_once, tell_of_examples
from policies.editors.jurisdiction import NOT_ONES_OWN, own_reach
from policies.editors.parts import PartAdmin
from policies.editors.summaries import SummaryInline
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact, plain
from policies.self_check.forms.questions import QuestionsForm, field_name
from portal.numbers import whole_number
from portal.typed.fields import QuantityField
from portal.typed.quantities import read_quantity
from portal.typed.signs import UnreadError

FILLED = (
    "预期已由系统按草稿现在的规则算出并保存。算出来的不一定就是文件的意思："
    "请对照文件逐行看过，不对的先改规则，再算一次。"
)
NOTHING_TO_ADD = "每个由填报决定的条件，界限两边都有例子，没有要补的。"
ROW_MOVED = "这一行刚被别人改过或删掉，没有保存。请回到例子看现在的内容，再改。"
RANGE_SAYS = "应填一个数，如 30；两头的数，如 0-45；或者 5 以上"
CRITERIA, MONEY = "criteria", "money"
ROWS_CALLED = {CRITERIA: "条件的预期", MONEY: "金额的预期"}
CUTS = ("price_cut", "fee_cap")


def known_answers(firm: Mapping[str, Any], facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    """Those of the answers that still fit their questions, in their own types."""
    found: dict[str, Any] = {}
    for key, value in firm.items():
        try:
            found |= parse_answers({key: value}, facts, on)
        except AnswersError:
            continue
    return found


def asked_keys(rules: Rules, facts: Mapping[str, Fact], *more: Mapping[str, Any]) -> list[str]:
    """What the edition asks and what is answered besides, in the order of the questionnaire."""
    wanted = {*rules.fact_keys, *(key for answers in more for key in answers)}
    return [key for key in facts if key in wanted]


class QuestionsOfExample(QuestionsForm):
    """The self-check's questions, by section, for a page of the admin."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""  # they end with a question mark

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        found: dict[str, list[forms.BoundField]] = {}
        for key in self.keys:
            found.setdefault(self.facts[key].section, []).append(self[field_name(key)])
        return list(found.items())

    @property
    def is_doubted(self) -> bool:
        return not self["confirmed"].is_hidden


class ExampleForm(forms.ModelForm):
    """The day and the firm's answers, as a form of what this edition asks."""

    class Meta:
        model = Example
        fields = ["edition", "position", "title", "on"]
        help_texts = {
            "title": "说明是怎样的企业，如：刚过界限的制造业企业。不写真实企业的名称。",
            "on": "年度（当年、上一年）和年限按这一天算。",
        }

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(data, *args, **options)
        known = Catalogue()
        edition = self._edition(data)
        self.facts = known.facts
        self.rules = known.pinned_edition(edition) if edition else None
        on = self._day(data)
        firm = self.instance.firm
        keys = asked_keys(self.rules, self.facts, firm) if self.rules else []
        self.gone = [key for key in firm if key not in self.facts]
        self.questions = QuestionsOfExample(
            data, facts=self.facts, keys=keys, known=known_answers(firm, self.facts, on), on=on
        )

    def _edition(self, data: Any) -> Edition | None:
        pk = self.instance.edition_id or (data or self.initial).get("edition")
        if isinstance(pk, Edition):
            return pk
        return Edition.objects.filter(pk=whole_number(str(pk or ""))).first()

    def _day(self, data: Any) -> date:
        """The day as it is typed, so that the questions ask for its years."""
        own = self.instance.on or timezone.localdate()
        if data is None or "on" not in self.fields:
            return own
        try:
            return self.fields["on"].clean(data.get(self.add_prefix("on"))) or own
        except ValidationError:
            return own

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.questions.is_valid():
            raise ValidationError("企业的填报里有要改的，见下面各题。")
        self.instance.firm = self.questions.plain_answers
        return given

    def has_changed(self) -> bool:
        return super().has_changed() or self.questions.has_changed()


class RangeField(forms.CharField):
    """An amount of 万元 that is certain or lies between two ends, as a row of an example holds it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "size": 14})
        super().__init__(**{"required": False, "widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        if not isinstance(value, list):
            return plain(read_quantity(str(value)))
        low, high = value
        return f"{low} 以上" if high is None else f"{low}-{high}"

    def to_python(self, value: Any) -> Any:
        text = (value or "").strip()
        if not text:
            return None
        try:
            if text.endswith("以上"):
                return [_number(text.removesuffix("以上")), None]
            for sign in ("至", "到", "—", "–", "~", "～"):
                text = text.replace(sign, "-")
            ends = [_number(part) for part in text.split("-")]
        except UnreadError as error:
            raise ValidationError(f"{error}。{RANGE_SAYS}。") from error
        if len(ends) > 2 or ends != sorted(ends):
            raise ValidationError(f"{RANGE_SAYS}。")
        return ends[0] if len(set(ends)) == 1 else ends


def _number(text: str) -> int | float:
    found = read_quantity(text, "万元")
    return int(found) if found == found.to_integral_value() else float(found)


def texts_of(rules: Rules) -> dict[str, str]:
    """What each criterion is about, by code."""
    found: dict[str, str] = {}
    for entry in rules.entries:
        found.setdefault(entry.code, entry.criterion.text)
    return found


class CriterionRowForm(forms.Form):
    code = forms.ChoiceField(label="条件")
    outcome = forms.ChoiceField(
        label="应当是", choices=[(code, told) for code, told in OUTCOME_WORDS.items()]
    )

    def __init__(self, data: Any = None, *, rules: Rules, row: Mapping[str, Any]) -> None:
        initial = {"code": row.get("code"), "outcome": row.get("is", "met")}
        super().__init__(data, initial=initial)
        texts = texts_of(rules)
        if (own := row.get("code")) and own not in texts:
            texts[own] = "这个版本已没有这个条件"
        self.fields["code"].choices = [(code, f"{code} {text}") for code, text in texts.items()]

    def row(self) -> dict[str, Any]:
        return {"code": self.cleaned_data["code"], "is": self.cleaned_data["outcome"]}


class MoneyRowForm(forms.Form):
    level = forms.ChoiceField(label="级别")
    status = forms.ChoiceField(label="状态", choices=list(STATUS_WORDS.items()))
    now = RangeField(label="现在给（万元）", help_text=f"{RANGE_SAYS}；不核对就空着。")
    later = RangeField(label="以后给（万元）")
    total = RangeField(label="合计（万元）")
    amount = RangeField(label="待核实的金额（万元）")
    headline = QuantityField(label="先显示的金额（万元）", unit="万元", required=False)
    price_cut = QuantityField(label="减免比例（%）", unit="%", required=False)
    fee_cap = QuantityField(label="费率上限（%）", unit="%", required=False)
    undecided = forms.BooleanField(label="这一级给不给还没有定", required=False)

    def __init__(self, data: Any = None, *, rules: Rules, row: Mapping[str, Any]) -> None:
        verified = "to_verify" if "amount" in row else "published"
        initial = {"status": verified, **row}
        for name in CUTS:
            if name in row:
                initial[name] = plain(read_quantity(str(row[name])) * 100)
        super().__init__(data, initial=initial)
        levels = dict.fromkeys([*rules.levels, *([row["level"]] if "level" in row else [])])
        self.fields["level"].choices = [(name, Level(name).label) for name in levels]

    def row(self) -> dict[str, Any]:
        given = self.cleaned_data
        row: dict[str, Any] = {"level": given["level"]}
        usual = "to_verify" if given["amount"] is not None else "published"
        if given["status"] != usual:
            row["status"] = given["status"]
        row |= {
            name: given[name]
            for name in ("now", "later", "total", "amount")
            if given[name] is not None
        }
        if given["headline"] is not None:
            row["headline"] = float(given["headline"])
        row |= {name: float(given[name] / 100) for name in CUTS if given[name] is not None}
        return row | ({"undecided": True} if given["undecided"] else {})


ROW_FORMS = {CRITERIA: CriterionRowForm, MONEY: MoneyRowForm}


def row_in_words(name: str, row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """What a row says must come out; `texts` are those of the criteria, by code."""
    if name == CRITERIA:
        named = f"{row['code']} {texts.get(row['code'], '')}".strip()
        return f"{named}：{OUTCOME_WORDS.get(row['is'], row['is'])}"
    shown = RangeField().prepare_value
    told = [
        f"{label} {shown(row[key])} 万元"
        for key, label in (
            ("now", "现在"), ("later", "以后"), ("total", "合计"), ("amount", "待核实"),
            ("headline", "先显示"),
        )
        if key in row
    ]  # fmt: skip
    told += [
        f"{label} {plain(read_quantity(str(row[key])) * 100)}%"
        for key, label in (("price_cut", "减免"), ("fee_cap", "费率不超过"))
        if key in row
    ]
    if "status" in row:
        told.append(STATUS_WORDS.get(row["status"], row["status"]))
    if row.get("undecided"):
        told.append("给不给未定")
    level = Level(row["level"]).label if row["level"] in Level.values else row["level"]
    return f"{level}：{'，'.join(told) or '金额已公布'}"


def seen(row: Mapping[str, Any] | None) -> str:
    """Tells whether a row is still what its page showed."""
    return sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


class ExampleInline(SummaryInline):
    model = Example
    fields = ["title", "on", "rows_told", "comes_out"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        self.request = request  # an inline lives as long as it
        return super().get_queryset(request).select_related("edition")

    @admin.display(description="核对什么")
    def rows_told(self, example: Example) -> str:
        return f"条件 {len(example.criteria)} 行，金额 {len(example.money)} 行"

    @admin.display(description="算出来")
    def comes_out(self, example: Example) -> str:
        if not example.edition.is_draft:
            return "发布时核对过"
        read = read_once(self.request, example.edition)
        if read.rules.fault:
            return "规则还不能测算"
        wrong = sum(1 for own, _ in read.faults if own.pk == example.pk)
        return f"{wrong} 处和预期不一样" if wrong else "和预期一致"


@admin.register(Example)
class ExampleAdmin(PartAdmin):
    form = ExampleForm
    list_display = ["title", "edition", "on"]
    list_filter = ["edition__status", "edition__programme__family"]
    search_fields = ["title", "edition__programme__name"]
    search_help_text = "名称或项目名称"
    list_select_related = ["edition__programme"]
    readonly_fields = ["edition_link", "firm_in_words"]

    def get_urls(self) -> list[Any]:
        row = "<int:pk>/<str:name>/<str:index>/"
        own = [
            self.own_page(row, self.row_page, "row"),
            self.own_page("beside-limits/<int:draft>/", require_POST(self.sides), "sides"),
        ]
        return [*own, *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {"title": UNTITLED, "on": timezone.localdate(), **initial}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["edition", "position", "title", "on"]
        own = ["edition_link", "position", "title", "on"]
        return own if self.has_change_permission(request, obj) else [*own, "firm_in_words"]

    @admin.display(description="企业的填报")
    def firm_in_words(self, example: Example) -> str:
        told = answers_in_words(example.firm, Catalogue().facts)
        return format_html_join("", "{}", [(told,)]) or "—"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        example = context.get("original")
        form = context["adminform"].form
        context["questions"] = getattr(form, "questions", None)
        context["gone"] = getattr(form, "gone", [])
        context["may_change"] = bool(example) and self.has_change_permission(request, example)
        context["tables"] = self._tables(example) if example else []
        return super().render_change_form(request, context, *args, **options)

    def _tables(self, example: Example) -> list[dict[str, Any]]:
        """The rows of both lists with what comes out of them now."""
        known = Catalogue()
        rules = known.pinned_edition(example.edition)
        content = content_of(example)
        found = [] if rules.fault else list(faults_of(content, rules, known.facts))
        faults = {fault.place: fault.in_words for fault in found}
        told = rules.fault or faults.get(None, "")
        texts = texts_of(rules)
        return [
            {
                "name": name,
                "called": called,
                "fault": told,
                "rows": [
                    {
                        "index": index,
                        "told": row_in_words(name, row, texts),
                        "instead": answers_in_words(row.get("with") or {}, known.facts),
                        "fault": faults.get((name, index), ""),
                        "is_tried": not told,
                    }
                    for index, row in enumerate(getattr(example, name))
                ],
            }
            for name, called in ROWS_CALLED.items()
        ]

    # --- saved ---

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._saved(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._saved(request, obj)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        self._fill_if_asked(request, obj)
        return super().response_add(request, obj, *args)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        self._fill_if_asked(request, obj)
        return super().response_change(request, obj)

    def _fill_if_asked(self, request: HttpRequest, example: Example) -> None:
        if "_fill" not in request.POST:
            return
        try:
            fill_expected(example)
        except (ExampleError, AnswersError) as error:
            messages.error(request, f"没有算出预期：{error}")
        else:
            example.save()
            messages.warning(request, FILLED)

    def _saved(self, request: HttpRequest, example: Example) -> HttpResponse:
        """Back to the example: its rows are looked at next."""
        if "_fill" not in request.POST:
            tell_of_examples(request, example.edition)
        return redirect("admin:catalogue_example_change", example.pk)

    # --- a row ---

    @method_decorator(transaction.atomic)
    def row_page(self, request: HttpRequest, pk: int, name: str, index: str) -> HttpResponse:
        """One row: what must come out, and what the firm answers otherwise there."""
        rows_of = Example.objects.select_related("edition__programme")
        if request.method == "POST":
            rows_of = rows_of.select_for_update(of=("self",), no_key=True)
        example = get_object_or_404(rows_of, pk=pk)
        if not self.has_change_permission(request, example):
            raise PermissionDenied
        rows = getattr(example, name) if name in ROW_FORMS else None
        place = None if index == "new" else whole_number(index)
        if rows is None or (index != "new" and place is None):
            raise Http404("没有这一行")
        row = rows[place] if place is not None and place < len(rows) else None
        if row is None and place is not None and request.method != "POST":
            raise Http404("没有这一行")
        known = Catalogue()
        rules = known.pinned_edition(example.edition)
        data = request.POST if request.method == "POST" else None
        told = row or {}
        form = ROW_FORMS[name](data, rules=rules, row=told)
        own = known_answers(example.firm, known.facts, example.on)
        instead = {**example.firm, **(told.get("with") or {})}
        answers = {key: value for key, value in instead.items() if value is not None}
        keys = asked_keys(rules, known.facts, example.firm, told.get("with") or {})
        questions = QuestionsOfExample(
            data,
            facts=known.facts,
            keys=keys,
            known=known_answers(answers, known.facts, example.on),
            on=example.on,
        )
        problem = ""
        if data is not None:
            if place is not None and data.get("seen") != seen(row):
                problem = ROW_MOVED
            elif "_delete" in data and place is not None:
                return self._put(request, example, name, place, None)
            elif form.is_valid() & questions.is_valid():
                new = {**form.row(), **_instead(own, questions, keys)}
                return self._put(request, example, name, place, new)
        context = {
            "title": f"{ROWS_CALLED[name]}：{'新的一行' if place is None else f'第 {place + 1} 行'}",
            "example": example,
            "form": form,
            "questions": questions,
            "own": answers_in_words(example.firm, known.facts),
            "is_new": place is None,
            "seen": data.get("seen", "") if data is not None else seen(row),
            "problem": problem,
            "address": reverse("admin:catalogue_example_change", args=[example.pk]),
        }
        is_bad = data is not None
        template = "admin/catalogue/example/row.html"
        return self.render(request, template, context, status=400 if is_bad else 200)

    def _put(
        self,
        request: HttpRequest,
        example: Example,
        name: str,
        place: int | None,
        row: dict[str, Any] | None,
    ) -> HttpResponse:
        """The list with the row in its place, at the end, or without it."""
        rows = list(getattr(example, name))
        if place is None:
            rows.append(row)
        else:
            rows[place : place + 1] = [] if row is None else [row]
        setattr(example, name, rows)
        example.save(update_fields=[name])
        what = "删去" if row is None else "新增" if place is None else "修改"
        self.log_change(request, example, f"{what}一行{ROWS_CALLED[name]}")
        messages.success(request, f"已{what}一行{ROWS_CALLED[name]}。")
        tell_of_examples(request, example.edition)
        return redirect("admin:catalogue_example_change", example.pk)

    # --- made ---

    def sides(self, request: HttpRequest, draft: int) -> HttpResponse:
        """Add what lacks on either side of a limit, and say what."""
        if not request.user.has_perm("catalogue.change_edition"):
            raise PermissionDenied
        own = own_reach(request).within("programme__area")
        edition = Edition.objects.filter(own, pk=draft).first()
        if edition is None:
            raise Http404(NOT_ONES_OWN)
        try:
            added = add_missing_sides(edition)
        except ExampleError as error:
            messages.error(request, f"没有办成：{error}")
        else:
            if added:
                lines = format_html_join("", "<br>{}", [(line,) for line in added])
                told = "补了这些例子，预期是按草稿现在的规则算出来的，请对照文件逐行看过："
                messages.warning(request, format_html("{}{}", told, lines))
            else:
                messages.success(request, NOTHING_TO_ADD)
        return redirect("admin:catalogue_edition_change", edition.pk)


def _instead(
    own: Mapping[str, Any], questions: QuestionsForm, keys: list[str]
) -> dict[str, dict[str, Any]]:
    """What the firm of a row answers otherwise than the example's; None for what it does not say."""
    answers, typed = questions.plain_answers, questions.parsed
    changed = {key: answers.get(key) for key in keys if typed.get(key) != own.get(key)}
    return {"with": changed} if changed else {}
