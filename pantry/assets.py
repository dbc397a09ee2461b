"""Static files as browsers get them: compressed, kept for good, and the stylesheets as one."""

import gzip
import re
from functools import cached_property
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import NOT_ALLOWED_RESPONSE, Response

TEXTS = {".css", ".js", ".svg", ".json"}
IMPORT = re.compile(r'@import "([^"]+)"(?: (\w+))?;')


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves what the finders find. In development each file as it is now, and nothing is kept."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> Any:
        if self.autorefresh or Path(path).suffix not in TEXTS:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([("Vary", "Accept-Encoding")])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return Text(Path(path), headers.items())

    def immutable_file_test(self, path: str, url: str) -> bool:
        """The address of every static file bears the fingerprint of all of them."""
        return not self.autorefresh


class Text:
    """A file that is worth compressing; read and compressed when it is first asked for, and kept in memory."""

    def __init__(self, path: Path, headers: list[tuple[str, str]]) -> None:
        self.path, self.headers = path, headers

    @cached_property
    def plain(self) -> bytes:
        return inline_imports(self.path).encode() if self.path.suffix == ".css" else self.path.read_bytes()

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.plain, mtime=0)

    def get_response(self, method: str, request_headers: dict[str, Any]) -> Response:
        if method not in ("GET", "HEAD"):
            return NOT_ALLOWED_RESPONSE
        is_small = "gzip" in request_headers.get("HTTP_ACCEPT_ENCODING", "")
        body = self.compressed if is_small else self.plain
        encoding = [("Content-Encoding", "gzip")] if is_small else []
        headers = [*self.headers, *encoding, ("Content-Length", str(len(body)))]
        return Response(HTTPStatus.OK, headers, BytesIO(body) if method == "GET" else None)


def inline_imports(path: Path) -> str:
    """The stylesheet with those that it imports (`@import "row.css";`, `@import "print.css" print;`) in their place."""

    def imported(found: re.Match[str]) -> str:
        inner = inline_imports(path.parent / found[1])
        return f"@media {found[2]} {{{inner}}}" if found[2] else inner

    return IMPORT.sub(imported, path.read_text())
