"""Who uses the site: visitors, firms and staff, each in rounds of pages as people open them.

A round is a generator: it sends a request, yields how long the person waits at least before the
next, and so on; the crowd adds the time of thinking. What comes back is looked at: a page that is
not the one expected is an error as a broken connection is.
"""

import base64
import hmac
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.load.browser import Answer, Browser, Fields, form_of, token_of
from tests.load.service import ROOT

Round = Iterator[float]
AT_ONCE = 0.0
# How often the page of a report looks again by itself.
LOOKS_AGAIN = 2.0
REPORT_IN = 10  # self-checks
CODE_LASTS = 30  # seconds
WORDS = ("奖励", "专精特新", "升规", "绿色 工厂", "技改")
COUNTIES = ("140521", "140522", "140802", "140500")
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
CASE_LINK = re.compile(r'href="(/admin/cases/application/\d+/change/)')
GROUP_LINK = re.compile(r'"(/result/[^"]+/group/[^"]+/)"')
PROGRAMME_LINK = re.compile(r'"(/result/[^"]+/programme/[^"]+/)"')
APPLY_LINK = re.compile(r'href="(/enterprise/apply/[^"/]+/)"')
OPTION = re.compile(r'<option value="([^"]+)"')


class WrongAnswerError(Exception):
    """The site answered, but not with what the person asked for."""


def expect(answer: Answer, status: int, where: str, holds: str = "") -> Answer:
    if answer.status != status or (holds and holds not in (answer.leads_to or answer.text)):
        told = answer.leads_to or "".join(TITLE.findall(answer.text))
        raise WrongAnswerError(f"{where}: {answer.status} {told.strip()}")
    return answer


@cache
def firms_of_self_checks() -> list[Mapping[str, Any]]:
    path = ROOT / "tests" / "policies" / "data" / "firms.yaml"
    return list(yaml.safe_load(path.read_text()).values())


