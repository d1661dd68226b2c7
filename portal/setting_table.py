"""The table of all settings: how each is read, and what of it may be shown.

A reader gets what the environment says, never empty, and returns the value; UnfitError says in
Chinese what would do. Knows no Django settings, as it stands before them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

Reader = Callable[[str], Any]
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SQLITE, POSTGRESQL = {"sqlite"}, {"postgres", "postgresql", "psql", "pgsql"}
A_DATABASE = "postgres://portal:密码@localhost/portal，或 SQLite 的文件 sqlite:////opt/portal/.data/portal.sqlite3"
A_MAIL_SERVER = "smtp+tls://用户:密码@mail.example.cn:587"
# What stands in a login for something else, and how it is written there.
ESCAPED = {"#": "%23", "/": "%2F", "?": "%3F", "[": "%5B", "]": "%5D", " ": "%20", "%": "%25"}
# Longer names of sockets the system does not take.
LONGEST_SOCKET = 107
_name = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class UnfitError(ValueError):
    """The setting cannot be used; the message says what would do, in Chinese."""


@dataclass(frozen=True)
class Setting:
    """`shown` is what of a wrong value is repeated to whoever wrote it: never a secret."""

    read: Reader
    shown: Callable[[str], str] = str


def _nothing(text: str) -> str:
    return ""


def _without_password(url: str) -> str:
    """Empty where it is not certain which part is the password."""
    scheme, has_scheme, rest = url.partition("://")
    if scheme in SQLITE:
        return url
    login, has_login, place = rest.rpartition("@")
    if not has_scheme or not has_login:
        return f"{scheme}://…" if has_scheme else ""
    user, has_password, _ = login.partition(":")
    return f"{scheme}://{user}{':…' if has_password else ''}@{place.partition('?')[0]}"


def _switch(text: str) -> bool:
    word = text.lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    # A word that is neither would silently be off.
    raise UnfitError("写 1（开）或 0（关）。")


def _count(most: int) -> Reader:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= most:
            raise UnfitError(f"写一个从 1 到 {most} 的整数，不带单位。")
        return int(text)

    return read


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise UnfitError(f"写 {'、'.join(LEVELS)} 中的一个。")
    return text.upper()


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*/([1-9]\d*)?[smhd]", text, re.ASCII):
        raise UnfitError(
            "写成 次数/时间，如 60/m（每分钟 60 次）、500/h（每小时）；0 次就谁也不能提交了。"
        )
    return text


def _place(example: str) -> Reader:
    """A file or a folder, whichever folder a command is started in."""

    def read(text: str) -> str:
        if not Path(text).is_absolute():
            raise UnfitError(f"写从 / 开始的完整路径，如 {example}；不写 ~。")
        return text

    return read


def _list(text: str) -> list[str]:
    return [each for each in (part.strip() for part in text.split(",")) if each]


def _hosts(text: str) -> list[str]:
    found = _list(text)
    for host in found:
        if "://" in host:
            raise UnfitError(
                f"{host} 是网址，这里只写域名，不写 https:// 和后面的路径，"
                f"如 {urlsplit(host).hostname or 'portal.example.cn'}。"
            )
        if not (host == "*" or _is_host(host.removeprefix("."))):
            raise UnfitError(
                f"{host} 不是域名：不写端口和路径，几个之间用英文逗号，中文域名写成 xn-- 开头的，"
                "如 portal.example.cn,www.example.cn。"
            )
    return found


def _origins(text: str) -> list[str]:
    found = _list(text)
    for origin in found:
        try:
            parts = urlsplit(origin)
            fits = _is_bare(parts) and _is_host((parts.hostname or "").removeprefix("*."))
        except ValueError:
            fits = False
        if not fits:
            raise UnfitError(
                f"{origin} 要写成 https:// 加域名，后面没有路径，几个之间用英文逗号，"
                "如 https://portal.example.cn。"
            )
    return found


def _site(text: str) -> str:
    wanted = (
        "写 https:// 加域名，后面没有路径，如 https://portal.example.cn；中文域名写成 xn-- 开头的。"
    )
    try:
        parts = urlsplit(text)
        if _is_bare(parts) and _is_host(parts.hostname or ""):
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError as error:
        raise UnfitError(wanted) from error
    raise UnfitError(wanted)


def _is_bare(parts: SplitResult) -> bool:
    """Scheme, host and port, which are read: ValueError where the last is none."""
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme in ("http", "https") and not more and parts.port != 0


def _is_host(text: str) -> bool:
    if _name.fullmatch(text):
        return True
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _address(text: str) -> str:
    """Where the web server listens."""
    path = text.removeprefix("unix:")
    if path != text:
        if not path.startswith("/") or len(path.encode()) > LONGEST_SOCKET:
            raise UnfitError(
                f"unix: 后面写从 / 开始的完整路径，最多 {LONGEST_SOCKET} 个字节，如 unix:/run/portal/web.sock。"
            )
        return text
    host, _, port = text.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535
    if not is_port or not (_is_host(host) if ":" not in host else _is_host_of_six(host)):
        raise UnfitError(
            "写成 主机:端口（端口从 1 到 65535），如 127.0.0.1:8000，0.0.0.0:8000 让别的机器也能直接连；"
            "或 unix:/路径。"
        )
    return text


def _is_host_of_six(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and _is_host(text)


def _sender(text: str) -> str:
    try:
        ((_, address),) = getaddresses([text])
        validate_email(address)
    except (ValueError, ValidationError) as error:
        raise UnfitError(
            "写一个邮箱地址，如 portal@example.cn 或 惠企平台 <portal@example.cn>。"
        ) from error
    return text


def _database(url: str) -> dict[str, Any]:
    scheme, is_url, rest = url.partition("://")
    if not is_url or scheme not in SQLITE | POSTGRESQL:
        raise UnfitError(f"写成 {A_DATABASE}。")
    if scheme in SQLITE:
        found = environ.Env.db_url_config(url) if rest.startswith("/") else {"NAME": ""}
        if not found["NAME"].startswith("/"):
            raise UnfitError(
                "SQLite 的文件写从 / 开始的完整路径（sqlite: 后面共四条斜线），"
                "如 sqlite:////opt/portal/.data/portal.sqlite3。"
            )
        return found
    found = _of_server(url, environ.Env.db_url_config)
    if not found["NAME"] or "/" in found["NAME"]:
        raise UnfitError(f"最后写一个数据库的名称，写成 {A_DATABASE}。")
    return found


def _mail_server(url: str) -> dict[str, Any]:
    scheme, is_url, _ = url.partition("://")
    if not is_url or scheme not in environ.Env.EMAIL_SCHEMES:
        raise UnfitError(
            f"写成 {A_MAIL_SERVER}，开头是 smtp://、smtp+tls:// 或 smtp+ssl://，按邮件服务器的要求选。"
        )
    if not scheme.startswith("smtp"):
        return environ.Env.email_url_config(url)
    found = _of_server(url, environ.Env.email_url_config)
    if not found["EMAIL_HOST"]:
        raise UnfitError(f"没有写邮件服务器的主机，写成 {A_MAIL_SERVER}。")
    return found


def _of_server(url: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """An address with a login, in which what has a meaning of its own must be escaped."""
    rest = url.partition("://")[2]
    place = re.match(r"[^/?#]*", rest)[0]
    login = place.rpartition("@")[0]
    after = rest[len(place) :]
    wrong = next((sign for sign in "[] " if sign in login), "")
    # An @ that comes later means that the login goes on there; a place has no # at all.
    wrong = wrong or (after[:1] if "@" in after else "") or ("#" if "#" in after else "")
    wrong = wrong or ("%" if re.search(r"%(?![0-9a-fA-F]{2})", login) else "")
    if wrong:
        name = "空格" if wrong == " " else wrong
        raise UnfitError(
            f"用户名和密码里的 {name} 要写成 {ESCAPED[wrong]}（@ : / # % 写成 %40 %3A %2F %23 %25）。"
        )
    try:
        return parse(url)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise UnfitError("主机后面的端口写一个从 1 到 65535 的整数。") from error


# By name; README.md tells what each means.
SETTINGS = {
    "ENV_FILE": Setting(str),
    "SECRET_KEY": Setting(str, _nothing),
    "SECRET_KEY_FALLBACKS": Setting(_list, _nothing),
    "DEBUG": Setting(_switch),
    "ALLOWED_HOSTS": Setting(_hosts),
    "CSRF_TRUSTED_ORIGINS": Setting(_origins),
    "DATABASE_URL": Setting(_database, _without_password),
    "CATALOGUE_FOLDER": Setting(_place("/opt/portal/catalogue")),
    "FILES_ROOT": Setting(_place("/opt/portal/.data/files")),
    "FILE_SIZE_MAX_MB": Setting(_count(10_000)),
    "CLAMAV_SOCKET": Setting(str),
    "ANONYMOUS_POST_RATE": Setting(_rate),
    "SECURE_HTTPS": Setting(_switch),
    "HSTS_SUBDOMAINS": Setting(_switch),
    "HSTS_PRELOAD": Setting(_switch),
    "BEHIND_PROXY": Setting(_switch),
    "STAFF_SECOND_FACTOR": Setting(_switch),
    "SITE_URL": Setting(_site),
    "EMAIL_URL": Setting(_mail_server, _without_password),
    "DEFAULT_FROM_EMAIL": Setting(_sender),
    "SMS_SENDER": Setting(str),
    "LOG_LEVEL": Setting(_level),
    "METRICS_TOKEN": Setting(str, _nothing),
    "WEB_ADDRESS": Setting(_address),
    "WEB_WORKERS": Setting(_count(1_000)),
    "WEB_THREADS": Setting(_count(1_000)),
    "BACKUP_FOLDER": Setting(_place("/srv/backups")),
    "BACKUP_KEEP": Setting(_count(10_000)),
    "BACKUP_KEY": Setting(str, _nothing),
}
