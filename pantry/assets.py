"""Serve static files compressed and immutable, with stylesheet imports inlined."""

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

COMPRESSED_SUFFIXES = {".css", ".js", ".svg", ".json"}
IMPORT = re.compile(r'@import "([^"]+)"(?: (\w+))?;')


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise with compression in memory. In development it serves the files as they are."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> Any:
        if self.autorefresh or Path(path).suffix not in COMPRESSED_SUFFIXES:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([("Vary", "Accept-Encoding")])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return CompressedFile(Path(path), headers.items())

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Return True: the URL of every static file contains the fingerprint of all of them."""
        return not self.autorefresh


class CompressedFile:
    """A file that is read and compressed at the first request, and then cached in memory."""

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
        accepts_gzip = "gzip" in request_headers.get("HTTP_ACCEPT_ENCODING", "")
        body = self.compressed if accepts_gzip else self.plain
        encoding = [("Content-Encoding", "gzip")] if accepts_gzip else []
        headers = [*self.headers, *encoding, ("Content-Length", str(len(body)))]
        return Response(HTTPStatus.OK, headers, BytesIO(body) if method == "GET" else None)


def inline_imports(path: Path) -> str:
    """Return the stylesheet with its imports inlined (`@import "row.css";`, `@import "print.css" print;`)."""

    def replace_import(match: re.Match[str]) -> str:
        imported = inline_imports(path.parent / match[1])
        return f"@media {match[2]} {{{imported}}}" if match[2] else imported

    return IMPORT.sub(replace_import, path.read_text())
