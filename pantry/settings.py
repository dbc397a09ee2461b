"""Settings from the environment, each with a working default. `.env.example` lists them."""

import hashlib
import os
import sys
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from pantry.data_folder import make_private, public_files
from pantry.db import database
from pantry.secret import secret_key, vapid_key

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
make_private(DATA_DIR)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(DATA_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
# The proxies whose X-Forwarded-For and X-Forwarded-Proto count. Only HTTPS says that there is one, on this machine.
PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"] if HTTPS else [])
TRUSTED_PROXIES = [str(ip_network(address)) for address in PROXIES]

# Loaded only for `runserver`, since importing Twisted takes most of a second.
DAPHNE = ["daphne"] if "runserver" in sys.argv[1:2] else []
INSTALLED_APPS = [
    *DAPHNE,
    "pantry.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "homes.accounts.apps.UserSessionsConfig",
    "channels",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "template_partials",
    "pantry",
    "homes.accounts",
    "homes.events",
    "homes",
    "homes.notifications",
    "homes.files",
    "groceries",
    "planner",
    "chat",
    "pixie",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "pantry.headers.default_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pantry.request_log.RequestLog",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "pantry.api.errors.explain_method_not_allowed",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "pantry.urls"
ASGI_APPLICATION = "pantry.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "pantry.templatetags.design",
                "groceries.templatetags.amounts",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "homes.context_processors.home",
                "chat.unread.unread",
            ],
        },
    },
]
FORM_RENDERER = "pantry.forms.FieldRenderer"

