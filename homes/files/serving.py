"""Responses with the contents of files."""

import re
from typing import IO, Any

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from homes.files.models import StoredFile

RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})")


class FilePart:
    """A part of an open file."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        file.seek(start)
        self.file, self.left, self.close = file, length, file.close

    def read(self, size: int) -> bytes:
        part = self.file.read(min(size, self.left))
        self.left -= len(part)
        return part


def content_response(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    """Respond with the file, a part of it for a `Range`, or 304 if the client has it. The caller checks who asks."""
    # A PDF is never shown as a page of ours: it may have scripts.
    options = {"content_type": file.media_type, "filename": file.download_name, "as_attachment": not file.is_picture}
    return _respond(request, file.content, file.sha256, options)


def thumbnail_response(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    """Respond as `content_response` does. Raises Http404 for a PDF, which has no thumbnail."""
    if not file.thumbnail:
        raise Http404
    options = {"content_type": "image/webp", "filename": "thumbnail.webp"}
    return _respond(request, file.thumbnail, f"{file.sha256}-thumbnail", options)


def _respond(request: HttpRequest, field: FieldFile, tag: str, options: dict[str, Any]) -> HttpResponseBase:
    etag = f'"{tag}"'
    try:
        response = get_conditional_response(request, etag) or _body(request, field, etag, options)
    except FileNotFoundError as error:
        raise Http404 from error
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"  # the browser asks each time, and gets 304
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # compressed once more it is no smaller, and loses its length
    return response


def _body(request: HttpRequest, field: FieldFile, etag: str, options: dict[str, Any]) -> HttpResponseBase:
    size = field.size
    start, end = 0, size
    has_range = request.method == "GET" and request.headers.get("If-Range", etag) == etag
    match = RANGE.fullmatch(request.headers.get("Range", "")) if has_range else None  # others are ignored, as RFC 9110
    if match:
        first, last = match.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if start >= end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = FilePart(field.open("rb"), start, end - start)
    response = FileResponse(part, **options, status=206 if match else 200)
    response.headers["Content-Length"] = str(end - start)
    if response.status_code == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response
