"""The site in processes of its own: an environment in which it serves, and the database of the test."""

from urllib.parse import quote

from django.db import connection

IN_SERVICE = {
    "DEBUG": "0",
    "SECRET_KEY": "k3Y-" + "".join(chr(97 + number % 26) for number in range(60)),
    "ALLOWED_HOSTS": "portal.example.cn",
    "SITE_URL": "https://portal.example.cn",
    "SECURE_HTTPS": "1",
    "EMAIL_URL": "smtp://mail.example.cn",
    "DEFAULT_FROM_EMAIL": "portal@example.cn",
}


def address_of_test_database() -> str:
    """As DATABASE_URL; that of SQLite lies in the memory of one process."""
    known = connection.settings_dict
    login = known["USER"] + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    host = known["HOST"] or known["OPTIONS"].get("host", "")
    port = f"&port={known['PORT']}" if known["PORT"] else ""
    return f"postgres://{login}@/{known['NAME']}?host={quote(host, safe='/')}{port}"
