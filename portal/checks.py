"""What must be right before the site serves anybody: told at start, each with what to do.

`manage.py check --deploy` runs what needs no database; whatever serves (see portal.start) runs all
of it, refuses an error and logs a warning.
"""

import errno
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.db import Error as DatabaseUnreachable
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from portal.backups.errors import BackupError
from portal.backups.keys import key_at_hand
from portal.database_words import database_in_words
from portal.environment import ENV_FILE, UNREAD
from portal.files import virus_scan
from portal.files.folder import (
    FolderError,
    UnfinishedRestoreError,
    own_folder,
    refuse_unfinished,
)
from portal.past import LATER_PAST, OTHER_PAST, later_migrations, rewritten_migrations
from portal.pdf_packages import in_words as packages_in_words
from portal.pdf_packages import missing_packages
from portal.setting_table import A_DATABASE
from portal.system_words import reason
from portal.triggers import missing_triggers

SERVICE = "service"
LOCAL = {"127.0.0.1", "localhost", "::1", ".localhost"}
# What sends nothing, or writes the links that let somebody in where others read them.
NO_MAIL = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy")}
KEY_LENGTH, TOKEN_LENGTH = 50, 30

Check = Callable[..., list[CheckMessage]]


def _service(*tags: str) -> Callable[[Callable[[], Iterator[CheckMessage]]], Check]:
    """Register a check; one of the database looks at it only where its reader says so."""

    def decorator(check: Callable[[], Iterator[CheckMessage]]) -> Check:
        @register(SERVICE, *tags, deploy=True)
        def run(
            *, app_configs: Sequence[AppConfig] | None, databases: Any = None, **kwargs: Any
        ) -> list[CheckMessage]:
            return list(check()) if databases or Tags.database not in tags else []

        return run

    return decorator


@_service()
def debug_stays_at_home() -> Iterator[CheckMessage]:
    names = [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""]
    away = sorted({name for name in names if name.strip("[]") not in LOCAL})
    if settings.DEBUG and away:
        yield Error(
            f"DEBUG=1 只用于本机开发，这里却要对外提供服务（{'、'.join(away)}）："
            "出错的页面会把数据和设置显示给来访者。",
            hint=f"去掉 DEBUG=1：它写在环境变量里，或者在 {ENV_FILE} 里。",
            id="portal.E001",
        )


@_service()
def secrets_are_secret() -> Iterator[CheckMessage]:
    if not settings.DEBUG and _is_weak(settings.SECRET_KEY):
        yield Error(
            "SECRET_KEY 太短或太简单，登录状态和重设密码的链接可以被伪造。",
            hint="换一个至少 50 个字符的随机值："
            'python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="portal.E002",
        )


