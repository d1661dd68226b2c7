"""An editor ends, takes back or corrects an edition: told what follows, asked why, never by a click."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Edition
from tests.factories import ApplicationFactory, DraftFactory, SelfCheckFactory, UserFactory, ready
from tests.policies.editors.people import answers_to, approve
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHY = "文件<b>已废止"
RIGHTS = ["view_edition", "change_edition", "view_programme", "view_editionproposal"]


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def edition(db):
    load_catalogue()
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def later(edition, today):
    """A second edition that has not begun."""
    draft = copy_to_draft(edition, today + timedelta(days=100))
    publish_edition(ready(draft))
    edition.refresh_from_db()
    draft.refresh_from_db()
    return draft


@pytest.fixture
def editor(client):
    user = UserFactory(permissions=RIGHTS, jurisdiction_code="140500")
    client.force_login(user)
    return user


def url(name, edition):
    return reverse(f"admin:catalogue_edition_{name}", args=[edition.pk])


def text(response):
    return response.content.decode()


def notes(response):
    return [str(message) for message in response.context["messages"]]


def retire(client, edition, day, **changes):
    data = {"reason": WHY, "day": f"{day}", "shown": f"{day}", **changes}
    return client.post(url("retire", edition), data, follow=True)


def retired(client, edition, day):
    """Asked for by one and approved by another."""
    retire(client, edition, day)
    return approve()


def test_the_page_of_retiring_shows_what_follows(client, editor, edition, later, today):
    DraftFactory.create_batch(1, programme=edition.programme)
    ApplicationFactory(edition=edition)
    SelfCheckFactory()
    page = text(client.get(url("retire", edition)))
    assert f"下一个版本自 {later.effective_from} 起用" in page
    assert f"{today} 起、{later.effective_from} 前没有版本" in page
    assert "申报草稿 1 件" in page
    assert "申报 1 件" in page
    assert "自测有 1 份" in page


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_retiring_without_a_sound_reason_changes_nothing_and_keeps_what_was_typed(
    client, editor, edition, today, reason
):
    response = retire(client, edition, today, reason=reason)
    assert response.status_code == 400
    assert response.context["form"].errors["reason"]
    assert f'value="{today}"' in text(response)
    edition.refresh_from_db()
    assert edition.status == "published"


def test_another_day_is_shown_before_it_is_done(client, editor, edition, later, today):
    day = today + timedelta(days=30)
    response = retire(client, edition, day, shown=f"{today}")
    assert response.status_code == 400
    assert f"从 {day} 起停用的结果" in text(response)
    assert f"{day} 起、{later.effective_from} 前没有版本" in text(response)
    assert "文件&lt;b&gt;已废止" in text(response)
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    assert client.post(url("retire", edition), data).status_code == 302
    approve()
    edition.refresh_from_db()
    assert (edition.status, edition.own_end, edition.reason) == ("retired", day, WHY)


def test_a_retirement_is_on_record_and_its_gap_is_said_and_stays_said(
    client, editor, edition, later, today
):
    response = retired(client, edition, today)
    gap = f"{today} 起、{later.effective_from} 前没有版本"
    assert any(gap in note for note in notes(response))
    record, proposal = edition.history.first(), edition.proposals.get()
    assert (record.history_user, record.history_change_reason) == (proposal.decided_by, WHY)
    assert proposal.proposed_by == editor != proposal.decided_by
    page = client.get(reverse("admin:catalogue_programme_change", args=[edition.programme_id]))
    assert gap in text(page)
    assert "文件&lt;b&gt;已废止" in text(client.get(url("change", edition)))


def test_what_is_retired_is_not_retired_twice(client, editor, edition, today):
    retired(client, edition, today)
    assert "不能停用" in text(client.get(url("retire", edition)))
    assert "已停用，不能再停用" in text(retire(client, edition, today + timedelta(days=9)))
    edition.refresh_from_db()
    assert edition.own_end == today


def test_what_has_not_begun_is_withdrawn_and_the_one_before_stands(client, editor, edition, later):
    page = text(client.get(url("withdraw", later)))
    assert f"{edition.effective_from} 起的版本一直有效" in page
    client.post(url("withdraw", later), {"reason": WHY})
    assert notes(approve()) == ["已撤回，如同没有发布过。"]
    edition.refresh_from_db()
    later.refresh_from_db()
    assert (edition.ends, later.status, later.reason) == (None, "withdrawn", WHY)
    assert later.history.first().history_user == later.proposals.first().decided_by
    assert client.post(url("withdraw", later), {"reason": WHY}).status_code == 400


def test_withdrawing_the_only_one_says_that_nothing_is_left(client, editor, edition):
    assert "前面没有别的版本" in text(client.get(url("withdraw", edition)))
    client.post(url("withdraw", edition), {"reason": WHY})
    assert any("没有有效的版本" in note for note in notes(approve()))
    page = client.get(reverse("admin:catalogue_programme_change", args=[edition.programme_id]))
    assert "没有有效的版本" in text(page)


def test_what_a_case_is_pinned_to_is_not_withdrawn_and_the_page_says_what_to_do(
    client, editor, edition
):
    ApplicationFactory(edition=edition)
    response = client.get(url("withdraw", edition))
    assert response.context["form"] is None
    assert "请用“更正”" in text(response)
    assert client.post(url("withdraw", edition), {"reason": WHY}).status_code == 400
    edition.refresh_from_db()
    assert edition.status == "published"


def test_withdrawing_needs_a_reason(client, editor, edition, later):
    response = client.post(url("withdraw", later), {"reason": ""})
    assert response.status_code == 400
    assert "请写明原因" in text(response)
    later.refresh_from_db()
    assert later.status == "published"


def test_a_correction_is_compared_with_what_it_corrects_and_asks_why(client, editor, edition):
    ApplicationFactory(edition=edition)
    DraftFactory(programme=edition.programme)
    draft = Edition.objects.get(
        pk=client.post(url("correct", edition)).url.rstrip("/").split("/")[-2]
    )
    assert (draft.corrects, draft.effective_from) == (edition, edition.effective_from)
    row = draft.criteria.get(code="XSG.3")
    row.rule = json.loads(json.dumps(row.rule).replace("2000", "3000"))
    row.save()
    ready(draft)
    page = text(client.get(url("effect", draft)))
    for told in (
        "被更正的版本",
        "修改条件：XSG.3",
        "2000 万元 → 3000 万元",
        "申报 1 件",
        "申报草稿 1 件",
        "原因",
    ):
        assert told in page
    response = client.post(url("publish", draft), {"reason": " "})
    assert response.status_code == 400
    assert "请写明原因" in text(response)
    answers = answers_to(draft)
    assert client.post(url("publish", draft), {"reason": WHY, **answers}).status_code == 302
    approve()
    edition.refresh_from_db()
    draft.refresh_from_db()
    assert (edition.status, draft.status) == ("corrected", "published")
    for row in (edition, draft):
        assert WHY in row.history.first().history_change_reason
        assert row.history.first().history_user == draft.proposals.get().decided_by


def test_a_correction_that_changes_nothing_is_refused_with_the_reason_kept(client, editor, edition):
    draft = begin_correction(edition)
    response = client.post(url("publish", draft), {"reason": WHY})
    assert response.status_code == 400
    assert "完全一样" in text(response)
    assert "文件&lt;b&gt;已废止" in text(response)


def test_correcting_twice_leads_to_the_same_draft(client, editor, edition):
    first = client.post(url("correct", edition)).url
    assert client.post(url("correct", edition)).url == first
    assert "有一份更正的草稿" in text(client.get(url("change", edition)))


def test_a_draft_on_a_taken_day_is_told_to_correct_instead(client, edition):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    data = {"programme": edition.programme_id, "effective_from": f"{edition.effective_from}"}
    for prefix in ("materials", "steps"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    response = client.post(reverse("admin:catalogue_edition_add"), data)
    assert response.status_code == 200
    assert "请在那个版本的页面用“更正”" in text(response)


def test_an_end_of_its_own_is_told_as_a_gap_before_it_is_published(client, editor, edition, today):
    draft = copy_to_draft(edition, today + timedelta(days=10))
    draft.own_end = today + timedelta(days=20)
    draft.save()
    page = text(client.get(url("effect", draft)))
    assert f"自 {draft.own_end} 起没有版本" in page
    client.post(url("publish", draft))
    response = approve()
    assert any(f"自 {draft.own_end} 起没有版本" in note for note in notes(response))
