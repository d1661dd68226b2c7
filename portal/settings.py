"""Settings, as the environment says them (portal/environment.py); safe unless DEBUG=1 is said."""

import logging
import os
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from portal.environment import BASE_DIR, said
from portal.system_words import reason

# Database, uploads and lists are for the service alone, whoever else has an account on its machine.
os.umask(0o077)
DATA_DIR = BASE_DIR / ".data"

DEBUG = said("DEBUG", False)
SECRET_KEY = said("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "没有设置 SECRET_KEY：make service 会写进 .env.service，make run 会写进 .env。"
    )
SECRET_KEY_FALLBACKS = said("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = said("ALLOWED_HOSTS", ["127.0.0.1", "localhost"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = said("CSRF_TRUSTED_ORIGINS", [])
CSRF_FAILURE_VIEW = "portal.error_pages.form_expired"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # In the order in which each may use those above it.
    "portal",
    "policies.catalogue",
    "policies.self_check",
    "policies.pages",
    "policies.editors",
    "applications.enterprises",
    "applications.following",
    "applications.cases",
    "applications.money",
    "applications.notices",
    "applications.impact",
    "applications.firm",
    "applications.centre",
]
MIDDLEWARE = [
    "portal.monitoring.requests.NumberMiddleware",
    "portal.monitoring.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.second_factor.middleware.SessionsMiddleware",
    "portal.refused_pages.RefusedMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "portal.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "applications.enterprises.context_processors.acts_for_a_firm",
                "applications.cases.context_processors.unread_messages",
                "applications.centre.context_processors.work_menu",
            ],
        },
    }
]
# Widgets are drawn with the site's own templates too.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_TAGS = {message_levels.DEBUG: "secondary", message_levels.ERROR: "danger"}

try:
    DATA_DIR.mkdir(exist_ok=True)
    DATA_DIR.chmod(0o700)
except OSError as error:
    raise ImproperlyConfigured(
        f"文件夹 {DATA_DIR} 用不了：{reason(error)}。它要归运行网站的用户，命令也由这个用户运行"
        "（root 用 runuser -u portal -- ）。"
    ) from error