DATABASES = {"default": database(env.str("DATABASE_URL", default=""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["homes.accounts.backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "homes.accounts.validators.NewPasswordEndsSignIns"})
LOGIN_REDIRECT_URL = "homes:start"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "homes.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "homes.accounts.forms.AddEmailForm",
    "change_password": "homes.accounts.forms.ChangePasswordForm",
    "login": "homes.accounts.forms.LoginForm",
    "reauthenticate": "homes.accounts.forms.ReauthenticateForm",
    "reset_password": "homes.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "homes.accounts.forms.ResetPasswordKeyForm",
    "set_password": "homes.accounts.forms.SetPasswordForm",
    "signup": "homes.accounts.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if env.bool("EMAIL_VERIFICATION", default=False) else "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "signup": env.str("RATE_SIGNUP", default="20/h/ip"),
    "login": env.str("RATE_LOGIN", default="30/m/ip"),
    "login_failed": env.str("RATE_LOGIN_FAILED", default="10/m/ip,5/5m/key"),
}
MFA_ADAPTER = "homes.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "homes.accounts.forms.ActivateTOTPForm",
    "authenticate": "homes.accounts.forms.AuthenticateForm",
    "reauthenticate": "homes.accounts.forms.ReauthenticateByCodeForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a server without mail cannot verify addresses
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pantry Pixie"
ADMIN_TWO_STEP = env.bool("ADMIN_TWO_STEP", default=True)
SESSION_ENGINE = "homes.accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
COOKIE_PREFIX = "__Host-" if HTTPS else ""  # browsers take such a cookie only from this host itself, over HTTPS
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGES_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
MESSAGE_STORAGE = "pantry.message_storage.MessageStorage"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["pantry.uploads.FormFileHandler"]
IMPORT_MAX_BYTES = 64_000_000
FILE_MAX_BYTES = 15_000_000  # of a picture or PDF, before it is made smaller
FILE_BODY_BYTES = 20_000_000  # so that a larger one, too, is refused with its own sentence
MAX_BODY_BYTES = {  # paths with a higher limit than DATA_UPLOAD_MAX_MEMORY_SIZE
    r"/api/homes/import": IMPORT_MAX_BYTES,
    r"/h/[^/]+/lists/[^/]+/import": 8_000_000,  # so that a picture, too, is refused by the page, with its sentence
    r"/h/[^/]+/files/[^/]+/[^/]+/add": FILE_BODY_BYTES,
    r"/api/homes/[^/]+/files": FILE_BODY_BYTES,
}
MAX_STREAMS_PER_USER = env.int("MAX_STREAMS_PER_USER", default=100)  # WebSockets and event streams in each process

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Language and time: the time zone is a default, since each home has its own.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]  # those that the pages are translated to
PIXIE_LANGUAGES = {"en": "English", "th": "Thai", "de": "German", "es": "Spanish"}  # of answers, named for a model
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["pantry.formats"]
TIME_ZONE = "UTC"

# Static files: `manage.py up` and `serve` collect them. With DEBUG they are served as they are.
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))).resolve()
STATIC_IS_PUBLIC = not STATIC_ROOT.is_relative_to(DATA_DIR)  # elsewhere, a proxy of another user may serve them
FILE_UPLOAD_PERMISSIONS = 0o644 if STATIC_IS_PUBLIC else 0o600  # of static files
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755 if STATIC_IS_PUBLIC else 0o700
with public_files(STATIC_IS_PUBLIC):
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Pictures and files of homes: never under a URL, since each is served by a view that checks who asks.
FILES_HOME_BYTES = env.int("FILES_HOME_BYTES", default=1_000_000_000)
FILES_FOLDER = {"location": DATA_DIR / "files", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES = {
    "staticfiles": {"BACKEND": "pantry.static_files.StaticFilesStorage"},
    "files": env.json("FILES_STORAGE", default=None)
    or {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": FILES_FOLDER},
}

# Mail: printed to the console by default.
EMAIL_URL = env.str("EMAIL_URL", default="consolemail://")
vars().update(env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Pantry Pixie <pixie@localhost>")

# Push notifications
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="") or vapid_key(DATA_DIR)
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="")
PUSH_INTRANET_HOSTS = env.list("PUSH_INTRANET_HOSTS", default=[])

# Pages with recipes, besides those of the public web
RECIPE_INTRANET_HOSTS = env.list("RECIPE_INTRANET_HOSTS", default=[])

# Live updates and background tasks. Without Redis both run in a single process.
REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 1, "socket_connect_timeout": 1}]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 5000}}
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "templates",
        "OPTIONS": {"MAX_ENTRIES": 2000},  # of about 3 KB
    },
}
if REDIS_URL:
    from redis.backoff import NoBackoff  # 20 MB, loaded only where Redis serves
    from redis.retry import Retry

    CACHES["default"] = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "SOCKET_TIMEOUT": 0.5,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1)},
            "IGNORE_EXCEPTIONS": True,  # while Redis is unavailable, the cache is empty and nothing is rate-limited
        },
    }
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
# Tasks are only nudges: a broker that is unavailable must not delay requests.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {"polling_interval": 0.02}
if REDIS_URL:
    timeouts = {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 1}
    CELERY_BROKER_TRANSPORT_OPTIONS = {**timeouts, "max_retries": 1, "interval_start": 0, "interval_step": 0}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_CONSUMER = "pantry.worker:Consumer"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# Pixie's language model, for homes without their own. Without one, Pixie uses its local understanding only.
ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", default="")
PIXIE_MODEL_URL = env.str("PIXIE_MODEL_URL", default="")
PIXIE_MODEL_KEY = env.str("PIXIE_MODEL_KEY", default="")
PIXIE_MODELS = {size: env.str(f"PIXIE_MODEL_{size.upper()}", default="") for size in ("small", "normal", "large")}
PIXIE_MONTHLY_BUDGET_USD = Decimal(text) if (text := env.str("PIXIE_MONTHLY_BUDGET_USD", default="").strip()) else None
PIXIE_RUN_SECONDS = env.float("PIXIE_RUN_SECONDS", default=120.0)
PIXIE_INTRANET_HOSTS = env.list("PIXIE_INTRANET_HOSTS", default=[])
# The providers' packages would send these to every address, also to that of a home's own provider.
for name in ("ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
    os.environ.pop(name, None)

# For Prometheus: without a token, /metrics answers 404.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "homes.accounts.api.authentication.BearerAuthentication",
        "homes.accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "homes.accounts.api.authentication.ScopeAllows",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["pantry.api.throttles.Throttle"],
    "DEFAULT_RENDERER_CLASSES": ["pantry.api.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pantry.api.json.JSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is an ordinary parameter
    "DEFAULT_SCHEMA_CLASS": "pantry.api.schema.Schema",
    "EXCEPTION_HANDLER": "pantry.api.errors.error_response",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=24),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "USER_ID_CLAIM": "sub",
    "SIGNING_KEY": hashlib.sha256(f"jwt {SECRET_KEY}".encode()).hexdigest(),
}
# Rate limits as in allauth: maximum/period/counted by. Empty: unlimited.
API_RATES = {
    "sign-up": ACCOUNT_RATE_LIMITS["signup"],
    "sign-in": ACCOUNT_RATE_LIMITS["login"],
    "sign-in-failed": ACCOUNT_RATE_LIMITS["login_failed"],
    "chat": env.str("RATE_CHAT", default="60/m/user,120/m/ip"),
    "files": env.str("RATE_FILES", default="10/m/user,20/m/ip"),
    "changes": env.str("RATE_CHANGES", default="600/m/user"),
    **dict.fromkeys(("other", "pages"), env.str("RATE_API", default="1200/m/user,2400/m/ip")),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pantry Pixie",
    "VERSION": "1",
    "DESCRIPTION": (
        "Homes, lists, chat and Pixie over REST. Sign in at `/api/auth/login` and send `Authorization: Bearer …`, or "
        "create a personal token. All errors have the same format, lists are paginated, and a POST with an "
        "`Idempotency-Key` is executed once.\n\nEvents of a home are streamed live: over a WebSocket at "
        "`/ws/{home_id}?since={seq}` with the subprotocols `bearer, <token>`, or as server-sent events at "
        "`/api/homes/{home_id}/events/stream?since={seq}`. Both send the events of `/events` in the same format and "
        "order. To resume after a disconnect, pass the last `seq` that you received."
    ),
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_PATCH": False,  # serializers of PATCH requests mark their optional fields themselves
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": (
                    "The `token` from signing in (valid for 24 hours), or a personal token (`pp_…`) with scopes."
                ),
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": SESSION_COOKIE_NAME,
                "description": "The browser's session. Requests that change something need `X-CSRFToken` as well.",
            },
        }
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "validatorUrl": None},
    "ENUM_NAME_OVERRIDES": {
        "InvitationState": "homes.models.Invitation.STATES",
        "GuestLinkState": "groceries.models.GuestLink.STATES",
        "EntryState": "groceries.models.EntryState",
        "TaskState": "planner.models.TaskState",
        "Frequency": "groceries.models.Frequency",
        "ListState": "groceries.models.ListState",
        "MessageState": "chat.models.MessageState",
        "ChannelKind": "chat.models.ChannelKind",
        "Role": "homes.models.Role",
        "RunStatus": "pixie.models.RunStatus",
        "StopReason": "pixie.models.StopReason",
        "RunMessageType": "pixie.models.RunMessage.Type",
        "PassageSource": "pixie.models.Source",
    },
}

REQUEST_LEVEL = "INFO" if env.bool("REQUEST_LOG", default=True) else "WARNING"
REQUEST_LOGGER = {"handlers": ["requests"], "level": REQUEST_LEVEL, "propagate": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "pantry.request_log.RequestFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
        "request": {"()": "pantry.request_log.RequestFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]},
        "requests": {"class": "logging.StreamHandler", "formatter": "request", "filters": ["request"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can cause these
        "channels_redis": {"level": "CRITICAL"},  # `pantry.broadcast` logs once that Redis is away
        # these log whole requests, with people's messages and API keys
        **dict.fromkeys(("anthropic", "openai", "httpx2", "httpcore2"), {"level": "WARNING"}),
        **dict.fromkeys(("pantry.request_log", "pixie.runs"), REQUEST_LOGGER),
    },
}
