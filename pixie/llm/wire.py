"""What is asked of a language model and what comes back, in words that every provider is translated into."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True)
class ToolSerializer:
    """A tool, as a model is told of it. `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A tool that the model wants called. `arguments` is None where what it wrote can't be read."""

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True)
class Returned:
    """What a tool answered to the call `id`."""

    id: str
    content: str
    failed: bool = False


@dataclass(frozen=True)
class Turn:
    """One turn of the conversation: ours (`text`, or what tools `returned`), or the model's (`is_model`).

    `raw` is the model's own message in its provider's shape; where it is known it goes back as it came.
    """

    text: str = ""
    is_model: bool = False
    calls: tuple[Call, ...] = ()
    returned: tuple[Returned, ...] = ()
    raw: Any = None


@dataclass(frozen=True)
class Question:
    """One call of a model. `rules` never change, `facts` do: a provider may cache what comes before the facts."""

    model: str
    rules: str
    facts: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSerializer, ...] = ()
    most_tokens: int = 4096
    person: str = ""
    """Who asks, as a word that means nothing elsewhere."""


@dataclass(frozen=True)
class Usage:
    """Tokens. `fresh` is the input that no cache knew; `reasoning` is part of `output`."""

    fresh: int = 0
    written: int = 0
    read: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def input(self) -> int:
        return self.fresh + self.written + self.read


class Stop(StrEnum):
    SAID_ALL = "said_all"
    CALLS = "calls"
    TOO_LONG = "too_long"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reply:
    """A whole reply, the last thing that a stream yields. Before it come its pieces of text, as they are written."""

    text: str
    calls: tuple[Call, ...]
    stop: Stop
    usage: Usage
    raw: Any = field(default=None, compare=False)


class Trouble(StrEnum):
    """Why there is no reply."""

    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    NOT_ALLOWED = "not_allowed"  # the key is right, and may not do this
    NO_CREDIT = "no_credit"
    NO_MODEL = "no_model"
    BUSY = "busy"  # too many requests, overloaded, or broken for the moment
    CUT = "cut"  # not reached, or lost on the way
    SLOW = "slow"
    GARBLED = "garbled"  # what came can't be read
    INVALID = "invalid"  # the provider does not take what we sent
    NOT_PUBLIC = "not_public"  # the address leads into a network of the server's own


PASSING = {Trouble.BUSY, Trouble.CUT, Trouble.SLOW, Trouble.GARBLED}


class Fault(Exception):
    """The model could not be asked, or did not finish. Its text is for the log and never holds a key."""

    def __init__(self, trouble: Trouble, detail: str = "", wait: float | None = None) -> None:
        super().__init__(f"{trouble}: {detail}"[:300])
        self.trouble, self.detail = trouble, detail
        self.wait = wait
        """Seconds after which the provider wants to be asked again."""

    @property
    def passes(self) -> bool:
        """Trying again may help."""
        return self.trouble in PASSING


class Model(Protocol):
    """A provider's models, for one key."""

    def ask(self, question: Question, seconds: float) -> Iterator[str | Reply]:
        """Pieces of text, then the Reply. Raises Fault. `seconds`: the longest silence that is borne."""
        ...

    def close(self) -> None:
        """Let go of its connections."""
        ...
