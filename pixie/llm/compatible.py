"""Client of servers with OpenAI's chat completions API: Ollama, vLLM and many others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from pixie.llm import ErrorKind, FinishReason, ModelError, ModelReply, ModelRequest, ToolCall, Turn, Usage

FINISH_REASONS = {
    "stop": FinishReason.COMPLETE,
    "tool_calls": FinishReason.CALLS,
    "function_call": FinishReason.CALLS,
    "length": FinishReason.TRUNCATED,
    "content_filter": FinishReason.REFUSED,
}
STATUS_KINDS = {
    401: ErrorKind.WRONG_KEY,
    402: ErrorKind.NO_CREDIT,
    403: ErrorKind.NOT_ALLOWED,
    404: ErrorKind.NO_MODEL,
}
NO_CREDIT_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
OPENAI_HOST = "api.openai.com"
PLACEHOLDER_KEY = "none"  # the SDK requires a key, even where the server does not


@dataclass
class ReplyBuilder:
    """Accumulates the chunks of a reply."""

    text: str = ""
    refusal: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    calls: dict[int, dict[str, str]] = field(default_factory=dict)

    def add(self, chunk: Any) -> str:
        """Add a chunk and return its text."""
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        delta = choice.delta
        self.refusal += getattr(delta, "refusal", None) or ""
        for part in delta.tool_calls or ():
            index = part.index if part.index is not None else len(self.calls)
            call = self.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
            call["id"] = call["id"] or part.id or ""
            if part.function is not None:
                call["name"] += part.function.name or ""
                call["arguments"] += part.function.arguments or ""
        piece = delta.content or ""
        self.text += piece
        return piece

    def build(self) -> ModelReply:
        if not self.finish_reason:  # the stream ended before the answer
            raise ModelError(ErrorKind.DISCONNECTED, "no finish_reason")
        calls = tuple(
            ToolCall(call["id"] or f"call_{index}", call["name"], _arguments(call["arguments"]))
            for index, call in sorted(self.calls.items())
        )
        finish_reason = FINISH_REASONS.get(self.finish_reason, FinishReason.COMPLETE)
        if calls or self.refusal:
            finish_reason = FinishReason.CALLS if calls else FinishReason.REFUSED
        return ModelReply(self.text, calls, finish_reason, self.usage)


class Compatible:
    """Client of one server, with one key."""

    def __init__(self, key: str, url: str) -> None:
        http_client = openai.DefaultHttpxClient(follow_redirects=False)
        # OpenAI accepts only the new name; self-hosted servers know the old one.
        self.limit_name = "max_completion_tokens" if _host(url) == OPENAI_HOST else "max_tokens"
        self.client = openai.OpenAI(
            api_key=key or PLACEHOLDER_KEY, base_url=url, max_retries=0, http_client=http_client
        )

    def close(self) -> None:
        self.client.close()

    def stream(self, request: ModelRequest, timeout_seconds: float) -> Iterator[str | ModelReply]:
        builder = ReplyBuilder()
        timeout = httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, 10))
        try:
            with self.client.chat.completions.create(**_body(request, self.limit_name), timeout=timeout) as stream:
                for chunk in stream:
                    if piece := builder.add(chunk):
                        yield piece
            yield builder.build()
        except openai.APIStatusError as error:
            raise _model_error(error) from None
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise ModelError(ErrorKind.TIMEOUT) from None
        except (openai.APIConnectionError, httpx2.TransportError) as error:
            raise ModelError(ErrorKind.DISCONNECTED, type(error).__name__) from None
        except openai.APIError as error:  # an `error` in a started stream
            raise ModelError(ErrorKind.BUSY, str(error.code or error.type or "")) from None
        except (openai.OpenAIError, ValueError, AttributeError, TypeError) as error:
            raise ModelError(ErrorKind.UNREADABLE, type(error).__name__) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _body(request: ModelRequest, limit_name: str) -> dict[str, Any]:
    system = "\n\n".join(part for part in (request.rules, request.facts) if part)
    tools = [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
        }
        for tool in request.tools
    ]
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
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments or {}, ensure_ascii=False)},
        }
        for call in turn.calls
    ]
    yield {"role": "assistant", "content": turn.text or None, **({"tool_calls": calls} if calls else {})}


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        arguments = json.loads(text or "{}")
    except ValueError:
        return None
    return arguments if isinstance(arguments, dict) else None


def _usage(usage: Any) -> Usage:
    """Read the token counts, which some servers omit."""
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None) or 0
    reasoning = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None) or 0
    prompt = usage.prompt_tokens or 0
    return Usage(max(0, prompt - cached), 0, min(cached, prompt), usage.completion_tokens or 0, reasoning)


def _model_error(error: openai.APIStatusError) -> ModelError:
    if str(error.code or "") in NO_CREDIT_CODES:
        return ModelError(ErrorKind.NO_CREDIT, str(error.status_code))
    kind = STATUS_KINDS.get(error.status_code)
    if kind is None:
        is_temporary = error.status_code in (408, 409, 429) or error.status_code >= 500
        kind = ErrorKind.BUSY if is_temporary else ErrorKind.INVALID
    try:
        retry_after = max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        retry_after = None
    return ModelError(kind, str(error.status_code), retry_after)
