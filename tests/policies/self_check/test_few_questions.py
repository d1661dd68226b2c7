"""How many questions a firm is asked, from an empty page to the last one: through the pages."""

from datetime import UTC, datetime
from math import ceil

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from policies.rules.follow_ups import FOLLOW_UPS, held_back, is_gate_of
from policies.rules.inquiry import inquire
from policies.self_check import questionnaire
from policies.self_check.forms.questions import field_name
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import known_answers
from tests.policies.packs import editions, facts, load_catalogue, read_data

FIRMS = read_data("firms.yaml")
DAY = datetime(2026, 11, 20, 4, tzinfo=UTC)
SETTLED_AFTER, ASKED_AT_MOST = 12, 35
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def typed(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return value or ["__none__"]
    return str(value)


class Walk:
    """A firm's way through the pages: `pages` are the questions of each, `settled` after how many
    of them the first programme with money had its verdict."""

    def __init__(self, client, firm):
        self.client, self.firm = client, firm
        self.pages, self.settled, self.offered = [], None, None
        with time_machine.travel(DAY, tick=False):
            SelfCheck.objects.update(expires_at=timezone.now())
            self._go()
            self.check = SelfCheck.objects.latest("pk")
            self.inquiry = self._inquiry()

    @property
    def asked(self):
        """Facts, and the list of topics as one question."""
        return [key for page in self.pages for key in page]

    def _go(self):
        address = reverse("self_check:self-check")
        while "/result/" not in address:
            page = self.client.get(address, follow=True)
            address = page.redirect_chain[-1][0] if page.redirect_chain else address
            if "/result/" in address:
                break
            self._look(page)
            address = self._answer(address, page.context["form"])

    def _answer(self, address, form):
        if address.endswith("/topics/"):
            self.pages.append(["topics"])
            data = {"topics": self.firm["topics"]}
            assert set(self.firm["topics"]) <= dict(form.fields["topics"].choices).keys()
        else:
            self.pages.append(form.keys)
            data = {field_name(key): self._said(key) for key in form.keys}
        response = self.client.post(address, data)
        assert response.status_code == 302, response.context["form"].errors
        if self.settled is None and len(self.pages) > 2 and self._has_settled():
            self.settled = len(self.asked)
        return response.url

    def _said(self, key):
        if key in self.firm["answers"]:
            return typed(self.firm["answers"][key])
        assert key in self.firm.get("unclear", ()), f"{key} is asked and the firm says nothing"
        return ""

    def _look(self, page):
        """From the first verdict on, the page offers the result."""
        offers = "已经有结论的资金项目" in page.content.decode()
        assert offers == (self.settled is not None and page.context["step"] > 1)

    def _inquiry(self):
        check = SelfCheck.objects.latest("pk")
        answers = known_answers(check, facts(), check.on)
        return inquire(editions(), answers, check.on, facts(), check.topics, check.unclear)

    def _has_settled(self):
        inquiry = self._inquiry()
        place = {key: inquiry.answers[key] for key in questionnaire.FIRST_QUESTIONS}
        before = inquire(editions(), place, inquiry.on, facts(), ()).judgements
        return any(
            old.most > 0 and old.verdict == "unknown" != new.verdict
            for old, new in zip(before, inquiry.judgements, strict=True)
        )


@pytest.fixture(scope="module")
def walks():
    return {}


@pytest.fixture(params=FIRMS)
def walk(request, db, client, walks):
    if request.param not in walks:
        load_catalogue()
        walks[request.param] = Walk(client, FIRMS[request.param])
    return walks[request.param]


def test_the_first_money_is_settled_soon_and_nothing_is_left_in_the_end(walk):
    assert walk.settled <= SETTLED_AFTER
    assert len(walk.asked) <= ASKED_AT_MOST
    assert len(walk.asked) == len(set(walk.asked))
    for programme in walk.inquiry.asked:
        open_ones = set(programme.lacking)
        put_aside = open_ones & (set(walk.check.unclear) | walk.inquiry.shut)
        assert open_ones <= put_aside | held_back(open_ones), programme.edition.programme


def test_what_the_firm_cares_for_comes_out_as_it_should(walk):
    verdicts = {each.edition.programme: each.verdict for each in walk.inquiry.judgements}
    expected = walk.firm["verdicts"]
    assert {name: verdicts[name] for name in expected} == expected


def test_no_follow_up_stands_beside_its_gate_or_comes_after_a_no(walk):
    seen = set()
    for page in walk.pages:
        assert held_back(page) == set()
        for key in page:
            for gate in (gate for gate in FOLLOW_UPS if is_gate_of(gate, key)):
                said = walk.inquiry.answers.get(gate)
                is_closed = facts()[gate].type == "bool" and said is False
                assert gate in seen or gate not in walk.asked
                assert not (is_closed and gate in MUST_BE_YES), (gate, key)
        seen.update(page)


# Yes or no, and what stands behind a no is not asked.
MUST_BE_YES = {
    "base.is_operator", "stat.direct_reporting", "stat.first_time_above_scale", "project.in_park",
    "project.is_technical_renovation", "reform.registered_as_shares_company",
    "library.listing_reserve", "broker.city_recognised",
}  # fmt: skip


def test_nobody_is_asked_about_what_was_not_ticked(walk):
    strange = {"enterprise.rankings", "listing.board_this_year", "broker.city_recognised"}
    if "base" not in walk.firm["topics"]:
        strange |= {key for key in facts() if key.startswith("base.")}
    if "technology" in walk.firm["topics"]:
        strange -= {"broker.city_recognised"}
    assert strange.isdisjoint(walk.asked)
    assert strange.isdisjoint(walk.check.answers)


def test_the_first_page_promises_what_the_firms_were_asked(client, walks):
    load_catalogue()
    for name in FIRMS.keys() - walks.keys():
        walks[name] = Walk(client, FIRMS[name])
    counts = [len(walk.asked) for walk in walks.values()]
    assert (min(counts), max(counts)) == questionnaire.QUESTIONS_ASKED
    seconds = questionnaire.SECONDS_PER_QUESTION
    low, high = (ceil(count * seconds / 60) for count in (min(counts), max(counts)))
    page = client.get(reverse("pages:home")).content.decode()
    assert f"{min(counts)}–{max(counts)} 题，{low}–{high} 分钟" in page
