"""The examples of an edition as rows: written by packs, copied with drafts, frozen once published."""

import shutil
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from policies.catalogue.content import digest_of, edition_content, examples_of
from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.guards import PACKED_EXAMPLE
from policies.catalogue.models import Edition, Example
from policies.catalogue.packs.loader import load_packs
from tests.breaking import broken_guards
from tests.policies.packs import FIXTURES, catalogue, load_catalogue
from tests.two_editors import publish_correction

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NOW = timezone.now()
OWN = "examples/jincheng-gugai.yaml"


@pytest.fixture(autouse=True)
def loaded(db):
    load_catalogue()


@pytest.fixture
def share():
    return Edition.objects.get(programme="jc-share")


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FIXTURES, tmp_path / "fixtures")


def refused(action):
    with pytest.raises(IntegrityError, match=PACKED_EXAMPLE), transaction.atomic():
        action()


def retitle(folder, title, starts="  - programme: jc-share\n"):
    text = (folder / OWN).read_text(encoding="utf-8")
    text = text.replace(starts, f"{starts}    title: {title}\n", 1)
    (folder / OWN).write_text(text, encoding="utf-8")


def test_a_load_writes_every_example_of_the_packs_in_their_order():
    for (programme, starts), rows in catalogue().examples.by_edition.items():
        edition = Edition.objects.get(programme=programme, effective_from=starts)
        assert [(each["firm"], each["on"]) for each in examples_of(edition)] == [
            (row["firm"], row["on"]) for row in rows
        ]
    assert Example.objects.count() == sum(map(len, catalogue().examples.by_edition.values()))


def test_an_example_that_the_pack_changed_is_replaced_and_the_edition_stays(folder, share):
    before = Example.objects.count()
    assert load_packs(folder, NOW).changed == {}
    retitle(folder, "在泽州县的公司")
    counts = load_packs(folder, NOW)
    assert (counts.changed, counts.corrected, counts.kept) == ({"例子": 1}, [], [])
    assert share.examples.get().title == "在泽州县的公司"
    assert Example.objects.count() == before
    assert Edition.objects.get(programme="jc-share").digest == share.digest


def test_several_examples_of_one_edition_are_read_from_a_pack(folder, share):
    row = (folder / OWN).read_text(encoding="utf-8").split("examples:\n")[1]
    second = row.replace("on: '2026-11-20'", "on: '2026-11-21'\n    title: 第二家", 1)
    (folder / OWN).write_text(f"examples:\n{row}{second}", encoding="utf-8")
    load_packs(folder, NOW)
    assert [(each.position, each.title, each.on) for each in share.examples.all()] == [
        (1, "例子", date(2026, 11, 20)), (2, "第二家", date(2026, 11, 21)),
    ]  # fmt: skip


def test_examples_are_copied_to_drafts_and_are_no_part_of_the_digest(share):
    told = examples_of(share)
    correction = begin_correction(share)
    assert examples_of(copy_to_draft(share, date(2027, 1, 1))) == told
    assert examples_of(correction) == told
    before = digest_of(edition_content(correction))
    correction.examples.all().delete()
    assert digest_of(edition_content(Edition.objects.get(pk=correction.pk))) == before


def test_an_example_of_an_editors_edition_is_frozen_whatever_a_pack_says(folder, share):
    correction = begin_correction(share)
    correction.examples.update(title="我们的例子")
    correction.criteria.filter(position=1).update(text="后台改的条件")
    publish_correction(correction, reason="核对后更正", now=NOW)
    refused(lambda: correction.examples.update(title="改名"))
    refused(lambda: correction.examples.all().delete())
    refused(lambda: Example.objects.create(edition=correction, position=9, on="2026-01-01"))
    faults = [each for each in broken_guards() if "catalogue_example" in each]
    assert faults == []
    retitle(folder, "目录包的例子")
    load_packs(folder, NOW)
    assert correction.examples.get().title == "我们的例子"


def test_an_example_of_a_packs_edition_changes_only_with_its_pack(share):
    refused(lambda: share.examples.update(title="改名"))
