"""Local servers that speak as providers of language models do, and answer what a test tells them.

Both play the same script: `Says` is a reply, `Fails` an answer with an error's status, `Breaks` a line that is cut.
When the script is at its end, `brain` answers. Every request is kept.
"""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Wants:
    """A call of a tool; `written` are its arguments as they come over the wire, when they are not JSON."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    written: str | None = None


@dataclass
class Says:
    """Text in `pieces` of so many letters, `pause` seconds apart, then calls. `until`: the line is cut (`cut`) or an
    error told (`error`) after so many pieces. `before`: called before the next piece."""

    text: str = ""
    calls: tuple[Wants, ...] = ()
    stop: str = ""
    pieces: int = 12
    pause: float = 0.0
    cut_after: int | None = None
    error_after: int | None = None
    before: Callable[[int], None] | None = None
    tokens: tuple[int, int, int, int] = (100, 0, 0, 20)  # fresh, written to the cache, read from it, output


@dataclass
class Fails:
    status: int = 529
    kind: str = "overloaded_error"
    retry_after: str | None = None
    body: str | None = None


@dataclass
class Breaks:
    """Nothing is answered: the line is cut, after `seconds` of silence."""

    seconds: float = 0.0


Entry = Says | Fails | Breaks


class Provider:
    """`with Anthropic() as provider:` listens on `provider.url`."""

    path = ""

    def __init__(self, brain: Callable[[dict[str, Any]], Entry] | None = None) -> None:
        self.script: deque[Entry] = deque()
        self.brain = brain or (lambda _body: Says("Well."))
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.key = ""
        """When it is set, no other is let in."""
        handler = type("Bound", (Line,), {"provider": self})
        self.server = Quiet(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"

    def __enter__(self) -> "Provider":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def plays(self, *entries: Entry) -> None:
        self.script.extend(entries)

    def next(self, body: dict[str, Any]) -> Entry:
        return self.script.popleft() if self.script else self.brain(body)

    def error(self, status: int, kind: str) -> dict[str, Any]:
        raise NotImplementedError

    def events(self, body: dict[str, Any], says: Says) -> Iterator[str | None]:
        """What is streamed; None where the line is cut."""
        raise NotImplementedError


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error."""


class Line(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.provider.asked.append(body)
        self.provider.headers.append(headers)
        if self.provider.key and headers.get("authorization") != f"Bearer {self.provider.key}":
            return self.refuse(Fails(401, "authentication_error"))
        entry = self.provider.next(body)
        if isinstance(entry, Fails):
            return self.refuse(entry)
        if isinstance(entry, Breaks):
            time.sleep(entry.seconds)
            return self.cut()
        self.stream(body, entry)
        return None

    def refuse(self, fails: Fails) -> None:
        written = fails.body if fails.body is not None else json.dumps(self.provider.error(fails.status, fails.kind))
        raw = written.encode()
        self.send_response(fails.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        if fails.retry_after is not None:
            self.send_header("retry-after", fails.retry_after)
        self.end_headers()
        self.wfile.write(raw)

    def stream(self, body: dict[str, Any], says: Says) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in self.provider.events(body, says):
            if event is None:
                return self.cut()
            raw = event.encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(raw), raw))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        return None

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def cut_up(text: str, says: Says) -> Iterator[str]:
    for at in range(0, len(text), says.pieces):
        if says.before is not None:
            says.before(at // says.pieces)
        yield text[at : at + says.pieces]
        if says.pause:
            time.sleep(says.pause)


class Anthropic(Provider):
    """The Messages API."""

    def error(self, status: int, kind: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": f"{kind} for sk-hidden"}}

    def events(self, body: dict[str, Any], says: Says) -> Iterator[str | None]:
        def event(name: str, **said: Any) -> str:
            return f"event: {name}\ndata: {json.dumps({'type': name, **said})}\n\n"

        fresh, written, read, output = says.tokens
        usage = {
            "input_tokens": fresh,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "output_tokens": 1,
        }
        start = {
            "id": f"msg_{len(self.asked)}", "type": "message", "role": "assistant", "model": body["model"],
            "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        yield event("message_start", message=start)
        yield event("ping")
        sent, index = 0, 0
        if says.text:
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            for piece in cut_up(says.text, says):
                if sent == says.cut_after:
                    yield None
                    return
                if sent == says.error_after:
                    yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})
                    return
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
                sent += 1
            yield event("content_block_stop", index=0)
            index = 1
        for number, call in enumerate(says.calls):
            at, written_out = index + number, call.written or json.dumps(call.arguments)
            block = {"type": "tool_use", "id": f"toolu_{len(self.asked)}_{number}", "name": call.tool, "input": {}}
            yield event("content_block_start", index=at, content_block=block)
            delta = {"type": "input_json_delta", "partial_json": written_out}
            yield event("content_block_delta", index=at, delta=delta)
            yield event("content_block_stop", index=at)
        stop = says.stop or ("tool_use" if says.calls else "end_turn")
        yield event(
            "message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": output}
        )
        yield event("message_stop")


class OpenAI(Provider):
    """Chat completions, as Ollama and vLLM speak them, too."""

    path = "/v1"

    def error(self, status: int, kind: str) -> dict[str, Any]:
        return {"error": {"message": f"{kind} for sk-hidden", "type": kind, "code": kind}}

    def events(self, body: dict[str, Any], says: Says) -> Iterator[str | None]:
        about = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

        def chunk(delta: dict[str, Any], stop: str | None = None) -> str:
            choices = [{"index": 0, "delta": delta, "finish_reason": stop}]
            return f"data: {json.dumps({**about, 'choices': choices})}\n\n"

        yield chunk({"role": "assistant", "content": ""})
        for sent, piece in enumerate(cut_up(says.text, says)):
            if sent == says.cut_after:
                yield None
                return
            if sent == says.error_after:
                yield f"data: {json.dumps({'error': {'message': 'Overloaded', 'code': 'overloaded'}})}\n\n"
                return
            yield chunk({"content": piece})
        for number, call in enumerate(says.calls):
            function = {"name": call.tool, "arguments": call.written or json.dumps(call.arguments)}
            begun = {"index": number, "id": f"call_{number}", "type": "function", "function": function}
            yield chunk({"tool_calls": [begun]})
        yield chunk({}, says.stop or ("tool_calls" if says.calls else "stop"))
        fresh, _written, read, output = says.tokens
        usage = {
            "prompt_tokens": fresh + read, "completion_tokens": output, "total_tokens": fresh + read + output,
            "prompt_tokens_details": {"cached_tokens": read},
        }  # fmt: skip
        yield f"data: {json.dumps({**about, 'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"
