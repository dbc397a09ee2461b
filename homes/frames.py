"""What goes over the wire: encoded once, for all who get it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from homes.models import Event

COLUMNS = ["seq", "type", "actor_user_id", "actor_agent_id", "op_id", "created_at"]


class Frame:
    """What is said to clients, and its ASGI message for each transport. `seq`: where a client is that has read it."""

    __slots__ = ("_socket", "_stream", "seq", "text")

    def __init__(self, said: dict[str, Any], seq: int | None = None) -> None:
        self.text, self.seq = orjson.dumps(said), seq
        self._socket: dict[str, Any] | None = None
        self._stream: dict[str, Any] | None = None

    @property
    def for_socket(self) -> dict[str, Any]:
        if self._socket is None:
            self._socket = {"type": "websocket.send", "text": self.text.decode()}
        return self._socket

    @property
    def for_stream(self) -> dict[str, Any]:
        """As server-sent event. Its id is what a client that comes back sends as `Last-Event-ID`."""
        if self._stream is None:
            head = b"" if self.seq is None else b"id: %d\n" % self.seq
            self._stream = stream_part(b"%bdata: %b\n\n" % (head, self.text))
        return self._stream


def stream_part(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


@dataclass(slots=True, frozen=True)
class Logged:
    """An event of the log, what others see of it, and whose it is: `audience` names a private channel."""

    seq: int
    frame: Frame
    hidden: Frame
    audience: UUID | None

    @classmethod
    def of(cls, event: Event) -> "Logged":
        frame = Frame(frame_of(event), event.seq)
        hidden = frame if event.channel_id is None else Frame({"seq": event.seq}, event.seq)
        return cls(event.seq, frame, hidden, event.channel_id)


def rows(events: QuerySet[Event], *more: str) -> Any:
    """Their columns, and `more`, for `frame_of_row`: a page costs half of what the events would."""
    as_text = {f"{name}_text": Cast(name, TextField()) for name in ("data", "changes")}
    return events.annotate(**as_text).values_list(*COLUMNS, *as_text, *more, named=True)


def frame_of(event: Event) -> dict[str, Any]:
    """An event as clients get it over every transport."""
    return _frame(event, event.data, event.changes)


def frame_of_row(row: Any) -> dict[str, Any]:
    """What is JSON in the database goes out as it is, unread. orjson alone can write it."""
    return _frame(row, orjson.Fragment(row.data_text), orjson.Fragment(row.changes_text))


def _frame(event: Any, data: Any, changes: Any) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "type": event.type,
        "actor": {"user": event.actor_user_id, "agent": event.actor_agent_id},
        "at": event.created_at,
        "data": data,
        "changes": changes,
        "op_id": event.op_id,
    }


def error(code: str, message: str, op_id: Any = None, **more: Any) -> Frame:
    """A refusal. `op_id` is the one of the command that is refused."""
    about = {} if op_id is None else {"op_id": op_id}
    return Frame({"type": "error", **about, "error": {"code": code, "message": message, **more}})
