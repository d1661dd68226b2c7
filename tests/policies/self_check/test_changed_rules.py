"""A shared result keeps its day; it says when the rules of that day were put right or ended since."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Citation, Edition
from policies.self_check.changes import changed_since
from tests.factories import SelfCheckFactory, ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, retire_edition, withdraw_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHY = "文件<b>已废止"
TODAY = timezone.localdate()


@pytest.fixture
def edition(db):
    load_catalogue()
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def check(edition):
    return SelfCheckFactory()


def page(client, check, name="result"):
    programme = ["jc-xsg"] if name == "result-programme" else []
    response = client.get(reverse(f"self_check:{name}", args=[check.token, *programme]))
    assert response.status_code == 200
    return response.content.decode()


def test_without_changes_nothing_is_said(client, check):
    assert "有的规则变了" not in page(client, check)


@pytest.mark.parametrize("name", ["result", "result-print"])
def test_a_corrected_rule_judges_anew_and_says_so(client, check, edition, name):
    draft = begin_correction(edition)
    draft.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": 9000}, sentence=""
    )
    publish_correction(ready(draft), reason=WHY, now=timezone.now())
    told = page(client, check, name)
    assert "更正：文件&lt;b&gt;已废止" in told
    assert "按更正后的规则计算" in told
    assert "小升规" in changed_since(check)[0]


@pytest.mark.parametrize("name", ["result-programme", "result-print"])
def test_a_document_that_is_cited_as_a_whole_is_named_without_a_clause(
    client, check, edition, name
):
    draft = begin_correction(edition)
    citations = Citation.objects.filter(Q(criterion__edition=draft) | Q(award__edition=draft))
    assert citations.update(clause="")
    publish_correction(ready(draft), reason=WHY, now=timezone.now())
    assert "晋市政办〔2021〕35号" in page(client, check, name)


def test_a_retired_programme_keeps_the_results_of_the_days_before(client, check, edition):
    retire_edition(edition, reason=WHY, day=TODAY + timedelta(days=1), now=timezone.now())
    told = page(client, check)
    assert "起停止受理：文件&lt;b&gt;已废止" in told
    assert f'<span class="name">{edition.programme.name}' in told


@pytest.mark.parametrize("act", ["retire", "withdraw"])
def test_what_ended_on_the_very_day_is_left_out_with_a_sentence(client, check, edition, act):
    if act == "retire":
        retire_edition(edition, reason=WHY, day=TODAY, now=timezone.now())
    else:
        withdraw_edition(edition, reason=WHY, now=timezone.now())
    [line] = changed_since(check)
    assert WHY in line
    assert "文件&lt;b&gt;已废止" in page(client, check)


def test_what_happened_before_or_elsewhere_is_not_told(edition):
    retire_edition(edition, reason=WHY, day=TODAY, now=timezone.now() - timedelta(hours=1))
    elsewhere = Edition.objects.filter(programme__area="140522").first()
    check = SelfCheckFactory()
    retire_edition(elsewhere, reason=WHY, day=TODAY, now=timezone.now())
    assert changed_since(check) == []
