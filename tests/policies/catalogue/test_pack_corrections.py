"""A changed pack on a living catalogue: corrected from the same day, listed, nothing of editors lost."""

import re
from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from policies.catalogue.content import digest_of, edition_content
from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Edition
from policies.catalogue.packs.loader import CORRECTED_BY_PACK, WORDED_BY_PACK, load_packs
from policies.catalogue.packs.problem import PackError
from policies.presentation.changes import changes_between
from tests.factories import ApplicationFactory, ready
from tests.policies.catalogue.test_packs import PACK, edit, folder  # noqa: F401 (a fixture)
from tests.policies.packs import facts, load_catalogue
from tests.two_editors import publish_correction, retire_edition, withdraw_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
STARTS = "effective_from: 2021-09-28\n"
LIMIT = ("at_least: 100", "at_least: 101")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def loaded(db):
    load_catalogue()


@pytest.fixture
def old():
    return Edition.objects.get(programme="jc-share")


def standing():
    return Edition.objects.standing().get(programme="jc-share")


def load(folder):  # noqa: F811
    return load_packs(folder, NOW)


def rows():
    return list(Edition.objects.order_by("pk").values()), Edition.history.count()


def by_hand(old):
    draft = begin_correction(old)
    draft.criteria.filter(position=1).update(text="后台改的条件")
    publish_correction(ready(draft), reason="后台更正", now=NOW)
    return draft


@pytest.mark.parametrize("is_pinned", [True, False])
def test_a_changed_pack_corrects_the_edition_that_cases_may_be_pinned_to(folder, old, is_pinned):  # noqa: F811
    case = ApplicationFactory(edition=old) if is_pinned else None
    edit(folder, *LIMIT)
    counts = load(folder)
    assert counts.changed["版本"] == 1
    [line] = counts.corrected
    assert "jc-share" in line
    assert CORRECTED_BY_PACK in line
    old.refresh_from_db()
    assert (old.status, old.reason) == ("corrected", CORRECTED_BY_PACK)
    assert standing().corrects == old
    assert standing().is_packed
    if case:
        case.refresh_from_db()
        assert case.edition == old


def test_the_pack_may_give_the_reason_and_the_command_lists_what_it_corrected(folder, old, capsys):  # noqa: F811
    edit(folder, *LIMIT)
    edit(folder, STARTS, f"{STARTS}        corrected_because: 限额看错了\n")
    call_command("load_catalogue", folder)
    out = capsys.readouterr().out
    assert "已更正" in out
    assert "限额看错了" in out
    old.refresh_from_db()
    assert old.reason == "限额看错了"


def test_loading_the_changed_pack_twice_changes_nothing(folder, old):  # noqa: F811
    edit(folder, *LIMIT)
    load(folder)
    before = rows()
    counts = load(folder)
    assert rows() == before
    assert (counts.corrected, counts.kept) == ([], [])


@pytest.fixture
def wordless(folder, old):  # noqa: F811
    """The edition as it stood before sentences were written, and the pack that has them."""
    path = folder / PACK
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r", sentence: '[^']*'", "", text), encoding="utf-8")
    load(folder)
    path.write_text(text, encoding="utf-8")
    return standing()


def test_sentences_correct_an_edition_whose_cases_keep_it(folder, wordless):  # noqa: F811
    content = edition_content(wordless)
    assert not any("sentence" in row for row in content["criteria"])
    assert wordless.digest == digest_of(content)
    case = ApplicationFactory(edition=wordless)
    [line] = load(folder).corrected
    assert WORDED_BY_PACK in line
    case.refresh_from_db()
    wordless.refresh_from_db()
    assert (case.edition, wordless.status) == (wordless, "corrected")
    assert standing().corrects == wordless
    assert standing().effective_from == wordless.effective_from
    assert all(row.sentence for row in standing().criteria.exclude(code="SH.8").exclude(rule=None))
    assert Edition.objects.filter(programme="jc-zjtx-city").count() == 1  # nothing else is touched
    before = rows()
    assert load(folder).corrected == []
    assert rows() == before