# In development a file of its own; a service says which it is (portal/checks.py).
OWN_DATABASE = environ.Env.db_url_config(f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")
DATABASE_IS_SAID = said("DATABASE_URL") is not None
DATABASES = {"default": said("DATABASE_URL", OWN_DATABASE)}
# A thread keeps its connection, which costs more to open than most pages to make, and asks before
# each request whether it still stands. What is set on it must be put back or be of a transaction.
DATABASES["default"] = {
    "CONN_MAX_AGE": 600,  # seconds
    "CONN_HEALTH_CHECKS": True,
    **DATABASES["default"],
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Writers take turns from the start of a transaction instead of failing midway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # What a REPLACE deletes asks the guards too.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;"
        " PRAGMA recursive_triggers=ON;",
        **DATABASES["default"].get("OPTIONS", {}),
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        # A machine that fell silent is given up after as many seconds (the second in milliseconds),
        # before all threads wait for it; one that works on a long question is not.
        "connect_timeout": 10,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The libraries' limits on use count in `default`; both are tables that all processes share.
CACHES = {
    "default": {"BACKEND": "portal.caches.CountingCache"},
    "pages": {
        "BACKEND": "portal.caches.PageCache",
        "LOCATION": "portal_cachedpage",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
ANONYMOUS_POST_RATE = said("ANONYMOUS_POST_RATE", "60/m")

# What `manage.py daily` runs once a day.
DAILY_COMMANDS = [
    "count_self_checks",
    "tidy",
    "remove_old_imports",
    "remove_orphan_files --delete",
    "remind_corrections",
    "remind_drafts",
    "tell_followers",
    "mail_waiting",
]

# The packs that are loaded by default: a place of its own has its own.
CATALOGUE_FOLDER = Path(said("CATALOGUE_FOLDER") or BASE_DIR / "fixtures")
# What `manage.py upgrade` runs after the migrations, and what must find nothing then.
LOAD_COMMANDS = ["load_catalogue", "load_funds"]
LOADED_CHECKS = ["check_catalogue"]

# What is read before the first visitor comes; each is called with today.
WARM_UP = ["policies.catalogue.current.read_ahead", "policies.pages.finding.read_ahead"]

# Whoever sends this as Bearer reads /metrics; without it there is no such page and nothing is counted.
METRICS_TOKEN = said("METRICS_TOKEN", "")
# What rooms above add to it: what it is, and what counts it, given today.
COUNTED = {
    "catalogue_faulty_editions": (
        "Editions in force that do not compile",
        "policies.catalogue.current.count_faulty",
    ),
}

# Where the addresses in e-mails lead; a worker has no request to read it from.
SITE_URL = said("SITE_URL", "http://127.0.0.1:8000")
vars().update(said("EMAIL_URL") or environ.Env.email_url_config("consolemail://"))
# No page talks to the mail server: whatever is sent goes to the outbox, and from there by
# `manage.py send_waiting`.
MAIL_SERVER_BACKEND = vars()["EMAIL_BACKEND"]
EMAIL_BACKEND = "portal.outbox.mail_backend.OutboxBackend"
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = said("DEFAULT_FROM_EMAIL", "portal@localhost")
# The dotted name of a portal.outbox.sms.SmsSender; without one no text messages are sent.
SMS_SENDER = said("SMS_SENDER", "portal.outbox.sms.LogSmsSender" if DEBUG else "")

# Why something was changed may take more than a line.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

AUTH_USER_MODEL = "portal.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "firm:enterprise"
LOGOUT_REDIRECT_URL = "pages:home"
AUTHENTICATION_BACKENDS = ["portal.accounts.backend.OneHashBackend"]
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.LogInForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "reset_password": "portal.accounts.forms.AskNewPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
    "reauthenticate": "portal.second_factor.forms.PasswordForm",
}
# Firms log in by e-mail, staff may keep their user names.
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Nobody learns whether an address has an account: signing up answers alike for a known and a new
# one and writes to it; only whoever opens the letter says for which firm and with which password.
# So does asking for a new password.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Whoever has an account is told when its password or its second factor changes.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    # Letters to an address that somebody typed, who need not be its owner.
    "sign_up_letter": "5/h/key",
    "change_address_letter": "5/h/key",
    "follow_letter": "5/h/key",
    # Wrong passwords and codes are counted in portal/guessing.py.
    "login_failed": None,
    "change_password": None,
}

# Staff need a second factor to open any page, and a fresh check of it to pay, publish or change users.
STAFF_SECOND_FACTOR = said("STAFF_SECOND_FACTOR", not DEBUG)
# How long their sessions last without use, and in all; firms' last as long as the cookie.
STAFF_IDLE, STAFF_LOGGED_IN = timedelta(minutes=30), timedelta(hours=12)
MFA_ADAPTER = "portal.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "portal.second_factor.forms.LogInCodeForm",
    "activate_totp": "portal.second_factor.forms.SetUpAppForm",
    "add_webauthn": "portal.second_factor.forms.AddPasskeyForm",
}
# Clocks of telephones go wrong; a code opens once all the same.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Whoever can log in has confirmed an e-mail; staff, for whom somebody vouched, need none.
MFA_ALLOW_UNVERIFIED_EMAIL = True

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
# What packages leave in English, or say in words of programmers.
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [
    ("bootstrap", BASE_DIR / ".front/node_modules/bootstrap/dist"),
    ("htmx", BASE_DIR / ".front/node_modules/htmx.org/dist"),
]
WHITENOISE_USE_FINDERS = DEBUG
# Half of what is collected, and read by nobody but who looks for a fault in a library.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        # Names that change with the content: browsers may keep it for ever.
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Uploads: no address serves this folder, only views that ask who may see a file. Each database has
# one of its own: beside the file of SQLite, otherwise by the name of the database.
MEDIA_ROOT = Path(said("FILES_ROOT") or DATA_DIR / f"{DATABASES['default']['NAME']}.files")
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
FILE_SIZE_MAX = said("FILE_SIZE_MAX_MB", 20) * 2**20
FILES_PER_ENTERPRISE = 300
FILES_PER_APPLICATION = 60
FILE_UPLOAD_HANDLERS = [
    "portal.files.uploads.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = FILES_PER_APPLICATION
# What `manage.py backup` encrypts with, made by its --new-key.
BACKUP_KEY = said("BACKUP_KEY", "")
# Where `manage.py backup` puts the set of each night, and how many of them stay. Without a folder
# there is no such set.
BACKUP_FOLDER = said("BACKUP_FOLDER", "")
BACKUP_KEEP = said("BACKUP_KEEP", 14)
# The socket of clamd: a path, or host:port. Without it files are not scanned.
CLAMAV_SOCKET = said("CLAMAV_SOCKET", "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_HTTPS = said("SECURE_HTTPS", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
# Neither is for the portal to decide: a domain's other names may answer without HTTPS, and what
# browsers carry in their lists takes months to come off. Django warns of both unless told not to.
SECURE_HSTS_INCLUDE_SUBDOMAINS = said("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = said("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^(healthz(/ready)?|metrics)$"]
BEHIND_PROXY = said("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
RATELIMIT_IP_META_KEY = "portal.client_address.client_address"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Without JavaScript an editor's rule of 200 rows is 2,000 fields, and Django knows no limit of one page's
# own. What a request may cost is bounded by its size: a megabyte of fields is read in a few hundredths
# of a second.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# What Python warns of is a record too.
logging.captureWarnings(not DEBUG)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "portal.monitoring.lines.JsonLines"}},
    "handlers": {
        # One line of JSON a record in service; for people who develop, plain text.
        "console": {
            "class": "logging.StreamHandler",
            **({} if DEBUG else {"formatter": "lines"}),
        },
    },
    "loggers": {
        # Django's own handlers would write plain text, and whole requests to administrators.
        "django": {"handlers": [], "level": "INFO"},
        # What `runserver` writes are addresses with all that stands in them; the site says it better.
        **({} if DEBUG else {"django.server": {"handlers": [], "level": "CRITICAL"}}),
        # WeasyPrint names each of its steps, with folders of this machine.
        "weasyprint.progress": {"level": "WARNING"},
        # Nor may it and Pango tell which signs of a document a font lacks: they are the document.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": said("LOG_LEVEL", "INFO")},
}
