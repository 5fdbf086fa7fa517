"""PAGE_CACHE puts wagtail-cache before every page."""

import os

FOLDER, WAGTAIL_CACHE = os.environ["BENCH_FOLDER"], bool(os.environ["PAGE_CACHE"])
SECRET_KEY, ALLOWED_HOSTS, DEBUG, USE_TZ = "of this bench", ["*"], False, True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WAGTAIL_SITE_NAME, WAGTAILADMIN_BASE_URL, STATIC_URL = "Bench", "http://localhost", "/static/"
ROOT_URLCONF, WSGI_APPLICATION = "newspaper.urls", "newspaper.wsgi.application"
INSTALLED_APPS = [
    "newspaper", "wagtailcache", "taggit", "modelcluster",
    *(f"wagtail.{each}" for each in ("users", "snippets", "documents", "images", "search", "admin")), "wagtail",
    *(f"django.contrib.{each}" for each in ("auth", "contenttypes", "sessions", "messages", "staticfiles")),
]  # fmt: skip
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.security.SecurityMiddleware",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if WAGTAIL_CACHE:
    MIDDLEWARE = [
        "wagtailcache.cache.UpdateCacheMiddleware", *MIDDLEWARE, "wagtailcache.cache.FetchFromCacheMiddleware"
    ]  # fmt: skip
    CACHES["pages"] = {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": f"{FOLDER}/pages",
        "TIMEOUT": 4 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # Django's 300 would not hold the stories
    }
    WAGTAIL_CACHE_BACKEND = "pages"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{FOLDER}/newspaper.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