def typed(value: object) -> object:
    """As a field of the questions sends it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return value or ["__none__"]
    return str(value)


@dataclass
class Person:
    """`kept` has what the site has acknowledged: what a later look must find."""

    browser: Browser
    plan: Mapping[str, Any]
    chance: Random
    kept: dict[str, list[Any]] = field(default_factory=dict)
    under_way: Round | None = None

    def round(self) -> Round:
        raise NotImplementedError

    def go_on(self) -> float:
        """Send the next request of the round under way, or the first of a new one; the least pause.

        A round that went wrong is given up.
        """
        under_way, self.under_way = self.under_way or self.round(), None
        pause = next(under_way, None)
        if pause is None:
            return AT_ONCE
        self.under_way = under_way
        return pause

    def keep(self, kind: str, *what: Any) -> None:
        self.kept.setdefault(kind, []).append(what)

    def page(self, kind: str, path: str, holds: str = "") -> Answer:
        return expect(self.browser.get(kind, path), 200, path, holds)

    def send(self, kind: str, path: str, fields: Mapping[str, object], leads_to: str) -> Answer:
        return expect(self.browser.post(kind, path, fields), 302, path, leads_to)


class Unit(Person):
    """Asks for the empty page that all others are measured by."""

    def round(self) -> Round:
        self.page("empty", "/empty/")
        yield AT_ONCE


class Poller(Person):
    """Asks for one address again and again."""

    kind, path = "home", "/?county=140521&section=C"

    def round(self) -> Round:
        self.page(self.kind, self.path)
        yield AT_ONCE


class Monitor(Poller):
    kind, path = "healthz", "/healthz"


@dataclass
class Visitor(Person):
    """A third of the rounds reads pages, the others are whole self-checks."""

    reports: bool = True
    checks: Any = None

    def __post_init__(self) -> None:
        self.checks = count(self.chance.randrange(REPORT_IN))

    def round(self) -> Round:
        return self.read() if self.chance.random() < 1 / 3 else self.check()

    def read(self) -> Round:
        pick = self.chance.choice
        home = {"county": pick(COUNTIES), "section": pick("CIL")}
        self.page("home", "/?" + urlencode(home))
        yield AT_ONCE
        self.page("programmes", "/programmes/")
        yield AT_ONCE
        self.page("search", "/programmes/?" + urlencode({"q": pick(WORDS)}))
        yield AT_ONCE
        for programme in self.chance.sample(self.plan["programmes"], 3):
            self.page("programme", f"/programmes/{programme}/")
            yield AT_ONCE
        self.page("documents", pick(("/documents/", "/calendar/", "/notices/")))
        yield AT_ONCE

    def check(self) -> Round:
        firm = self.chance.choice(firms_of_self_checks())
        address, steps = "/self-check/", 0
        while "/result/" not in address:
            kind = "topics" if address.endswith("/topics/") else "question"
            page = self.browser.get(f"{kind} page", address)
            if page.status == 302:
                address = page.leads_to
                continue
            expect(page, 200, address)
            yield AT_ONCE
            sent = self._answers(form_of(page), firm)
            address = self.send(f"{kind} sent", address, sent, "/").leads_to
            steps += kind == "question"
            self.keep("checks", address, steps)
            yield AT_ONCE
        result = self.page("result", address, "测算")
        yield AT_ONCE
        yield from self._look_around(result, address)
        if self.reports and next(self.checks) % REPORT_IN == 0:
            yield from self._report(result, address)

    def _answers(self, fields: Fields, firm: Mapping[str, Any]) -> dict[str, object]:
        sent: dict[str, object] = {}
        for name, values in fields.items():
            if name == "topics":
                sent[name] = firm["topics"]
            elif "__" in name:
                key = name.replace("__", ".")
                sent[name] = typed(firm["answers"][key]) if key in firm["answers"] else ""
            else:
                sent[name] = values
        return sent

    def _look_around(self, result: Answer, address: str) -> Round:
        if groups := GROUP_LINK.findall(result.text):
            self.page("result group", self.chance.choice(groups))
            yield AT_ONCE
        if programmes := PROGRAMME_LINK.findall(result.text):
            self.page("result programme", self.chance.choice(programmes))
            yield AT_ONCE
        what_if = f"{address}what-if/"
        facts = OPTION.findall(self.page("what-if page", what_if).text)
        yield AT_ONCE
        fact = next(
            (key for key in ("revenue.main_business.y0", "enterprise.employees") if key in facts),
            None,
        )
        if fact:
            query = urlencode({"fact": fact, fact.replace(".", "__"): "2600"})
            self.page("what-if", f"{what_if}?{query}")
            yield AT_ONCE

    def _report(self, result: Answer, address: str) -> Round:
        """Asked for, waited for, and fetched."""
        path = f"{address}report.pdf"
        token = {"csrfmiddlewaretoken": token_of(result)}
        self.send("report asked", path, token, "/report")
        self.keep("reports", path)
        yield LOOKS_AGAIN
        while (made := self.browser.get("report fetched", path)).status == 302:
            self.page("report waiting", made.leads_to)
            yield LOOKS_AGAIN
        if not made.body.startswith(b"%PDF"):
            raise WrongAnswerError(f"{path}: no PDF")
        yield AT_ONCE


@dataclass
class Member(Person):
    """Somebody of a firm, logged in."""

    account: str = ""
    numbers: Any = field(default_factory=count)

    def log_in(self) -> None:
        log_in(self.browser, self.plan["accounts"][self.account])

    def round(self) -> Round:
        home = self.page("enterprise centre", "/enterprise/", "企业")
        yield AT_ONCE
        self.page("profile", "/enterprise/profile/")
        yield AT_ONCE
        yield from self._draft()
        for kind, path in (
            ("messages", "/enterprise/messages/"),
            ("awards", "/enterprise/awards/"),
        ):
            self.page(kind, path)
            yield AT_ONCE
        if cases := re.findall(r'"(/enterprise/applications/[0-9a-f-]+/)"', home.text):
            self.page("own case", self.chance.choice(cases))
            yield AT_ONCE

    def _draft(self) -> Round:
        """What its profile lacks for a programme that it has no case of, saved as it types."""
        listed = self.page("programmes to apply for", "/enterprise/apply/")
        yield AT_ONCE
        path = self.chance.choice(APPLY_LINK.findall(listed.text))
        page = self.browser.get("draft page", path)
        yield AT_ONCE
        if page.status == 302:
            return  # this year's case is under way
        expect(page, 200, path)
        try:
            fields = form_of(page, path)
        except LookupError:
            return  # the programme asks for a project first
        if "contact_name" not in fields:
            return
        fields["contact_name"] = [f"办公室{next(self.numbers)}"]
        saved = self.browser.post("draft saved", f"{path}save/", fields)
        # Colleagues who type at once are told of each other.
        expect(saved, 302 if saved.status == 302 else 200, path)
        yield AT_ONCE


@dataclass
class Uploader(Member):
    """Keeps papers in the library, each a file of its own."""

    def round(self) -> Round:
        path = "/enterprise/files/"
        page = self.page("library", path)
        yield AT_ONCE
        title = f"材料 {self.chance.getrandbits(64):016x}"
        content = f"%PDF-1.7\n{title}\n%%EOF".encode()
        fields = {"csrfmiddlewaretoken": token_of(page), "title": title, "valid_until": ""}
        answer = self.browser.upload("upload", path, fields, f"{title}.pdf", content)
        expect(answer, 302, path)
        self.keep("files", self.account, title)
        yield AT_ONCE


LISTS = {
    "reviewer": (
        "/admin/cases/application/?queue=all",
        "/admin/cases/application/?queue=mine",
        "/admin/cases/application/?queue=all&status__exact=recognised",
        "/admin/enterprises/enterprise/",
        "/admin/notices/notice/",
    ),
    "finance": (
        "/admin/money/awardline/",
        "/admin/money/awardline/?mine=yes&due=now",
        "/admin/money/paymentbatch/",
        "/admin/cases/application/?queue=all",
    ),
    "auditor": (
        "/admin/cases/application/?queue=all",
        "/admin/enterprises/enterprise/",
        "/admin/money/awardline/",
    ),
}


@dataclass
class Staff(Person):
    """Looks at lists and cases, and takes a list out at the end of a round."""

    account: str = ""
    exports: bool = True

    def log_in(self) -> None:
        log_in(self.browser, self.plan["accounts"][self.account])

    def round(self) -> Round:
        self.page("work desk", "/admin/")
        yield AT_ONCE
        for path in self.chance.sample(LISTS[self.account.partition(".")[0]], 2):
            self.page("admin list", path)
            yield AT_ONCE
        listed = self.page("admin list", "/admin/cases/application/?queue=all")
        yield AT_ONCE
        for case in self.chance.sample(sorted(set(CASE_LINK.findall(listed.text))), 2):
            self.page("case page", case)
            yield AT_ONCE
        if self.exports:
            yield from self._take_list()

    def _take_list(self) -> Round:
        name = "awards" if self.account.startswith("finance") else "applications"
        model = "money/awardline" if name == "awards" else "cases/application"
        path = (
            f"/admin/{model}/lists/{name}/?year=2026"
            if name == "awards"
            else (f"/admin/{model}/lists/{name}/?queue=all&status__exact=submitted")
        )
        preview = self.page("list preview", path)
        yield AT_ONCE
        ending = self.chance.choice(("xlsx", "csv"))
        sent = {"csrfmiddlewaretoken": token_of(preview), "format": ending}
        expect(self.browser.post("list out", path, sent), 200, path)
        yield AT_ONCE


@dataclass
class Decider(Staff):
    """Accepts cases and passes them on, each case once: `cases` are this person's own."""

    cases: Iterator[str] = field(default_factory=lambda: iter(()))

    def round(self) -> Round:
        path = next(self.cases, None)
        if path is None:
            self.page("work desk", "/admin/")
            yield AT_ONCE
            return
        for action in ("accept", "recommend"):
            page = self.page("case page", path)
            yield AT_ONCE
            fields = {**form_of(page, "/decide/"), "action": [action], "opinion": ["材料齐全。"]}
            fields = {k: v for k, v in fields.items() if k not in ("facts", "materials")}
            self.send("decision", path.replace("change/", "decide/"), fields, "/change/")
            self.keep("decisions", path, action)
            yield AT_ONCE


