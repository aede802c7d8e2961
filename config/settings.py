"""Every setting, read from the environment (docs/architecture.md lists them).

A process *is* a role: CREDENCE_PROCESS picks the database login and the pages served, so the most attacked
process (the learning site) cannot reach money even when it errs. This module computes paths and opens nothing.
"""

from pathlib import Path

import environ

from database import local_servers

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PROCESSES = ("owner", "learning", "office", "funding", "accountability", "beat")
PROCESS = env.str("CREDENCE_PROCESS", default="owner")
if PROCESS not in PROCESSES:
    raise ValueError(f"CREDENCE_PROCESS is {PROCESS!r}; it must be one of {', '.join(PROCESSES)}.")

EMBEDDED_POSTGRES = "DATABASE_URL" not in env.ENVIRON
EMBEDDED_REDIS = "REDIS_URL" not in env.ENVIRON
DEBUG = env.bool("DEBUG", default=False)
# A machine that names its own database is a real deployment and must bring its own secret.
SECRET_KEY = env.str("SECRET_KEY", default=f"embedded-demonstration-{PROCESS}") if EMBEDDED_POSTGRES else env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "csp",
    "drf_spectacular",
    "people",
    "competencies",
    "enrollments",
    "pathways",
    "funding",
    "accountability",
    "demonstration",
    # Last, so that its post_migrate handler sees every table: it places and guards them.
    "database",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "people.languages.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.sign_in.second_factor.BeforeAnythingElse",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SITE = "office" if PROCESS == "office" else "learning"
if SITE == "learning":
    MIDDLEWARE.append("people.once.Once")
ROOT_URLCONF = f"config.urls_{SITE}"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "people.navigation.navigation",
            ]
        },
    }
]

# `public` first: a third-party table must not land in an area's schema by accident.
SEARCH_PATH = "public,learning,funding,accountability,audit"
if EMBEDDED_POSTGRES:
    DATABASES = {"default": local_servers.database_settings(BASE_DIR, f"credence_{PROCESS}")}
else:
    DATABASES = {"default": env.db_url("DATABASE_URL")}
# A worker that dies amid a long statement, or a machine that falls silent, would keep its locks to the statement's end
# or for hours; so the server asks whether its client is still there.
KEEPALIVE = "-c client_connection_check_interval=2s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
DATABASES["default"].setdefault("OPTIONS", {})["options"] = f"-c search_path={SEARCH_PATH} -c timezone=UTC -c jit=off {KEEPALIVE}"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = local_servers.broker_url(BASE_DIR) if EMBEDDED_REDIS else env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": local_servers.redis_url(BASE_DIR) if EMBEDDED_REDIS else env.str("REDIS_URL"),
    }
}

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "people.sign_in.one_time.OneTimeSecretBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The two sites may be served from one host name: a session of one is none of the other's.
SESSION_COOKIE_NAME = f"{SITE}_session"
CSRF_COOKIE_NAME = f"{SITE}_csrf"
# The language is one choice for both sites; it says nothing about who chose it, and lasts a year.
LANGUAGE_COOKIE_NAME = "credence_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not (EMBEDDED_POSTGRES or DEBUG)
# The second factor: `required` of everybody but students and guardians, or `offered`. Its secrets are kept under a key that
# both sites share, since staff of a provider sign in to both.
SECOND_FACTOR = env.str("CREDENCE_SECOND_FACTOR", default="offered" if EMBEDDED_POSTGRES else "required")
if SECOND_FACTOR not in ("required", "offered"):
    raise ValueError(f"CREDENCE_SECOND_FACTOR is {SECOND_FACTOR!r}; it must be required or offered.")
SERVES_PAGES = PROCESS in ("learning", "office")
SECOND_FACTOR_KEY = (
    env.str("CREDENCE_SECOND_FACTOR_KEY")
    if SERVES_PAGES and not EMBEDDED_POSTGRES
    else env.str("CREDENCE_SECOND_FACTOR_KEY", default="embedded-demonstration")
)
# A school's own sign-on (OpenID Connect), at the learning site alone; there is none without an issuer.
SIGN_ON = {
    "issuer": env.str("CREDENCE_SIGN_ON_ISSUER", default=""),
    "name": env.str("CREDENCE_SIGN_ON_NAME", default="your school"),
    "client_id": env.str("CREDENCE_SIGN_ON_CLIENT_ID", default=""),
    "client_secret": env.str("CREDENCE_SIGN_ON_CLIENT_SECRET", default=""),
}
SOCIALACCOUNT_ADAPTER = "people.sign_in.sign_on.SignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
ACCOUNT_ADAPTER = "people.sign_in.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Failures at the sign-in page are counted by people/actions/count_failures.py; here those of a person's second factor.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/300s/key", "reauthenticate": "10/m/user"}
MFA_ADAPTER = "people.sign_in.second_factor.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A clock may be half a minute off; a code counts once all the same (people/forms.py).
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"authenticate": "people.forms.SecondFactorForm", "reauthenticate": "people.forms.SecondFactorAgainForm"}
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# config/formats: numbers as the Spanish of the United States writes them.
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Intake answers row by row and reads as a stream; the cap bounds a batch, not a file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Credence: the learning record",
    "DESCRIPTION": "Competencies, evidence, judgement, credit by proficiency and learning plans, and the intake of completions. "
    "Sign in with a session or with `Authorization: Bearer <personal token>`; errors are RFC 9457 problem details.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

# No SQL parameter and no request body ever reaches a log (trust.md's list of what is never logged).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"credence": {"level": "INFO"}, "django.db.backends": {"level": "WARNING"}},
}
