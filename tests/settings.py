"""Settings of unit tests: those of the product without slow password hashing and rate limits."""

from pantry.settings import *  # noqa: F403
from pantry.settings import DATA_DIR, DATABASES
from tests.sqlite import without_syncing

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # so allauth spells none
API_RATES = {}
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product: with a database in memory, all threads would share one connection.
    without_syncing(DATABASES["default"])
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # PostgreSQL cannot drop a database that a thread is connected to
