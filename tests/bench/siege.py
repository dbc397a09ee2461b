"""What others notice while somebody makes the server wait in every way at once: `python -m tests.bench.siege`.

One signed-in member opens slow bodies, responses that nobody reads, idle WebSockets and endless headers. Meanwhile a
member of another home reads pages.
"""

import base64
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.live import percentile
from tests.server import MAI, NOK, Server, Visitor

SLOW_BODIES, SLOW_READERS, IDLE_SOCKETS, HEADER_MEGABYTES = 200, 200, 300, 50
READS = 200
MAX_RATIO, MAX_MEMORY_MB = 3.0, 30.0

Row = tuple[str, str, str, bool, str]


def measure(folder: Path) -> list[Row]:
    with (
        Server(folder / "siege", settings={"MAX_STREAMS_PER_USER": "100"}) as server,
        closing(Visitor(server, NOK)) as nok,
        closing(Visitor(server, MAI)) as mai,
    ):
        nok.get("/api/schema").raise_for_status()
        read(mai)  # to warm up
        quiet, quiet_memory = percentile(read(mai), 0.95), memory_mb(server)
        with besieged(server, nok) as counts:
            time.sleep(2)
            busy, memory = percentile(read(mai), 0.95), memory_mb(server)
            endings = "still open: " + ", ".join(f"{count} {name}" for name, count in counts().items())
    ratio, growth = busy / quiet, memory - quiet_memory
    name = "GET of others during a siege, p95 ms, quiet / besieged"
    return [
        (name, f"{quiet:.0f} / {busy:.0f}", f"≤ {MAX_RATIO:.0f} ×", ratio <= MAX_RATIO, endings),
        ("memory during a siege, MB more", f"{growth:.0f}", f"≤ {MAX_MEMORY_MB:.0f}", growth <= MAX_MEMORY_MB, ""),
    ]


def read(visitor: Visitor) -> list[float]:
    """Return the milliseconds of each read."""
    urls = [f"/h/{visitor.home}/lists/", f"/api/homes/{visitor.home}/lists"]
    milliseconds = []
    for number in range(READS):
        start = time.monotonic()
        visitor.get(urls[number % len(urls)]).raise_for_status()
        milliseconds.append((time.monotonic() - start) * 1000)
    return milliseconds


def memory_mb(server: Server) -> float:
    assert server.process is not None
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


@contextmanager
def besieged(server: Server, visitor: Visitor) -> Iterator[Callable[[], dict[str, int]]]:
    """Hold all connections open, feed them slowly, and yield a function that counts those that are still open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    ended = threading.Event()
    with ExitStack() as stack:

        def connect(text: str, count: int, buffer: int = 0) -> list[socket.socket]:
            clients = []
            for _number in range(count):
                client = stack.enter_context(socket.socket())
                if buffer:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
                client.connect(("127.0.0.1", server.port))
                client.sendall(text.encode())
                clients.append(client)
            return clients

        common = f"Host: localhost:{server.port}\r\nCookie: {visitor.cookie}\r\n"
        json = "Content-Type: application/json\r\nContent-Length: 9000\r\n"
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {server.url}\r\nSec-WebSocket-Key: {key}\r\n"
        large, stream = "/api/schema", f"/ws/{visitor.home}"
        groups = {
            "slow bodies": connect(f"POST /api/auth/login HTTP/1.1\r\n{common}{json}\r\n{{", SLOW_BODIES),
            "slow readers": connect(f"GET {large} HTTP/1.1\r\n{common}\r\n", SLOW_READERS, buffer=2048),
            "idle sockets": connect(
                f"GET {stream} HTTP/1.1\r\n{common}{upgrade}Sec-WebSocket-Version: 13\r\n\r\n", IDLE_SOCKETS
            ),
            "endless headers": connect("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ", HEADER_MEGABYTES),
        }
        feeder = threading.Thread(target=feed, args=(groups, ended), daemon=True)
        feeder.start()
        try:
            yield lambda: {name: sum(is_open(client, name) for client in clients) for name, clients in groups.items()}
        finally:
            ended.set()
            feeder.join()


def feed(groups: dict[str, list[socket.socket]], ended: threading.Event) -> None:
    """Send each slow body a byte and each endless head a megabyte, once a second. Those that are refused stay so."""
    for clients in groups.values():
        for client in clients:
            client.settimeout(1)
    while not ended.wait(1):
        for client in groups["slow bodies"]:
            with suppress(OSError):
                client.sendall(b" ")
        for client in groups["endless headers"]:
            with suppress(OSError):
                client.sendall(b"a" * 1_000_000)


def is_open(client: socket.socket, name: str) -> bool:
    """Tell whether the server has not closed the connection. Slow readers go on reading nothing."""
    client.setblocking(False)
    try:
        if name == "slow readers":
            return client.recv(1, socket.MSG_PEEK) != b""
        while client.recv(65536):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def main() -> None:
    with TemporaryDirectory(prefix="pantry-pixie-bench-", ignore_cleanup_errors=True) as folder:
        for name, value, target, is_reached, note in measure(Path(folder)):
            print(f"{name:<58}{value:>22}{' ' if is_reached else '!'} {target:<12} {note}")


if __name__ == "__main__":
    main()
