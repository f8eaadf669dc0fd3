"""Settings: environment in, one file out.

Every variable is named `TWINHOOD_*` (besides `PORT`, `HOST` and `DATABASE_URL`) and described in
docs/reference/settings.md; a test compares the two.
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from psycopg.conninfo import conninfo_to_dict

from twinhood.giving.core.cover import read_rules

PACKAGE_DIR = Path(__file__).resolve().parent
CHECKOUT_DIR = PACKAGE_DIR.parent


def env(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that `<name>_FILE` points to."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def env_flag(name: str) -> bool:
    return env(name).strip().lower() in {"1", "true", "yes", "on"}


def var_dir() -> Path:
    """Where this installation keeps what it writes: database, media, keys, collected files."""
    if given := env("TWINHOOD_VAR"):
        return Path(given).resolve()
    if (CHECKOUT_DIR / "pyproject.toml").exists():
        return CHECKOUT_DIR / "var"
    return Path.home() / ".local" / "share" / "twinhood"


def secret_key(var: Path) -> str:
    if given := env("TWINHOOD_SECRET_KEY"):
        return given
    path = var / "keys" / "secret_key"
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    if env_flag("TWINHOOD_PRODUCTION"):
        message = "TWINHOOD_SECRET_KEY is not set and var/keys/secret_key does not exist."
        raise ImproperlyConfigured(message)
    return "only-for-commands-that-sign-nothing"


def database_from_url(url: str) -> dict[str, Any]:
    """Read a libpq URL; `?host=/socket/folder` and every other libpq parameter are honoured."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "twinhood"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts | {"application_name": parts.get("application_name", "twinhood")},
    }


VAR_DIR = var_dir()
PRODUCTION = env_flag("TWINHOOD_PRODUCTION")
DEBUG = env_flag("TWINHOOD_DEBUG") and not PRODUCTION
SECRET_KEY = secret_key(VAR_DIR)
# Links in mail and checks of origin use this address, never the Host header of a request.
SITE_URL = env("TWINHOOD_SITE_URL", f"http://localhost:{env('PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = env("TWINHOOD_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
IS_HTTPS = SITE_URL.startswith("https://")
if PRODUCTION and not IS_HTTPS:
    message = "TWINHOOD_PRODUCTION needs TWINHOOD_SITE_URL to begin with https://."
    raise ImproperlyConfigured(message)

# A file that holds for how many days the clock runs ahead: for tests of a whole running site.
TEST_CLOCK = Path(env("TWINHOOD_TEST_CLOCK")) if env("TWINHOOD_TEST_CLOCK") else None
if PRODUCTION and TEST_CLOCK:
    message = "TWINHOOD_TEST_CLOCK moves the clock: it is for tests, and refused in production."
    raise ImproperlyConfigured(message)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "twinhood.kit",
    "twinhood.translog",
    "twinhood.places",
    "twinhood.people",
    "twinhood.documents",
    "twinhood.ledger",
    "twinhood.twinnings",
    "twinhood.joining",
    "twinhood.needs",
    "twinhood.giving",
    "twinhood.deliveries",
    "twinhood.transport",
    "twinhood.aftercare",
    "twinhood.treasury",
    "twinhood.opendata",
    "twinhood.web",
    "twinhood.ops",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_linear_migrations",
]
if PRODUCTION or not (CHECKOUT_DIR / "pyproject.toml").exists():
    INSTALLED_APPS.remove("django_linear_migrations")
else:
    from importlib.util import find_spec

    if find_spec("django_linear_migrations") is None:
        INSTALLED_APPS.remove("django_linear_migrations")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "twinhood.kit.middleware.private_unless_said_public",
    "twinhood.kit.middleware.read_only_when_full",
    "twinhood.translog.middleware.read_only_when_ahead",
    "twinhood.kit.middleware.refuse_bad_input",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "twinhood.people.former.former_slugs",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "twinhood.kit.middleware.answer_kept_forms",
]
ROOT_URLCONF = "twinhood.urls"
WSGI_APPLICATION = "twinhood.wsgi.application"
FORM_RENDERER = "twinhood.kit.forms.KitRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
                "twinhood.people.context_processors.site",
                "twinhood.web.context_processors.desk",
                "twinhood.people.context_processors.persona",
            ],
        },
    },
]

