"""Whatever the bytes are, what people send is read within limits or refused in a sentence."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.file_types import FileType, MacroError, recognise
from portal.files.store import UploadRefusedError, check_upload
from portal.sheets.account import State, account_of
from portal.sheets.columns import Field, read_amount
from portal.sheets.limits import SheetError
from portal.sheets.reading import read_sheets
from tests.hostile_files import SHEETS, UPLOADS, damaged, damaged_old, damaged_upload

FIELDS = (Field("number", "申报编号", str), Field("amount", "金额", read_amount))
# What takes a reader to its limits, or nearly.
LONG = {
    "a million merged cells",
    "a million styles",
    "the same cell a million times",
    "the largest rectangle",
    "three million shared texts",
    "elements a million deep",
    "columns without end",
    "one shared text of fifty megabytes",
    "tables within tables",
    "rows of a web page without end",
    "cells of a web page without end",
}
DAY, NIGHT = range(8), range(8, 300)
pytestmark = pytest.mark.one_database


def read_or_refused(content):
    """Every row in the account, or a sentence; any other error is one of ours."""
    try:
        sheets = read_sheets(content)
    except SheetError as error:
        assert str(error).endswith("。")
        return
    account = account_of(sheets, FIELDS, {})
    assert len(account.entries) == sum(len(sheet.rows) for sheet in sheets)
    assert sum(account.counts.values()) == len(account.entries)
    assert all(entry.text for entry in account.of(State.PASSED))


def recognised_or_refused(content):
    try:
        assert isinstance(recognise(io.BytesIO(content)), FileType | None)
    except MacroError:
        return
    try:
        check_upload(SimpleUploadedFile("材料.pdf", content))
    except UploadRefusedError as error:
        assert str(error).endswith("。")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.night] * (name in LONG)) for name in SHEETS]
)
def test_a_spreadsheet_made_to_do_harm_is_read_or_refused(name):
    read_or_refused(SHEETS[name]())


@pytest.mark.parametrize("seed", DAY)
def test_a_damaged_spreadsheet_is_read_or_refused(seed):
    read_or_refused(damaged(seed))


@pytest.mark.night
@pytest.mark.parametrize("seed", NIGHT)
def test_any_damaged_spreadsheet_is_read_or_refused(seed):
    read_or_refused(damaged(seed))


@pytest.mark.parametrize(
    "seed", [*DAY, *(pytest.param(seed, marks=pytest.mark.night) for seed in NIGHT)]
)
def test_a_damaged_old_workbook_or_web_page_is_read_or_refused(seed):
    read_or_refused(damaged_old(seed))


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_made_to_do_harm_is_recognised_or_refused(name):
    recognised_or_refused(UPLOADS[name]())


def test_damaged_uploads_are_recognised_or_refused():
    for seed in range(300):
        recognised_or_refused(damaged_upload(seed))
