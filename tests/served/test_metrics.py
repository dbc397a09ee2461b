"""Metrics of several processes behind one port."""

import httpx

from tests.server import Server

REQUESTS = 12


def login_page_requests(server):
    """Return the number of requests of the login page, from the metrics of any process."""
    response = httpx.get(f"{server.url}/metrics", headers={"Authorization": "Bearer metrics-token"}).raise_for_status()
    prefix = 'pantry_requests_total{method="GET",route="accounts/login/",status="200"} '
    (line,) = [line for line in response.text.splitlines() if line.startswith(prefix)]
    return float(line.removeprefix(prefix))


def test_metrics_sum_all_processes(cluster, tmp_path):
    settings = cluster.settings | {"METRICS_TOKEN": "metrics-token"}
    with Server(tmp_path, settings=settings, command=("manage.py", "serve", "--workers", "2")) as server:
        before = login_page_requests(server)
        for _request in range(REQUESTS):  # each on a new connection, which any process may accept
            httpx.get(f"{server.url}/accounts/login/").raise_for_status()
        assert [login_page_requests(server) for _request in range(6)] == [before + REQUESTS] * 6
        assert httpx.get(f"{server.url}/metrics").status_code == 404
