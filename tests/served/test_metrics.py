"""Several processes behind one port: whichever is asked tells what all of them counted."""

import httpx

from tests.cluster import cluster

REQUESTS = 12


def counted(server):
    """How often the door was looked at, as one of the processes tells it."""
    answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": "Bearer watchman"}).raise_for_status()
    wanted = 'pantry_requests_total{method="GET",route="accounts/login/",status="200"} '
    (line,) = [line for line in answer.text.splitlines() if line.startswith(wanted)]
    return float(line.removeprefix(wanted))


def test_two_processes_count_together(tmp_path, monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", "watchman")
    with cluster(tmp_path, ("serve", "--workers", "2")) as running:
        (server,) = running.web
        before = counted(server)
        for _request in range(REQUESTS):  # each a connection of its own, for whichever process takes it
            httpx.get(f"{server.url}/accounts/login/").raise_for_status()
        assert [counted(server) for _time in range(6)] == [before + REQUESTS] * 6
        assert httpx.get(f"{server.url}/metrics").status_code == 404
