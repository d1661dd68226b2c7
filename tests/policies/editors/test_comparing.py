"""A draft is compared with its predecessor, previewed, and put back part by part; nothing else moves."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.content import edition_content
from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.editors.draft_review import compare
from policies.editors.edition_proposals import digest_now
from policies.editors.taking import seen_of
from tests.factories import UserFactory
from tests.policies.editors.people import JINCHENG, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def published(client, db):
    load_catalogue()
    client.force_login(editor_of(JINCHENG))
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def draft(published):
    return copy_to_draft(published, timezone.localdate() + timedelta(days=30))


def url(name, draft, query=""):
    return reverse(f"admin:catalogue_edition_{name}", args=[draft.pk]) + query


def text(response):
    return response.content.decode()


def said(edition):
    return edition_content(Edition.objects.get(pk=edition.pk))


def take(client, draft, difference, beside, **data):
    seen = seen_of(compare(draft, beside))
    sent = {"other": beside.pk, "which": difference.name, "seen": seen}
    return client.post(url("take", draft), sent | data)


def change_everything(draft):
    """One row of each kind is changed, one is new and one is gone."""
    row = draft.criteria.get(code="XSG.3")
    row.text = "收入够高"
    row.save()
    row.citations.first().delete()
    draft.criteria.last().delete()
    award = draft.awards.first()
    award.tranches.update(amount=77)
    draft.awards.last().delete()
    draft.materials.create(position=90, name="新材料")
    draft.steps.first().delete()
    draft.notices = ["新的提示。", *draft.notices]
    draft.places = {"most": 7}
    draft.save()


def test_the_predecessor_is_not_always_in_force_today(published, draft):
    assert predecessor_of(draft) == published
    publish_edition(draft)
    draft.refresh_from_db()
    later = copy_to_draft(draft, draft.effective_from + timedelta(days=9))
    assert predecessor_of(later) == draft
    assert predecessor_of(begin_correction(published)) == published
    early = copy_to_draft(published, published.effective_from - timedelta(days=400))
    assert predecessor_of(early) is None


def test_each_part_is_put_back_alone_until_the_draft_is_as_its_predecessor(
    client, published, draft
):
    change_everything(draft)
    left = len(compare(draft, published).differences)
    assert left >= 8
    while differences := compare(draft, published).differences:
        # From the last one, so that places among the others move as well.
        before, difference = said(draft), differences[-1]
        assert take(client, draft, difference, published).status_code == 302
        now = compare(draft, published).differences
        assert [each.title for each in now] == [each.title for each in differences[:-1]]
        left -= 1
        changed = {name for name, value in said(draft).items() if value != before.get(name)}
        changed |= {name for name in before if name not in said(draft)}
        assert changed == {difference.part}
    assert left == 0
    draft.refresh_from_db()
    own = {**said(draft), "effective_from": published.effective_from.isoformat()}
    assert own == said(published)
    entry = LogEntry.objects.filter(change_message__contains="收入够高").first()
    assert "改为与" in entry.change_message


def test_a_part_of_another_draft_is_taken_over(client, published, draft):
    other = copy_to_draft(published, draft.effective_from + timedelta(days=1))
    other.awards.first().tranches.update(amount=99)
    other.materials.create(position=91, name="别的材料")
    draft.materials.create(position=90, name="自己的材料")
    page = text(client.get(url("compare", draft, f"?with={other.pk}")))
    assert "取用这一项" in page
    award = next(each for each in compare(draft, other).differences if each.part == "awards")
    answer = take(client, draft, award, other)
    assert f"with={other.pk}" in answer.url
    assert draft.awards.first().tranches.first().amount == 99
    assert draft.materials.filter(name="自己的材料").exists()
    assert not draft.materials.filter(name="别的材料").exists()


def test_what_was_changed_since_it_was_shown_is_shown_again(client, published, draft):
    change_everything(draft)
    difference, digest = compare(draft, published).differences[0], digest_now(draft)
    answer = take(client, draft, difference, published, seen="older")
    assert answer.status_code == 400
    assert "又改过" in text(answer)
    assert "2000" in text(answer)
    assert take(client, draft, difference, published, which="steps:9:9").status_code == 400
    assert take(client, draft, difference, published, which="").status_code == 400
    assert digest_now(draft) == digest
    foreign = Edition.objects.exclude(programme=published.programme_id).first()
    assert take(client, draft, difference, published, other=foreign.pk).status_code == 400


def test_nothing_is_taken_while_a_second_editor_looks(client, published, draft):
    draft.materials.create(position=90, name="新材料")
    draft.materials.create(position=91, name="另一份新材料")
    client.post(url("publish", draft))
    page = text(client.get(url("compare", draft)))
    assert "恢复原样" not in page
    difference = compare(draft, published).differences[0]
    assert take(client, draft, difference, published).status_code == 400
    assert len(compare(draft, published).differences) > 1


def test_the_preview_is_the_public_page_on_the_drafts_day_for_editors_only(
    client, published, draft
):
    row = draft.criteria.get(code="XSG.3")
    row.text = "收入够高"
    row.save()
    response = client.get(url("preview", draft))
    page = text(response)
    assert "预览" in page
    assert "收入够高" in page
    assert "还不能按它申报" not in page
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    day = draft.effective_from
    assert f"现行版本：{day.year}年{day.month}月{day.day}日起" in page
    for name in ("programme", "programmes"):
        args = ["jc-xsg"] if name == "programme" else []
        assert "收入够高" not in text(client.get(reverse(f"pages:{name}", args=args)))
    # What is changed after it was looked at is there the next time.
    draft.criteria.filter(code="XSG.3").update(text="收入更高")
    assert "收入更高" in text(client.get(url("preview", draft)))
    assert client.get(url("preview", published)).status_code == 404
    for user in (editor_of(YUNCHENG), UserFactory(permissions=["view_edition"])):
        client.force_login(user)
        assert client.get(url("preview", draft)).status_code in (403, 404)


def test_a_preview_of_a_correction_shows_what_it_takes_the_place_of(client, published):
    draft = begin_correction(published)
    draft.criteria.filter(code="XSG.3").update(text="收入够高")
    page = text(client.get(url("preview", draft)))
    assert "收入够高" in page
    assert "已更正的版本" in page
    published.refresh_from_db()
    assert published.status == "published"


def test_a_draft_whose_rules_cannot_be_read_is_compared_and_previewed(client, published, draft):
    draft.criteria.filter(code="XSG.3").update(rule={"fact": "no.such", "is": 1})
    for name in ("compare", "preview", "effect"):
        assert client.get(url(name, draft)).status_code == 200
