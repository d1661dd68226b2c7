"""What a recognised list says once: the programme, the document, its day."""

from collections.abc import Mapping
from typing import Any

from django import forms

from applications.centre.imports.details import (
    Details,
    Guess,
    day_in,
    details_of,
    document_in,
    one_named_in,
    titles_of,
)
from applications.centre.imports.recognised_cases import CaseSearch
from portal.forms import STRANGE
from portal.sheets.account import Account
from portal.typed.fields import DayField

ONE_PROGRAMME = "名单里的企业，只有这个项目有审核通过的申报；请核对。"


class RecognitionDetails(forms.Form):
    programme = forms.ChoiceField(
        label="项目", error_messages={"required": "请选择名单认定的项目。"}
    )
    document_number = forms.CharField(
        label="文号",
        max_length=60,
        error_messages={"required": "请填认定文件的文号。", **STRANGE},
    )
    on = DayField(label="认定日期", error_messages={"required": "请填认定文件上的日期。"})
    valid_until = DayField(
        label="有效期至（选填）", required=False, help_text="文件写明有效期的才填。"
    )

    def __init__(self, data: Any, programmes: Mapping[str, str], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["programme"].choices = [("", "请选择"), *programmes.items()]


def recognition_details(
    account: Account,
    file_name: str,
    search: CaseSearch | None,
    typed: Mapping[str, str],
    user: Any,
) -> Details:
    """The form with what no column tells; nothing where the columns tell all."""
    rows = account.rows
    needed = [
        key for key in ("document_number", "on") if any(key not in row.columns for row in rows)
    ]
    if search and search.without_programme:
        needed.insert(0, "programme")
    if needed and any("valid_until" not in row.columns for row in rows):
        needed.append("valid_until")
    if not needed:
        return Details()
    titles = titles_of(account, file_name)
    programmes = search.programmes if search else {}
    names = {key: search.names[key] for key in programmes} if search else {}
    guesses = {
        "programme": one_named_in(titles, names) or _shared(search),
        "document_number": document_in(titles),
        "on": day_in(titles),
    }
    found = {key: guess for key, guess in guesses.items() if guess}
    return details_of(RecognitionDetails, needed, typed, found, programmes=programmes)


def _shared(search: CaseSearch | None) -> Guess | None:
    """The programme of all cases of these firms that can be recognised."""
    found = search.ready_programmes if search else set()
    return Guess(found.pop(), ONE_PROGRAMME) if len(found) == 1 else None
