"""What a database refuses is told in Chinese: which it is, and what would mend it."""

import secrets
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import DEFAULT_DB_ALIAS, ConnectionHandler, DatabaseError, connection

from portal.database_words import database_in_words, is_for_operators
from portal.setting_table import SETTINGS
from tests.portal.test_outage import server  # noqa: F401 (a fixture)
from tests.portal.test_settings import manage
from tests.processes import IN_SERVICE, address_of_test_database

pytestmark = pytest.mark.django_db


def told(url, statement="SELECT 1"):
    """What is said of a statement in the database at this address."""
    database = SETTINGS["DATABASE_URL"].read(url)
    handler = ConnectionHandler({DEFAULT_DB_ALIAS: database})
    with closing(handler[DEFAULT_DB_ALIAS]) as tried:
        try:
            with tried.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            assert is_for_operators(error)
            return database_in_words(error, database)
    return ""


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return found.getsockname()[1]


def test_a_server_that_is_not_there_is_told():
    assert "找不到数据库的主机 nowhere.invalid" in told("postgres://portal:pw@nowhere.invalid/p")
    assert "127.0.0.1 没有应答" in told(f"postgres://portal:pw@127.0.0.1:{free_port()}/p")
    assert "套接字（/nowhere）" in told("postgres://portal@/p?host=/nowhere")
    assert "问号后面的选项看不懂" in told("postgres://portal@localhost/p?sslmod=require")


def test_a_file_that_is_no_database_or_cannot_be_written_is_told(tmp_path):
    assert f"{tmp_path}/none/x.sqlite3 的文件夹不存在" in told(
        f"sqlite:///{tmp_path}/none/x.sqlite3"
    )
    assert "不能写入" in told(f"sqlite:///{tmp_path}")
    (tmp_path / "text").write_text("no database " * 1000)
    assert "不是 SQLite 的数据库" in told(
        f"sqlite:///{tmp_path}/text", "SELECT * FROM sqlite_master"
    )
    assert "没有这个网站的表" in told(f"sqlite:///{tmp_path}/new", "SELECT * FROM portal_user")
    assert "磁盘满了" in told_of_full(tmp_path)


def told_of_full(folder):
    database = SETTINGS["DATABASE_URL"].read(f"sqlite:///{folder}/small")
    handler = ConnectionHandler({DEFAULT_DB_ALIAS: database})
    with closing(handler[DEFAULT_DB_ALIAS]) as tried, tried.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 2")
        with pytest.raises(DatabaseError) as full:
            cursor.execute("CREATE TABLE much AS SELECT zeroblob(100000) AS content")
    return database_in_words(full.value, database)


def test_a_fault_of_the_program_is_for_developers(tmp_path):
    database = SETTINGS["DATABASE_URL"].read(f"sqlite:///{tmp_path}/x")
    handler = ConnectionHandler({DEFAULT_DB_ALIAS: database})
    with closing(handler[DEFAULT_DB_ALIAS]) as tried, pytest.raises(DatabaseError) as fault:
        tried.cursor().execute("SELEC")
    assert not is_for_operators(fault.value)


@pytest.mark.parametrize("command", ["migrate", "load_catalogue", "createsuperuser"])
def test_a_command_ends_in_a_sentence(command):
    done = manage(command, **IN_SERVICE, DATABASE_URL="postgres://portal:pw@nowhere.invalid/p")
    assert done.returncode == 1
    assert done.stderr == (
        "找不到数据库的主机 nowhere.invalid：核对 DATABASE_URL 里 @ 后面的主机。\n"
    )


@pytest.fixture
def owned():
    """Asks the server of the tests, and says at which address another role finds another database."""
    name = f"words_{secrets.token_hex(4)}"
    address = urlsplit(address_of_test_database())
    handler = ConnectionHandler(
        {DEFAULT_DB_ALIAS: SETTINGS["DATABASE_URL"].read(urlunsplit(address._replace(path="/postgres")))}
    )  # fmt: skip
    host = address.query or f"host={address.hostname}"
    with closing(handler[DEFAULT_DB_ALIAS]) as own, own.cursor() as cursor:
        yield cursor.execute, name, lambda role, base: f"postgres://{role}@/{base}?{host}"
        with suppress(DatabaseError):
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"DROP ROLE IF EXISTS {name}")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles")
@pytest.mark.django_db(transaction=True)
def test_which_of_role_database_and_rights_is_missing_is_told(owned):
    do, name, at = owned
    assert f"没有名叫 {name} 的数据库用户" in told(at(name, "postgres"))
    do(f"CREATE ROLE {name} NOLOGIN")
    assert f"ALTER ROLE {name} LOGIN" in told(at(name, "postgres"))
    do(f"ALTER ROLE {name} LOGIN")
    assert f"没有名叫 {name} 的数据库：" in told(at(name, name))
    do(f"CREATE DATABASE {name} TEMPLATE template0")
    said = told(at(name, name), "CREATE TABLE t (a int)")
    assert f"ALTER DATABASE {name} OWNER TO {name}" in said
    assert "没有这个网站的表" in told(at(name, name), "SELECT * FROM portal_user")
    # A new site is told so by the command that fills it.
    done = manage("upgrade", **IN_SERVICE, DATABASE_URL=at(name, name))
    assert done.returncode == 1
    assert f"ALTER DATABASE {name} OWNER TO {name}" in done.stderr
    assert "Traceback" not in done.stderr
    do(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    assert f"GRANT CONNECT ON DATABASE {name} TO {name}" in told(at(name, name))


@pytest.mark.night
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a server of PostgreSQL is made")
def test_a_wrong_password_is_told_without_it(server):  # noqa: F811
    server.stop()
    data, port = server.folder / "data", free_port()
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off"
    options += f" -c unix_socket_directories={server.folder}"
    server.do("pg_ctl", "-w", "-l", str(server.folder / "log"), "start", "-o", options)
    at = f"127.0.0.1:{port}/postgres"
    said = told(f"postgres://portal:pass@{at}")
    assert "用户 portal 的密码不对" in said and "pass" not in said
    assert "没有写数据库用户 portal 的密码" in told(f"postgres://portal@{at}")
    assert "sslmode" in told(f"postgres://portal:pass@{at}?sslmode=require")
