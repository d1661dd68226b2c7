"""What an editor sees before publishing: changes, faults, and what firms would be told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.editors.draft_review import compare
from policies.editors.effects import effect_of
from tests.factories import SelfCheckFactory, UserFactory, ready
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
EDITOR = ["view_edition", "change_edition"]


@pytest.fixture
def draft():
    load_catalogue()
    published = Edition.objects.get(programme="jc-xsg", status="published")
    return copy_to_draft(published, timezone.localdate())


def raise_limit(draft, limit):
    row = draft.criteria.get(code="XSG.3")
    row.rule = {"fact": "revenue.main_business.y0", "at_least": limit}
    row.sentence = "[revenue.main_business.y0|申报当年主营业务收入达到{}]"
    row.save()


def page(draft):
    return reverse("admin:catalogue_edition_effect", args=[draft.pk])


def test_a_draft_without_changes_moves_nobody(draft):
    SelfCheckFactory()
    assert compare(draft, predecessor_of(draft)).differences == []
    effect = effect_of(draft, predecessor_of(draft), timezone.localdate())
    assert effect.problems == []
    assert effect.moves == [("符合申报条件", "符合申报条件", 1)]
    assert effect.before == effect.after


def test_a_higher_limit_moves_those_below_it_and_their_money(draft):
    SelfCheckFactory()
    rich = SelfCheckFactory.build().answers | {"revenue.main_business.y0": 9000}
    SelfCheckFactory.create_batch(2, answers=rich)
    raise_limit(draft, 5000)
    effect = effect_of(draft, predecessor_of(draft), timezone.localdate())
    assert effect.firms == 3
    assert effect.moves == [
        ("符合申报条件", "目前不符合", 1),
        ("符合申报条件", "符合申报条件", 2),
    ]
    assert (effect.before, effect.after) == ("405 万元", "270 万元")
    (change,) = compare(draft, predecessor_of(draft)).differences
    assert "达到2000万元；或者" in str(change)
    assert "达到5000万元" in str(change)


def test_an_expired_self_check_counts_no_more(draft):
    SelfCheckFactory(expires_at=timezone.now() - timedelta(days=2))
    assert effect_of(draft, predecessor_of(draft), timezone.localdate()).firms == 0


def test_a_fault_of_the_draft_is_named(draft):
    draft.criteria.get(code="XSG.3").citations.all().delete()
    (problem,) = effect_of(draft, predecessor_of(draft), timezone.localdate()).problems
    assert "jc-xsg" in problem


def test_the_editor_publishes_from_the_page(client, draft):
    SelfCheckFactory()
    raise_limit(draft, 5000)
    ready(draft)
    client.force_login(UserFactory(permissions=EDITOR, jurisdiction_code="140500"))
    html = client.get(page(draft)).content.decode()
    assert "目前不符合" in html
    assert reverse("admin:catalogue_edition_publish", args=[draft.pk]) in html


def test_a_draft_that_does_not_compile_says_so(client, draft):
    row = draft.criteria.get(code="XSG.3")
    row.rule = {"fact": "no.such.fact", "is": True}
    row.save()
    client.force_login(UserFactory(permissions=EDITOR, jurisdiction_code="140500"))
    html = client.get(page(draft)).content.decode()
    assert "还不能发布" in html
    assert "no.such.fact" in html


@pytest.mark.parametrize(("permissions", "status"), [(["view_edition"], 403), ([], 403)])
def test_only_editors_see_it(client, draft, permissions, status):
    client.force_login(UserFactory(permissions=permissions, jurisdiction_code="140500"))
    assert client.get(page(draft)).status_code == status


def test_a_published_edition_has_no_such_page(client, draft):
    client.force_login(UserFactory(permissions=EDITOR, jurisdiction_code="140500"))
    published = Edition.objects.get(programme="jc-xsg", status="published")
    assert client.get(page(published)).status_code == 404
