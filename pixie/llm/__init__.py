"""Language models. Requests and replies have a format that is independent of the provider."""

import re
from dataclasses import astuple, dataclass, field, replace
from enum import StrEnum
from typing import Any

MAX_OUTPUT_BYTES = 100_000  # text, thoughts and arguments of one reply
BYTES_PER_TOKEN = 4  # where a provider has not counted them
# Thoughts that a server left in the text, and calls that it did not parse. The last tag may be missing if the text was
# cut, and the first one, because some models begin inside of it.
_INNER = r"think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis|tool_calls?|function_calls?"
_THOUGHTS = re.compile(
    rf"<(?P<tag>{_INNER})\b[^>]*+(?:>.*?(?:</(?P=tag)\s*>|\Z)|\Z)|(?:\[think\]|◁think▷).*?(?:\[/think\]|◁/think▷|\Z)"
    r"|<\|channel\|>\s*(?:analysis|commentary).*?(?=<\|channel\|>\s*final|\Z)|<\|[a-z_]+\|>(?:assistant|final)?",
    re.IGNORECASE | re.DOTALL,
)
_BEGUN_INSIDE = re.compile(rf"\A.*(?:</(?:{_INNER})\s*>|\[/think\]|◁/think▷)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ToolSchema:
    """A tool as described to a model. `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool that the model requests. `arguments` is None if the model wrote invalid JSON."""

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True)
class ToolResult:
    id: str
    content: str
    failed: bool = False


@dataclass(frozen=True)
class Turn:
    """One turn of the conversation: ours (`text` or `tool_results`), or the model's (`is_model`).

    `raw` is the model's message in its provider's format; if present, it is sent back unchanged.
    """

    text: str = ""
    is_model: bool = False
    calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    raw: Any = None


@dataclass(frozen=True)
class ModelRequest:
    """One request to a model. `rules` never change, `facts` do: a provider may cache everything before the facts."""

    model: str
    rules: str
    facts: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSchema, ...] = ()
    max_tokens: int = 4096
    user_hash: str = ""
    """Identifies the member to the provider without revealing who it is."""


@dataclass(frozen=True)
class Usage:
    """Token counts. `uncached` is input that no cache had; `reasoning` is part of `output`."""

    uncached: int = 0
    cache_written: int = 0
    cache_read: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def input(self) -> int:
        return self.uncached + self.cache_written + self.cache_read

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass
class Meter:
    """The tokens of one attempt so far, estimated where the provider has not counted them, so that an attempt that
    breaks or is stopped is not free."""

    counted: Usage = field(default_factory=Usage)
    output_bytes: int = 0
    total_bytes: int = 0

    def read(self, text: str) -> None:
        """Raises ModelError if the reply is too long."""
        size = len(text.encode("utf-8", "replace"))
        self.output_bytes += size
        self.total_bytes += size
        if self.total_bytes > MAX_OUTPUT_BYTES:
            raise ModelError(ErrorKind.TOO_LONG, f"more than {MAX_OUTPUT_BYTES} bytes of output")

    @property
    def usage(self) -> Usage:
        return replace(self.counted, output=max(self.counted.output, self.output_bytes // BYTES_PER_TOKEN))


class FinishReason(StrEnum):
    COMPLETE = "complete"
    CALLS = "calls"  # the only one after which calls are made
    TRUNCATED = "truncated"  # or ended for a reason that we do not know
    REFUSED = "refused"


@dataclass(frozen=True)
class ModelReply:
    """A reply that ended as its protocol says: the last item of a stream, after its pieces of text."""

    text: str
    calls: tuple[ToolCall, ...]
    finish_reason: FinishReason
    usage: Usage
    raw: Any = field(default=None, compare=False)


class ErrorKind(StrEnum):
    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    NOT_ALLOWED = "not_allowed"  # the key is valid, but has no permission for this
    NO_CREDIT = "no_credit"
    NO_MODEL = "no_model"
    BUSY = "busy"  # too many requests, overloaded, or a temporary failure
    DISCONNECTED = "disconnected"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    INVALID = "invalid"  # the provider rejects the request
    NOT_PUBLIC = "not_public"  # the address is in a private network


class ModelError(Exception):
    """A request that failed. Its text is for the log and never contains a key."""

    def __init__(self, kind: ErrorKind, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}"[:300])
        self.kind = kind
        self.retry_after = retry_after
        """Seconds to wait before the next attempt, if the provider named them."""

    @property
    def is_retryable(self) -> bool:
        return self.kind in (ErrorKind.BUSY, ErrorKind.DISCONNECTED, ErrorKind.TIMEOUT, ErrorKind.UNREADABLE)


def without_thoughts(text: str) -> str:
    return _BEGUN_INSIDE.sub("", _THOUGHTS.sub("", text))
