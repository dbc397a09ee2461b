"""How soon the first piece of an answer is with whoever looks on, after the provider's first byte of it."""

import json
import statistics
import time
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from websockets.sync.client import connect

from tests.pixie.providers import Anthropic, Provider, Says
from tests.server import NOK, Server, Visitor

ROUNDS = 12
REACH = 150.0  # milliseconds
TEXT = "On Saturday there could be a green curry, with chicken and coconut milk. " * 4


def measure(_server: Server) -> list[tuple[str, str, str, bool, str]]:
    """On a server of its own, whose model is one here."""
    with Anthropic() as provider:
        settings = {"ANTHROPIC_API_KEY": "sk-measured", "ANTHROPIC_BASE_URL": provider.url}
        with Server(Path(mkdtemp()) / "data", settings=settings) as server, closing(Visitor(server, NOK)) as nok:
            took = [_once(provider, server, nok) for _round in range(ROUNDS)]
    worst = sorted(took)[int(len(took) * 0.95) - 1]
    value = f"{statistics.median(took):.0f} ms, p95 {worst:.0f} ms"
    return [("first streamed piece after the provider's first byte", value, f"≤ {REACH:.0f} ms", worst <= REACH, "")]


def _once(provider: Provider, server: Server, nok: Visitor) -> float:
    """Milliseconds."""
    begun: list[float] = []

    def first(piece: int) -> None:
        if piece == 0:
            begun.append(time.monotonic())

    provider.plays(Says(TEXT, pieces=8, pause=0.02, before=first))
    url = f"{server.url.replace('http', 'ws')}/ws/{nok.home}"
    with connect(url, additional_headers={"Cookie": nok.cookie, "Origin": server.url}) as socket:
        form = {"body": "What could there be for dinner, whatever you like", "op_id": str(uuid4())}
        nok.post(f"/h/{nok.home}/tell", data=form)
        heard = None
        while True:
            frame = json.loads(socket.recv(timeout=20))
            if heard is None and frame["type"] == "message_delta" and frame["text"]:
                heard = time.monotonic()
            if frame["type"] == "chat_message" and frame["actor"]["agent"]:
                break
    assert heard is not None
    return (heard - begun[0]) * 1000
