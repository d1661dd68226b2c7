"""Each setting is read, or refused with what would do."""

import pytest

from portal.environment import meant
from portal.setting_table import SETTINGS, UnfitError

A_PASSWORD = "p%40s%3As%2Fw%23o%25rd"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("SECURE_HTTPS", "True", True),
        ("SECURE_HTTPS", "yes", True),
        ("SECURE_HTTPS", "off", False),
        ("FILE_SIZE_MAX_MB", "20", 20),
        ("ANONYMOUS_POST_RATE", "500/10m", "500/10m"),
        ("ALLOWED_HOSTS", " a.example.cn, .b.cn,", ["a.example.cn", ".b.cn"]),
        ("ALLOWED_HOSTS", "10.0.0.1,[::1]", ["10.0.0.1", "[::1]"]),
        ("CSRF_TRUSTED_ORIGINS", "https://a.cn, https://*.b.cn:8443", ["https://a.cn", "https://*.b.cn:8443"]),
        ("SITE_URL", "https://portal.example.cn/", "https://portal.example.cn"),
        ("SITE_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("DEFAULT_FROM_EMAIL", "惠企平台 <portal@example.cn>", "惠企平台 <portal@example.cn>"),
        ("SECRET_KEY_FALLBACKS", "a, b", ["a", "b"]),
        ("WEB_ADDRESS", "0.0.0.0:80", "0.0.0.0:80"),
        ("WEB_ADDRESS", "[::1]:8000", "[::1]:8000"),
        ("WEB_ADDRESS", "unix:/run/portal/web.sock", "unix:/run/portal/web.sock"),
        ("BACKUP_FOLDER", "/srv/backups", "/srv/backups"),
        ("LOG_LEVEL", "info", "INFO"),
    ],
)  # fmt: skip
def test_what_is_well_written_is_read(name, text, value):
    assert SETTINGS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "would_do"),
    [
        ("SECURE_HTTPS", "ture", "写 1（开）或 0（关）"),
        ("FILES_ROOT", "files", "从 / 开始的完整路径"),
        ("FILES_ROOT", "~/files", "从 / 开始的完整路径"),
        ("BACKUP_FOLDER", "backups", "从 / 开始的完整路径"),
        ("FILE_SIZE_MAX_MB", "0", "从 1 到"),
        ("FILE_SIZE_MAX_MB", "-3", "从 1 到"),
        ("FILE_SIZE_MAX_MB", "20MB", "不带单位"),
        ("WEB_WORKERS", "three", "整数"),
        ("WEB_THREADS", "1.5", "整数"),
        ("BACKUP_KEEP", "０", "整数"),
        ("ANONYMOUS_POST_RATE", "0/m", "0 次就谁也不能提交"),
        ("ANONYMOUS_POST_RATE", "60/0m", "60/m"),
        ("ANONYMOUS_POST_RATE", "sixty a minute", "60/m"),
        ("DEFAULT_FROM_EMAIL", "portal", "邮箱地址"),
        ("DEFAULT_FROM_EMAIL", "portal@example.cn, other@example.cn", "邮箱地址"),
        ("SITE_URL", "portal.example.cn", "写 https:// 加域名"),
        ("SITE_URL", "https://portal.example.cn/portal", "后面没有路径"),
        ("SITE_URL", "https://portal.example.cn:abc", "写 https:// 加域名"),
        ("SITE_URL", "https://惠企.中国", "xn--"),
        ("ALLOWED_HOSTS", "https://portal.example.cn/x", "不写 https:// 和后面的路径，如 portal.example.cn"),
        ("ALLOWED_HOSTS", "portal.example.cn:443", "不写端口"),
        ("ALLOWED_HOSTS", "a.example.cn，b.example.cn", "英文逗号"),
        ("CSRF_TRUSTED_ORIGINS", "portal.example.cn", "https:// 加域名"),
        ("WEB_ADDRESS", "8000", "主机:端口"),
        ("WEB_ADDRESS", ":8000", "0.0.0.0:8000"),
        ("WEB_ADDRESS", "127.0.0.1:99999", "从 1 到 65535"),
        ("WEB_ADDRESS", "http://127.0.0.1:8000", "主机:端口"),
        ("WEB_ADDRESS", "unix:web.sock", "完整路径"),
        ("WEB_ADDRESS", f"unix:/{'x' * 120}", "107"),
        ("LOG_LEVEL", "loud", "WARNING"),
        ("DATABASE_URL", "portal", "postgres://portal:密码@localhost/portal"),
        ("DATABASE_URL", "localhost/portal", "postgres://"),
        ("DATABASE_URL", "mysql://localhost/portal", "postgres://"),
        ("DATABASE_URL", "sqlite:///portal.sqlite3", "四条斜线"),
        ("DATABASE_URL", "sqlite://portal.sqlite3", "四条斜线"),
        ("DATABASE_URL", "sqlite://:memory:", "四条斜线"),
        ("DATABASE_URL", "postgres://portal:pass@localhost", "数据库的名称"),
        ("DATABASE_URL", "postgres://portal:pass@localhost:abc/portal", "端口"),
        ("DATABASE_URL", "postgres://portal:pass#word@localhost/portal", "# 要写成 %23"),
        ("DATABASE_URL", "postgres://portal:pass/word@localhost/portal", "/ 要写成 %2F"),
        ("DATABASE_URL", "postgres://portal:pass?word@localhost/portal", "? 要写成 %3F"),
        ("DATABASE_URL", "postgres://portal:p@ss/word@localhost/portal", "/ 要写成 %2F"),
        ("DATABASE_URL", "postgres://portal:pass[word@localhost/portal", "[ 要写成 %5B"),
        ("DATABASE_URL", "postgres://portal:pass%word@localhost/portal", "% 要写成 %25"),
        ("DATABASE_URL", "postgres://portal:pass word@localhost/portal", "空格 要写成 %20"),
        ("EMAIL_URL", "mail.example.cn", "smtp+tls://"),
        ("EMAIL_URL", "smtp://", "没有写邮件服务器的主机"),
        ("EMAIL_URL", "smtp://mail.example.cn:abc", "端口"),
        ("EMAIL_URL", "smtp+tls://u:pass#word@mail.example.cn:587", "# 要写成 %23"),
    ],
)  # fmt: skip
def test_what_would_go_wrong_is_refused_with_what_would_do(name, text, would_do):
    setting = SETTINGS[name]
    with pytest.raises(UnfitError) as refused:
        setting.read(text)
    assert would_do in str(refused.value)
    assert "pass" not in setting.shown(text) + str(refused.value)


