"""The history of a programme's rules: from when, by which clauses, and what changed in words."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Award, Citation, Criterion, Edition
from tests.factories import DocumentFactory, ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def lines(client, programme="jc-xsg"):
    """The newest first."""
    caches["pages"].clear()
    page = client.get(reverse("pages:programme", args=[programme]))
    assert page.status_code == 200
    return page.context["history"], page.content.decode()


def later(days, change=lambda draft: None):
    last = Edition.objects.filter(programme="jc-xsg").latest("effective_from")
    draft = copy_to_draft(last, timezone.localdate() + timedelta(days=days))
    change(draft)
    publish_edition(ready(draft))
    return draft


def test_the_first_edition_says_that_nothing_came_before(client):
    [only], page = lines(client)
    assert only.against == "本站收录的第一个版本，前面没有可以比较的。"
    assert only.against in page
    clauses = {str(document): clauses for document, clauses in only.sources}
    assert "三（四）" in map(str, clauses["晋市政办〔2021〕35号"])
    assert all(f'href="{each.page}"' in page for own in clauses.values() for each in own)


def test_what_changed_is_told_by_criterion_and_award_with_its_clause(client):
    by = DocumentFactory(number="新〔2026〕1号")

    def change(draft):
        draft.criteria.filter(code="XSG.3").update(
            rule={"fact": "revenue.main_business.y0", "at_least": 3000}, sentence=""
        )
        gone = draft.criteria.get(code="XSG.5")
        added = Criterion.objects.create(
            edition=draft, position=90, code="XSG.9", kind="gate", text="没有重大事故",
            rule={"fact": "stat.direct_reporting", "is": True},
        )  # fmt: skip
        Citation.objects.create(document=by, clause="五", criterion=added)
        gone.delete()
        award = draft.awards.get(level="city")
        award.tranches.filter(position=1).update(amount=25)
        award.citations.update(document=by, clause="三")
        Award.objects.create(edition=draft, position=91, level="national", status="unpublished")

    later(30, change)
    [new, old], page = lines(client)
    assert (new.name, old.name) == ("将起用的版本", "现行版本")
    told = {text: [str(each) for each in sources] for text, sources in new.changes}
    [limit] = [text for text in told if text.startswith("修改条件：XSG.3")]
    assert "3000 万元" in limit.split("改为")[1]
    assert "2000" in limit.split("改为")[0]
    assert told[limit] == ["晋市政办〔2021〕35号 二（一）至（三）"] or told[limit]
    [added] = [text for text in told if text.startswith("新增条件：XSG.9 没有重大事故")]
    assert told[added] == ["新〔2026〕1号 五"]
    [gone] = [text for text in told if text.startswith("取消条件：XSG.5")]
    assert told[gone]
    [paid] = [text for text in told if text.startswith("修改奖补：市级")]
    assert "首次升规：20 万元" in paid
    assert "首次升规：25 万元" in paid
    assert "晋城市" in paid
    assert "140500" not in paid
    assert "依据由“晋市政办〔2021〕35号 三（四）" in paid
    assert told[paid] == ["新〔2026〕1号 三"]
    assert any(text == "新增奖补：国家级，未公布" for text in told)
    assert by.address_of("三") in page
    assert old.against.startswith("本站收录的第一个版本")


def test_two_awards_of_one_level_and_a_new_wording_of_a_criterion_are_told_apart(client):
    """Of rows that one key names none is passed over."""

    def double(draft):
        Award.objects.create(
            edition=draft, position=92, level="city", payer_id="140500", status="unpublished"
        )

    def cut(draft):
        draft.awards.filter(level="city", status="unpublished").delete()
        draft.criteria.filter(code="XSG.3").update(text="收入够线")

    later(30, double)
    later(60, cut)
    later(90)
    history, _ = lines(client)
    same, shorter, longer = history[:3]
    assert [text for text, _ in longer.changes] == ["新增奖补：市级 晋城市，未公布"]
    assert same.changes == []
    assert same.against == "条件、奖补、材料和办理环节与前一个版本相同。"
    texts = [text for text, _ in shorter.changes]
    assert "取消奖补：市级 晋城市，未公布" in texts
    [renamed] = [text for text in texts if text.startswith("修改条件：XSG.3 收入够线")]
    assert "由“XSG.3 " in renamed
    assert len(texts) == 2


def test_the_page_asks_at_most_eight_queries_however_long_the_history(client):
    """Of what was published before a process remembers what it says: that does not change."""
    for days in (30, 60, 90):
        lines(client)
        caches["pages"].clear()
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("pages:programme", args=["jc-xsg"]))
        assert len(queries) <= 8, [query["sql"][:120] for query in queries]
        later(days)
