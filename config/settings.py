"""Every option of an installation. Each comes from the environment variable of the same name, or from the file
that NAME_FILE names; docs/settings.md lists them. A wrong value stops the start with one sentence."""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext

from config import env
from config.content_policy import content_policy
from config.logging import logging_config
from config.oauth import oauth_options
from config.openapi import openapi_options
from config.runtime.layout import Layout
from config.secrets import read_or_make

# Lets Django's generic classes be subscripted at run time, as the type checker wants them: ModelForm[User].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# Where this installation keeps what it owns: database, broker, files, logs, generated secrets.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).expanduser().resolve()
LAYOUT = Layout(DATA_DIR)

# Signs sessions and links; made and kept in DATA_DIR/secrets when not given.
SECRET_KEY = read_or_make("SECRET_KEY", LAYOUT)
# Encrypts broker credentials at rest (a Fernet key); made and kept likewise.
FIELD_ENCRYPTION_KEY = read_or_make("FIELD_ENCRYPTION_KEY", LAYOUT)

# Shows tracebacks in the browser: for developers only.
DEBUG = env.flag("DEBUG", False)

# --- Address -----------------------------------------------------------------------------------------------

# What `manage.py up` listens on. 0.0.0.0 listens to the whole network.
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, at_least=1, at_most=65535)
# The address people type, when a proxy stands in front: https://journal.example.org
BASE_URL = env.text("BASE_URL").rstrip("/")
# Names that the server answers to. The name in BASE_URL is one of them without saying so.
ALLOWED_HOSTS = [*env.hosts(BASE_URL), *env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")]
# Origins, with scheme, that forms may be sent from when they differ from the address of the page.
CSRF_TRUSTED_ORIGINS = [*([BASE_URL] if BASE_URL else []), *env.words("CSRF_TRUSTED_ORIGINS")]
# Cookies travel by https only, and http is sent on to https. On by itself when BASE_URL is https.
HTTPS = env.flag("HTTPS", BASE_URL.startswith("https://"))
# A proxy in front sets X-Forwarded-Proto and X-Forwarded-For and overwrites what clients send.
BEHIND_PROXY = env.flag("BEHIND_PROXY", False)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Cookies ignore ports: two copies on one machine would sign each other out under one name.
SESSION_COOKIE_NAME = env.text("SESSION_COOKIE_NAME", f"fillbook_session_{PORT}")
CSRF_COOKIE_NAME = f"fillbook_csrf_{PORT}"
CONTENT_SECURITY_POLICY = content_policy()

# --- Parts -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "common",
    "accounts",
    "journal",
    "reconciliation",
    "learning",
    "config.admin_site.BookAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "knox",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "pgtrigger",
    "pghistory",
    "django_structlog",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "common.uploads.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "accounts.middleware.NumberFormatMiddleware",
    "common.middleware.AppErrorMiddleware",
    "accounts.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "accounts.context.people",
                "journal.views.frame.frame",
            ],
        },
    }
]
# Widgets come from our templates first, then from Django's own.
INSTALLED_APPS.append("django.forms")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- Database and broker -----------------------------------------------------------------------------------

