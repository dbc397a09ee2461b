import pytest
from django.core.cache import cache

from pantry.cache import PatientRedisCache, count

NOBODY = "redis://localhost:1/0"


@pytest.fixture(autouse=True)
def begin_at_nothing():
    cache.clear()
    yield
    cache.clear()


def test_several_are_counted_at_once():
    assert count({"eggs": 60, "milk": 60}) == [1, 1]
    assert count({"milk": 60}) == [2]
    assert count({"eggs": 60, "milk": 60, "rice": 60}) == [2, 3, 1]


def test_each_request_has_a_cache_of_its_own_and_all_the_same_connections():
    options = {"OPTIONS": {"socket_timeout": 0.5}}
    one, another = PatientRedisCache(NOBODY, options), PatientRedisCache(NOBODY, options)
    assert one is not another
    assert one._cache is another._cache
    assert one._cache is not PatientRedisCache("redis://localhost:2/0", options)._cache


def test_while_redis_is_away_everybody_is_the_first(monkeypatch):
    monkeypatch.setattr(PatientRedisCache, "_away_until", 0.0)
    away = PatientRedisCache(NOBODY, {})
    assert [away.count({"eggs": 60, "milk": 60}) for _ in range(2)] == [[1, 1], [1, 1]]
    assert away.get("eggs", "nothing") == "nothing"
