"""Client of Anthropic's API."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import anthropic
import httpx2

from pixie.llm import ErrorKind, FinishReason, Meter, ModelError, ModelReply, ModelRequest, ToolCall, Turn, Usage
from pixie.llm.base import (
    Payload,
    SdkClient,
    Tokens,
    check_calls,
    check_end,
    malformed_as_unreadable,
    parse_arguments,
    read_events,
    with_own_ids,
)

CACHED = {"type": "ephemeral"}  # by the provider, for five minutes


class Block(Payload):
    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: Any = None


class Delta(Payload):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class StreamEvent(Payload):
    type: str
    index: int = -1
    delta: Delta | None = None


class OutputDetails(Payload):
    thinking_tokens: Tokens = None


class MessageUsage(Payload):
    input_tokens: Tokens = None
    cache_creation_input_tokens: Tokens = None
    cache_read_input_tokens: Tokens = None
    output_tokens: Tokens = None
    output_tokens_details: OutputDetails | None = None


class MessagePayload(Payload):
    content: list[Block]
    stop_reason: str | None = None
    usage: MessageUsage


class Anthropic(SdkClient):
    sdk: ClassVar[Any] = anthropic
    base_error = anthropic.AnthropicError
    finish_reasons = {
        **dict.fromkeys(("end_turn", "stop_sequence"), FinishReason.COMPLETE),
        "tool_use": FinishReason.CALLS,
        "max_tokens": FinishReason.TRUNCATED,
        "model_context_window_exceeded": FinishReason.TRUNCATED,
        "refusal": FinishReason.REFUSED,
    }
    error_kinds = {
        "authentication_error": ErrorKind.WRONG_KEY,
        "permission_error": ErrorKind.NOT_ALLOWED,
        "billing_error": ErrorKind.NO_CREDIT,
        "not_found_error": ErrorKind.NO_MODEL,
        **dict.fromkeys(("rate_limit_error", "overloaded_error", "api_error", "timeout_error"), ErrorKind.BUSY),
    }

    def __init__(self, key: str, url: str = "", addresses: tuple[str, ...] = ()) -> None:
        if not key:
            raise ModelError(ErrorKind.NO_KEY)
        super().__init__(anthropic.Anthropic, key, url or None, addresses)

    def read_stream(self, request: ModelRequest, timeout: httpx2.Timeout, meter: Meter) -> Iterator[str | ModelReply]:
        inputs: dict[int, str] = {}  # of tool calls, by block: the SDK's parser also takes half of a JSON object
        closed: set[int] = set()
        end, has_ended, blocks = "", False, 0
        with self.client.messages.stream(**_body(request), timeout=timeout) as stream:
            for data in read_events(stream):
                event = StreamEvent.parse(data)
                later_end = event.delta.stop_reason if event.delta else None
                if end:
                    check_end(end, later_end, has_call=event.type.startswith("content_block"))
                end = later_end or end
                if event.type == "message_start":
                    with malformed_as_unreadable():
                        meter.counted = _usage(MessageUsage.parse(data.message.usage))
                elif event.type == "content_block_delta" and event.delta is not None:
                    inputs[event.index] = inputs.get(event.index, "") + (event.delta.partial_json or "")
                    meter.read(
                        "".join(filter(None, (event.delta.text, event.delta.thinking, event.delta.partial_json)))
                    )
                elif event.type == "content_block_start":
                    blocks += 1
                    check_calls(blocks)
                elif event.type == "content_block_stop":
                    closed.add(event.index)
                elif event.type == "message_stop":
                    has_ended = True
                elif event.type == "text":
                    yield data.text
            with malformed_as_unreadable():
                message = stream.get_final_message()
                raw = [block.to_dict(mode="json", exclude_none=True, warnings=False) for block in message.content]
            payload = MessagePayload.parse(message)
        if not has_ended or closed != set(range(len(raw))):
            payload.stop_reason = None
        yield self._reply(payload, raw, inputs)

    def _reply(self, message: MessagePayload, raw: list[Any], inputs: dict[int, str]) -> ModelReply:
        """Raises ModelError unless the message has ended."""
        blocks = message.content
        positions = [index for index, block in enumerate(blocks) if block.type == "tool_use"]
        calls = with_own_ids(
            ToolCall(
                blocks[index].id,
                blocks[index].name,
                parse_arguments(inputs.get(index) or json.dumps(blocks[index].input)),
            )
            for index in positions
        )
        for index, call in zip(positions, calls, strict=True):
            raw[index] |= {"id": call.id, "input": call.arguments or {}}
        return ModelReply(
            text="".join(block.text for block in blocks if block.type == "text"),
            calls=calls,
            finish_reason=self.finish_reason(message.stop_reason, calls),
            usage=_usage(message.usage),
            raw=raw,
        )


def _usage(usage: MessageUsage) -> Usage:
    details = usage.output_tokens_details
    return Usage(
        uncached=usage.input_tokens or 0,
        cache_written=usage.cache_creation_input_tokens or 0,
        cache_read=usage.cache_read_input_tokens or 0,
        output=usage.output_tokens or 0,
        reasoning=(details and details.thinking_tokens) or 0,
    )


def _body(request: ModelRequest) -> dict[str, Any]:
    tools = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in request.tools
    ]
    if tools:
        tools[-1] = {**tools[-1], "cache_control": CACHED}
    rules: dict[str, Any] = {"type": "text", "text": request.rules, "cache_control": CACHED}
    facts = [{"type": "text", "text": request.facts}] if request.facts else []
    return {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "system": [rules, *facts],
        "messages": [_message(turn) for turn in request.turns],
        **({"tools": tools} if tools else {}),
        **({"metadata": {"user_id": request.user_hash}} if request.user_hash else {}),
    }


def _message(turn: Turn) -> dict[str, Any]:
    if turn.is_model:
        return {"role": "assistant", "content": turn.raw or _blocks(turn)}
    results = [
        {"type": "tool_result", "tool_use_id": result.id, "content": result.content, "is_error": result.failed}
        for result in turn.tool_results
    ]
    return {"role": "user", "content": [*results, *([{"type": "text", "text": turn.text}] if turn.text else [])]}


def _blocks(turn: Turn) -> list[dict[str, Any]]:
    text = [{"type": "text", "text": turn.text}] if turn.text.strip() else []
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments or {}} for call in turn.calls
    ]
    return [*text, *calls] or [{"type": "text", "text": "…"}]