def test_a_password_may_have_any_sign_as_long_as_it_is_escaped_where_it_must():
    for name, key in (("DATABASE_URL", "PASSWORD"), ("EMAIL_URL", "EMAIL_HOST_PASSWORD")):
        scheme = "postgres" if name == "DATABASE_URL" else "smtp"
        found = SETTINGS[name].read(f"{scheme}://portal:{A_PASSWORD}@localhost/portal")
        assert found[key] == "p@s:s/w#o%rd"
    # An @ or : that is not escaped is understood all the same.
    found = SETTINGS["DATABASE_URL"].read("postgres://portal:p@s:s@localhost/portal")
    assert (found["PASSWORD"], found["HOST"]) == ("p@s:s", "localhost")
    found = SETTINGS["DATABASE_URL"].read("postgres://portal@/portal?host=/run/postgresql")
    assert found["OPTIONS"] == {"host": "/run/postgresql"}


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "METRICS_TOKEN", "BACKUP_KEY"])  # fmt: skip
def test_a_secret_is_never_shown(name):
    assert SETTINGS[name].shown("the secret") == ""


def test_a_name_that_begins_with_that_of_a_setting_is_not_taken_for_it():
    assert meant("SMS_SENDER_KEY") == ""
    assert meant("SMS_SENDR") == "SMS_SENDER"
    assert meant("TZ") == ""
