"""Client of servers with OpenAI's chat completions API: Ollama, vLLM and many others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx2
import openai

from pixie.llm import (
    BYTES_PER_TOKEN,
    ErrorKind,
    FinishReason,
    Meter,
    ModelReply,
    ModelRequest,
    ToolCall,
    Turn,
    Usage,
)
from pixie.llm.base import (
    ERROR_TYPE,
    Payload,
    SdkClient,
    Tokens,
    check_calls,
    check_end,
    parse_arguments,
    read_events,
    with_own_ids,
)

PLACEHOLDER_KEY = "none"  # the SDK requires a key, even where the server does not


class Function(Payload):
    name: str | None = None
    arguments: str | None = None


class CallPart(Payload):
    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Delta(Payload):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[CallPart] | None = None


class Choice(Payload):
    delta: Delta
    finish_reason: str | None = None


class TokenDetails(Payload):
    cached_tokens: Tokens = None
    reasoning_tokens: Tokens = None


class ChunkUsage(Payload):
    prompt_tokens: Tokens = None
    completion_tokens: Tokens = None
    prompt_tokens_details: TokenDetails | None = None
    completion_tokens_details: TokenDetails | None = None


class Chunk(Payload):
    choices: list[Choice] | None = None
    usage: ChunkUsage | None = None


@dataclass
class ReplyBuilder:
    """Accumulates the chunks of a reply."""

    meter: Meter
    text: str = ""
    refusal: str = ""
    finish_reason: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> str:
        if chunk.usage is not None:
            self.meter.counted, self.meter.output_bytes = _usage(chunk.usage), 0
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        delta = choice.delta
        if self.finish_reason:
            check_end(self.finish_reason, choice.finish_reason, has_call=bool(delta.tool_calls))
        self.finish_reason = choice.finish_reason or self.finish_reason
        self.meter.read(delta.refusal or "")
        self.refusal += delta.refusal or ""
        for part in delta.tool_calls or ():
            index = part.index if part.index is not None else len(self.calls)
            call = self.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
            check_calls(len(self.calls))
            call["id"] = call["id"] or part.id or ""
            if part.function is not None:
                name, arguments = part.function.name or "", part.function.arguments or ""
                self.meter.read(name + arguments)
                call["name"] += name
                call["arguments"] += arguments
        piece = delta.content or ""
        self.meter.read(piece)
        self.text += piece
        return piece


class Compatible(SdkClient):
    sdk: ClassVar[Any] = openai
    base_error = openai.OpenAIError
    finish_reasons = {
        "stop": FinishReason.COMPLETE,
        "tool_calls": FinishReason.CALLS,
        "length": FinishReason.TRUNCATED,
        "content_filter": FinishReason.REFUSED,
    }
    error_kinds = dict.fromkeys(("insufficient_quota", "billing_hard_limit_reached"), ErrorKind.NO_CREDIT)

    def __init__(self, key: str, url: str, addresses: tuple[str, ...] = ()) -> None:
        # OpenAI accepts only the new name; self-hosted servers know the old one.
        is_openai = urlsplit(url).hostname == "api.openai.com"
        self.limit_name = "max_completion_tokens" if is_openai else "max_tokens"
        super().__init__(openai.OpenAI, key or PLACEHOLDER_KEY, url, addresses)

    def read_stream(self, request: ModelRequest, timeout: httpx2.Timeout, meter: Meter) -> Iterator[str | ModelReply]:
        builder, body = ReplyBuilder(meter), _body(request, self.limit_name)
        with self.client.chat.completions.create(**body, timeout=timeout) as stream:
            for chunk in read_events(stream):
                if not meter.counted.input:  # the server counts at the end, if at all
                    meter.counted = Usage(len(json.dumps(body, ensure_ascii=False).encode()) // BYTES_PER_TOKEN)
                if piece := builder.add(Chunk.parse(chunk)):
                    yield piece
        yield self._reply(builder)

    def error_type(self, error: Any) -> str:
        code = str(error.code or "")
        return code if ERROR_TYPE.fullmatch(code) else super().error_type(error)

    def _reply(self, builder: ReplyBuilder) -> ModelReply:
        """Raises ModelError unless the message has ended."""
        calls = with_own_ids(
            ToolCall(call["id"], call["name"], parse_arguments(call["arguments"]))
            for _index, call in sorted(builder.calls.items())
        )
        finish_reason = self.finish_reason(builder.finish_reason, calls)
        if builder.refusal:
            finish_reason = FinishReason.REFUSED
        return ModelReply(builder.text, calls, finish_reason, builder.meter.usage)


def _body(request: ModelRequest, limit_name: str) -> dict[str, Any]:
    system = "\n\n".join(part for part in (request.rules, request.facts) if part)
    tools = [_function(name=tool.name, description=tool.description, parameters=tool.schema) for tool in request.tools]
    return {
        "model": request.model,
        limit_name: request.max_tokens,
        "messages": [{"role": "system", "content": system}, *chain.from_iterable(map(_messages, request.turns))],
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"tools": tools} if tools else {}),
    }


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    if not turn.is_model:
        for result in turn.tool_results:
            yield {"role": "tool", "tool_call_id": result.id, "content": result.content}
        if turn.text:
            yield {"role": "user", "content": turn.text}
        return
    calls = [
        {"id": call.id, **_function(name=call.name, arguments=json.dumps(call.arguments or {}, ensure_ascii=False))}
        for call in turn.calls
    ]
    yield {"role": "assistant", "content": turn.text or None, **({"tool_calls": calls} if calls else {})}


def _function(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": fields}


def _usage(usage: ChunkUsage) -> Usage:
    prompt_details, completion_details = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = (prompt_details and prompt_details.cached_tokens) or 0
    reasoning = (completion_details and completion_details.reasoning_tokens) or 0
    prompt = usage.prompt_tokens or 0
    return Usage(max(0, prompt - cached), 0, min(cached, prompt), usage.completion_tokens or 0, reasoning)
