"""Why the web server cannot listen is told in Chinese, before it tries."""

import os
import socket
from contextlib import closing

import pytest

from portal.listening import refusal


def test_where_nobody_listens_it_can_and_leaves_nothing(tmp_path):
    assert refusal(("127.0.0.1", 0)) == ""
    assert refusal(str(tmp_path / "web")) == ""
    with closing(socket.socket(socket.AF_UNIX)) as ended:
        ended.bind(str(tmp_path / "web"))
    # The name of a socket stays behind when its server is killed.
    assert refusal(str(tmp_path / "web")) == ""
    assert os.listdir(tmp_path) == ["web"]


def test_a_port_that_is_in_use_is_told():
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        told = refusal(("127.0.0.1", port))
    assert told.startswith(f"没有启动：不能在 127.0.0.1:{port} 上听（WEB_ADDRESS）：已经有程序在用")


def test_a_socket_at_which_another_server_listens_stays_its_own(tmp_path):
    """It would go on, and be reached by nobody."""
    path = str(tmp_path / "web")
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(path)
        other.listen()
        assert "已经有程序在用" in refusal(path)
        assert os.path.exists(path)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (("192.0.2.1", 8000), "这台机器没有这个地址"),
        (("nowhere.invalid", 8000), "找不到这个主机"),
        ("/nowhere/web.sock", "不存在"),
        (__file__, "那里已有别的文件"),
    ],
)
def test_an_address_that_is_none_here_is_told(address, why):
    assert why in refusal(address)
