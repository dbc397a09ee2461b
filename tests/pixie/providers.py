"""Local servers that implement the APIs of language model providers, and send scripted responses.

A script consists of `Reply`, `ErrorReply`, `Disconnect` and `RawReply` entries. After its end, `respond` returns the
entries. All requests are stored.
"""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TIMEOUT_SECONDS = 60  # until a condition holds, on a busy machine


@dataclass
class Call:
    """A tool call. `raw_arguments` replaces the arguments with text that may be invalid JSON."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    raw_arguments: str | None = None


@dataclass
class Reply:
    """A reply: text in pieces of `pieces` characters, `pause` seconds apart, then calls.

    Events whose names are in `skip` are left out, and after `ends_after` events the stream ends as if it were complete.
    After `cut_after` pieces the connection is closed, after `error_after` pieces an error is sent. `before` is called
    with the number of each piece before it is sent.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    stop: str = ""
    pieces: int = 12
    pause: float = 0.0
    cut_after: int | None = None
    error_after: int | None = None
    ends_after: int | None = None
    skip: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    before: Callable[[int], None] | None = None
    tokens: tuple[int, int, int, int] = (100, 0, 0, 20)  # uncached, cache write, cache read, output


@dataclass
class ErrorReply:
    """A response with an error status."""

    status: int = 529
    kind: str = "overloaded_error"
    retry_after: str | None = None
    body: str | None = None


@dataclass
class Disconnect:
    """No response: the connection is closed after `seconds`."""

    seconds: float = 0.0


@dataclass
class RawReply:
    """A response of these parts, each of which is sent on its own."""

    parts: Iterable[bytes]
    status: int = 200
    encoding: str = "identity"


ScriptEntry = Reply | ErrorReply | Disconnect | RawReply


