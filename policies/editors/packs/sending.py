"""Packs that editors send each other: uploaded by one, loaded by another, their editions as drafts.

Whoever sends one, and whoever loads it, edits the places of all its programmes; new places are for
the province's editors. Nothing that is there already is changed: it only gets more.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from policies.catalogue.packs.catalogue_pack import Packs
from policies.catalogue.packs.loader import load_read, read_beside
from policies.catalogue.packs.problem import Problems
from policies.editors.jurisdiction import Reach, reach_of
from policies.editors.models import PackImport
from policies.editors.packs.difference import Difference, difference_of
from portal.acts_of_two import confirm, second_person
from portal.bounded_reading import (
    Limits,
    ReadersBusyError,
    ReadingStoppedError,
    read_bounded,
)
from portal.models import Jurisdiction, User

READER = "policies.catalogue.packs.unpacking"
LIMITS = Limits(processor=20, clock=40, memory=600 * 2**20, result=40 * 2**20)
NAME = "目录包"
STOPPED = "这个文件读起来太费时或太占内存，已经停下，没有读取。"
BUSY = "正在读的文件太多，这一份没有读取；请稍后再上传。"
NOT_YOURS = "不在您编辑的地区，请由那里的编辑导入"
NEW_PLACE = "新的行政区划由省级编辑添加"
CHANGED = "您看过以后，要改的又有变化。没有载入，请再看一遍。"


class PackRefusedError(Exception):
    """A file that is no pack; the message says why, in Chinese."""


class PackChangedError(Exception):
    """Loading it would do something else than its confirmer saw: this `difference`."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(CHANGED)
        self.difference = difference


def unpacked(file: BinaryIO) -> dict[str, str]:
    """The texts of a pack by path, read in a process of its own; PackRefusedError."""
    try:
        answer = read_bounded(READER, file, LIMITS)
    except ReadingStoppedError as error:
        raise PackRefusedError(STOPPED) from error
    except ReadersBusyError as error:
        raise PackRefusedError(BUSY) from error
    if refused := answer.get("refused"):
        raise PackRefusedError(refused)
    return answer["files"]


def pack_of(files: Mapping[str, str], reach: Reach) -> Packs:
    """What the texts say, beside what is here; PackError with all that is wrong, or not this editor's."""
    with _written(files) as folder:
        pack = read_beside(folder, is_part=True)
    problems = Problems()
    for each in pack.programmes:
        if each.row["area"] not in reach.areas:
            problems.add(each.row, "area", NOT_YOURS)
    known = set(Jurisdiction.objects.values_list("pk", flat=True))
    for row in pack.jurisdictions:
        if row["code"] not in known and not reach.is_whole:
            problems.add(row, "code", NEW_PLACE)
    problems.raise_if_any()
    return pack


@contextmanager
def _written(files: Mapping[str, str]) -> Iterator[Path]:
    with TemporaryDirectory() as parent:
        folder = Path(parent) / NAME
        folder.mkdir()
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        yield folder


def waiting_for_import(user: User) -> QuerySet[PackImport]:
    """The packs that the user may load: sent from their own place or from one within, by another."""
    reach = reach_of(user)
    rows = PackImport.objects.filter(state=PackImport.State.PENDING).exclude(proposed_by=user)
    return rows if reach.is_whole else rows.filter(jurisdiction_code__in=reach.areas)


def seen(difference: Difference) -> str:
    """What a person has looked at, to be compared when they act on it."""
    what_changes = replace(difference, same={})  # whose order a database need not keep
    return hashlib.sha256("\n".join(what_changes.lines()).encode()).hexdigest()


@transaction.atomic
def load_import(found: PackImport, *, seen_as: str, user: User, now: datetime) -> None:
    """Load it as its confirmer saw it; ActOfTwoError, PackError or PackChangedError where it is not."""
    found = second_person(found, user)
    pack = pack_of(found.files, reach_of(user))
    difference = difference_of(pack, now, as_drafts=True)
    if seen(difference) != seen_as:
        raise PackChangedError(difference)
    load_read(pack, now, as_drafts=True)
    confirm(found, actor=user, now=now)
