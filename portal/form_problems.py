"""What is wrong with forms of many fields, in one sentence with links that lead to the fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms

REQUIRED = "还没有填"
KEPT = "您填的内容都还在。"
KEPT_BUT_PASSWORDS = "除密码外，您填的内容都还在。"
FILES_LOST = "没有收下的文件要重新选。"


@dataclass(frozen=True)
class Problem:
    """A field that is to be filled in or looked at; `anchor` is empty where nothing shows it."""

    anchor: str
    label: str
    message: str
    is_empty: bool


def ask_briefly(form: forms.Form) -> None:
    """Mark what is left empty in few words: the page says above how many such fields there are."""
    usual = str(forms.Field.default_error_messages["required"])
    for field in form.fields.values():
        if str(field.error_messages.get("required")) == usual:
            field.error_messages["required"] = REQUIRED


def problems_of(judged: Iterable[forms.Form]) -> list[Problem]:
    """In the order of the forms and of their fields."""
    return [problem for form in judged for problem in _problems_of(form)]


def _problems_of(form: forms.Form) -> Iterator[Problem]:
    found = form.errors.as_data()
    for field in form:
        if errors := found.get(field.name):
            yield Problem(
                anchor=anchor_of(field),
                # Fields of one kind that stand under a heading each are called by it.
                label=getattr(field.field, "called", "") or field.label,
                message=field.errors[0],
                is_empty=all(error.code == "required" for error in errors),
            )


def anchor_of(field: forms.BoundField) -> str:
    """Where a link to a field leads: its input, of several the first."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return field[0].id_for_label if len(field) else ""
    return field.id_for_label


def kept_in_words(judged: Iterable[forms.Form]) -> str:
    """What of it the page still holds: browsers send no file again, and no password is shown."""
    judged = list(judged)
    widgets = [field.widget for form in judged for field in form.fields.values()]
    has_password = any(isinstance(widget, forms.PasswordInput) for widget in widgets)
    lost = any(_lost_files(form) for form in judged)
    return (KEPT_BUT_PASSWORDS if has_password else KEPT) + (FILES_LOST if lost else "")


def _lost_files(form: forms.Form) -> bool:
    """Whether files were sent that nobody kept: those that were refused, or all of a form's."""
    refused = any(
        isinstance(form.fields[name], forms.FileField)
        for name in form.errors
        if name in form.fields
    )
    return bool(form.files) and (refused or not getattr(form, "keeps_uploads", False))
