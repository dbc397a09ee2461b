"""Memory of the server process under sustained load: `python -m tests.bench.soak`. `--json` prints one object.

After a warm-up with the same requests, it measures how much the resident memory grows under mixed requests and
messages to Pixie, under concurrent requests for the OpenAPI schema, and while thousands of clients come and go.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from tests.bench.__main__ import Figure
from tests.bench.listeners import LoadClients
from tests.bench.load_clients import ApiClient, Response, run_concurrently
from tests.bench.requests import memory_mb
from tests.server import NOK, Server, Visitor

WARM_UP_REQUESTS, WARM_UP_MESSAGES = 3000, 500
REQUESTS, MESSAGES, SCHEMA_REQUESTS = 12_000, 2000, 720
CLIENTS, CONNECTION_ROUNDS, SETTLE_SECONDS = 2000, 5, 5
MAX_GROWTH_MB = 10
SENTENCES = ["we need {n} lemons", "what is on the list?", "took the rice", "how much did we spend this month?"]


class Load:
    """Requests to one server. `number` makes every write different from those before it."""

    def __init__(self, server: Server) -> None:
        self.server, self.client, self.number = server, ApiClient(server, NOK), 0
        self.nok = Visitor(server, NOK)
        api = f"/api/homes/{self.nok.home}"
        self.entries = f"{api}/lists/{self.client.request('POST', f'{api}/lists', {'name': 'Soak'}).json['id']}/items"
        self.threads = f"{api}/threads"
        self.urls = list(collections(self.client, self.nok.home))
        self.pages = [f"/h/{self.nok.home}/{path}" for path in ("", "list/", "chat/", "recurring/", "money/")]

    @property
    def memory(self) -> float:
        assert self.server.process is not None
        return memory_mb(self.server.process.pid)

    def send_requests(self, count: int) -> None:
        """Half of them read, a quarter are pages, a quarter add an entry or tick it."""
        requests = list(islice(self.mixed_requests(), count * 3 // 4))
        raise_for_errors(run_concurrently(self.client, requests))
        for index in range(count // 4):
            self.nok.get(self.pages[index % len(self.pages)]).raise_for_status()

    def mixed_requests(self) -> Iterator[partial[Response]]:
        while True:
            for url in self.urls:
                self.number += 1
                yield partial(ApiClient.request, verb="GET", url=url)
                if self.number % 2:
                    entry = {"name": f"Thing {self.number % 500}", "quantity": 1}
                    yield partial(ApiClient.request, verb="POST", url=self.entries, body=entry)

    def send_messages(self, count: int) -> None:
        """Wait for the answers in between: the queue of the worker is not to be measured."""
        for index in range(count):
            self.number += 1
            body = SENTENCES[index % len(SENTENCES)].format(n=self.number % 50)
            self.nok.post(f"/h/{self.nok.home}/tell", data={"body": body, "op_id": str(uuid4())}).raise_for_status()

    def request_schema(self) -> None:
        raise_for_errors(
            run_concurrently(self.client, [partial(ApiClient.request, verb="GET", url="/api/schema")] * SCHEMA_REQUESTS)
        )

    def connect(self) -> None:
        load = LoadClients(self.server.url, self.client.token)
        load.connect([self.nok.home] * CLIENTS, concurrency=500)
        load.close()
        time.sleep(SETTLE_SECONDS)


def collections(client: ApiClient, home: str) -> Iterator[str]:
    """Yield the URLs of all GET operations that need no other id than the home's, but not the event stream
    nor the export, whose size grows with what the others write.
    """
    for path, verbs in client.get("/api/schema")["paths"].items():
        url = path.replace("{home_id}", home)
        parameters = verbs.get("get", {}).get("parameters", [])
        needs_query = any(field["in"] == "query" and field.get("required") for field in parameters)
        if "get" in verbs and "{" not in url and not url.endswith(("/stream", "/export")) and not needs_query:
            yield url


def raise_for_errors(responses: list[Response]) -> None:
    failed = [response for response in responses if response.status >= 400]
    if failed:
        raise RuntimeError(
            f"{len(failed)} requests failed, the first with {failed[0].status}: {failed[0].body[:300]!r}"
        )


def growth(title: str, before: float, after: float, limit: float = MAX_GROWTH_MB) -> Figure:
    value = f"{before:.0f} → {after:.0f}, {after - before:+.1f}"
    return Figure(title, value, f"< {limit:+.0f}", after - before < limit)


def measure(server: Server) -> list[Figure]:
    load = Load(server)
    load.send_requests(WARM_UP_REQUESTS)
    load.send_messages(WARM_UP_MESSAGES)
    warm = load.memory
    load.send_requests(REQUESTS)
    after_requests = load.memory
    load.send_messages(MESSAGES)
    after_messages = load.memory
    load.request_schema()
    after_schema = load.memory
    rounds = []
    for _round in range(CONNECTION_ROUNDS):
        load.connect()
        rounds.append(load.memory)
    return [
        growth(f"{REQUESTS} mixed requests: memory, MB", warm, after_requests),
        growth(f"… and {MESSAGES} messages to Pixie", warm, after_messages),
        growth(f"{SCHEMA_REQUESTS} requests for the schema by 8 at once", after_messages, after_schema),
        growth(f"{CLIENTS} clients connect and leave, rounds 2 to {CONNECTION_ROUNDS}", rounds[0], rounds[-1]),
    ]


def main() -> int:
    folder = TemporaryDirectory(prefix="pantry-pixie-bench-", ignore_cleanup_errors=True)
    with folder as path, Server(Path(path) / "data") as server:
        figures = measure(server)
    if "--json" in sys.argv:
        print(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False))
        return 0
    for figure in figures:
        print(f"{figure.name:<60}{figure.value:>28}{' ' if figure.is_reached else '!'} {figure.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
