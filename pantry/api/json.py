"""Parse and render JSON with orjson."""

import json
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

BOM = b"\xef\xbb\xbf"


def parse_json(text: bytes | str) -> Any:
    """Parse JSON without NaN, infinity and lone surrogates, nested up to 254 times. Raises ValueError.

    A byte order mark before it, which some editors write, is passed over.
    """
    data = orjson.loads(text.removeprefix(BOM) if isinstance(text, bytes) else text.removeprefix("\ufeff"))
    try:
        orjson.dumps(data)  # which stops there, long before Python's recursion limit
    except orjson.JSONEncodeError as error:
        raise ValueError("it is nested more than 254 times") from error
    return data


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return parse_json(stream.read())
        except ValueError as error:
            raise ParseError(f"This is not valid JSON: {error}.") from error


class JSONRenderer(BaseRenderer):
    """Renders times in UTC, ending in Z."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
        except orjson.JSONEncodeError:  # an error that quotes a lone surrogate, which UTF-8 cannot encode
            return json.dumps(data, default=str).encode("ascii")
