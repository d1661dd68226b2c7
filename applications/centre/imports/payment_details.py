"""What a list of payment results says once: the batch, the result, and what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms

from applications.centre.exports import payments as words
from applications.centre.exports.payments import CAME_BACK, HAS_FAILED, IS_PAID
from applications.centre.imports.details import (
    Details,
    Guess,
    Title,
    day_in,
    details_of,
    titles_of,
)
from applications.centre.imports.paid_lines import PaymentSearch
from applications.centre.imports.payment_columns import NEEDED, RESULTS, RESULTS_PAID
from portal.forms import STRANGE
from portal.sheets.account import Account
from portal.sheets.columns import SheetRow
from portal.typed.fields import DayField

ONCE = ("result", "paid_on", "voucher_number", "on", "reason")
IS_NEEDED = "请填{label}；支付结果是“{result}”的要填。"
SERIAL_TOLD = "从“流水号”一列读出，请核对。"
NO_RESULT = "请选择：这份表是付成的、没有付成的，还是退回来的。"


class PaymentDetails(forms.Form):
    batch = forms.ChoiceField(
        label="批次（选填）",
        required=False,
        help_text="只在这个批次里找；不选，在您办理的批次里找。",
    )
    result = forms.ChoiceField(
        label=words.RESULT,
        choices=[("", "请选择"), *((each, each) for each in (IS_PAID, HAS_FAILED, CAME_BACK))],
        error_messages={"required": NO_RESULT},
    )
    paid_on = DayField(label=words.PAID_ON, required=False)
    voucher_number = forms.CharField(
        label=words.VOUCHER, required=False, max_length=60, error_messages=STRANGE
    )
    on = DayField(label=words.RETURNED_ON, required=False)
    reason = forms.CharField(
        label=words.REASON, required=False, max_length=500, error_messages=STRANGE
    )

    def __init__(
        self, data: Any, batches: Mapping[str, str], results: set[str], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self._results = results
        self.fields["batch"].choices = [("", "不限"), *batches.items()]

    def clean(self) -> dict[str, Any]:
        """What the results need beside them."""
        told = super().clean()
        results = self._results | ({told["result"]} if told.get("result") else set())
        for result in sorted(results):
            for name in NEEDED.get(result, ()):
                if name in self.fields and name not in self.errors and not told.get(name):
                    label = self.fields[name].label
                    self.add_error(name, IS_NEEDED.format(label=label, result=result))
        return told


def payment_details(
    account: Account,
    file_name: str,
    search: PaymentSearch | None,
    typed: Mapping[str, str],
) -> Details:
    """The form with what no column tells; nothing where the columns tell all."""
    rows = account.rows
    results = {row.values["result"] for row in rows} - {None}
    needed = [key for key in ONCE if any(_lacks(row, key) for row in rows)]
    if search and any(not row.values["batch"] for row in search.rows):
        needed.insert(0, "batch")
    if not needed:
        return Details()
    titles = titles_of(account, file_name)
    result = _result_in(titles)
    day = day_in(titles)
    guesses = {"result": result, "voucher_number": _serial_of(rows)}
    if day and "result" in needed:
        guesses["on" if result and result.value == CAME_BACK else "paid_on"] = day
    found = {key: guess for key, guess in guesses.items() if guess}
    batches = search.batches if search else {}
    return details_of(PaymentDetails, needed, typed, found, batches=batches, results=results)


def _serial_of(rows: Sequence[SheetRow]) -> Guess | None:
    """The number of the transaction, where it is one for all that was paid: as a rule it is not."""
    found = {
        row.values["serial"] for row in rows if row.values["result"] in (None, *RESULTS_PAID)
    } - {None}
    return Guess(found.pop(), SERIAL_TOLD) if len(found) == 1 else None


def waits(row: SheetRow, details: Details) -> bool:
    """Whether the row lacks what is still to be told once."""
    if details.form is None:
        return False
    return any(_lacks(row, key) for key in details.form.errors)


def told_once(rows: Sequence[SheetRow], details: Details) -> list[SheetRow]:
    """The rows with what was told once, where no column tells it and the result of the row needs it."""
    told = ((row, row.values | _told(row, details)) for row in rows)
    return [replace(row, values=values, columns=_columns(row, values)) for row, values in told]


def _columns(row: SheetRow, values: Mapping[str, Any]) -> Mapping[str, int]:
    """Where each value stands, also where a column that says no more than a sum tells it."""
    if "transfer" not in row.columns:
        return row.columns
    at = row.columns["transfer"]
    told = {
        key: at
        for key in ("amount", "returned")
        if values[key] is not None and key not in row.columns
    }
    return {**told, **row.columns}


def _lacks(row: SheetRow, key: str) -> bool:
    """Whether the row needs it, as far as its result is known, and no column of its table tells it."""
    if key in row.columns or (key == "reason" and row.values["remark"] is not None):
        return False
    if key == "result" or "result" not in row.columns:
        return True
    return key in NEEDED.get(row.values["result"], ())


def _told(row: SheetRow, details: Details) -> dict[str, Any]:
    """A sum whose column says no more is what was paid, or what came back, as the result says."""
    values = details.values
    result = row.values["result"]
    if "result" not in row.columns:
        result = values.get("result") or None
    of_result = NEEDED.get(result, ())
    told = {
        key: values.get(key) or None for key in ONCE if key not in row.columns and key in of_result
    }
    if "reason" in told and row.values["remark"] is not None:
        told["reason"] = row.values["remark"]
    transfer = row.values["transfer"]
    if transfer is not None and result in RESULTS_PAID and row.values["amount"] is None:
        told["amount"] = transfer
    if transfer is not None and result == CAME_BACK and row.values["returned"] is None:
        told["returned"] = transfer
    return {"result": result, **told}


def _result_in(titles: Sequence[Title]) -> Guess | None:
    """The one result that a title or the name of a sheet tells."""
    for title in titles:
        said = {
            result
            for word, result in RESULTS.items()
            if word in "".join(title.text.split()) and result in (IS_PAID, HAS_FAILED, CAME_BACK)
        }
        if len(said) == 1:
            return Guess(said.pop(), title.told())
    return None
