"""A browser as cheap as one can be, as all clients share the cores with the site they measure.

One connection a request, as a proxy in front of the site makes them.
"""

import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from urllib.parse import urlencode, urlsplit

PATIENCE = 60  # seconds
Fields = dict[str, list[str]]


class NoAnswerError(Exception):
    """The connection was refused or broke: nobody knows whether the request was served."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def leads_to(self) -> str:
        """Where it redirects to; "" where it does not."""
        return self.headers.get("location", "")

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Request:
    """One of a crowd's: its kind, when it was sent (monotonic), how long it took, how it ended.

    `status` is 0 where no answer came. `queries` and `processor` (milliseconds of the site's, without
    the database's) are None where they were not counted.
    """

    kind: str
    at: float
    seconds: float
    status: int
    queries: int | None = None
    processor: float | None = None


@dataclass
class Browser:
    """`heard` gets a Request for each that is sent."""

    port: int
    heard: list[Request] = field(default_factory=list)
    counts: bool = False
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, kind: str, path: str) -> Answer:
        return self._ask(kind, "GET", path)

    def post(self, kind: str, path: str, fields: Mapping[str, object]) -> Answer:
        body = urlencode(fields, doseq=True).encode()
        return self._ask(kind, "POST", path, body, "application/x-www-form-urlencoded")

    def upload(
        self, kind: str, path: str, fields: Mapping[str, str], name: str, content: bytes
    ) -> Answer:
        """Send the fields with a PDF in the field `file`."""
        edge = "----edge-of-the-parts"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        parts.append(
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        body = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self._ask(kind, "POST", path, body, f"multipart/form-data; boundary={edge}")

    def _ask(
        self, kind: str, method: str, path: str, body: bytes = b"", content_type: str = ""
    ) -> Answer:
        lines = [f"{method} {urlsplit(path)._replace(scheme='', netloc='').geturl()} HTTP/1.1"]
        lines += [f"Host: 127.0.0.1:{self.port}", "Connection: close"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if method == "POST":
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        if self.counts:
            lines.append("X-Count: 1")
        sent = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        at = time.monotonic()
        try:
            raw = self._exchange(sent)
            answer = self._read(raw)
        except (OSError, ValueError) as error:
            self.heard.append(Request(kind, at, time.monotonic() - at, 0))
            raise NoAnswerError(f"{method} {path}: {error!r}") from error
        request = Request(kind, at, time.monotonic() - at, answer.status)
        if counted := answer.headers.get("x-queries"):
            processor = float(answer.headers["x-processor"])
            request = replace(request, queries=int(counted), processor=processor)
        self.heard.append(request)
        return answer

    def _exchange(self, sent: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(sent)
            parts = []
            while part := connection.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)

    def _read(self, raw: bytes) -> Answer:
        """ValueError where it was cut short."""
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self._keep(value)
            else:
                headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = _joined(body)
        elif len(body) != int(headers.get("content-length", -1)):
            raise ValueError("the answer was cut short")
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if value in ("", '""'):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def _joined(body: bytes) -> bytes:
    """The chunks of an answer whose length nobody knew before."""
    parts = []
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return b"".join(parts)
        parts.append(body[:length])
        body = body[length + 2 :]


TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
CONTROL = re.compile(r"<(?:(input)\b([^>]*)|(textarea|select)\b([^>]*)>(.*?)</\3)>", re.S)
OPTION = re.compile(r"<option\b([^>]*)>", re.S)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def token_of(answer: Answer) -> str:
    found = TOKEN.search(answer.text)
    return found.group(1) if found else ""


def form_of(answer: Answer, action_ends: str = "") -> Fields:
    """What a form would send as it stands, without its buttons: the first whose action ends so.

    LookupError where the page has none.
    """
    for attributes, inner in FORM.findall(answer.text):
        if _read_attributes(attributes).get("action", "").endswith(action_ends):
            return _fields(inner)
    raise LookupError(f"no form for {action_ends!r}")


def _read_attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}


def _fields(inner: str) -> Fields:
    found: Fields = {}
    for void, of_void, closed, of_closed, content in CONTROL.findall(inner):
        tag, own = void or closed, _read_attributes(of_void or of_closed)
        name, kind = own.get("name", ""), own.get("type", "text")
        if not name or kind in ("submit", "file") or "disabled" in own:
            continue
        if tag == "textarea":
            found.setdefault(name, []).append(unescape(content).removeprefix("\n"))
        elif tag == "select":
            options = [_read_attributes(each) for each in OPTION.findall(content)]
            chosen = [each.get("value", "") for each in options if "selected" in each]
            if not chosen and "multiple" not in own and options:
                chosen = [options[0].get("value", "")]
            found.setdefault(name, []).extend(chosen)
        elif kind not in ("radio", "checkbox") or "checked" in own:
            found.setdefault(name, []).append(own.get("value", "on" if kind == "checkbox" else ""))
        else:
            found.setdefault(name, [])
    return found