# PostgreSQL 15 or newer, as postgresql://user:password@host:port/name. Not given: our own, under DATA_DIR.
DATABASE_URL = env.text("DATABASE_URL")
# Seconds that a web thread keeps its connection.
DATABASE_CONNECTION_MAX_AGE_SECONDS = env.integer("DATABASE_CONNECTION_MAX_AGE_SECONDS", 60)
DATABASES = {
    "default": {
        **env.database(DATABASE_URL or LAYOUT.database_url),
        "CONN_MAX_AGE": DATABASE_CONNECTION_MAX_AGE_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "TEST": {"TEMPLATE": "template0"},
    }
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", "5")

# Redis, Valkey or RabbitMQ. Not given: our own Valkey, under DATA_DIR.
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or LAYOUT.broker_url
# A task that runs longer is stopped; its work is done again or reported by whoever waits for it.
TASK_TIME_LIMIT_SECONDS = env.integer("TASK_TIME_LIMIT_SECONDS", 3600, at_least=60)

# Rate limits, shared by all web processes. Not given: beside the broker when that speaks Redis, else in the database.
CACHE_URL = env.text("CACHE_URL") or env.cache_beside(CELERY_BROKER_URL)
CACHES = {
    "default": {
        "BACKEND": f"django.core.cache.backends.{'redis.RedisCache' if CACHE_URL else 'db.DatabaseCache'}",
        "LOCATION": CACHE_URL or "fillbook_cache",
        "KEY_PREFIX": "fillbook",
        # A cache that is frozen must not hold up who only counts requests in it.
        **({"OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2}} if CACHE_URL else {}),
    }
}

# Processes of `manage.py up`: sized for two cores and half a gigabyte.
WEB_WORKERS = env.integer("WEB_WORKERS", 2, at_least=1)
WEB_THREADS = env.integer("WEB_THREADS", 4, at_least=1)
WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 2, at_least=1)
CLOSING_THREADS = env.integer("CLOSING_THREADS", 16, at_least=2)

# --- Files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_DIR", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploaded statements. Another Django storage class (an S3 bucket) with its options as JSON replaces the folder.
FILES_STORAGE = env.text("FILES_STORAGE", "django.core.files.storage.FileSystemStorage")
FILES_STORAGE_OPTIONS = env.mapping("FILES_STORAGE_OPTIONS")
MEDIA_ROOT = LAYOUT.files
STORAGES = {
    "default": {"BACKEND": FILES_STORAGE, "OPTIONS": FILES_STORAGE_OPTIONS},
    "staticfiles": {"BACKEND": "common.static_files.GzippedStaticFiles"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# The largest statement that is accepted.
STATEMENT_SIZE_MAX_BYTES = env.integer("STATEMENT_SIZE_MAX_BYTES", 200 * 1024 * 1024, at_least=1024)
# Uploads go to disk as they arrive, never into memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
# Everything in a request that is not a file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Learning ----------------------------------------------------------------------------------------------

# By what scanners are told their thresholds where a workspace has not chosen.
LEARNING_POLICY = env.choice("LEARNING_POLICY", "evidence", ("evidence", "seed", "off"))
# More of the equity than this is never recommended to be risked on one trade.
LEARNING_RISK_CAP_PERCENT = env.percent("LEARNING_RISK_CAP_PERCENT", "2")
# What exposure is weighted to, and the interest per year that options are valued at.
LEARNING_INDEX = env.text("LEARNING_INDEX", "SPY")
LEARNING_INTEREST_PERCENT = env.percent("LEARNING_INTEREST_PERCENT", "4")

# --- Brokers -----------------------------------------------------------------------------------------------

# A single Interactive Brokers login to pull from, for the first workspace: token and number of the Flex query.
IBKR_FLEX_TOKEN = env.text("IBKR_FLEX_TOKEN")
IBKR_FLEX_QUERY_ID = env.text("IBKR_FLEX_QUERY_ID")
env.together(IBKR_FLEX_TOKEN=IBKR_FLEX_TOKEN, IBKR_FLEX_QUERY_ID=IBKR_FLEX_QUERY_ID)
ENVIRONMENT_CONNECTIONS = (
    {"ibkr_flex": {"token": IBKR_FLEX_TOKEN, "query_id": IBKR_FLEX_QUERY_ID}}
    if IBKR_FLEX_TOKEN
    else {}
)
# What is meant for a broker goes elsewhere, as {"https://broker.example": "http://127.0.0.1:8800"}: to a simulator or
# a proxy. Nothing else is ever asked without https.
BROKER_ORIGINS = env.mapping("BROKER_ORIGINS")

# --- People ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
KNOX_TOKEN_MODEL = "accounts.ApiToken"
# Its only model is replaced by ours; its migrations would leave an empty table behind.
MIGRATION_MODULES = {"knox": None}
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
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
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Who may sign up: everybody (open), whoever has an invitation (invited), nobody (closed). The first person always may.
ACCOUNTS_SIGNUP_OPEN = env.choice("ACCOUNTS_SIGNUP_OPEN", "open", ("open", "invited", "closed"))
# People may sign up with a passkey and no password. Needs EMAIL_HOST, since a code is mailed to them first.
ACCOUNTS_PASSKEY_SIGNUP = env.flag("ACCOUNTS_PASSKEY_SIGNUP", False)
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
USERSESSIONS_TRACK_ACTIVITY = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.mfa_forms.ActivateAppForm",
    "add_webauthn": "accounts.mfa_forms.AddPasskeyForm",
    "authenticate": "accounts.mfa_forms.AuthenticateForm",
    "reauthenticate": "accounts.mfa_forms.ReauthenticateForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Fillbook"
# Steps of 30 seconds that a phone's clock, or a slow typist, may be off.
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys on http://localhost, where nothing else is possible.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Which programs may ask to be let in as assistants: those registered by signed-in people (people), any that registers
# itself, as ChatGPT and Claude do (open), or none that is not known yet (closed). A person is asked in any case.
ASSISTANTS_REGISTRATION = env.choice(
    "ASSISTANTS_REGISTRATION", "people", ("people", "open", "closed")
)
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = oauth_options(registration=ASSISTANTS_REGISTRATION, issuer=BASE_URL)

# --- E-mail ------------------------------------------------------------------------------------------------

# Without EMAIL_HOST no mail is sent: it appears in the log, and addresses are not verified.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, at_least=1, at_most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "fillbook@localhost")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_HOST else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = bool(EMAIL_HOST)
# Without mail nobody could verify an address, and two-factor sign-in must not depend on it.
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_HOST
MFA_PASSKEY_SIGNUP_ENABLED = ACCOUNTS_PASSKEY_SIGNUP and bool(EMAIL_HOST)
ACCOUNT_EMAIL_NOTIFICATIONS = bool(EMAIL_HOST)

# Alerts may be sent to machines of private networks, such as an ntfy or Gotify of one's own. People enter the
# addresses: where strangers have accounts this lets them speak to whatever this machine reaches.
ALERT_PRIVATE_HOSTS = env.flag("ALERT_PRIVATE_HOSTS", False)

# How many days the lines of snapshots of accounts are kept; of older ones those of each day's last snapshot stay.
GUARD_SAMPLES_DAYS = env.integer("GUARD_SAMPLES_DAYS", 30, at_least=1)
SNAPSHOT_LINES_DAYS = env.integer("SNAPSHOT_LINES_DAYS", 14, at_least=1)

# Who may read /metrics from elsewhere than this machine: whoever sends this as Bearer. Not given: nobody.
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- Guards ------------------------------------------------------------------------------------------------

# What may be lost in any account of this installation, in per cent; 0 is no such limit. Nobody in a workspace can
# loosen or switch it off: below the highest worth, and below what the day began with.
GUARD_FLOOR_DRAWDOWN_PERCENT = env.percent("GUARD_FLOOR_DRAWDOWN_PERCENT")
GUARD_FLOOR_DAILY_LOSS_PERCENT = env.percent("GUARD_FLOOR_DAILY_LOSS_PERCENT")
# Whether these close positions; otherwise they only lock new trades.
GUARD_FLOOR_CLOSES = env.flag("GUARD_FLOOR_CLOSES", True)
# How long somebody who has nobody else to ask waits before a guard protects less.
GUARD_COOLING_HOURS = env.integer("GUARD_COOLING_HOURS", 24, at_least=1)
# Of each account so seldom, whoever asks.
RECONCILIATION_SYNC_SECONDS = env.integer("RECONCILIATION_SYNC_SECONDS", 15, at_least=1)

# --- API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "common.api.parsers.DeepJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "accounts.api.throttles.TokenRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        # Requests that one person or token, or one address without either, may send to the API.
        "user": env.text("API_RATE_LIMIT", "1200/minute"),
        # Calls that report orders and fills, each with many of them, of one token.
        "capture": env.text("CAPTURE_RATE_LIMIT", "6000/minute"),
        "anon": env.text("API_ANONYMOUS_RATE_LIMIT", "60/minute"),
        # How often one token or person may ask for reconciliation now.
        "sync": env.text("RECONCILIATION_SYNC_RATE_LIMIT", "30/minute"),
        # Programs that one address may register as assistants.
        "registration": env.text("ASSISTANTS_REGISTRATION_RATE_LIMIT", "20/hour"),
    },
    "EXCEPTION_HANDLER": "common.api.errors.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = openapi_options()

# --- Logs --------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
# `console` for people, `json` for machines.
LOG_FORMAT = env.choice("LOG_FORMAT", "console", ("console", "json"))
LOGGING = logging_config(level=LOG_LEVEL, form=LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