def test_what_a_material_bears_out_corrects_as_words_do(folder, old):  # noqa: F811
    edit(
        folder,
        "{name: 新修订的公司章程, proves: [",
        "{name: 新修订的公司章程, proves: [reform.origin, ",
    )
    [line] = load(folder).corrected
    assert WORDED_BY_PACK in line
    before, after = (edition_content(each) for each in (old, standing()))
    [change] = told_between(before, after)
    assert change.startswith("修改材料：新修订的公司章程，由“证明：")
    material = standing().materials.get(name="新修订的公司章程")
    assert material.proves == ["reform.origin", "reform.registered_as_shares_company"]


def test_a_limit_that_changes_with_the_words_is_no_mere_wording(folder, wordless):  # noqa: F811
    edit(folder, *LIMIT)
    [line] = load(folder).corrected
    assert CORRECTED_BY_PACK in line


def test_the_first_sentences_are_one_line_of_the_history(folder, wordless):  # noqa: F811
    load(folder)
    before, after = (edition_content(each) for each in (wordless, standing()))
    [line] = told_between(before, after)
    assert line.startswith("写明条件的说法：SH.1、SH.2、SH.3、")


def test_a_changed_sentence_is_named_with_both(folder, old):  # noqa: F811
    edit(folder, "三年净利润合计达到{}", "三年净利润加起来达到{}")
    [line] = load(folder).corrected
    assert WORDED_BY_PACK in line
    before, after = (edition_content(each) for each in (old, standing()))
    assert told_between(before, after) == [
        "修改条件：SH.4 三年净利润合计100万元以上，由“必备条件，三年净利润合计达到100万元”"
        "改为“必备条件，三年净利润加起来达到100万元”"
    ]


def told_between(before, after):
    return [str(change) for change in changes_between(before, after, facts(), {})]


def test_a_refused_pack_leaves_no_half_of_a_load(folder, old):  # noqa: F811
    before = rows()
    edit(folder, *LIMIT)
    edit(folder, "  unit: 万元\n", "  unit: 元\n", "facts.yaml")
    with pytest.raises(PackError):
        load(folder)
    assert rows() == before


@pytest.mark.parametrize("is_changed", [True, False])
def test_what_an_editor_corrected_stays_and_is_listed(folder, old, is_changed):  # noqa: F811
    mine = by_hand(old)
    if is_changed:
        edit(folder, *LIMIT)
    before = rows()
    counts = load(folder)
    assert rows() == before
    assert standing() == mine
    [line] = counts.kept
    assert "jc-share" in line
    assert "后台改过" in line


def test_what_an_editor_withdrew_does_not_come_back(folder, old):  # noqa: F811
    withdraw_edition(old, reason="发布错了", now=NOW)
    counts = load(folder)
    assert not Edition.objects.standing().filter(programme="jc-share").exists()
    assert ["已在后台撤回" in line for line in counts.kept] == [True]


def test_what_an_editor_retired_stays_retired_and_is_corrected_so(folder, old):  # noqa: F811
    retire_edition(old, reason="已废止", day=timezone.localdate(NOW), now=NOW)
    before = rows()
    load(folder)
    assert rows() == before
    edit(folder, *LIMIT)
    load(folder)
    assert (standing().status, standing().reason) == ("retired", "已废止")
    assert standing().own_end == timezone.localdate(NOW)


def test_a_draft_of_an_editor_hinders_no_load(folder, old):  # noqa: F811
    draft = begin_correction(old)
    edit(folder, *LIMIT)
    load(folder)
    draft.refresh_from_db()
    assert draft.is_draft
    assert standing() != old


def test_a_new_edition_of_the_pack_is_published_beside_an_editors_draft_of_that_day(folder, old):  # noqa: F811
    old_draft = copy_to_draft(old, date(2030, 1, 1))
    withdraw_edition(old, reason="另起", now=NOW)
    edit(folder, STARTS, "effective_from: 2030-01-01\n")
    counts = load(folder)
    assert any("同一天的草稿" in line for line in counts.kept)
    old_draft.refresh_from_db()
    assert old_draft.is_draft
    assert standing().effective_from == date(2030, 1, 1)
