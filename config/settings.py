"""Every setting of the site, read from the environment.

With no variable set this is the embedded default: SQLite, an in-process cache, mail into a
folder, all below VAR_DIR, reachable from this machine only. As soon as one of SECRET_KEY,
ALLOWED_HOSTS or DATABASE_URL is set, the site is meant for others, and all three must be.
docs/settings.md lists the variables.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.embedded import read_or_make_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where it stands ------------------------------------------------------------------------

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
REQUIRED_OUTSIDE = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL")
IS_EMBEDDED = not any(name in env.ENVIRON for name in REQUIRED_OUTSIDE)


def required(name: str) -> str:
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(
            f"Set {name}: outside the embedded default (when any of {', '.join(REQUIRED_OUTSIDE)} "
            f"is set) it must be given. docs/settings.md says what to put in it."
        )
    return value


if IS_EMBEDDED:
    SECRET_KEY = read_or_make_secret_key(VAR_DIR)
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    DATABASE_URL = f"sqlite:///{VAR_DIR / 'parley.sqlite3'}"
else:
    SECRET_KEY = required("SECRET_KEY")
    ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",") if host.strip()]
    DATABASE_URL = required("DATABASE_URL")

DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("HTTPS", default=not IS_EMBEDDED)

# --- What it is made of ---------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ParleyConfig",
    "config.apps.ParleyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "csp",
    "accounts",
    "comments",
    "blog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "blog.redirects.fallback",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "config.context.site",
            ],
        },
    },
]

# --- The database ---------------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction starts, so it never has to be upgraded
    # half-way, which SQLite refuses at once instead of waiting for the busy timeout.
    # A comment changes a dozen pages; they are carried over into the file less often than after
    # every thousand, for somebody waits each time.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728; "
            "PRAGMA wal_autocheckpoint=4000;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Opening a connection takes longer than most of what is asked over it, on SQLite too.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)

# --- Cache, mail, files ---------------------------------------------------------------------

CACHES = {"default": env.cache_url_config(env.str("CACHE_URL", default="locmemcache://parley"))}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 2000}

MAIL = env.email_url_config(env.str("EMAIL_URL", default="filemail://"))
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
if EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend":
    EMAIL_BACKEND = "config.mail.FolderBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = MAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = MAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Parley <parley@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.staticfiles.Storage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MAX_AGE = 3600

# A form's text is capped far below this by its own fields; a body above it is not read at all.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# The largest of our own: 200 rows of the moderation queue with a tick and a hidden field each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
FILE_UPLOAD_PERMISSIONS = 0o644
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.uploads.CappedFileHandler",
]

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "blog:home"
LOGOUT_REDIRECT_URL = "blog:home"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# A signed-in person is a proved one: policy.py relies on it.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# One address an account, replaced only once the new one is confirmed, and only by somebody who
# has just given the password; the old address is told.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "add_email": "accounts.forms.AddEmailForm",
}
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# --- How it looks ---------------------------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SITE_NAME = env.str("SITE_NAME", default="Parley")
SITE_TAGLINE = env.str("SITE_TAGLINE", default="A blog whose discussions are worth reading")

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English"))]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# --- Posts ----------------------------------------------------------------------------------

# How long what is thrown away can be taken out again; 0 is for good.
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
# Where feed readers first met the site: what they know posts by begins with it, wherever it moves.
# Empty: where they ask.
FEED_ORIGIN = env.str("FEED_ORIGIN", default="")

# --- The discussion -------------------------------------------------------------------------

# The checks every comment passes, in order. A check is `Submission -> Finding | None`.
COMMENTS_CHECKS = env.list(
    "COMMENTS_CHECKS",
    default=[
        "comments.spam.rules.premoderated_thread",
        "comments.spam.sanctions.premoderated_person",
        "comments.spam.rules.old_page",
        "comments.spam.rules.honeypot",
        "comments.spam.rules.too_fast",
        "comments.spam.rules.too_many_links",
        "comments.spam.rules.repeated_text",
        "comments.spam.rules.flood",
        "comments.spam.lists.listed_words",
        "comments.spam.lists.listed_domains",
        "comments.spam.lists.listed_networks",
        "comments.spam.lists.listed_patterns",
        "comments.spam.learner.check.learnt",
        "comments.spam.rules.first_time_commenter",
        "comments.spam.akismet.check.akismet",
    ],
)
# How long a check of the site's own may take; remote ones say so themselves.
COMMENTS_CHECK_SECONDS = env.float("COMMENTS_CHECK_SECONDS", default=2.0)
# Who else knows which page an old address means, when threads are imported.
COMMENTS_THREAD_FINDERS = ["blog.transfer.finding.thread_of_old_path"]
# Who keeps something of people that goes with their accounts.
ACCOUNTS_LEAVING = ["comments.learning.examples.when_accounts_leave"]
# Who minds which short name a person gets, and hears of it when it changes.
ACCOUNTS_SLUG_CHECKS = ["blog.publishing.authors.check_slug"]
ACCOUNTS_RENAMED = ["blog.publishing.authors.when_renamed"]
# Who knows which accounts a name means, when an editor types one.
COMMENTS_NAME_FINDER = "accounts.finding.people_called"
COMMENTS_MAX_LENGTH = env.int("COMMENTS_MAX_LENGTH", default=20_000)
COMMENTS_MIN_SECONDS = env.float("COMMENTS_MIN_SECONDS", default=3.0)
COMMENTS_MAX_LINKS = env.int("COMMENTS_MAX_LINKS", default=3)
COMMENTS_FLOOD_LIMIT = env.int("COMMENTS_FLOOD_LIMIT", default=5)
COMMENTS_FLOOD_WINDOW_SECONDS = env.int("COMMENTS_FLOOD_WINDOW_SECONDS", default=120)
COMMENTS_REFUSE_LIMIT = env.int("COMMENTS_REFUSE_LIMIT", default=30)
# How long a letter about an editor's act waits, so that undoing the act withdraws it.
COMMENTS_LETTER_DELAY_SECONDS = env.int("COMMENTS_LETTER_DELAY_SECONDS", default=300)
COMMENTS_PAGE_SIZE = env.int("COMMENTS_PAGE_SIZE", default=200)
# Akismet is asked about comments as soon as there is a key, and not before.
COMMENTS_AKISMET_KEY = env.str("COMMENTS_AKISMET_KEY", default="")
# The address of the site as Akismet knows it; empty: made of ALLOWED_HOSTS.
COMMENTS_AKISMET_BLOG = env.str("COMMENTS_AKISMET_BLOG", default="")
COMMENTS_AKISMET_HOST = env.str("COMMENTS_AKISMET_HOST", default="rest.akismet.com")
# A file of the authorities that vouch for that host; empty: those of the system.
COMMENTS_AKISMET_CA_FILE = env.str("COMMENTS_AKISMET_CA_FILE", default="")
# Questions are marked as tests: Akismet answers, and learns nothing.
COMMENTS_AKISMET_TEST = env.bool("COMMENTS_AKISMET_TEST", default=False)

# --- Security -------------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

# --- What it writes down --------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "config.log_lines.WithoutSecrets",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "INFO", "handlers": ["console"], "propagate": False},
        "django.security.DisallowedHost": {"handlers": ["console"], "propagate": False},
    },
}
