"""Delay between the provider's first byte and the first streamed text at a client."""

import json
import statistics
import time
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from websockets.sync.client import connect

from tests.pixie.providers import Anthropic, Provider, Reply
from tests.server import NOK, Server, Visitor

ROUNDS = 12
MAX_P95_MS = 150.0
TEXT = "On Saturday there could be a green curry, with chicken and coconut milk. " * 4


def measure(_server: Server) -> list[tuple[str, str, str, bool, str]]:
    """Measure on a server of its own, with a local provider."""
    with Anthropic() as provider:
        settings = {"ANTHROPIC_API_KEY": "sk-measured", "ANTHROPIC_BASE_URL": provider.url}
        with Server(Path(mkdtemp()) / "data", settings=settings) as server, closing(Visitor(server, NOK)) as nok:
            times = [_measure_once(provider, server, nok) for _round in range(ROUNDS)]
    worst = sorted(times)[int(len(times) * 0.95) - 1]
    value = f"{statistics.median(times):.0f} ms, p95 {worst:.0f} ms"
    name = "first streamed piece after the provider's first byte"
    return [(name, value, f"≤ {MAX_P95_MS:.0f} ms", worst <= MAX_P95_MS, "")]


def _measure_once(provider: Provider, server: Server, nok: Visitor) -> float:
    """Return milliseconds."""
    sent_at: list[float] = []

    def record_first_byte(piece: int) -> None:
        if piece == 0:
            sent_at.append(time.monotonic())

    provider.enqueue(Reply(TEXT, pieces=8, pause=0.02, before=record_first_byte))
    url = f"{server.url.replace('http', 'ws')}/ws/{nok.home}"
    with connect(url, additional_headers={"Cookie": nok.cookie, "Origin": server.url}) as socket:
        form = {"body": "What could there be for dinner, whatever you like", "op_id": str(uuid4())}
        nok.post(f"/h/{nok.home}/tell", data=form)
        received_at = None
        while True:
            frame = json.loads(socket.recv(timeout=20))
            if received_at is None and frame["type"] == "message_delta" and frame["text"]:
                received_at = time.monotonic()
            if frame["type"] == "chat_message" and frame["actor"]["agent"]:
                break
    assert received_at is not None
    return (received_at - sent_at[0]) * 1000