DATABASES = {"default": database_from_url(env("DATABASE_URL", "postgresql:///twinhood"))}
if env("TWINHOOD_PROCESS") == "web":
    # Long work belongs to the worker: what takes a page longer than this is cut off.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c statement_timeout=5000")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kit_cache",
    },
}

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["twinhood.people.adapters.Backend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:desk"
ACCOUNT_ADAPTER = "twinhood.people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "login": "twinhood.people.account_forms.EnterForm",
    "signup": "twinhood.people.account_forms.NewAccountForm",
    "confirm_login_code": "twinhood.people.account_forms.LoginCodeForm",
    "confirm_email_verification_code": "twinhood.people.account_forms.EmailCodeForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "twinhood.people.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
# A change of somebody's ways to sign in is told to their address.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "web:home"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Twinhood"
MFA_ADAPTER = "twinhood.people.adapters.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "twinhood.people.passkey_forms.AddPasskeyForm",
    "login_webauthn": "twinhood.people.passkey_forms.LoginPasskeyForm",
    "authenticate_webauthn": "twinhood.people.passkey_forms.SecondPasskeyForm",
    "reauthenticate_webauthn": "twinhood.people.passkey_forms.AgainPasskeyForm",
}
# A passkey must know its person (finger, face or PIN), so that it is two factors by itself.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# One step of 30 seconds to either side: clocks of telephones differ.
MFA_TOTP_TOLERANCE = 1

# Without a mail server, mail is written to the log of the web process.
MAILERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "twinhood.kit.mail.ReadableBackend"}}
if smtp_host := env("TWINHOOD_SMTP_HOST"):
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": smtp_host,
            "port": int(env("TWINHOOD_SMTP_PORT", "587")),
            "username": env("TWINHOOD_SMTP_USER"),
            "password": env("TWINHOOD_SMTP_PASSWORD"),
            "use_tls": env("TWINHOOD_SMTP_TLS", "1") == "1",
            "use_ssl": env("TWINHOOD_SMTP_TLS") == "implicit",
            "timeout": 10,
        },
    }
DEFAULT_FROM_EMAIL = env("TWINHOOD_MAIL_FROM", "twinhood@localhost")
# Where servers return letters, with "+<the letter's name>" put before the @.
MAIL_RETURN = env("TWINHOOD_MAIL_RETURN")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("uk", "Українська")]
LOCALE_PATHS = [path for path in (CHECKOUT_DIR / "locale", PACKAGE_DIR / "locale") if path.is_dir()]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Papers and scans, under their SHA-256; private.
MEDIA_DIR = VAR_DIR / "media"
# With a bucket they lie there instead, under the same names.
S3_BUCKET = env("TWINHOOD_S3_BUCKET")
S3_ENDPOINT = env("TWINHOOD_S3_ENDPOINT").rstrip("/")
S3_REGION = env("TWINHOOD_S3_REGION", "us-east-1")
S3_KEY_ID = env("TWINHOOD_S3_KEY_ID")
S3_SECRET = env("TWINHOOD_S3_SECRET")
if S3_BUCKET and not (S3_KEY_ID and S3_SECRET):
    message = "TWINHOOD_S3_BUCKET needs TWINHOOD_S3_KEY_ID and TWINHOOD_S3_SECRET."
    raise ImproperlyConfigured(message)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_DIR},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if (STATIC_ROOT / "staticfiles.json").exists()
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
KEYS_DIR = VAR_DIR / "keys"
# The log's tiles and checkpoint, as anybody may read them; its keys lie in KEYS_DIR / "log".
LOG_DIR = VAR_DIR / "log"
# The partnerships' public files, as anybody may download them.
PUBLIC_FILES_DIR = VAR_DIR / "public-files"
# Receipts of a year as one file, for a day; they name donors.
RECEIPTS_DIR = VAR_DIR / "receipts"
# What a new log is called in its checkpoints; an address without its scheme (C2SP).
LOG_ORIGIN = env("TWINHOOD_LOG_ORIGIN") or SITE_URL.partition("://")[2] + "/log"

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
    # One: static/kit/worker.js, for pages with a form that is kept.
    "worker-src": [CSP.SELF],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"
