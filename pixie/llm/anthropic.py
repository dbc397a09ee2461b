"""Anthropic's models, by its SDK."""

from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2

from pixie.llm.wire import Call, Fault, Question, Reply, Stop, Trouble, Turn, Usage

STOPS = {
    "end_turn": Stop.SAID_ALL,
    "stop_sequence": Stop.SAID_ALL,
    "pause_turn": Stop.SAID_ALL,
    "tool_use": Stop.CALLS,
    "max_tokens": Stop.TOO_LONG,
    "model_context_window_exceeded": Stop.TOO_LONG,
    "refusal": Stop.REFUSED,
}
TROUBLES = {
    "authentication_error": Trouble.WRONG_KEY,
    "permission_error": Trouble.NOT_ALLOWED,
    "billing_error": Trouble.NO_CREDIT,
    "not_found_error": Trouble.NO_MODEL,
    "rate_limit_error": Trouble.BUSY,
    "overloaded_error": Trouble.BUSY,
    "api_error": Trouble.BUSY,
    "timeout_error": Trouble.BUSY,
}
STATUSES = {401: Trouble.WRONG_KEY, 402: Trouble.NO_CREDIT, 403: Trouble.NOT_ALLOWED, 404: Trouble.NO_MODEL}
KEPT = {"type": "ephemeral"}  # in the provider's cache, for five minutes


class Anthropic:
    """Pieces of a conversation never stay with the provider: each question brings all of it."""

    def __init__(self, key: str, url: str = "") -> None:
        if not key:
            raise Fault(Trouble.NO_KEY)
        web = anthropic.DefaultHttpxClient(follow_redirects=False)
        self.client = anthropic.Anthropic(api_key=key, base_url=url or None, max_retries=0, http_client=web)

    def close(self) -> None:
        self.client.close()

    def ask(self, question: Question, seconds: float) -> Iterator[str | Reply]:
        try:
            with self.client.messages.stream(
                **_body(question), timeout=httpx2.Timeout(seconds, connect=min(seconds, 10))
            ) as stream:
                for event in stream:
                    if event.type == "text":
                        yield event.text
                yield _reply(stream.get_final_message())
        except anthropic.APIStatusError as error:  # also for an `error` inside a stream that began well
            raise _fault(error) from None
        except (anthropic.APITimeoutError, httpx2.TimeoutException):
            raise Fault(Trouble.SLOW) from None
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise Fault(Trouble.CUT, type(error).__name__) from None
        except (anthropic.AnthropicError, ValueError, AssertionError) as error:
            raise Fault(Trouble.GARBLED, type(error).__name__) from None


def _body(question: Question) -> dict[str, Any]:
    tools = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in question.tools
    ]
    if tools:
        tools[-1] = {**tools[-1], "cache_control": KEPT}
    rules: dict[str, Any] = {"type": "text", "text": question.rules, "cache_control": KEPT}
    facts = [{"type": "text", "text": question.facts}] if question.facts else []
    return {
        "model": question.model,
        "max_tokens": question.most_tokens,
        "system": [rules, *facts],
        "messages": [_message(turn) for turn in question.turns],
        **({"tools": tools} if tools else {}),
        **({"metadata": {"user_id": question.person}} if question.person else {}),
    }


def _message(turn: Turn) -> dict[str, Any]:
    if turn.is_model:
        return {"role": "assistant", "content": turn.raw or _blocks(turn)}
    results = [
        {"type": "tool_result", "tool_use_id": one.id, "content": one.content, "is_error": one.failed}
        for one in turn.returned
    ]
    return {"role": "user", "content": [*results, *([{"type": "text", "text": turn.text}] if turn.text else [])]}


def _blocks(turn: Turn) -> list[dict[str, Any]]:
    text = [{"type": "text", "text": turn.text}] if turn.text.strip() else []
    calls = [{"type": "tool_use", "id": one.id, "name": one.name, "input": one.arguments or {}} for one in turn.calls]
    return [*text, *calls] or [{"type": "text", "text": "…"}]


def _reply(message: Any) -> Reply:
    blocks = message.content
    usage = message.usage
    details = getattr(usage, "output_tokens_details", None)
    return Reply(
        text="".join(block.text for block in blocks if block.type == "text"),
        calls=tuple(
            Call(block.id, block.name, block.input if isinstance(block.input, dict) else None)
            for block in blocks
            if block.type == "tool_use"
        ),
        stop=STOPS.get(message.stop_reason or "", Stop.SAID_ALL),
        usage=Usage(
            fresh=usage.input_tokens or 0,
            written=usage.cache_creation_input_tokens or 0,
            read=usage.cache_read_input_tokens or 0,
            output=usage.output_tokens or 0,
            reasoning=getattr(details, "thinking_tokens", None) or 0,
        ),
        raw=[block.to_dict(mode="json", exclude_none=True) for block in blocks],
    )


def _fault(error: anthropic.APIStatusError) -> Fault:
    trouble = TROUBLES.get(error.type or "") or STATUSES.get(error.status_code)
    if trouble is None:
        passes = error.status_code in (200, 408, 409, 429) or error.status_code >= 500
        trouble = Trouble.BUSY if passes else Trouble.INVALID
    return Fault(trouble, f"{error.status_code} {error.type or ''} {error.request_id or ''}", _wait(error.response))


def _wait(response: httpx2.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("retry-after", "")))
    except ValueError:
        return None
