"""A form's field whose value is built: a rule, an amount, or another thing of `kinds.FAMILIES`."""

import json
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from policies.catalogue import current as catalogue
from policies.editors.builder.acts import done
from policies.editors.builder.kinds import FAMILIES, FactSlot, OperatorSlot, Parts
from policies.editors.builder.nodes import (
    Node,
    below_of,
    blank,
    count_errors,
    first_error,
    is_blank,
)
from policies.editors.builder.opening import opened
from policies.editors.builder.pasted import NOT_JSON, parsed
from policies.editors.builder.posting import Reading, posted
from policies.editors.builder.telling import Told, told_of
from policies.editors.builder.views import Page
from policies.editors.builder.vocabulary import Vocabulary, vocabulary
from policies.editors.builder.writing import READERS, fitting, normal, written
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import check_depth
from policies.rules.read_rule import WITHOUT_VALUE, RuleError

TO_MEND = "还有 {count} 处要改，见下面的红字：{first}"
ACT, TRY = ".act", "try"
# What stands open in an empty form; as long as it is empty, nothing is written.
NAME_FACTS = {"rule", "amount", "unsplit", "undecided"}
AT_FIRST = {"rule": "leaf", "amount": "fixed"}


@dataclass
class Built:
    """What a builder holds: a form, or the JSON that was pasted instead of it.

    `is_changed` where a button changed the form, so that nothing is wrong with it yet.
    """

    family: str
    root: Node | None
    pasted: str = ""
    is_changed: bool = False
    told: str = ""
    focus: str = ""
    tried: dict[str, Any] = field(default_factory=dict)
    edition: int | None = None

    def data(self, known: Vocabulary) -> Any:
        """The JSON; None where nothing was filled in. Raises a ValidationError in words."""
        if self.pasted.strip():
            return self._read_pasted(known)
        if self.root is None or (
            is_blank(self.root) and self.root.kind.name == AT_FIRST.get(self.family)
        ):
            return None
        data = written(self.root, known)
        if count := count_errors(self.root):
            raise ValidationError(TO_MEND.format(count=count, first=first_error(self.root)))
        return data

    def settle(self, known: Vocabulary) -> None:
        """Make room for what the chosen facts, operators and kinds need."""
        self.is_changed = True
        _settle(self.root, known)
        _take_over(self, known)

    def _read_pasted(self, known: Vocabulary) -> Any:
        data = parsed(self.pasted)
        try:
            check_depth(data, "写法")
            READERS[self.family](data, known.facts, "写法")
        except RuleError as error:
            raise ValidationError(str(error)) from error
        except UNREADABLE as error:
            raise ValidationError(NOT_JSON) from error
        return data


def is_act(data: Any) -> bool:
    """Whether a button of some builder was pressed, or another kind chosen: nothing is saved then."""
    return any(_is_act(name, data) for name in data or ())


def _is_act(name: str, data: Any) -> bool:
    if name.endswith(ACT):
        return True
    if not name.endswith(".kind"):
        return False
    return data.get(name) != (data.get(f"{name.removesuffix('.kind')}.is") or "")


def of_json(family: str, data: Any, known: Vocabulary, *, is_open: bool = True) -> Built:
    """What is written, as a form; as JSON where the form would not say all of it.

    Where nothing is, the first kind of it lies open, if it `is_open`.
    """
    if data in (None, [], {}):
        return Built(family, blank(family) if is_open and family in AT_FIRST else None)
    try:
        check_depth(data, "")
        root = opened(family, data)
        if root is not None and normal(written(root, known)) == normal(data):
            return Built(family, root)
    except UNREADABLE:
        pass
    return Built(family, None, json.dumps(data, ensure_ascii=False, indent=1))


def of_post(family: str, data: Any, prefix: str, known: Vocabulary) -> Built:
    """What a browser posted, after what its buttons did."""
    form = Reading(data, known)
    root = posted(form, prefix, family)
    act = data.get(f"{prefix}{ACT}", "")
    root, told, focus = done(root, act, known)
    is_changed = is_act(data)
    built = Built(family, root, data.get(f"{prefix}.json", ""), is_changed, told, focus)
    if form.changes and not told:
        built.told, built.focus = "已换成所选的写法", form.changes[0].removeprefix(prefix)[1:]
    built.tried = {name: data.getlist(name) for name in data if name.startswith(f"{prefix}.try")}
    if act == TRY:
        built.tried[f"{prefix}.try"] = ["on"]
    if is_changed:
        built.settle(known)
    return built


def _settle(root: Node | None, known: Vocabulary) -> None:
    """An operator that the fact does not take any more gives way; an end that is needed stands there."""
    if root is None:
        return
    for slot in root.kind.slots:
        if isinstance(slot, OperatorSlot):
            names = fitting(slot, root, known)
            is_known = not isinstance(root.kind.slots[0], FactSlot) or root.values["fact"].key
            if is_known and root.values.get(slot.name) not in names:
                preferred = "at_least" if "at_least" in names else names[0]
                root.values[slot.name] = preferred
            if root.values.get(slot.name) in WITHOUT_VALUE:
                root.values["value"] = []
        if isinstance(slot, Parts) and slot.by_operator:
            least = 2 if root.values.get("operator") == "between" else 1
            ends = root.values.setdefault(slot.name, [])
            ends += [blank(slot.family, "number") for _ in range(least - len(ends))]
            del ends[least:]
    for part in below_of(root):
        _settle(part, known)


def _take_over(built: Built, known: Vocabulary) -> None:
    """JSON that was pasted becomes the form, where it can."""
    if not built.pasted.strip():
        return
    try:
        data = parsed(built.pasted)
    except ValidationError:
        return
    found = of_json(built.family, data, known)
    if found.root is not None:
        built.root, built.pasted, built.told = found.root, "", "已换成贴进来的内容"