def log_in(browser: Browser, account: Mapping[str, str]) -> None:
    """By the page, and with a code of the app where the account has one."""
    path = "/account/login/"
    fields = form_of(browser.get("log in", path), path)
    fields |= {"login": [account["login"]], "password": [account["password"]]}
    answer = expect(browser.post("log in", path, fields), 302, path)
    if account["secret"]:
        path = answer.leads_to
        page = expect(browser.get("log in", path), 200, path)
        sent = {"csrfmiddlewaretoken": token_of(page), "code": code_of(account["secret"])}
        answer = browser.post("log in", path, sent)
        if answer.status == 200:
            # A code counts once, and its half minute may just be over: the next one then.
            time.sleep(CODE_LASTS - time.time() % CODE_LASTS)
            answer = browser.post("log in", path, sent | {"code": code_of(account["secret"])})
        expect(answer, 302, path)


def code_of(secret: str) -> str:
    """What the app shows now (RFC 6238); the site's own code for it would want its settings."""
    step = int(time.time() // CODE_LASTS).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), step, "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def accounts_of(plan: Mapping[str, Any], *roles: str) -> list[str]:
    return [name for name in plan["accounts"] if name.partition(".")[0] in roles]


def firms_of(plan: Mapping[str, Any]) -> Sequence[str]:
    return [name for name, account in plan["accounts"].items() if not account["secret"]]
