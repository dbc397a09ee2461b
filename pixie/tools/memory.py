"""What Pixie remembers: told to it, found again, forgotten."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import Field, field_validator

from chat.actions import open_assistant
from chat.models import Channel, ChannelKind
from homes.events.actor import Actor
from homes.models import Agent
from pantry.errors import ActionError
from pantry.text import clean_text
from pixie.actions import forget_passage, remember_passage
from pixie.memory import search
from pixie.models import Passage
from pixie.tools.registry import Arguments, Line, Result, tool

MOST_TOLD, MOST_FORGOTTEN = 5, 3
SHOWN = 200  # letters of a passage


class Asked(Arguments):
    query: str = Field(min_length=1, max_length=500, description="What it is about, in plain words")


class SearchMemory(Asked):
    limit: int = Field(default=3, ge=1, le=MOST_TOLD, description="The most that are wanted")


class Remember(Arguments):
    content: str = Field(min_length=1, max_length=Passage.MAX_LENGTH, description="One fact, as a full sentence")
    for_home: bool = Field(
        default=False, description="Said for everybody at home; else only whoever is in the room may know"
    )
    tags: list[str] = Field(default=[], max_length=8, description="Words to sort it under")

    @field_validator("content")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not clean_text(value):
            raise ValueError(_("There is nothing to remember in that."))
        return value


@tool("search_memory", "Find what was said, decided, bought or noted before, with who and when.", SearchMemory,
      scope="read")  # fmt: skip
def search_memory(actor: Actor, call: SearchMemory) -> Result:
    hits = search.search(_rows(actor), actor.home, call.query, call.limit)
    return Result("search_memory", {"query": call.query, "found": [_told(hit.passage) for hit in hits]})


@tool("remember", "Keep a fact, a preference or a decision for later.", Remember, scope="chat")
def remember(actor: Actor, call: Remember) -> Result:
    channel = None if call.for_home else _confidants(actor)
    talks = channel is not None and channel.kind == ChannelKind.ASSISTANT
    passage, is_new = remember_passage(
        call.content, by=actor, channel=channel, agent=actor.agent if talks else None, tags=call.tags
    )
    facts = {"passage": str(passage.pk), "is_new": is_new, "content": _short(passage), "for": _for_whom(channel)}
    return Result("remember", facts, (Line(_short(passage)),) if is_new else ())


def _is_final(actor: Actor, call: Asked) -> str | None:
    """What would be gone, word for word."""
    meant = _meant(actor, call)
    if not meant:
        return None
    said = " ".join(f"“{_short(passage)}”" for passage in meant)
    return _("Forget this for good? %(what)s") % {"what": said}


@tool("forget", "Forget what was remembered about something, for good.", Asked, scope="chat", confirm_reason=_is_final)
def forget(actor: Actor, call: Asked) -> Result:
    meant = _meant(actor, call)
    if not meant:
        raise ActionError(_("I know nothing about that, so there is nothing to forget."))
    for place, passage in enumerate(meant):
        forget_passage(passage, by=actor.sub_operation(place))
    return Result("forget", {"count": len(meant)})


def _here(actor: Actor) -> Channel | None:
    """The channel in which the answer is read; None where there is none, as over MCP."""
    return Channel.objects.filter(home=actor.home, pk=actor.reply_channel).first() if actor.reply_channel else None


def _rows(actor: Actor) -> Any:
    assert actor.member is not None
    return search.known_to(actor.member, agent=actor.agent, aloud_in=_here(actor))


def _meant(actor: Actor, call: Asked) -> list[Passage]:
    """What all the weighty words are in; failing that, the one that is nearest."""
    hits = search.search(_rows(actor), actor.home, call.query, MOST_TOLD)
    worded = [hit.passage for hit in hits if hit.covered == 1]
    return worded[:MOST_FORGOTTEN] or [hit.passage for hit in hits[:1]]


def _confidants(actor: Actor) -> Channel | None:
    """Who may know what is said here: the whole home in an open room, in a private one those inside, and what is said
    to an agent alone, or from elsewhere, only who said it."""
    here = _here(actor)
    if here is not None:
        return here if here.is_private else None
    agent = actor.agent or Agent.objects.default_agent(actor.home)
    if agent is None:
        raise ActionError(_("No agent in this home is awake."))
    return open_assistant(agent, by=actor)


def _for_whom(channel: Channel | None) -> str:
    if channel is None:
        return "home"
    return "you" if channel.kind == ChannelKind.ASSISTANT else "room"


def _told(passage: Passage) -> dict[str, Any]:
    return {
        "id": str(passage.pk),
        "content": _short(passage),
        "who": passage.author_label,
        "said_at": passage.said_at,
        "source": passage.source,
    }


def _short(passage: Passage) -> str:
    line = " ".join(passage.content.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1].rstrip()}…"