class Provider:
    """`with Anthropic() as provider:` listens on `provider.url`."""

    path = ""

    def __init__(self, respond: Callable[[dict[str, Any]], ScriptEntry] | None = None) -> None:
        self.script: deque[ScriptEntry] = deque()
        self.respond = respond or (lambda _body: Reply("Well."))
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.key = ""
        """If set, requests with another key are rejected."""
        handler = type("Bound", (Handler,), {"provider": self})
        self.server = QuietServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"

    def __enter__(self) -> "Provider":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def enqueue(self, *entries: ScriptEntry) -> None:
        self.script.extend(entries)

    def next(self, body: dict[str, Any]) -> ScriptEntry:
        return self.script.popleft() if self.script else self.respond(body)

    def error(self, status: int, kind: str) -> dict[str, Any]:
        raise NotImplementedError

    def events(self, body: dict[str, Any], reply: Reply) -> Iterator[tuple[str, str | None]]:
        """Yield the names and texts of the stream's events, and None to close the connection."""
        raise NotImplementedError


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors of clients that disconnect."""


class Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.provider.requests.append(body)
        self.provider.headers.append(headers)
        if self.provider.key and headers.get("authorization") != f"Bearer {self.provider.key}":
            return self.refuse(ErrorReply(401, "authentication_error"))
        entry = self.provider.next(body)
        if isinstance(entry, ErrorReply):
            return self.refuse(entry)
        if isinstance(entry, Disconnect):
            time.sleep(entry.seconds)
            return self.disconnect()
        if isinstance(entry, RawReply):
            return self.send_parts(entry)
        self.stream(body, entry)
        return None

    def refuse(self, error_reply: ErrorReply) -> None:
        cache_write = (
            error_reply.body
            if error_reply.body is not None
            else json.dumps(self.provider.error(error_reply.status, error_reply.kind))
        )
        raw = cache_write.encode()
        self.send_response(error_reply.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        if error_reply.retry_after is not None:
            self.send_header("retry-after", error_reply.retry_after)
        self.end_headers()
        self.wfile.write(raw)

    def stream(self, body: dict[str, Any], reply: Reply) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, (name, event) in enumerate(self.provider.events(body, reply)):
            if number == reply.ends_after:
                break
            if name in reply.skip:
                continue
            if event is None:
                return self.disconnect()
            raw = event.encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(raw), raw))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        return None

    def send_parts(self, reply: RawReply) -> None:
        self.send_response(reply.status)
        self.send_header("content-type", "text/event-stream" if reply.status == 200 else "application/json")
        self.send_header("content-encoding", reply.encoding)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for part in reply.parts:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def disconnect(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def split_text(text: str, reply: Reply) -> Iterator[str]:
    for offset in range(0, len(text), reply.pieces):
        if reply.before is not None:
            reply.before(offset // reply.pieces)
        yield text[offset : offset + reply.pieces]
        if reply.pause:
            time.sleep(reply.pause)


def split_arguments(call: Call) -> list[str]:
    text = call.raw_arguments or json.dumps(call.arguments)
    size = max(9, len(text) // 1000)
    return [text[offset : offset + size] for offset in range(0, len(text), size)]


def call_id_of(reply: Reply, number: int, default: str) -> str:
    return reply.ids[number] if reply.ids else default


class Anthropic(Provider):
    """The Messages API."""

    def error(self, status: int, kind: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": f"{kind} for sk-hidden"}}

    def events(self, body: dict[str, Any], reply: Reply) -> Iterator[tuple[str, str | None]]:
        def event(name: str, **data: Any) -> tuple[str, str]:
            return name, f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"

        uncached, cache_write, cache_read, output = reply.tokens
        usage = {
            "input_tokens": uncached,
            "cache_creation_input_tokens": cache_write,
            "cache_read_input_tokens": cache_read,
            "output_tokens": 1,
        }
        start = {
            "id": f"msg_{len(self.requests)}", "type": "message", "role": "assistant", "model": body["model"],
            "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        yield event("message_start", message=start)
        yield event("ping")
        sent, index = 0, 0
        if reply.text:
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            for piece in split_text(reply.text, reply):
                if sent == reply.cut_after:
                    yield "cut", None
                    return
                if sent == reply.error_after:
                    yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})
                    return
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
                sent += 1
            yield event("content_block_stop", index=0)
            index = 1
        for number, call in enumerate(reply.calls):
            offset, call_id = index + number, call_id_of(reply, number, f"toolu_{len(self.requests)}_{number}")
            block = {"type": "tool_use", "id": call_id, "name": call.tool, "input": {}}
            yield event("content_block_start", index=offset, content_block=block)
            for part in split_arguments(call):
                delta = {"type": "input_json_delta", "partial_json": part}
                yield event("content_block_delta", index=offset, delta=delta)
            yield event("content_block_stop", index=offset)
        stop = reply.stop or ("tool_use" if reply.calls else "end_turn")
        yield event(
            "message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": output}
        )
        yield event("message_stop")


class OpenAI(Provider):
    """The chat completions API, which Ollama and vLLM implement, too."""

    path = "/v1"

    def error(self, status: int, kind: str) -> dict[str, Any]:
        return {"error": {"message": f"{kind} for sk-hidden", "type": kind, "code": kind}}

    def events(self, body: dict[str, Any], reply: Reply) -> Iterator[tuple[str, str | None]]:
        chunk_fields = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

        def chunk(name: str, delta: dict[str, Any], stop: str | None = None) -> tuple[str, str]:
            choices = [{"index": 0, "delta": delta, "finish_reason": stop}]
            return name, f"data: {json.dumps({**chunk_fields, 'choices': choices})}\n\n"

        yield chunk("start", {"role": "assistant", "content": ""})
        for sent, piece in enumerate(split_text(reply.text, reply)):
            if sent == reply.cut_after:
                yield "cut", None
                return
            if sent == reply.error_after:
                yield "error", f"data: {json.dumps({'error': {'message': 'Overloaded', 'code': 'overloaded'}})}\n\n"
                return
            yield chunk("text", {"content": piece})
        for number, call in enumerate(reply.calls):
            function = {"name": call.tool, "arguments": ""}
            call_id = call_id_of(reply, number, f"call_{number}")
            call_start = {"index": number, "id": call_id, "type": "function", "function": function}
            yield chunk("call", {"tool_calls": [call_start]})
            for part in split_arguments(call):
                yield chunk("call", {"tool_calls": [{"index": number, "function": {"arguments": part}}]})
        yield chunk("finish", {}, reply.stop or ("tool_calls" if reply.calls else "stop"))
        uncached, _written, cache_read, output = reply.tokens
        usage = {
            "prompt_tokens": uncached + cache_read, "completion_tokens": output,
            "total_tokens": uncached + cache_read + output,
            "prompt_tokens_details": {"cached_tokens": cache_read},
        }  # fmt: skip
        yield "usage", f"data: {json.dumps({**chunk_fields, 'choices': [], 'usage': usage})}\n\n"
        yield "done", "data: [DONE]\n\n"
