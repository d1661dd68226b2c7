"""Where settings come from: the environment, and for what it does not say, one file.

In service this is `.env.service`, which `make service` writes; the `.env` of `make run`, with
DEBUG, is read only where there is no other. ENV_FILE names another file. Knows no Django
settings, so that the web server reads its own (`.service/gunicorn.conf.py`) in the same way.
"""

import io
import os
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SERVICE_FILE = BASE_DIR / ".env.service"
DEVELOPMENT_FILE = BASE_DIR / ".env"
LINE = re.compile(r"\s*(#.*)?|(export )?[A-Za-z_][A-Za-z_0-9]*=.*")

env = environ.Env()


def _read() -> Path:
    """Let the file add what the environment does not say; ImproperlyConfigured with a sentence."""
    named = os.environ.get("ENV_FILE", "").strip()
    file = BASE_DIR / named if named else DEVELOPMENT_FILE
    if not named and SERVICE_FILE.exists():
        file = SERVICE_FILE
    try:
        # What Windows writes begins with a mark.
        lines = file.read_text("utf-8-sig").splitlines()
    except FileNotFoundError as error:
        # All may come from the environment, but a file that somebody names is meant to be there.
        if named:
            raise ImproperlyConfigured(f"ENV_FILE 写的文件 {file} 不存在。") from error
        return file
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"设置文件 {file} 读不了：{error}") from error
    for number, line in enumerate(lines, 1):
        if not LINE.fullmatch(line):
            raise ImproperlyConfigured(
                f"{file} 第 {number} 行看不懂：要写成 名称=值，等号两边没有空格；说明写在 # 后面，另起一行。"
            )
    env.read_env(io.StringIO("\n".join(lines)), overwrite=False)
    return file


ENV_FILE = _read()