def _is_weak(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < 10


@_service()
def settings_are_known() -> Iterator[CheckMessage]:
    for name, known in UNREAD.items():
        yield Warning(
            f"{name} 不是本平台的设置，不起作用" + (f"：是不是 {known}？" if known else "。"),
            hint=f"写错了就改正（环境变量，或者 {ENV_FILE}），README.md 的“设置”有全部名称；"
            "给别的程序用的可以不管。",
            id="portal.W022",
        )


@_service()
def old_secrets_are_secret_and_old() -> Iterator[CheckMessage]:
    for number, key in enumerate(settings.SECRET_KEY_FALLBACKS, 1):
        if key == settings.SECRET_KEY:
            yield Warning(
                f"SECRET_KEY_FALLBACKS 的第 {number} 个就是现在的 SECRET_KEY，不起作用。",
                hint="这里写换下来的旧密钥；没有换过密钥就不要写。",
                id="portal.W024",
            )
        elif not settings.DEBUG and _is_weak(key):
            yield Warning(
                f"SECRET_KEY_FALLBACKS 的第 {number} 个太短或太简单，登录状态和链接可以用它伪造。",
                hint="重置各账户的二次验证以后去掉它；密钥里有逗号的会被拆开，不能用。",
                id="portal.W024",
            )


@_service()
def letters_leave() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    if settings.MAIL_SERVER_BACKEND in NO_MAIL:
        yield Error(
            "没有设置 EMAIL_URL：邮件不会发出，重设密码的链接会写进日志，看得到日志的人都能用。",
            hint="设置邮件服务器，如 EMAIL_URL=smtp+tls://user:password@mail.example.cn:587",
            id="portal.E003",
        )
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Warning(
            "没有设置 DEFAULT_FROM_EMAIL，邮件的发件人是 localhost，多半会被当作垃圾邮件。",
            hint="设置成本单位的邮箱，如 DEFAULT_FROM_EMAIL=portal@example.cn",
            id="portal.W003",
        )


@_service()
def addresses_lead_here() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    hosts, site = settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL)
    if not hosts or "*" in hosts:
        yield Error(
            "ALLOWED_HOSTS 没有写明网站的域名。"
            if not hosts
            else "ALLOWED_HOSTS 不能是 *：别人可以借此伪造邮件里的网址。",
            hint="写明域名，如 ALLOWED_HOSTS=portal.example.cn",
            id="portal.E004",
        )
    if (site.hostname or "") in LOCAL | {""}:
        yield Error(
            f"邮件里的网址是 {settings.SITE_URL}，收件人打不开。",
            hint="设置网站对外的网址，如 SITE_URL=https://portal.example.cn",
            id="portal.E005",
        )
    elif settings.SECURE_HTTPS and site.scheme != "https":
        yield Error(
            f"网站要求加密访问，邮件里的网址却是 {settings.SITE_URL}，密码链接会不加密地传送。",
            hint="SITE_URL 改为 https:// 开头。",
            id="portal.E005",
        )
    elif hosts and not any(_names(host, site.hostname or "") for host in hosts):
        yield Warning(
            f"邮件里的网址 {settings.SITE_URL} 不在 ALLOWED_HOSTS 里，点开会被拒绝。",
            hint="两处写同一个域名。",
            id="portal.W005",
        )


def _names(host: str, name: str) -> bool:
    return host in ("*", name) or (host.startswith(".") and f".{name}".endswith(host))


@_service()
def promises_to_browsers_fit() -> Iterator[CheckMessage]:
    subdomains, preload = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD
    if (preload and not subdomains) or ((preload or subdomains) and not settings.SECURE_HTTPS):
        yield Error(
            "HSTS_PRELOAD 要和 HSTS_SUBDOMAINS 一起开，两者都要 SECURE_HTTPS 开着，否则浏览器不认。",
            hint="一起开，或者都不开（默认）。",
            id="portal.E014",
        )


@_service()
def styles_are_collected() -> Iterator[CheckMessage]:
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return
    known = staticfiles_storage.hashed_files
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    found = {
        str(Path(getattr(storage, "prefix", None) or "", path))
        for finder in get_finders()
        for path, storage in finder.list(ignored)
    }
    if missing := sorted(found - known.keys()):
        yield Warning(
            f"样式和脚本没有收集齐（缺 {len(missing)} 个，如 {missing[0]}），页面打不开。"
            if known
            else "样式和脚本没有收集，页面打不开。",
            hint="运行 make service，再重新启动。",
            id="portal.W015",
        )


@_service()
def papers_can_be_set() -> Iterator[CheckMessage]:
    if missing := missing_packages():
        words, hint = packages_in_words(missing)
        yield Warning(words, hint=hint, id="portal.W021")


@_service()
def nights_are_backed_up() -> Iterator[CheckMessage]:
    try:
        key_at_hand(None)
    except BackupError as error:
        yield Error(
            str(error),
            hint="在 BACKUP_KEY 里写文件里的那一行，不是文件名；不加密就不要写。",
            id="portal.E022",
        )
    if not settings.BACKUP_FOLDER:
        return
    folder = Path(settings.BACKUP_FOLDER)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        # systemd lets only the backup itself write there, not the site.
        if error.errno != errno.EROFS:
            yield Warning(
                f"放备份的文件夹 BACKUP_FOLDER={folder} 不能写入：{reason(error)}。每夜的备份会做不成。",
                hint=f"由 root 建好，交给运行网站的用户（install -d -m 700 -o portal {folder}）；"
                "在另一块磁盘上的，先挂载。",
                id="portal.W023",
            )


