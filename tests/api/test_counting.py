"""Request counters of the rate limits, with both caches and without Redis."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache, caches

from pantry.api import throttles
from pantry.api.throttles import increment

TIMES = 40


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


def test_each_key_is_counted_separately():
    assert [increment("eggs", 60), increment("eggs", 60), increment("milk", 60)] == [1, 2, 1]


def test_concurrent_requests_are_all_counted():
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _number: increment("eggs", 60), range(TIMES)))
    assert sorted(counts) == list(range(1, TIMES + 1))


def test_counting_without_redis_counts_nothing_and_does_not_fail(settings, monkeypatch):
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://localhost:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True},
        }
    }
    away = caches.create_connection("default")
    monkeypatch.setattr(throttles, "cache", away)
    assert [increment("eggs", 60), increment("eggs", 60)] == [1, 1]
    assert away.get("eggs", "nothing") == "nothing"
