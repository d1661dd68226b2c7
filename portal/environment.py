"""Where settings come from: the environment, and for what it does not say, one file.

In service this is `.env.service`, which `make service` writes; the `.env` of `make run`, with
DEBUG, is read only where there is no other. ENV_FILE names another file. All that is said is read
at once by the table of settings, and what is wrong is told at once. Knows no Django settings, so
that the web server reads its own (`.service/gunicorn.conf.py`) in the same way.
"""

import difflib
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from portal.setting_table import SETTINGS, UnfitError
from portal.system_words import reason

BASE_DIR = Path(__file__).resolve().parent.parent
SERVICE_FILE = BASE_DIR / ".env.service"
DEVELOPMENT_FILE = BASE_DIR / ".env"
LINE = re.compile(r"\s*(#.*)?|(?:export )?([A-Za-z_][A-Za-z_0-9]*)=.*")
# What other programs of the service read, and tests.
OF_OTHERS = re.compile(
    r"PG[A-Z]+|LC_[A-Z]+|LANG|TZ|TMPDIR|PATH|PYTHON[A-Z]+|DJANGO_\w+|TEST_DATABASE_(URL|NAME)"
    r"|PROMETHEUS_MULTIPROC_DIR|GUNICORN_CMD_ARGS|SSL_CERT_(FILE|DIR)|(?i:(https?|no|all)_proxy)"
)
ALIKE = 0.8
SHOWN = 200  # characters


def _read_file() -> tuple[Path, list[str]]:
    """The file, and the names that it says; ImproperlyConfigured with a sentence.

    It adds what the environment does not say.
    """
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
        return file, []
    except OSError as error:
        raise ImproperlyConfigured(
            f"设置文件 {file} 读不了：{reason(error)}。请由运行网站的用户运行"
            "（root 用 runuser -u portal -- ），或者把文件交给它（chown）。"
        ) from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(
            f"设置文件 {file} 读不了：不是 UTF-8 编码的文字。请用 UTF-8 另存。"
        ) from error
    found = [LINE.fullmatch(line) for line in lines]
    for number, match in enumerate(found, 1):
        if not match:
            raise ImproperlyConfigured(
                f"{file} 第 {number} 行看不懂：要写成 名称=值，等号两边没有空格；说明写在 # 后面，另起一行。"
            )
    environ.Env.read_env(io.StringIO("\n".join(lines)), overwrite=False)
    return file, [match[2] for match in found if match and match[2]]


def meant(name: str) -> str:
    """The setting that a name that is none seems to mean, or nothing.

    What begins with the whole name of a setting may belong to what that setting names.
    """
    if any(name.startswith(f"{known}_") for known in SETTINGS):
        return ""
    return next(iter(difflib.get_close_matches(name.upper(), SETTINGS, 1, ALIKE)), "")


def _strange(names: Iterable[str]) -> list[str]:
    return sorted(
        name for name in set(names) if name not in SETTINGS and not OF_OTHERS.fullmatch(name)
    )


def _read() -> tuple[dict[str, Any], list[str]]:
    """The values by name, and what is wrong, a sentence each."""
    values, wrong = {}, []
    for name in _strange(_names):
        if known := meant(name):
            wrong.append(
                f"{ENV_FILE} 里的 {name} 不是本平台的设置：是不是 {known}？写给别的程序的，"
                "请不要写在这个文件里（systemd：systemctl edit 加 Environment=）。"
            )
    for name, setting in SETTINGS.items():
        if text := os.environ.get(name, "").strip():
            try:
                values[name] = setting.read(text)
            except UnfitError as error:
                shown = setting.shown(text)[:SHOWN]
                wrong.append(f"{name}{shown and f'={shown}'} 看不懂：{error}")
    return values, wrong


def said(name: str, usual: Any = None) -> Any:
    """The value of a setting; `usual` where the environment says nothing of it.

    KeyError for a name that the table of settings lacks.
    """
    if name not in SETTINGS:
        raise KeyError(name)
    return _values.get(name, usual)


ENV_FILE, _names = _read_file()
_values, _wrong = _read()
if _wrong:
    raise ImproperlyConfigured("\n".join(_wrong))
# What is said and nobody here reads: in the file, and in the environment what seems to be misspelt.
UNREAD = dict.fromkeys(_strange(_names), "") | {
    name: known for name in _strange(os.environ) if name.isupper() and (known := meant(name))
}