# `__Host-` binds a cookie to this very host; browsers take it only with Secure, that is with https.
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "twinhood.kit.error_pages.csrf_failure"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
# How many proxies of ours stand before the web server: limits count the visitor, not them. Who
# names a proxy's header has one, and all the world must not count as one visitor.
HAS_PROXY = bool(env("TWINHOOD_PROXY_PROTO_HEADER"))
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TWINHOOD_PROXY_COUNT", "1" if HAS_PROXY else "0"))
if proxy_header := env("TWINHOOD_PROXY_PROTO_HEADER"):
    # Only a proxy that strips this header from visitors may be named here.
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{proxy_header.upper().replace('-', '_')}", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "twinhood.kit.logs.PlainFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env("TWINHOOD_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        # It would write a line for each call.
        "stripe": {"level": "WARNING"},
        # They would write a line when they are imported, and for each paper.
        "pikepdf": {"level": "WARNING"},
        "pyhanko": {"level": "WARNING"},
        "pyhanko_certvalidator": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}

# Cards by Stripe (docs/reference/stripe.md). The address is that of practice mode, on this machine.
STRIPE_KEY = env("TWINHOOD_STRIPE_KEY")
STRIPE_URL = env("TWINHOOD_STRIPE_URL").rstrip("/")
# Several, with commas between them, while one is being replaced.
STRIPE_WEBHOOK_SECRETS = [
    s.strip() for s in env("TWINHOOD_STRIPE_WEBHOOK_SECRET").split(",") if s.strip()
]
# In which the account is paid out without changing them; in others no cards are taken.
STRIPE_CURRENCIES = frozenset(env("TWINHOOD_STRIPE_CURRENCIES", "USD,EUR,GBP").upper().split(","))
if STRIPE_URL and (PRODUCTION or STRIPE_KEY.startswith(("sk_live_", "rk_live_"))):
    message = "TWINHOOD_STRIPE_URL is for practice: never in production, nor with a live key."
    raise ImproperlyConfigured(message)

# Who timestamps signatures (RFC 3161); without one they are of a lower level.
TSA_URL = env("TWINHOOD_TSA_URL")
TSA_TIMEOUT_S = 5.0

# What card payments cost, by currency, for donors who add it: a share of the sum, and a fixed sum.
CARD_FEES = read_rules(env("TWINHOOD_CARD_FEES", "USD 2.9% 0.30, EUR 2.9% 0.25, GBP 2.9% 0.20"))

# What an online gift may be, in major units of its currency (limits of the payment pages).
GIFT_MAJOR_MIN = 1
GIFT_MAJOR_MAX = 10_000_000
# For how many days we keep what was told with a form that was never paid.
UNPAID_KEPT_DAYS = int(env("TWINHOOD_UNPAID_KEPT_DAYS", "90"))
# Percent of the last 120 days' gifts kept free for refunds and disputes; published.
RESERVE_PERCENT = int(env("TWINHOOD_RESERVE_PERCENT", "2"))
# A refund above this, in major units of its currency, is confirmed by a second person.
REFUND_ALONE_MAJOR_MAX = int(env("TWINHOOD_REFUND_ALONE_MAX", "1000"))
# Below so much free disk nothing is taken in any more: pages say so, and reading goes on.
FREE_BYTES_MIN = int(env("TWINHOOD_FREE_MB_MIN", "200")) * 1024**2
# Who shows this word may read /metrics; without one, only this machine itself may.
METRICS_TOKEN = env("TWINHOOD_METRICS_TOKEN")
# For how many seconds a process may answer with the public page that it drew last.
BURST_CACHE_S = int(env("TWINHOOD_BURST_CACHE_S", "5"))
# Tests and the example may sign in as anybody of the example; never a production server.
PERSONAS_ALLOWED = not PRODUCTION
EXAMPLE_WANTED = env("TWINHOOD_EXAMPLE", "1") == "1" and not PRODUCTION
