"""Files are told apart by content; names are cleaned before anybody sees them."""

import io
import struct

import pytest

from portal.file_types import MacroError, recognise
from portal.files.names import clean_name, suffix_of
from tests.uploads import CONTENTS, zipped


@pytest.mark.parametrize("suffix", CONTENTS)
def test_each_accepted_kind_is_recognised(suffix):
    assert suffix in recognise(io.BytesIO(CONTENTS[suffix])).suffixes


DISGUISED = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "exe": b"MZ\x90\x00" + bytes(100),
    "gif that is a script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html before a pdf": b"<html>\n%PDF-1.7",
    "text": "营业执照".encode(),
    "zip": zipped("readme.txt"),
    "java archive": zipped("META-INF/MANIFEST.MF", "Main.class"),
    "presentation": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "both word and excel": zipped("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"),
    "word folder without types": zipped("word/document.xml"),
    "old file of no kind": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "cut zip": CONTENTS["docx"][:-30],
    "zip start only": b"PK\x03\x04",
    "nothing": b"",
}


@pytest.mark.parametrize("name", DISGUISED)
def test_anything_else_is_not_recognised(name):
    assert recognise(io.BytesIO(DISGUISED[name])) is None


@pytest.mark.parametrize(
    "body",
    [
        zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        zipped("[Content_Types].xml", "xl/workbook.xml", "xl/VBAPROJECT.BIN"),
        CONTENTS["doc"] + bytes(65_530) + "_VBA_PROJECT".encode("utf-16-le"),
    ],
)
def test_documents_with_programs_are_named_as_such(body):
    with pytest.raises(MacroError):
        recognise(io.BytesIO(body))


def test_a_zip_bomb_is_recognised_without_being_unpacked():
    bomb = zipped("[Content_Types].xml", "word/document.xml", body=bytes(50_000_000))
    assert len(bomb) < 200_000

    class Counting(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            said = super().read(size)
            self.taken += len(said)
            return said

    file = Counting(bomb)
    assert recognise(file).suffixes == ("docx",)
    assert file.taken < 200_000


def test_a_zip_whose_directory_claims_too_much_is_not_read():
    claim = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 2_000_000, 0, 0)
    assert recognise(io.BytesIO(b"PK\x03\x04" + bytes(3_000_000) + claim)) is None
    beyond = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 500_000, 0, 0)
    assert recognise(io.BytesIO(b"PK\x03\x04" + beyond)) is None


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\me\合同.docx", "合同.docx"),
        ("照片\u202egpj.exe", "照片gpj.exe"),
        ("a\u200bb\ufeff.pdf", "ab.pdf"),
        ('he said "hi"\r\nX-Evil: 1.pdf', "he said _hi_ X-Evil_ 1.pdf"),
        ("a\x00b\x07.pdf", "ab.pdf"),
        ("  空  格 .pdf ", "空 格.pdf"),
        ("x.pdf. .", "x.pdf"),
        ("...", "未命名"),
        ("", "未命名"),
        ("../", "未命名"),
        (".pdf", "pdf"),
    ],
)
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean


def test_a_long_name_keeps_its_suffix():
    name = clean_name("长" * 300 + ".PDF")
    assert len(name) == 120
    assert suffix_of(name) == "pdf"
    assert len(clean_name("x." + "y" * 300)) <= 120
    assert len(clean_name("x" * 300)) == 120
