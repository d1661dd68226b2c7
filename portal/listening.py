"""Whether the web server can listen where it is told to, asked before it tries in its own words."""

import errno
import os
import socket
import stat
from contextlib import closing

from portal.system_words import reason

REFUSED = "没有启动：不能在 {address} 上听（WEB_ADDRESS）：{why}。{advice}"
TAKEN = (
    "停下占用它的程序（多半是另一个网站进程；ss -ltnp 看是谁），或者换一个端口，前面的代理也照改。"
)
NOT_FREE = "先看看那个文件是什么，或者换一个路径。"
NO_SUCH = "写这台机器自己的地址，如 127.0.0.1；要让别的机器直接连，写 0.0.0.0。"
NOT_ALLOWED = "写 1024 以上的端口，或运行网站的用户可以写入的路径；80 和 443 端口由前面的代理来听。"
NO_FOLDER = "先建好文件夹，交给运行网站的用户。"
ADVICE = {
    errno.EADDRINUSE: TAKEN,
    errno.EEXIST: NOT_FREE,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.ENOENT: NO_FOLDER,
    errno.ENOTDIR: NO_FOLDER,
    errno.EROFS: NO_FOLDER,
}

# host and port, or the path of a socket.
Address = tuple[str, int] | str


def refusal(address: Address) -> str:
    """Why nobody can listen there, and what would do, in Chinese; empty where one can."""
    try:
        _try(address)
    except OSError as error:
        named = f"unix:{address}" if isinstance(address, str) else f"{address[0]}:{address[1]}"
        advice = ADVICE.get(error.errno or 0, NO_SUCH)
        return REFUSED.format(address=named, why=reason(error), advice=advice)
    return ""


def _try(address: Address) -> None:
    """Listen there and stop; OSError where that is not possible."""
    if isinstance(address, str):
        _refuse_taken(address)
        # Beside it, so that the name itself stays as it is.
        trial = f"{address}.{os.getpid()}"
        with closing(socket.socket(socket.AF_UNIX)) as tried:
            tried.bind(trial)
        os.unlink(trial)
        return
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with closing(socket.socket(family)) as tried:
        # As the server does: what was closed a moment ago is free.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)


def _refuse_taken(path: str) -> None:
    """OSError for a file that is no socket, or one at which a server listens: it would go on, and be
    reached by nobody."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with closing(socket.socket(socket.AF_UNIX)) as tried:
            tried.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
