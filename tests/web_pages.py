"""A local server with web pages, which a test sends as it likes."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Write = Callable[[BaseHTTPRequestHandler], None]


class WebPages:
    """`with WebPages() as web:` serves `web.pages` at `web.url`: by path, a function that writes the response."""

    def __init__(self) -> None:
        self.pages: dict[str, Write] = {}
        self.requests: list[str] = []
        handler = type("Bound", (_Handler,), {"web": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> "WebPages":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def add(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Serve a page of HTML with these headers, whose names have underscores. Returns its URL."""
        content = body.encode() if isinstance(body, str) else body
        fields = {"content_type": "text/html; charset=utf-8", **headers}

        def write(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in fields.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)

        self.pages[path] = write
        return self.url + path


class _Handler(BaseHTTPRequestHandler):
    web: WebPages

    def do_GET(self) -> None:
        self.web.requests.append(self.path)
        try:
            self.web.pages[self.path](self)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has read enough

    def log_message(self, *args: Any) -> None:
        pass
