"""Every setting, read from the environment and nowhere else. docs/operations.md explains each one.

With DEBUG off nothing has a convenient default: a missing secret stops the start and names the variable.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from moondev import embedded, logs

# The typed classes (ModelAdmin[Plan], QuerySet[Plan]) must be subscriptable at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

DEBUG = env.bool("DEBUG", False)
COLLECTING = "collectstatic" in sys.argv


def secret(name: str, development: str) -> str:
    """A secret from the environment; only with DEBUG on may it be missing."""
    value = env.str(name, "")
    if value or DEBUG or COLLECTING:
        return value or development
    raise ImproperlyConfigured(f"{name} is not set. Set it in the environment, or set DEBUG=1 to develop.")


def versioned(text: str) -> dict[int, str]:
    """`2:new,1:old` as {2: "new", 1: "old"}."""
    pairs = (item.split(":", 1) for item in text.split(",") if item)
    return {int(version): value for version, value in pairs}


PRODUCT_VERSION = "2.0.0"

# The service: which part of the product this process answers for. -------------------------------------------------
SERVICES = ("all", "gateway", "billing", "alerts", "dashboard", "sandbox")
MOONDEV_SERVICE = env.str("MOONDEV_SERVICE", "all")
if MOONDEV_SERVICE not in SERVICES:
    raise ImproperlyConfigured(f"MOONDEV_SERVICE is {MOONDEV_SERVICE!r}; it must be one of {', '.join(SERVICES)}.")
if MOONDEV_SERVICE == "sandbox" and not DEBUG:
    raise ImproperlyConfigured(
        "MOONDEV_SERVICE=sandbox plays Stripe for development and takes no money. To develop, set DEBUG=1; "
        "in production start no sandbox and set STRIPE_SECRET_KEY to a key of Stripe's."
    )
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data")))
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8002").rstrip("/")
GATEWAY_PUBLIC_URL = env.str("GATEWAY_PUBLIC_URL", "http://127.0.0.1:8010").rstrip("/")
BILLING_PUBLIC_URL = env.str("BILLING_PUBLIC_URL", "http://127.0.0.1:8011").rstrip("/")
SOURCE_URL = env.str("SOURCE_URL", "https://github.com/moon-dev/saas-platform")

# Secrets. ---------------------------------------------------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY", "development-only-secret-key-that-nobody-may-use-in-production-0000")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
KEY_PEPPERS = versioned(secret("KEY_PEPPERS", "1:development-only-pepper"))
SEAL_KEYS = [key for key in secret("SEAL_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1zZWFsLWtleS0wMDAwMDA=").split(",") if key]
OPERATOR_TOKEN = env.str("OPERATOR_TOKEN", "")

# Hosts and addresses. ---------------------------------------------------------------------------------------------
ALLOWED_HOSTS = [host for host in secret("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",") if host]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])

# PostgreSQL and Valkey. -------------------------------------------------------------------------------------------
ALLOW_EMBEDDED = env.bool("ALLOW_EMBEDDED", DEBUG)
DATABASE_URL = env.str("DATABASE_URL", "") or embedded.database_url(DATA_DIR, allowed=ALLOW_EMBEDDED or COLLECTING)
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(DATA_DIR, allowed=ALLOW_EMBEDDED or COLLECTING)
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 8)
DATABASES = {
    "default": {
        **env.dj_db_url("DATABASE_URL_RESOLVED", DATABASE_URL),
        "OPTIONS": {
            "pool": {"min_size": 0, "max_size": DATABASE_POOL_SIZE, "timeout": 5},
            "connect_timeout": 3,
            "application_name": f"moondev-{MOONDEV_SERVICE}",
        },
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds: whoever logs in while Redis hangs learns so instead of waiting.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "accounts",
    "billing",
    "gateway",
    "alerts",
    "backtests",
    "marketdata",
    "moondev.apps.MoondevConfig",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    # Only the portal and the staff site exist; nothing is to be discovered for a third one.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "djstripe",
]

MIDDLEWARE = [
    "moondev.middleware.RequestLog",
    "moondev.middleware.Problems",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SeenSessions",
    "accounts.middleware.DoorLimits",
    "accounts.middleware.CurrentWorkspace",
    "gateway.middleware.Gate",
]

ROOT_URLCONF = "moondev.urls"
WSGI_APPLICATION = "moondev.wsgi.application"
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
                "moondev.context.product",
            ],
            "libraries": {
                "portal": "accounts.portal.tags",
                "billing": "billing.portal.tags",
                "backtests": "backtests.portal.tags",
            },
        },
    }
]

# People. ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/portal/"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# One address a person: a new one takes the old one's place once it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# The pages say the same for an address that has an account and for one that has none.
ACCOUNT_PREVENT_ENUMERATION = True
# Only in the browser that signed up, right after it did; any other browser has to sign in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# accounts/throttle.py counts instead: allauth's own limits would let a stranger lock somebody out.
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.forms.PasskeyForm"}
# Lets a person with a second factor change their address; nobody gets in by one that is not confirmed.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Moon Dev"
# One step of 30 s either way, for clocks that are a little off.
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys without TLS on `localhost` only, so this opens nothing but development.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
USERSESSIONS_TRACK_ACTIVITY = True

# E-mail: files in development, SMTP in production. ---------------------------------------------------------------
EMAIL_URL = secret("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.dj_email_url("EMAIL_URL"))
    # The parser takes the slash off `file:///var/mail`, which would make it a folder below the current one.
    EMAIL_FILE_PATH: Path | None = Path(EMAIL_URL.removeprefix("file://")) if EMAIL_URL.startswith("file:") else None
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Moon Dev <no-reply@localhost>")
# Seconds: a mail server that hangs must not hold a worker.
EMAIL_TIMEOUT = 10

# Background work. -------------------------------------------------------------------------------------------------
# Celery spells a unix socket and its database in its own way.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)

# Market data. -----------------------------------------------------------------------------------------------------
MARKET_DATA_SOURCE = secret("MARKET_DATA_SOURCE", "simulated")
ALLOW_SIMULATED = env.bool("ALLOW_SIMULATED", DEBUG)

# Plans: the values of rows that are missing (billing/seeds.py). What staff edited is never overwritten. ------------
PLAN_SEED_NUMBERS = {
    name: env.int(name, None)
    for name in (
        "RATE_LIMIT_PRO",
        "RATE_LIMIT_TEAM",
        "RATE_LIMIT_ENTERPRISE",
        "ALERTS_MAX_FREE",
        "ALERTS_MAX_PRO",
        "ALERTS_MAX_TEAM",
        "ALERTS_MAX_ENTERPRISE",
        "ALERTS_POLL_INTERVAL",
    )
}
PLAN_SEED_PRICE_IDS = {
    name: env.str(name, "")
    for name in (
        "PRICE_ID_PRO",
        "PRICE_ID_PRO_YEARLY",
        "PRICE_ID_TEAM",
        "PRICE_ID_TEAM_YEARLY",
        "PRICE_ID_ENTERPRISE",
        "PRICE_ID_ENTERPRISE_YEARLY",
    )
}

# Payment. ---------------------------------------------------------------------------------------------------------
STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY", "sk_test_sandbox")
# Several while a secret is being rolled; a signature under any of them is good.
STRIPE_WEBHOOK_SECRETS = secret("STRIPE_WEBHOOK_SECRET", "whsec_sandbox").replace(",", " ").split()
# The version that our receivers and the sandbox speak; the SDK's own default is newer.
STRIPE_API_VERSION = "2026-05-27.dahlia"
STRIPE_AUTOMATIC_TAX = env.bool("STRIPE_AUTOMATIC_TAX", False)
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
# Without a key of Stripe's a local server with its behaviour takes the payments; only development may have that.
STRIPE_SANDBOX = STRIPE_SECRET_KEY.endswith("_sandbox")
# Where Stripe's API is; the sandbox's key is never sent to Stripe.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "http://127.0.0.1:8013" if STRIPE_SANDBOX else "").rstrip("/")
if STRIPE_API_BASE:
    # dj-stripe's name for it.
    STRIPE_API_HOST = STRIPE_API_BASE
# Where that server sends its events.
STRIPE_SANDBOX_WEBHOOK_URL = env.str("STRIPE_SANDBOX_WEBHOOK_URL", "")
# Scheme and host, exactly, of the pages to which a buyer may be sent back.
BILLING_RETURN_HOSTS: list[str] = env.list("BILLING_RETURN_HOSTS", [PUBLIC_URL])
BILLING_GRACE_DAYS = env.int("BILLING_GRACE_DAYS", 7)

# Alerts. ----------------------------------------------------------------------------------------------------------
ALERTS_DISCORD_WEBHOOK_URL = env.str("ALERTS_DISCORD_WEBHOOK_URL", "")
# Alerts of every workspace that names no destination go to that channel too, and the portal says so.
ALERTS_DEFAULT_FOR_ALL = env.bool("ALERTS_DEFAULT_FOR_ALL", False)
# Hosts that are somewhere else while we develop: `discord.com=127.0.0.1:9001`, separated by commas.
OUTBOUND_ROUTES: dict[str, str] = env.dict("OUTBOUND_ROUTES", {})
if OUTBOUND_ROUTES and not DEBUG:
    raise ImproperlyConfigured(
        "OUTBOUND_ROUTES leads what we send to other machines, over plain http. To develop, set DEBUG=1; in "
        "production leave it unset."
    )

# Backtests. -------------------------------------------------------------------------------------------------------
# The weakest sandbox in which strategies are run here; docs/sandbox.md says what each level holds.
SANDBOX_LEVELS = ("namespaces", "setuid", "landlock", "seccomp_no_open")
SANDBOX_LEVEL = env.str("SANDBOX_LEVEL", "seccomp_no_open" if DEBUG else "namespaces")
if SANDBOX_LEVEL not in SANDBOX_LEVELS:
    raise ImproperlyConfigured(f"SANDBOX_LEVEL is {SANDBOX_LEVEL!r}; it must be one of {', '.join(SANDBOX_LEVELS)}.")
# Runs at the same time in one worker process; its further threads read uploads.
BACKTEST_PARALLEL = env.int("BACKTEST_PARALLEL", 2)
# Seconds without a sign of life after which another worker takes a run.
BACKTEST_LEASE_SECONDS = env.int("BACKTEST_LEASE_SECONDS", 30)
# Seconds that a run may work, on whatever number of ideas and data sets.
BACKTEST_RUN_SECONDS = env.int("BACKTEST_RUN_SECONDS", 1800)
BACKTEST_OPTIMISE_SECONDS = env.int("BACKTEST_OPTIMISE_SECONDS", 120)
# Language models, through any server that speaks OpenAI's chat API. Without one the built-in drafter does everything.
RBI_MODEL = env.str("RBI_MODEL", "")
RBI_MODEL_BASE_URL = env.str("RBI_MODEL_BASE_URL", "")
RBI_MODEL_API_KEY = env.str("RBI_MODEL_API_KEY", "")
# By stage: model, base URL and key. A stage with a server of its own never gets the key of the general one.
RBI_STAGES = {
    "research": (
        env.str("RBI_RESEARCH_MODEL", RBI_MODEL),
        env.str("RBI_RESEARCH_MODEL_BASE_URL", ""),
        env.str("RBI_RESEARCH_MODEL_API_KEY", ""),
    ),
    "draft": (
        env.str("RBI_DRAFT_MODEL", RBI_MODEL),
        env.str("RBI_DRAFT_MODEL_BASE_URL", ""),
        env.str("RBI_DRAFT_MODEL_API_KEY", ""),
    ),
    "debug": (
        env.str("RBI_DEBUG_MODEL", RBI_MODEL),
        env.str("RBI_DEBUG_MODEL_BASE_URL", ""),
        env.str("RBI_DEBUG_MODEL_API_KEY", ""),
    ),
}
# Seconds for one answer, and tokens of one piece of it.
RBI_MODEL_TIMEOUT = env.float("RBI_MODEL_TIMEOUT", 120.0)
RBI_MODEL_MAX_TOKENS = env.int("RBI_MODEL_MAX_TOKENS", 4096)
# USD per million tokens in and out: `gpt-4.1=2/8,deepseek-chat=0.27/1.1`.
RBI_MODEL_PRICES: dict[str, str] = env.dict("RBI_MODEL_PRICES", {})
RBI_RUN_TOKENS = env.int("RBI_RUN_TOKENS", 300_000)
RBI_RUN_USD = env.float("RBI_RUN_USD", 2.0)
RBI_DAY_TOKENS = env.int("RBI_DAY_TOKENS", 3_000_000)
RBI_DAY_USD = env.float("RBI_DAY_USD", 20.0)

# The gate. --------------------------------------------------------------------------------------------------------
GATEWAY_MAX_PROCESSES = env.int("GATEWAY_MAX_PROCESSES", 8)
ANONYMOUS_REQUESTS_PER_MINUTE = env.int("ANONYMOUS_REQUESTS_PER_MINUTE", 600)
UNKNOWN_KEYS_PER_MINUTE = env.int("UNKNOWN_KEYS_PER_MINUTE", 60)
LEAK_REPORT_KEYS_URL = env.str("LEAK_REPORT_KEYS_URL", "")

# What a browser may do with our pages. ----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Unfold's Alpine evaluates expressions; there is no build of it without.
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0 if DEBUG else 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Where people bring files, which go to disk and not into memory; everywhere else the number above holds.
LARGEST_BODIES = {"/portal/backtests/data/new/": 61 * 1_048_576}
CSRF_FAILURE_VIEW = "moondev.problems.csrf_failure"
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
X_FRAME_OPTIONS = "DENY"

# Texts, files, time. ----------------------------------------------------------------------------------------------
# The default looks for a cookie and makes a signer for it on every request, API calls included.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "moondev.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Off, files come from where they lie and keep their names; on, from what collectstatic made.
COLLECTED_STATIC = env.bool("COLLECTED_STATIC", not DEBUG)
STATIC_ROOT = BASE_DIR / "staticfiles" if COLLECTED_STATIC or COLLECTING else None
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Data sets and what runs leave behind. Nothing in it has an address of its own: services say who may read it.
    "artefacts": {
        "BACKEND": env.str("ARTEFACTS_BACKEND", "moondev.lib.files.WholeFiles"),
        "OPTIONS": env.json("ARTEFACTS_OPTIONS", {"location": str(DATA_DIR)}),
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if not COLLECTED_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"
LOGGING_CONFIG = None
logs.configure(debug=DEBUG)

# Parts of other people. -------------------------------------------------------------------------------------------
MIGRATION_MODULES = {"djstripe": "billing.djstripe_migrations"}
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY = None
# The portal has a look of its own; the staff site is Unfold's with the same colours.
UNFOLD_PORTAL = {
    "SITE_TITLE": "Moon Dev",
    "SITE_HEADER": "Moon Dev",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "STYLES": ["moondev.portal.style"],
    "COLORS": {
        "primary": {
            "50": "#eef2ff",
            "100": "#e0e7ff",
            "200": "#c7d2fe",
            "300": "#a5b4fc",
            "400": "#818cf8",
            "500": "#6366f1",
            "600": "#4f46e5",
            "700": "#4338ca",
            "800": "#3730a3",
            "900": "#312e81",
            "950": "#1e1b4b",
        }
    },
}
UNFOLD_STAFF = {
    "SITE_TITLE": "Moon Dev staff",
    "SITE_HEADER": "Moon Dev staff",
    "SITE_SUBHEADER": "Times are UTC",
    "SITE_URL": "/portal/",
    "SITE_SYMBOL": "admin_panel_settings",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["moondev.staff.style"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "moondev.staff.icon"}],
    "COLORS": UNFOLD_PORTAL["COLORS"],
    "ACCOUNT": {"navigation": [{"title": "Security and password", "link": "/portal/security/"}]},
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["gateway.authentication.GateAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["gateway.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "moondev.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # `format` is a parameter of our own; the framework would otherwise pick a renderer by it.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Moon Dev API",
    "VERSION": PRODUCT_VERSION,
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Market data, usage and plans over HTTP. Send the API key in the `X-API-Key` header.",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["moondev.schema.add_problems"],
}
# django-ratelimit lists only the cache back ends it was written against; Django's own RedisCache increments
# atomically and is shared by all processes, which is what its warning W001 asks for.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]

# The sandbox that plays Stripe is a site of its own: no database, no accounts, and cookies that are not ours. ------
if MOONDEV_SERVICE == "sandbox":
    INSTALLED_APPS = []
    DATABASES = {}
    MIDDLEWARE = ["billing.sandbox.guard.ThisMachineOnly"]
    ROOT_URLCONF = "billing.sandbox.urls"
    TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / "templates"]}]
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sandbox_session", "sandbox_csrf"
