"""Client of Anthropic's API."""

from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2

from pixie.llm import ErrorKind, FinishReason, ModelError, ModelReply, ModelRequest, ToolCall, Turn, Usage

FINISH_REASONS = {
    "end_turn": FinishReason.COMPLETE,
    "stop_sequence": FinishReason.COMPLETE,
    "pause_turn": FinishReason.COMPLETE,
    "tool_use": FinishReason.CALLS,
    "max_tokens": FinishReason.TRUNCATED,
    "model_context_window_exceeded": FinishReason.TRUNCATED,
    "refusal": FinishReason.REFUSED,
}
ERROR_KINDS = {
    "authentication_error": ErrorKind.WRONG_KEY,
    "permission_error": ErrorKind.NOT_ALLOWED,
    "billing_error": ErrorKind.NO_CREDIT,
    "not_found_error": ErrorKind.NO_MODEL,
    "rate_limit_error": ErrorKind.BUSY,
    "overloaded_error": ErrorKind.BUSY,
    "api_error": ErrorKind.BUSY,
    "timeout_error": ErrorKind.BUSY,
}
STATUS_KINDS = {401: ErrorKind.WRONG_KEY, 402: ErrorKind.NO_CREDIT, 403: ErrorKind.NOT_ALLOWED, 404: ErrorKind.NO_MODEL}
CACHED = {"type": "ephemeral"}  # by the provider, for five minutes


class Anthropic:
    """Client with one key. Each request sends the whole conversation."""

    def __init__(self, key: str, url: str = "") -> None:
        if not key:
            raise ModelError(ErrorKind.NO_KEY)
        http_client = anthropic.DefaultHttpxClient(follow_redirects=False)
        self.client = anthropic.Anthropic(api_key=key, base_url=url or None, max_retries=0, http_client=http_client)

    def close(self) -> None:
        self.client.close()

    def stream(self, request: ModelRequest, timeout_seconds: float) -> Iterator[str | ModelReply]:
        timeout = httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, 10))
        try:
            with self.client.messages.stream(**_body(request), timeout=timeout) as stream:
                for event in stream:
                    if event.type == "text":
                        yield event.text
                yield _reply(stream.get_final_message())
        except anthropic.APIStatusError as error:  # also for an `error` event in a started stream
            raise _model_error(error) from None
        except (anthropic.APITimeoutError, httpx2.TimeoutException):
            raise ModelError(ErrorKind.TIMEOUT) from None
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise ModelError(ErrorKind.DISCONNECTED, type(error).__name__) from None
        except (anthropic.AnthropicError, ValueError, AssertionError) as error:
            raise ModelError(ErrorKind.UNREADABLE, type(error).__name__) from None


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


def _reply(message: Any) -> ModelReply:
    blocks = message.content
    usage = message.usage
    details = getattr(usage, "output_tokens_details", None)
    return ModelReply(
        text="".join(block.text for block in blocks if block.type == "text"),
        calls=tuple(
            ToolCall(block.id, block.name, block.input if isinstance(block.input, dict) else None)
            for block in blocks
            if block.type == "tool_use"
        ),
        finish_reason=FINISH_REASONS.get(message.stop_reason or "", FinishReason.COMPLETE),
        usage=Usage(
            uncached=usage.input_tokens or 0,
            cache_written=usage.cache_creation_input_tokens or 0,
            cache_read=usage.cache_read_input_tokens or 0,
            output=usage.output_tokens or 0,
            reasoning=getattr(details, "thinking_tokens", None) or 0,
        ),
        raw=[block.to_dict(mode="json", exclude_none=True) for block in blocks],
    )


def _model_error(error: anthropic.APIStatusError) -> ModelError:
    kind = ERROR_KINDS.get(error.type or "") or STATUS_KINDS.get(error.status_code)
    if kind is None:
        is_temporary = error.status_code in (200, 408, 409, 429) or error.status_code >= 500
        kind = ErrorKind.BUSY if is_temporary else ErrorKind.INVALID
    return ModelError(
        kind, f"{error.status_code} {error.type or ''} {error.request_id or ''}", _retry_after(error.response)
    )


def _retry_after(response: httpx2.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("retry-after", "")))
    except ValueError:
        return None
