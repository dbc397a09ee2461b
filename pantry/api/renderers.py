"""JSON, written by orjson."""

import json
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """`data` is made of what serializers give; times without microseconds' zeros, in UTC, ending in Z."""
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
        except orjson.JSONEncodeError:  # a refusal that quotes half a character, which UTF-8 can't write
            return json.dumps(data, default=str).encode("ascii")
