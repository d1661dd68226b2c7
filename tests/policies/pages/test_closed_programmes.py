"""The public pages of what is retired, corrected, withdrawn or not begun: a sentence, never a 404."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Edition
from tests.factories import ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, publish_edition, retire_edition, withdraw_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHY = "文件<b>已废止"
TOLD = "文件&lt;b&gt;已废止"
NOW = timezone.now()
TODAY = timezone.localdate()


@pytest.fixture
def edition(db):
    load_catalogue()
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def retired(edition):
    retire_edition(edition, reason=WHY, day=TODAY, now=NOW)
    return edition


def get(client, name, *args, **query):
    caches["pages"].clear()
    response = client.get(reverse(f"pages:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def published(edition, days):
    draft = copy_to_draft(edition, TODAY + timedelta(days=days))
    publish_edition(ready(draft))
    return draft


def corrected(edition, limit=3000):
    draft = begin_correction(edition)
    draft.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": limit}, sentence=""
    )
    publish_correction(ready(draft), reason=WHY, now=NOW)
    return draft


def test_a_retired_programme_says_so_why_and_keeps_its_rules_to_read(client, retired):
    page = get(client, "programme", "jc-xsg")
    assert f"自{TODAY.year}年{TODAY.month}月{TODAY.day}日起停止受理：{TOLD}" in page
    assert "首次升规：30 万元" in page
    assert "申报这个项目" not in page


def test_a_retirement_to_come_is_said_while_it_can_be_applied_for(client, edition):
    day = TODAY + timedelta(days=30)
    retire_edition(edition, reason=WHY, day=day, now=NOW)
    page = get(client, "programme", "jc-xsg")
    assert f"{day.month}月{day.day}日起停止受理：{TOLD}" in page
    assert "申报这个项目" in page


def test_between_two_editions_the_next_one_is_named(client, retired):
    coming = published(retired, 30)
    day = coming.effective_from
    page = get(client, "programme", "jc-xsg")
    assert f"新的版本自{day.year}年{day.month}月{day.day}日起用" in page
    assert "将起用的版本" in page


def test_the_list_leaves_it_out_with_a_sentence_and_finds_it_by_its_words(client, retired):
    page = get(client, "programmes", q="小升规奖励")
    assert "现在不受理的（1）" in page
    assert reverse("pages:programme", args=["jc-xsg"]) in page
    assert "现在不受理的" not in get(client, "programmes", q="股改")
    assert "现在不受理的" not in get(client, "programmes", family="股份制改造")


def test_a_corrected_programme_tells_when_why_and_what_and_links_the_old_text(client, edition):
    draft = corrected(edition)
    page = get(client, "programme", "jc-xsg")
    assert f"更正：{TOLD}" in page
    assert "修改条件：XSG.3" in page
    assert "≥ 3000 万元" in page.replace("&gt;", ">").replace("≥", "≥")
    assert reverse("pages:edition", args=["jc-xsg", edition.pk]) in page
    old = get(client, "edition", "jc-xsg", edition.pk)
    assert f"更正：{TOLD}" in old
    assert "看这个项目现在的规则" in old
    assert "申报这个项目" not in old
    assert "报错" not in old.split("<main")[1].split("</main")[0]
    assert "达到2000万元" in old
    assert (
        draft.materials.count() == old.count('<ul class="checklist">') * edition.materials.count()
    )


def test_a_withdrawn_edition_can_still_be_read_and_says_so(client, edition):
    later = published(edition, 30)
    withdraw_edition(later, reason=WHY, now=NOW)
    page = get(client, "programme", "jc-xsg")
    assert "已撤回的版本" in page
    assert f"撤回：{TOLD}" in page
    assert f"撤回：{TOLD}" in get(client, "edition", "jc-xsg", later.pk)


def test_a_programme_of_which_all_is_withdrawn_is_no_404(client, edition):
    withdraw_edition(edition, reason=WHY, now=NOW)
    assert f"撤回：{TOLD}" in get(client, "programme", "jc-xsg")


def test_what_has_not_begun_says_from_when(client, edition):
    coming = published(edition, 30)
    withdraw_edition(edition, reason=WHY, now=NOW)
    assert "现在还不能按它申报" in get(client, "programme", "jc-xsg")
    assert "现在还不能按它申报" in get(client, "edition", "jc-xsg", coming.pk)


def test_drafts_and_what_belongs_to_another_programme_are_not_found(client, edition):
    draft = copy_to_draft(edition, TODAY)
    for programme, pk in (("jc-xsg", draft.pk), ("jc-share", edition.pk), ("jc-xsg", 10**12)):
        address = reverse("pages:edition", args=[programme, pk])
        assert client.get(address).status_code == 404


def test_the_history_takes_constant_queries(client, edition):
    counts = []
    for limit in (3000, 4000, 5000):
        edition = corrected(edition, limit)
        get(client, "programme", "jc-xsg")  # compiles the new edition
        with CaptureQueriesContext(connection) as queries:
            get(client, "programme", "jc-xsg")
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