@_service()
def metrics_are_for_the_operator() -> Iterator[CheckMessage]:
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < TOKEN_LENGTH:
        yield Error(
            "METRICS_TOKEN 太短，别人可以猜到，读到网站的运行指标。",
            hint="换一个至少 30 个字符的随机值："
            'python3 -c "import secrets; print(secrets.token_urlsafe(30))"',
            id="portal.E016",
        )


@_service()
def senders_can_be_loaded() -> Iterator[CheckMessage]:
    if not settings.SMS_SENDER:
        return
    try:
        can_send = callable(getattr(import_string(settings.SMS_SENDER), "send", None))
    except ImportError as error:
        can_send, told = False, str(error)
    else:
        told = "它没有 send"
    if not can_send:
        yield Error(
            f"SMS_SENDER={settings.SMS_SENDER} 不能用来发短信：{told}。",
            hint="核对名称；不发短信就不要设置 SMS_SENDER。",
            id="portal.E007",
        )


@_service()
def files_can_be_kept() -> Iterator[CheckMessage]:
    root = Path(settings.MEDIA_ROOT)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        yield Error(
            f"存放上传文件的文件夹 {root} 不能写入：{reason(error)}。",
            hint="设置 FILES_ROOT，并让运行网站的用户可以写入。",
            id="portal.E008",
        )
    if virus_scan.is_configured() and not virus_scan.answers():
        yield Warning(
            f"病毒扫描程序 {settings.CLAMAV_SOCKET} 没有应答，在它应答之前不接收上传。",
            hint="启动 clamd，或核对 CLAMAV_SOCKET（路径，或 主机:端口）。",
            id="portal.W008",
        )


@_service()
def a_restore_is_finished() -> Iterator[CheckMessage]:
    try:
        refuse_unfinished(Path(settings.MEDIA_ROOT))
    except UnfinishedRestoreError as error:
        yield Error(str(error), id="portal.E020")
    except OSError:
        # files_can_be_kept says so.
        return


@_service()
def the_database_is_said() -> Iterator[CheckMessage]:
    if not settings.DEBUG and not settings.DATABASE_IS_SAID:
        yield Error(
            "没有设置 DATABASE_URL：不写明用哪个数据库，就会用一个新的、空的。",
            hint=f"写明数据库，如 DATABASE_URL={A_DATABASE}"
            f"（以前没有写、用的是默认文件的，写 sqlite:///{settings.OWN_DATABASE['NAME']}）。",
            id="portal.E021",
        )


@_service(Tags.database)
def database_fits() -> Iterator[CheckMessage]:
    try:
        yield from _database()
    except DatabaseUnreachable as error:
        yield Warning(
            database_in_words(error),
            hint="数据库可用之前，页面打不开。",
            id="portal.W010",
        )


def _database() -> Iterator[CheckMessage]:
    if names := rewritten_migrations():
        yield Error(OTHER_PAST.format(names="、".join(names)), id="portal.E010")
        return
    if names := later_migrations():
        yield Error(LATER_PAST.format(names="、".join(names)), id="portal.E011")
        return
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Warning(
            f"数据库还有 {len(plan)} 个迁移没有执行，有的页面会出错。",
            hint="新建的网站运行 make service；升级的停下网站，运行 make upgrade，再启动。",
            id="portal.W011",
        )
        return
    if names := missing_triggers(DEFAULT_DB_ALIAS):
        yield Warning(
            f"数据库里少了 {len(names)} 个保护记录的触发器，如 {names[0]}。",
            hint="运行 manage.py migrate，它会补上；并查明是谁去掉的。",
            id="portal.W012",
        )
    try:
        own_folder()
    except UnfinishedRestoreError:
        # a_restore_is_finished says so.
        return
    except FolderError as error:
        yield Error(str(error), id="portal.E013")
    except OSError:
        # files_can_be_kept says so.
        return
