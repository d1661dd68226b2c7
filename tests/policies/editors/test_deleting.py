"""What the public or a colleague sees is not deleted by a click: a reason is asked and kept."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import CalendarDay
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Conflict, Edition, Programme
from tests.factories import (
    DocumentFactory,
    FactFactory,
    JurisdictionFactory,
    ProgrammeFactory,
)
from tests.letters import sent_letters
from tests.policies.editors.people import JINCHENG, PROVINCE, QINSHUI, editor_of
from tests.policies.editors.test_admin import sent_back
from tests.policies.packs import load_catalogue

pytestmark = pytest.mark.django_db
WHY = "重复<b>录入"


@pytest.fixture
def editor(client, db):
    load_catalogue()
    user = editor_of(PROVINCE)
    client.force_login(user)
    return user


def url(row, name):
    kind = row._meta.label_lower.replace(".", "_")
    return reverse(
        f"admin:{kind}_{name}", args=[] if name in ("deleted", "changelist") else [row.pk]
    )


MAKERS = {
    "fact": lambda: FactFactory(key="test.nobodys"),
    "document": lambda: DocumentFactory(number="新〔2026〕1号"),
    "conflict": lambda: Conflict.objects.create(code="C99", text="口径"),
    "programme": lambda: ProgrammeFactory(id="new-one", area_id=JINCHENG),
    "place": lambda: JurisdictionFactory(
        code="140599", name="新县", level="county", parent_id=JINCHENG
    ),
    "draft": lambda: copy_to_draft(
        Edition.objects.get(programme="jc-xsg"), timezone.localdate() + timedelta(days=9)
    ),
    "day off": lambda: CalendarDay.objects.create(
        date=date(2031, 5, 4), is_working_day=True, note="调休"
    ),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_a_row_is_deleted_with_a_reason_only_and_the_record_stays_readable(client, editor, kind):
    row = MAKERS[kind]()
    model = type(row)
    page = client.get(url(row, "delete"))
    assert 'name="reason"' in page.content.decode()
    answer = client.post(url(row, "delete"), {"post": "yes", "reason": " "})
    assert answer.status_code == 400
    assert "请写明原因" in answer.content.decode()
    assert model.objects.filter(pk=row.pk).exists()
    assert client.post(url(row, "delete"), {"post": "yes", "reason": WHY}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()
    told = client.get(url(row, "deleted")).content.decode()
    assert "重复&lt;b&gt;录入" in told
    assert editor.username in told
    assert str(row) in told
    if hasattr(model, "history"):
        record = model.history.filter(history_type="-").first()
        assert (record.history_user, record.history_change_reason) == (editor, WHY)
    assert url(row, "deleted") in client.get(url(row, "changelist")).content.decode()


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind != "draft"])
def test_no_list_deletes_several_at_once(client, editor, kind):
    row = MAKERS[kind]()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(url(row, "changelist"), chosen)
    assert type(row).objects.filter(pk=row.pk).exists()


def without(client, programme, **changes):
    address = url(programme, "change")
    return client.post(address, sent_back(client.get(address)) | changes)


@pytest.mark.parametrize("prefix", ["contacts", "windows"])
def test_a_contact_or_window_goes_with_a_reason_only(client, editor, prefix):
    programme = Programme.objects.get(pk="jc-xsg")
    row = getattr(programme, prefix).first()
    model = type(row)
    answer = without(client, programme, **{f"{prefix}-0-DELETE": "on"})
    assert answer.status_code == 200
    assert f"删去“{row}”要写明原因" in answer.content.decode()
    assert model.objects.filter(pk=row.pk).exists()
    answer = without(client, programme, **{f"{prefix}-0-DELETE": "on", "reason": WHY})
    assert answer.status_code == 302
    record = model.history.filter(history_type="-").get()
    assert (record.id, record.history_user) == (row.pk, editor)
    assert record.history_change_reason == WHY
    told = client.get(url(programme, "deleted")).content.decode()
    assert f"{programme}：{row}" in told
    assert "重复&lt;b&gt;录入" in told


def test_a_conflict_leaves_a_programme_with_a_reason_only(client, editor):
    programme = Programme.objects.get(pk="jc-share")
    left = [pk for pk in programme.conflicts.values_list("pk", flat=True) if pk != "C22"]
    answer = without(client, programme, conflicts=left)
    assert "C22" in "".join(answer.context["adminform"].form.errors["reason"])
    assert programme.conflicts.filter(pk="C22").exists()
    assert without(client, programme, conflicts=left, reason=WHY).status_code == 302
    assert not programme.conflicts.filter(pk="C22").exists()
    assert programme.history.first().history_change_reason == WHY


def test_adding_and_changing_ask_for_none(client, editor):
    programme = Programme.objects.get(pk="jc-xsg")
    assert without(client, programme, **{"contacts-0-note": "先打电话"}).status_code == 302
    assert programme.contacts.filter(note="先打电话").exists()


def test_who_wrote_a_draft_is_told_who_deleted_it_and_why(client, editor):
    author = editor_of(JINCHENG, email="author@example.cn")
    silent = editor_of(JINCHENG, email="")
    client.force_login(author)
    edition = Edition.objects.get(programme="jc-xsg")
    client.post(reverse("admin:catalogue_edition_copy", args=[edition.pk]))
    draft = Edition.objects.get(programme="jc-xsg", status="draft")
    client.force_login(silent)
    criterion = draft.criteria.first()
    part = reverse("admin:catalogue_criterion_change", args=[criterion.pk])
    changed = sent_back(client.get(part)) | {"text": "改过的条件"}
    assert client.post(part, changed).status_code == 302
    client.force_login(editor)
    page = client.get(url(draft, "delete")).content.decode()
    assert f"会写信告诉写过它的{author}。" in page
    assert f"{silent}也写过它，没有登记邮箱，请另行告诉。" in page
    client.post(url(draft, "delete"), {"post": "yes", "reason": WHY})
    [letter] = sent_letters()
    assert letter.to == [author.email]
    assert WHY in letter.body
    assert str(editor) in letter.body
    assert str(draft.programme) in letter.body


def test_ones_own_draft_is_deleted_without_a_letter(client, editor):
    edition = Edition.objects.get(programme="jc-xsg")
    client.post(reverse("admin:catalogue_edition_copy", args=[edition.pk]))
    draft = Edition.objects.get(programme="jc-xsg", status="draft")
    client.post(url(draft, "delete"), {"post": "yes", "reason": WHY})
    assert not Edition.objects.filter(pk=draft.pk).exists()
    assert sent_letters() == []


def test_the_record_of_deletions_is_read_by_who_reads_the_rows(client, editor):
    row = FactFactory(key="test.nobodys")
    client.force_login(editor_of(QINSHUI))
    assert client.get(url(row, "deleted")).status_code == 200
    client.logout()
    assert client.get(url(row, "deleted")).status_code == 302
