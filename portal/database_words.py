"""What a database refuses, in Chinese, and which of the settings it comes from."""

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError

from portal.outages import driver_error

NOT_WRITABLE = "SQLite 的文件 {name} 不能写入：文件和它所在的文件夹都要归运行网站的用户。"
NO_FOLDER = "放 SQLite 文件 {name} 的文件夹不存在：先建好它，或者核对 DATABASE_URL。"
NO_RIGHTS = (
    "数据库用户 {user} 没有权限在数据库 {name} 里建表或读写：由管理员运行"
    " ALTER DATABASE {name} OWNER TO {user}。"
)
OTHERWISE = "数据库说：{said}。核对 DATABASE_URL。"
NO_TABLE = "no such table"

# What PostgreSQL and its library say while nobody is connected yet has no code; a server may say it
# in Chinese.
OF_CONNECTING = [
    (r"could not translate host name|无法解析主机", "找不到数据库的主机 {host}：核对 DATABASE_URL 里 @ 后面的主机。"),
    (r"no password supplied|未提供密码", "DATABASE_URL 里没有写数据库用户 {user} 的密码。"),
    (
        r"password authentication failed|(?:密码|Password|口令).*认证失败",
        "数据库用户 {user} 的密码不对，或者没有这个用户：核对 DATABASE_URL 里 @ 前面的用户和密码（密码里的 @ : / # % 写成 %40 %3A %2F %23 %25）。",
    ),
    (
        r"[Pp]eer authentication failed|[Ii]dent authentication failed|(?:对等|Ident).*认证失败",
        "数据库用户 {user} 和系统用户不同名，服务器不认：在 DATABASE_URL 里写主机和密码（{user}:密码@localhost），或者让运行网站的系统用户也叫 {user}。",
    ),
    (r"no pg_hba\.conf entry|没有用于.*pg_hba", "数据库服务器 {host} 不让用户 {user} 从这台机器连接：由管理员在 pg_hba.conf 里加一行。"),
    (r"database \"[^\"]*\" does not exist|数据库 ?[\"“].*不存在", "没有名叫 {name} 的数据库：由管理员建立（createdb --owner={user} {name}），或者核对 DATABASE_URL 最后的名称。"),
    (r"role \"[^\"]*\" does not exist|角色 ?[\"“].*不存在", "没有名叫 {user} 的数据库用户：由管理员建立（createuser --pwprompt {user}），或者核对 DATABASE_URL。"),
    (r"not permitted to log in|不允许登录", "数据库用户 {user} 不许登录：由管理员运行 ALTER ROLE {user} LOGIN。"),
    (r"permission denied for database|对数据库.*权限不够", "数据库用户 {user} 不许连接数据库 {name}：由管理员运行 GRANT CONNECT ON DATABASE {name} TO {user}。"),
    (r"SSL", "数据库服务器 {host} 和 DATABASE_URL 对加密连接（sslmode）的要求不一致。"),
    (r"invalid (?:dsn|connection option)", "DATABASE_URL 问号后面的选项看不懂：{said}。"),
    (r"Connection refused", "数据库服务器 {host} 没有应答：没有启动，或者端口不对。"),
    (r"No such file or directory", "这台机器上没有数据库服务器的套接字（{host}）：没有启动，或者 DATABASE_URL 要写主机，如 @localhost。"),
    (r"timeout expired|timed out|No route to host|unreachable", "数据库服务器 {host} 连不上：网络不通，或者被防火墙拦住。"),
    (r"starting up|shutting down|recovery mode|正在启动|正在关闭|恢复模式", "数据库服务器正在启动或停止，过一会儿再来。"),
    (r"too many clients|connection slots|连接.*太多", "数据库服务器的连接用完了（max_connections）。"),
]  # fmt: skip
# By the first characters of the code that PostgreSQL gives.
OF_STATEMENTS = [
    ("42501", NO_RIGHTS),
    ("42P01", "数据库 {name} 里没有这个网站的表：新建的网站运行 make service，否则核对 DATABASE_URL。"),
    ("25006", "数据库 {name} 现在只能读：它可能是备用的那一台。"),
    ("53100", "数据库服务器的磁盘满了。"),
    ("53300", "数据库服务器的连接用完了（max_connections）。"),
    ("53", "数据库服务器的资源不够：{said}。"),
    ("57P", "数据库服务器正在启动或停止，过一会儿再来。"),
]  # fmt: skip
OF_SQLITE = {
    sqlite3.SQLITE_NOTADB: "{name} 不是 SQLite 的数据库：核对 DATABASE_URL。",
    sqlite3.SQLITE_CORRUPT: "SQLite 的文件 {name} 坏了：用备份恢复（manage.py restore）。",
    sqlite3.SQLITE_READONLY: NOT_WRITABLE,
    sqlite3.SQLITE_PERM: NOT_WRITABLE,
    sqlite3.SQLITE_FULL: "放 SQLite 文件 {name} 的磁盘满了。",
    sqlite3.SQLITE_BUSY: "SQLite 的文件 {name} 一直被别的程序锁着。",
    sqlite3.SQLITE_LOCKED: "SQLite 的文件 {name} 一直被别的程序锁着。",
    sqlite3.SQLITE_IOERR: "放 SQLite 文件 {name} 的磁盘读写出错，或者满了。",
}


def database_in_words(error: BaseException, database: Mapping[str, Any] | None = None) -> str:
    """What went wrong with the database, else the site's own, and what would mend it; never a password."""
    known = database or settings.DATABASES[DEFAULT_DB_ALIAS]
    cause = driver_error(error)
    said = _quiet(str(cause or error))
    told: dict[str, Any] = {
        "name": known["NAME"],
        "user": known.get("USER") or "（没有写）",
        "host": known.get("HOST") or known.get("OPTIONS", {}).get("host") or "本机",
        "said": said,
    }
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, known["NAME"]).format(**told)
    code = getattr(cause, "pgcode", None) or ""
    words = next((words for start, words in OF_STATEMENTS if code.startswith(start)), "")
    if not code:
        words = next((words for sign, words in OF_CONNECTING if re.search(sign, said)), "")
    return (words if words and (code or cause) else OTHERWISE).format(**told)


def is_for_operators(error: BaseException) -> bool:
    """Whether the surroundings are at fault, and not a statement of the program."""
    cause = driver_error(error)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return code in OF_SQLITE or code == sqlite3.SQLITE_CANTOPEN or NO_TABLE in str(cause)
    code = getattr(cause, "pgcode", None) or ""
    if code:
        return any(code.startswith(start) for start, _ in OF_STATEMENTS)
    return isinstance(error, OperationalError | InterfaceError) or "dsn" in str(error)


def _of_sqlite(cause: sqlite3.Error, name: str) -> str:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CANTOPEN:
        return NOT_WRITABLE if Path(name).parent.is_dir() else NO_FOLDER
    if NO_TABLE in str(cause):
        return "SQLite 的文件 {name} 里没有这个网站的表：新建的网站运行 make service，否则核对 DATABASE_URL。"
    return OF_SQLITE.get(code, OTHERWISE)


def _quiet(said: str) -> str:
    """In one line."""
    return " ".join(said.split()).rstrip("。.")
