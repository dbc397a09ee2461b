"""A server that answers as configured, with failures or not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CUT = "cut"  # the connection ends without an answer


@dataclass
class FlakyServer:
    """`answers` are sent one after another: (status, headers, body), or CUT. `requests` has the received ones."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def keys(self) -> list[str | None]:
        return [key for _method, _path, key in self.requests]


@contextmanager
def flaky_server() -> Iterator[FlakyServer]:
    flaky = FlakyServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            flaky.requests.append((self.command, self.path, self.headers.get("Idempotency-Key")))
            answer = flaky.answers.pop(0)
            if answer == CUT:
                self.close_connection = True
                return
            status, headers, body = answer
            text = json.dumps(body).encode() if not isinstance(body, bytes) else body
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    flaky.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield flaky
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
