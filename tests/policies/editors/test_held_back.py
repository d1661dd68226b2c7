"""What was typed is not lost, and what another editor saved meanwhile is not written over unseen."""

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition, Fact
from tests.policies.editors.people import JINCHENG, PROVINCE, editor_of
from tests.policies.editors.test_admin import sent_back
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def draft(client, db):
    load_catalogue()
    client.force_login(editor_of(JINCHENG, username="先开的"))
    published = Edition.objects.get(programme="jc-xsg")
    return copy_to_draft(published, timezone.localdate())


def opened(client, address):
    """What a browser would send back of the page."""
    page = client.get(address)
    return sent_back(page) | {"_seen": page.context["seen"]}


def page_of(row):
    kind = row._meta.model_name
    return reverse(f"admin:catalogue_{kind}_change", args=[row.pk])


def text(response):
    return response.content.decode()


def test_the_second_who_saves_a_row_sees_both_texts_and_decides(client, draft):
    row = draft.criteria.get(code="XSG.3")
    data = opened(client, page_of(row))
    other = client.__class__()
    other.force_login(editor_of(JINCHENG, username="先存的"))
    first = opened(other, page_of(row))
    assert other.post(page_of(row), first | {"text": "先存的话"}).status_code == 302
    answer = client.post(page_of(row), data | {"text": "后存的话"})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.text == "先存的话"
    assert ("条件", "先存的话", "后存的话") in answer.context["overtaken"]
    for told in ("先存的 在", "先存的话", "后存的话", "还没有保存"):
        assert told in text(answer)
    # Having looked, the second one may.
    again = data | {"text": "后存的话", "_seen": answer.context["seen"]}
    assert sent_back(answer)["text"] == "后存的话"
    assert client.post(page_of(row), again).status_code == 302
    row.refresh_from_db()
    assert row.text == "后存的话"


def test_rows_on_the_page_count_as_well(client, draft):
    draft.materials.create(position=80, name="甲材料")
    data = opened(client, page_of(draft))
    kept = draft.materials.get(name="甲材料")
    kept.note = "盖章"
    kept.save()
    draft.materials.create(position=81, name="乙材料")
    answer = client.post(page_of(draft), data | {"notices": "一句提示"})
    assert answer.status_code == 200
    told = {(label, saved) for label, saved, _ in answer.context["overtaken"]}
    assert ("申报材料", "新增：乙材料") in told
    assert ("申报材料“甲材料”：说明", "盖章") in told
    assert "一句提示" in text(answer)
    kept.refresh_from_db()
    assert kept.note == "盖章"


def test_what_several_share_is_not_written_over_either(client, draft):
    client.force_login(editor_of(PROVINCE))
    fact = Fact.objects.get(key="enterprise.employees")
    data = opened(client, page_of(fact))
    Fact.objects.filter(pk=fact.pk).update(help="别人写的说明")
    answer = client.post(page_of(fact), data | {"label": "员工人数"})
    assert answer.status_code == 200
    assert "别人写的说明" in text(answer)
    fact.refresh_from_db()
    assert fact.label != "员工人数"


def test_nobody_is_held_back_where_nothing_changed(client, draft):
    row = draft.awards.first()
    data = opened(client, page_of(row))
    assert client.post(page_of(row), data).status_code == 302


def test_what_a_browser_kept_is_filled_in_again_and_not_saved(client, draft):
    row = draft.criteria.get(code="XSG.3")
    data = opened(client, page_of(row)) | {"text": "上次没有保存的话", "_resume": "1"}
    answer = client.post(page_of(row), data)
    assert "上次没有保存的话" in text(answer)
    assert "也还没有保存" in text(answer)
    row.refresh_from_db()
    assert row.text != "上次没有保存的话"
    del data["_resume"]
    assert client.post(page_of(row), data).status_code == 302
    row.refresh_from_db()
    assert row.text == "上次没有保存的话"
    add = reverse("admin:catalogue_criterion_add") + f"?edition={draft.pk}"
    new = sent_back(client.get(add)) | {"text": "新的一条", "_resume": "1"}
    assert "新的一条" in text(client.post(add, new))
    assert not draft.criteria.filter(text="新的一条").exists()


def test_what_was_typed_for_a_row_that_was_deleted_meanwhile_is_shown(client, draft):
    row = draft.criteria.get(code="XSG.3")
    data = opened(client, page_of(row)) | {"text": "打了一半的话"}
    page = page_of(row)
    row.delete()
    answer = client.post(page, data)
    assert answer.status_code == 409
    assert "刚被别人删除" in text(answer)
    assert ("条件", "打了一半的话") in answer.context["typed"]
    assert client.get(page).status_code == 404
    del data["_seen"]
    assert client.post(page, data).status_code == 404
