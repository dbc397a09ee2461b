"""Web processes during and after an outage of PostgreSQL."""

import json
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from tests.server import NOK, PASSWORD, Visitor

REQUESTS = 60


@pytest.fixture(scope="module")
def nok(cluster):
    with closing(Visitor(cluster.web[0], NOK)) as visitor:
        yield visitor


def urls(nok):
    return [f"/h/{nok.home}/lists/", f"/h/{nok.home}/", f"/api/homes/{nok.home}/lists", "/api/auth/me"]


def test_requests_without_the_database_return_503_with_retry_after(cluster, nok):
    assert all(nok.get(url).is_success for url in urls(nok))
    cluster.database.stop()
    for url in [*urls(nok), *urls(nok)]:
        response = nok.get(url)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), response.text
        if url.startswith("/api/"):
            assert response.json()["error"]["code"] == "unavailable"
        else:
            assert "try again in a moment" in response.text
    post_response = nok.post(f"/api/homes/{nok.home}/lists", json={"name": uuid4().hex})
    assert (post_response.status_code, post_response.json()["error"]["code"]) == (503, "unavailable")
    assert nok.get("/readyz").status_code == 503
    assert nok.get("/healthz").status_code == 200
    cluster.database.start()
    assert all(nok.get(url).is_success for url in urls(nok))
    assert nok.get("/readyz").status_code == 200


def test_streams_and_mcp_without_the_database_are_unavailable(cluster, nok):
    body = {"name": "Assistant", "scopes": ["read"], "password": PASSWORD}
    token = nok.post("/api/auth/tokens", json=body).json()["key"]
    headers = {"Authorization": f"Bearer {token}"}
    ws_url = f"{cluster.web[0].url.replace('http', 'ws')}/ws/{nok.home}"
    cluster.database.stop()
    for response in (
        httpx.get(f"{cluster.web[0].url}/api/homes/{nok.home}/events/stream", headers=headers),
        httpx.post(f"{cluster.web[0].url}/mcp", headers=headers, json={"method": "tools/list"}),
    ):
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), response.text
        assert response.json()["error"]["code"] == "unavailable"
    with connect(ws_url, additional_headers=headers) as socket:
        error = json.loads(socket.recv(timeout=30))["error"]
        assert (error["code"], error["retry_after"]) == ("unavailable", 5)
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv(timeout=30)
        assert closed.value.rcvd.code == 4503
    cluster.database.start()
    with connect(ws_url, additional_headers=headers) as socket:
        assert json.loads(socket.recv(timeout=30))["type"] == "welcome"


def test_requests_after_an_idle_database_restart_succeed(cluster, nok):
    """Send enough requests to use every thread, whose connections the restart has closed."""
    for number in range(REQUESTS):
        nok.get(urls(nok)[number % 4]).raise_for_status()
    cluster.database.stop()
    cluster.database.start()
    statuses = [nok.get(urls(nok)[number % 4]).status_code for number in range(REQUESTS)]
    assert statuses == [200] * REQUESTS
