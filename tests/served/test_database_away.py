"""PostgreSQL is stopped and started again under running web processes."""

from contextlib import closing
from uuid import uuid4

import pytest

from tests.server import NOK, Visitor

REQUESTS = 60


@pytest.fixture(scope="module")
def nok(cluster):
    with closing(Visitor(cluster.web[0], NOK)) as visitor:
        yield visitor


def addresses(nok):
    return [f"/h/{nok.home}/lists/", f"/h/{nok.home}/", f"/api/homes/{nok.home}/lists", "/api/auth/me"]


def test_while_the_database_is_away_every_answer_is_503_and_says_when_to_retry(cluster, nok):
    assert all(nok.get(address).is_success for address in addresses(nok))
    cluster.database.stop()
    for address in [*addresses(nok), *addresses(nok)]:
        answer = nok.get(address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), answer.text
        if address.startswith("/api/"):
            assert answer.json()["error"]["code"] == "unavailable"
        else:
            assert "try again in a moment" in answer.text
    posted = nok.post(f"/api/homes/{nok.home}/lists", json={"name": uuid4().hex})
    assert (posted.status_code, posted.json()["error"]["code"]) == (503, "unavailable")
    assert nok.get("/readyz").status_code == 503
    assert nok.get("/healthz").status_code == 200
    cluster.database.start()
    assert all(nok.get(address).is_success for address in addresses(nok))
    assert nok.get("/readyz").status_code == 200


def test_after_a_restart_while_idle_no_request_fails(cluster, nok):
    """Each of the threads has a connection that the restart broke."""
    for number in range(REQUESTS):
        nok.get(addresses(nok)[number % 4]).raise_for_status()
    cluster.database.stop()
    cluster.database.start()
    answers = [nok.get(addresses(nok)[number % 4]).status_code for number in range(REQUESTS)]
    assert answers == [200] * REQUESTS
