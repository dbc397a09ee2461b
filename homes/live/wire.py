"""Frames as they go over the wire: each is encoded once, for all clients that get it."""

from functools import cached_property
from typing import Any

import orjson

from homes.logbook import event_payload
from homes.models import Event

Message = dict[str, Any]  # of ASGI


class Frame:
    """An encoded frame, and its ASGI message for each transport. `seq`: the position of a client that has read it."""

    def __init__(self, payload: dict[str, Any] | str, seq: int | None = None) -> None:
        self.text = payload if isinstance(payload, str) else orjson.dumps(payload).decode()
        self.seq = seq

    @cached_property
    def for_socket(self) -> Message:
        return {"type": "websocket.send", "text": self.text}

    @cached_property
    def for_sse(self) -> Message:
        """The `id` is what a client that reconnects sends as `Last-Event-ID`."""
        event_id = "" if self.seq is None else f"id: {self.seq}\n"
        return sse_message(f"{event_id}data: {self.text}\n\n")


def sse_message(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


def event_frames(event: Event) -> tuple[Frame, Frame]:
    """Return the frame for those who may read the event, and the one for everybody else, with its number alone."""
    frame = Frame(event_payload(event), event.seq)
    return frame, frame if event.channel_id is None else Frame({"seq": event.seq}, event.seq)


def error_frame(code: str, message: str, op_id: Any = None, **details: Any) -> Frame:
    """Describe a refusal. `op_id`: that of the refused command."""
    command = {} if op_id is None else {"op_id": op_id}
    return Frame({"type": "error", **command, "error": {"code": code, "message": message, **details}})
