"""Client of Anthropic's API."""

from collections.abc import Iterator
from typing import Any, ClassVar

import anthropic
import httpx2

from pixie.llm import ErrorKind, FinishReason, ModelError, ModelReply, ModelRequest, ToolCall, Turn, Usage
from pixie.llm.base import Payload, SdkClient, Tokens, malformed_as_unreadable, read_events

CACHED = {"type": "ephemeral"}  # by the provider, for five minutes


class Block(Payload):
    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: Any = None


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

    def __init__(self, key: str, url: str = "") -> None:
        if not key:
            raise ModelError(ErrorKind.NO_KEY)
        super().__init__(anthropic.Anthropic, key, url or None)

    def read_stream(self, request: ModelRequest, timeout: httpx2.Timeout) -> Iterator[str | ModelReply]:
        with self.client.messages.stream(**_body(request), timeout=timeout) as stream:
            for event in read_events(stream):
                if event.type == "text":
                    yield event.text
            with malformed_as_unreadable():
                message = stream.get_final_message()
                raw = [block.to_dict(mode="json", exclude_none=True) for block in message.content]
            yield self._reply(MessagePayload.parse(message), raw)

    def _reply(self, message: MessagePayload, raw: list[Any]) -> ModelReply:
        blocks, usage = message.content, message.usage
        details = usage.output_tokens_details
        return ModelReply(
            text="".join(block.text for block in blocks if block.type == "text"),
            calls=tuple(
                ToolCall(block.id, block.name, block.input if isinstance(block.input, dict) else None)
                for block in blocks
                if block.type == "tool_use"
            ),
            finish_reason=self.finish_reason(message.stop_reason),
            usage=Usage(
                uncached=usage.input_tokens or 0,
                cache_written=usage.cache_creation_input_tokens or 0,
                cache_read=usage.cache_read_input_tokens or 0,
                output=usage.output_tokens or 0,
                reasoning=(details and details.thinking_tokens) or 0,
            ),
            raw=raw,
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