# --- the field --------------------------------------------------------------------------


class UnsavedOnAct:
    """Mixed into a form: while a button of a builder was pressed, nothing is checked nor saved, and
    the page comes back with the form as it was changed."""

    data: Any
    is_bound: bool

    def full_clean(self) -> None:
        if self.is_bound and is_act(self.data):
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()  # type: ignore[misc]

    def is_valid(self) -> bool:
        return not (self.is_bound and is_act(self.data)) and super().is_valid()  # type: ignore[misc]


class BuilderWidget(forms.Widget):
    """`request` is that of the page: its builders read the facts once."""

    request: Any = None

    def __init__(self, family: str, *, is_open: bool) -> None:
        super().__init__()
        self.family, self.is_open = family, is_open

    @property
    def known(self) -> Vocabulary:
        found = getattr(self.request, "builder_vocabulary", None)
        if found is None:
            found = current()
            if self.request is not None:
                self.request.builder_vocabulary = found
        return found

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(each == name or each.startswith(f"{name}.") for each in data)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Built:
        if self.value_omitted_from_data(data, files, name):  # a row that was added just now
            return self._built(None)
        return of_post(self.family, data, name, self.known)

    def in_words(self, value: Any) -> str:
        """What is written or typed, in a sentence."""
        built = value if isinstance(value, Built) else self._built(value)
        told = told_of(built.family, built.root, built.pasted, self.known, {}, "")
        return told.sentence or told.lacking

    def _built(self, value: Any) -> Built:
        return of_json(self.family, value, self.known, is_open=self.is_open)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        is_new = not isinstance(value, Built)
        built = self._built(value) if is_new else value
        built.edition = getattr(self.request, "builder_edition", None)
        return rendered(built, name, self.known, is_new=is_new, is_required=self.is_required)


def current() -> Vocabulary:
    return vocabulary(catalogue.facts())


def rendered(
    built: Built, prefix: str, known: Vocabulary, *, is_new: bool = False, is_required: bool = False
) -> SafeString:
    """The builder as HTML. What is wrong stands beside its box, unless a button was pressed only."""
    root, error = built.root, ""
    told = told_of(
        built.family, built.root, built.pasted, known, built.tried, prefix, built.edition
    )
    if built.is_changed or is_new:
        _without_errors(root)
    else:
        try:
            built.data(known)
        except ValidationError as problem:
            error = " ".join(problem.messages) if built.pasted.strip() else ""
    page = Page(prefix, known, built.focus if built.told else None)
    kind = next(iter(FAMILIES[built.family].values()))
    view = page.node(
        root, "", built.family, is_optional=not is_required,
        words=kind.words if len(FAMILIES[built.family]) == 1 else "",
    )  # fmt: skip
    context = {
        "prefix": prefix,
        "id": prefix,
        "node": view,
        "pasted": built.pasted,
        "pasted_error": error,
        "told": built.told,
        "said": told,
        "names_facts": built.family in NAME_FACTS and root is not None,
        "kept": _kept(built, told, prefix),
        "url": _url(built),
        "facts_url": reverse("admin:catalogue_criterion_facts"),
    }
    return render_to_string("admin/editors/builder/builder.html", context)


def _kept(built: Built, told: Told, prefix: str) -> list[tuple[str, str]]:
    """What was answered for a firm, and is not asked at the moment."""
    own = {f"{prefix}.try{end}" for end in ("", "-day", "-example", "-example-was")}
    asked = own | {each.name for each in told.asked}
    return [
        (name, value)
        for name, values in built.tried.items()
        if name not in asked
        for value in values
    ]


def said(built: Built, prefix: str, known: Vocabulary) -> SafeString:
    """Only what the form says as it stands."""
    told = told_of(
        built.family, built.root, built.pasted, known, built.tried, prefix, built.edition
    )
    context = {"prefix": prefix, "id": prefix, "said": told, "url": _url(built)}
    return render_to_string("admin/editors/builder/said.html", context)


def _url(built: Built) -> str:
    own = reverse("admin:catalogue_criterion_build", args=[built.family])
    return f"{own}?edition={built.edition or ''}"


def _without_errors(root: Node | None) -> None:
    """What is not filled in yet is no error; which fact was meant is asked at once."""
    if root is None:
        return
    kept = {
        slot.name
        for slot in root.kind.slots
        if isinstance(slot, FactSlot)
        and (pick := root.values.get(slot.name))
        and pick.text
        and pick.key is None
    }
    root.errors = {name: text for name, text in root.errors.items() if name in kept}
    root.error = ""
    for part in below_of(root):
        _without_errors(part)


class BuilderField(forms.Field):
    """Its value is JSON; `empty` where nothing was filled in."""

    family = ""
    empty: Any = None
    is_open = True

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        super().__init__(
            **{
                "required": False,
                **options,
                "widget": BuilderWidget(self.family, is_open=self.is_open),
                # What a model's default is compared with is the row, not a hidden box.
                "show_hidden_initial": False,
            }
        )

    def clean(self, value: Any) -> Any:
        data = value.data(self.widget.known) if isinstance(value, Built) else value
        if data in (None, [], {}):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return self.empty
        self.run_validators(data)
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            new = data.data(self.widget.known) if isinstance(data, Built) else data
        except ValidationError:
            return True
        return normal(new or None) != normal(initial or None)


def builder_field(family: str, **own: Any) -> type[BuilderField]:
    """A class of fields of a family; `own` are its `empty` value and whether it `is_open`."""
    name = f"{family.title().replace('_', '')}Field"
    return type(name, (BuilderField,), {"family": family, **own})
