"""The product's settings, with what tests must not wait for taken out."""

from pantry.settings import *  # noqa: F403
from pantry.settings import DATA_DIR, DATABASES
from tests.sqlite import without_syncing

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # so allauth spells none
API_RATES = {}
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as the product's is: one in memory would make a single connection of those of all threads.
    without_syncing(DATABASES["default"])
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # PostgreSQL drops no database to which a thread is still connected
