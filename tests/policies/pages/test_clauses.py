"""The page of a document: every clause that is used, in our own words, and what rests on it."""

from datetime import date, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import (
    Citation,
    Clause,
    Document,
    Edition,
    Programme,
    SourceCheck,
    Window,
)
from policies.catalogue.source_checks import record_check
from tests.factories import DocumentFactory, OriginalFactory, SelfCheckFactory, UserFactory, ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
UPGRADE = "晋市政办〔2021〕35号"
SHEET = "阳城县服务企业事项一览表"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


class Page(HTMLParser):
    """The addresses and the names of places in a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if "id" in given:
            self.places.append(given["id"])


def read(client, address):
    caches["pages"].clear()
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def document(number=UPGRADE):
    return Document.objects.get(number=number)


def page_of(client, number=UPGRADE):
    return read(client, document(number).get_absolute_url())


def entries(client, number=UPGRADE):
    caches["pages"].clear()
    rows = client.get(document(number).get_absolute_url()).context["entries"]
    return {entry.name: entry for entry in rows}


def checked(edition, against="paper", at=None, originals=None, number=UPGRADE):
    return record_check(
        edition=edition,
        documents=[document(number)],
        against=SourceCheck.Against(against),
        originals=originals or {},
        note="",
        user=UserFactory(),
        role="晋城市政策编辑",
        now=at or timezone.now(),
    )


def test_every_citation_leads_to_its_place(client, django_assert_max_num_queries):
    """From every programme, the calendar and a result; each place is there once."""
    check = SelfCheckFactory()
    addresses = [
        *(reverse("pages:programme", args=[row.pk]) for row in Programme.objects.all()),
        reverse("pages:calendar"),
        reverse("self_check:result-programme", args=[check.token, "jc-xsg"]),
        reverse("self_check:result-print", args=[check.token]),
    ]
    wanted, without = set(), []
    for address in addresses:
        pages = {
            urldefrag(link.removeprefix("http://testserver"))
            for link in Page(read(client, address)).links
        }
        found = {(each.url, each.fragment) for each in pages if "/documents/" in each.url}
        with_place = {each for each in found if each[1]}
        if not with_place:
            without.append(address)
        wanted |= with_place
    assert without == []
    cited = Citation.objects.exclude(clause="").values_list("document", "clause").distinct()
    assert len(wanted) >= len(set(cited))
    for url in {url for url, _ in wanted}:
        with django_assert_max_num_queries(8):
            places = Page(read(client, url)).places
        assert len(places) == len(set(places)), url
        assert {unquote(place) for other, place in wanted if other == url} <= set(places), url


def test_used_clauses_stand_in_the_order_of_the_document_with_what_they_say(client):
    found = entries(client)
    assert list(found)[:5] == ["主送范围", "二（一）至（三）", "二（一）", "二（二）", "二（三）"]
    assert found["三（四）"].told == [("三（四）", "市级20、10、10万元")]
    wide = found["二（一）至（三）"]
    assert [name for name, _ in wide.told] == ["二（一）", "二（二）", "二（三）"]
    assert found["二（二）"].links == [("二（一）至（三）", "clause-二（一）至（三）")]
    page = page_of(client)
    # Nothing rests on it, and why is said.
    assert "五（十五）" not in found
    assert "只对各级政府部门提要求" in page.split("没有用到的条款")[1]
    assert "材料" in page_of(client, "沁水县申报指南").split("也列在：")[1]


def test_a_clause_that_nobody_has_told_says_so(client):
    Clause.objects.filter(document=document(), name="三（四）").delete()
    entry = entries(client)["三（四）"]
    assert entry.told == []
    assert entry.programmes
    assert "还没有用自己的话写下来" in page_of(client)


def test_earlier_and_coming_editions_are_named_and_what_they_share_is_told_once(client):
    today = timezone.localdate()
    old = Edition.objects.get(programme="jc-xsg")
    coming = copy_to_draft(old, today + timedelta(days=30))
    coming.awards.filter(level="county").delete()
    coming.criteria.filter(code="XSG.3").update(text="主营业务收入达到新的限额")
    publish_edition(ready(coming))
    uses = {
        use.text: use
        for row in entries(client)["三（四）"].programmes
        if row.programme == "jc-xsg"
        for use in row.uses.values()
    }
    [award] = [use for text, use in uses.items() if text.startswith("市级")]
    assert award.is_current
    assert len(award.editions) == 1
    name, address = award.editions[0]
    assert name.startswith("将从")
    assert read(client, address)
    # Seen from when it counts, the one before is the earlier one, and its report link is gone.
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        own = [
            use
            for entry in entries(client).values()
            for row in entry.programmes
            if row.programme == "jc-xsg"
            for use in row.uses.values()
        ]
    gone = [use for use in own if use.editions and not use.is_current]
    assert gone
    assert all("以前版本" in use.editions[0][0] and not use.report for use in gone)


def test_windows_rest_on_clauses_too(client):
    window = Window.objects.select_related("document", "programme").first()
    entry = entries(client, window.document.number)[window.clause]
    [own] = [row for row in entry.programmes if row.programme == window.programme_id]
    assert any(kind == "申报时间" and window.title in text for kind, text in own.uses)


def test_a_reader_sees_the_last_check_by_day_and_role_and_no_name(client):
    edition = Edition.objects.get(programme="jc-xsg")
    assert "还没有对照原件核对过" in page_of(client)
    assert "还没有对照原件核对过" in read(client, reverse("pages:programme", args=["jc-xsg"]))
    name = "某某某"
    for row in checked(edition, at=timezone.now() - timedelta(days=400)):
        row.checked_by.first_name = name
        row.checked_by.save()
    checked(edition)
    today = timezone.localdate()
    told = f"{today.year}年{today.month}月{today.day}日由晋城市政策编辑对照纸质文件核对"
    for page in (page_of(client), read(client, reverse("pages:programme", args=["jc-xsg"]))):
        assert told in page
        assert name not in page
    assert "个现行版本，核对过 1 个" in page_of(client)
    # What was compared with a file that is not there any more says so.
    original = OriginalFactory(document=document())
    checked(edition, "original", originals={document().pk: original})
    assert "之后原件换过" not in page_of(client)
    original.closed_at, original.closed_role, original.closed_because = timezone.now(), "某", "某"
    original.save()
    assert "之后原件换过" in page_of(client)


def test_what_superseded_a_document_is_told_wherever_it_is_relied_on(client):
    newer = DocumentFactory(number="新〔2026〕1号", issued_on=date(2026, 1, 2))
    older = document()
    older.superseded_by = newer
    older.save()
    programme = reverse("pages:programme", args=["jc-xsg"])
    said = "已被 新〔2026〕1号（2026年1月2日印发）取代，从哪一天起没有写明"
    check = SelfCheckFactory()
    result = reverse("self_check:result-programme", args=[check.token, "jc-xsg"])
    for address in (older.get_absolute_url(), programme, result):
        page = read(client, address)
        assert said in page, address
    assert newer.get_absolute_url() in read(client, programme)
    older.superseded_on = date(2026, 4, 1)
    older.save()
    for address in (older.get_absolute_url(), programme, result):
        assert "2026年4月1日起被 新〔2026〕1号 取代" in read(client, address), address
    # What does not rest on it says nothing.
    assert "取代" not in read(client, reverse("pages:programme", args=["yun-new"]))


def test_the_original_is_a_sealed_download_and_the_former_ones_are_told(client, files_root):
    assert "本站没有这份文件的原件" in page_of(client)
    former = OriginalFactory(
        document=document(), original_name="旧.pdf", closed_at=timezone.now(),
        closed_role="晋城市政策编辑", closed_because="扫描不清楚",
    )  # fmt: skip
    original = OriginalFactory(document=document())
    for file in (former, original):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_bytes(b"%PDF-1.7 as printed")
    page = page_of(client)
    address = reverse("pages:document-file", args=[document().pk, original.reference])
    assert address in page
    for told in (original.sha256, former.sha256, "晋城市政策编辑", "旧.pdf", "扫描不清楚"):
        assert told in page
    response = client.get(address)
    assert b"".join(response.streaming_content) == b"%PDF-1.7 as printed"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    for of, reference in (
        (document().pk, former.reference),
        (document(SHEET).pk, original.reference),
    ):
        other = reverse("pages:document-file", args=[of, reference])
        assert client.get(other).status_code == 404
