"""What somebody sent, or what tells who somebody is, goes out of a text before it is logged.

Names cannot be told from other words by their looks. So what the request at hand brought along is
taken out wherever it stands, and what a database adds of its rows; the rest by its form.
"""

import re
from collections.abc import Iterator

from django.http import HttpRequest

GONE = "…"
# Shorter ones are words or figures like any other.
SHORTEST, SHORTEST_NUMBER = 2, 6
# What PostgreSQL says below the first line: the values of a row, or the statement with them.
ROWS = re.compile(r"\s*^(DETAIL|LINE \d+|CONTEXT|QUERY|HINT|WHERE):.*", re.MULTILINE | re.DOTALL)
FORMS = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), GONE),
    # Where an address leads within a site may be a secret.
    (re.compile(r"(https?://[^\s/\"'?#<>()]+)[^\s\"'<>()]*"), rf"\1/{GONE}"),
    (re.compile(r"(?<=[\w/])\?[\w.\[\]%+-]+=[^\s\"'<>()]*"), f"?{GONE}"),
    # Numbers of bank accounts, in fours or not.
    (re.compile(r"(?<![0-9A-Za-z.:-])\d{4} ?\d{4} ?\d{4}[\d ]{0,23}(?<! )(?![0-9A-Za-z])"), GONE),
    # Telephones; codes of firms, numbers of people.
    (re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])"), GONE),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{2}\d{6}[0-9A-Z]{9}[0-9A-Za-z](?![0-9A-Za-z])"), GONE),
)


def without_personal(text: str, request: HttpRequest | None = None) -> str:
    """The text without what `request` brought along, and without what has the form of a person's."""
    text = ROWS.sub("", text)
    if request is not None:
        text = _without(text, request.path, _route(request))
        for value in sorted(_brought(request), key=len, reverse=True):
            text = _without(text, value, GONE)
    for form, instead in FORMS:
        text = form.sub(instead, text)
    return text


def _route(request: HttpRequest) -> str:
    """The address as the site declares it: what stands in its places may open a page to anybody."""
    match = request.resolver_match
    return f"/{match.route}" if match else GONE


def _brought(request: HttpRequest) -> Iterator[str]:
    """Values of the address, the form, its files and the cookies, and who is logged in.

    Only what has been read already: reading it may be what failed.
    """
    read = request.__dict__
    for form in (read.get("GET"), read.get("_post"), read.get("_files")):
        for _, values in form.lists() if form else ():
            yield from map(_name_or_text, values)
    yield request.META.get("QUERY_STRING", "")
    yield from request.COOKIES.values()
    if match := request.resolver_match:
        yield from (value for value in match.kwargs.values() if isinstance(value, str))
    user = read.get("_cached_user")
    for name in ("username", "email", "mobile", "first_name", "last_name"):
        yield getattr(user, name, "")


def _name_or_text(value: object) -> str:
    return value if isinstance(value, str) else str(getattr(value, "name", ""))


def _without(text: str, value: str, instead: str) -> str:
    if len(value) < (SHORTEST_NUMBER if value.isdigit() else SHORTEST):
        return text
    # As it is, and as Django's log writes it.
    for form in (value, value.encode("unicode_escape").decode()):
        if form not in text:
            continue
        # A word of letters and digits is no part of another; Chinese has no gaps between words.
        before = r"(?<![0-9A-Za-z_])" if form[0].isascii() and form[0].isalnum() else ""
        after = r"(?![0-9A-Za-z_])" if form[-1].isascii() and form[-1].isalnum() else ""
        text = re.sub(f"{before}{re.escape(form)}{after}", lambda found: instead, text)
    return text
