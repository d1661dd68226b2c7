"""What the system refuses, in Chinese: its own words are for developers."""

import errno
import os
import socket

REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "不存在",
    errno.ENOTDIR: "路径里有一段不是文件夹",
    errno.EEXIST: "那里已有别的文件",
    errno.ENAMETOOLONG: "名称太长",
    errno.EISDIR: "是文件夹",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "超过了磁盘限额",
    errno.EIO: "磁盘读写出错",
    errno.EADDRINUSE: "已经有程序在用",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址",
    errno.ECONNREFUSED: "没有程序在那里听",
}


def reason(error: OSError) -> str:
    """Why, in a few words; the system's own where there are none of ours."""
    if isinstance(error, socket.gaierror):
        return "找不到这个主机"
    return REASONS.get(error.errno or 0) or error.strerror or os.strerror(error.errno or 0)
