"""Models behind a server that speaks OpenAI's protocol of chat completions: Ollama, vLLM, and many others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from pixie.llm.wire import Call, Fault, Question, Reply, Stop, Trouble, Turn, Usage

STOPS = {
    "stop": Stop.SAID_ALL,
    "tool_calls": Stop.CALLS,
    "function_call": Stop.CALLS,
    "length": Stop.TOO_LONG,
    "content_filter": Stop.REFUSED,
}
STATUSES = {
    401: Trouble.WRONG_KEY,
    402: Trouble.NO_CREDIT,
    403: Trouble.NOT_ALLOWED,
    404: Trouble.NO_MODEL,
}
SPENT = {"insufficient_quota", "billing_hard_limit_reached"}
OPENAI = "api.openai.com"
KEYLESS = "none"  # servers at home ask for no key, the SDK does


@dataclass
class Heard:
    """What of a reply has come so far."""

    text: str = ""
    refusal: str = ""
    stop: str = ""
    usage: Usage = field(default_factory=Usage)
    calls: dict[int, dict[str, str]] = field(default_factory=dict)

    def take(self, chunk: Any) -> str:
        """Take a chunk in. Returns the text that is new."""
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.stop = choice.finish_reason or self.stop
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

    def reply(self) -> Reply:
        if not self.stop:  # the stream ended, the answer had not
            raise Fault(Trouble.CUT, "no finish_reason")
        calls = tuple(
            Call(one["id"] or f"call_{index}", one["name"], _arguments(one["arguments"]))
            for index, one in sorted(self.calls.items())
        )
        stop = Stop.CALLS if calls else Stop.REFUSED if self.refusal else STOPS.get(self.stop, Stop.SAID_ALL)
        return Reply(self.text, calls, stop, self.usage)


class Compatible:
    def __init__(self, key: str, url: str) -> None:
        web = openai.DefaultHttpxClient(follow_redirects=False)
        # Servers at home know the old word for it, OpenAI's own takes the new one alone.
        self.limit = "max_completion_tokens" if _host(url) == OPENAI else "max_tokens"
        self.client = openai.OpenAI(api_key=key or KEYLESS, base_url=url, max_retries=0, http_client=web)

    def close(self) -> None:
        self.client.close()

    def ask(self, question: Question, seconds: float) -> Iterator[str | Reply]:
        heard = Heard()
        try:
            with self.client.chat.completions.create(
                **_body(question, self.limit), timeout=httpx2.Timeout(seconds, connect=min(seconds, 10))
            ) as stream:
                for chunk in stream:
                    if piece := heard.take(chunk):
                        yield piece
            yield heard.reply()
        except openai.APIStatusError as error:
            raise _fault(error) from None
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise Fault(Trouble.SLOW) from None
        except (openai.APIConnectionError, httpx2.TransportError) as error:
            raise Fault(Trouble.CUT, type(error).__name__) from None
        except openai.APIError as error:  # an `error` inside a stream that began well
            raise Fault(Trouble.BUSY, str(error.code or error.type or "")) from None
        except (openai.OpenAIError, ValueError, AttributeError, TypeError) as error:
            raise Fault(Trouble.GARBLED, type(error).__name__) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _body(question: Question, limit: str) -> dict[str, Any]:
    system = "\n\n".join(part for part in (question.rules, question.facts) if part)
    tools = [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
        }
        for tool in question.tools
    ]
    return {
        "model": question.model,
        limit: question.most_tokens,
        "messages": [{"role": "system", "content": system}, *(each for turn in question.turns for each in _said(turn))],
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"tools": tools} if tools else {}),
    }


def _said(turn: Turn) -> Iterator[dict[str, Any]]:
    if not turn.is_model:
        for one in turn.returned:
            yield {"role": "tool", "tool_call_id": one.id, "content": one.content}
        if turn.text:
            yield {"role": "user", "content": turn.text}
        return
    calls = [
        {
            "id": one.id,
            "type": "function",
            "function": {"name": one.name, "arguments": json.dumps(one.arguments or {}, ensure_ascii=False)},
        }
        for one in turn.calls
    ]
    yield {"role": "assistant", "content": turn.text or None, **({"tool_calls": calls} if calls else {})}


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _usage(usage: Any) -> Usage:
    """Some servers send no details, some nothing at all."""
    known = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None) or 0
    reasoning = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None) or 0
    asked = usage.prompt_tokens or 0
    return Usage(max(0, asked - known), 0, min(known, asked), usage.completion_tokens or 0, reasoning)


def _fault(error: openai.APIStatusError) -> Fault:
    if str(error.code or "") in SPENT:
        return Fault(Trouble.NO_CREDIT, str(error.status_code))
    trouble = STATUSES.get(error.status_code)
    if trouble is None:
        passes = error.status_code in (408, 409, 429) or error.status_code >= 500
        trouble = Trouble.BUSY if passes else Trouble.INVALID
    try:
        wait = max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        wait = None
    return Fault(trouble, str(error.status_code), wait)
