"""The liveness and readiness checks."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from tests.services import free_port

pytestmark = pytest.mark.both_databases


def test_liveness_needs_no_queries(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_readiness_with_all_services_is_200(db):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "away": []})
    assert "no-store" in answer.headers["Cache-Control"]


def test_readiness_without_redis_is_200(db, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "away": ["redis"]})


def test_readiness_without_the_database_is_503(db, settings):
    settings.REDIS_URL = ""

    def fail(*args):
        raise DatabaseError("gone")

    with connection.execute_wrapper(fail):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "away": ["database"]})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_reject_other_methods(db, path):
    assert Client().post(path).status_code == 405
