"""Tools for the agent's memory: search, remember and forget."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from chat.actions import open_assistant
from chat.models import Channel, ChannelKind
from homes.events.actor import Actor
from homes.models import Agent
from pantry.errors import ActionError
from pantry.text import clean_text, quotable
from pixie import actions
from pixie.memory import search
from pixie.models import Passage
from pixie.tools.registry import Effects, Line, Result, tool

MAX_RESULTS, MAX_FORGOTTEN = 5, 3
MAX_EXCERPT_CHARS = 200


def _check_content(value: str) -> str:
    if not clean_text(value):
        raise ValueError(_("There is nothing to remember in that."))
    return value


Query = Annotated[str, Field(min_length=1, max_length=500, description="Topic to look for, in plain words")]


@tool(scope="read")
def search_memory(
    actor: Actor,
    query: Query,
    limit: Annotated[int, Field(ge=1, le=MAX_RESULTS, description="Maximum number of results")] = 3,
) -> Result:
    """Search what was said, decided, bought or noted before, with author and date."""
    matches = _search(actor, query, limit)
    return Result("search_memory", {"query": query, "found": [_facts(match.passage) for match in matches]})


def _resolve_readers(actor: Actor, for_home: bool, **_rest: Any) -> dict[str, Any]:
    channel = _reply_channel(actor)
    if for_home or channel is not None and not channel.is_private:
        return {"readers": "home"}
    return {"readers": "you" if channel is None or channel.kind == ChannelKind.ASSISTANT else "room"}


@tool(scope="chat", effects=Effects(speaks=True, for_everyone="for_home"), resolve=_resolve_readers)
def remember(
    actor: Actor,
    content: Annotated[
        str,
        AfterValidator(_check_content),
        Field(min_length=1, max_length=Passage.MAX_LENGTH, description="One fact, as a full sentence"),
    ],
    for_home: Annotated[
        bool, Field(description="True if the whole home may know; otherwise only members of the room")
    ] = False,
    tags: Annotated[tuple[str, ...], Field(max_length=8, description="Tags that the person named")] = (),
) -> Result:
    """Remember a fact, a preference or a decision."""
    channel = None if for_home else _audience_channel(actor)
    is_private_chat = channel is not None and channel.kind == ChannelKind.ASSISTANT
    passage, is_new = actions.remember_passage(
        content, by=actor, channel=channel, agent=actor.agent if is_private_chat else None, tags=tags
    )
    audience = "home" if channel is None else "you" if is_private_chat else "room"
    facts = {"passage": str(passage.pk), "is_new": is_new, "content": _excerpt(passage), "for": audience}
    return Result("remember", facts, (Line(_excerpt(passage)),) if is_new else ())


def _confirm_forget(actor: Actor, query: str) -> str | None:
    return _("Forget this for good? %(what)s") % _resolve_passages(actor, query)


def _resolve_passages(actor: Actor, query: str) -> dict[str, Any]:
    return {"what": " ".join(f"“{quotable(_excerpt(passage))}”" for passage in _get_matches(actor, query))}


@tool(scope="chat", effects=Effects(takes_away=True), confirm_reason=_confirm_forget, resolve=_resolve_passages)
def forget(actor: Actor, query: Query) -> Result:
    """Permanently forget what is remembered about a topic."""
    matches = _get_matches(actor, query)
    for index, passage in enumerate(matches):
        actions.forget_passage(passage, by=actor.sub_operation(index))
    return Result("forget", {"count": len(matches)})


def _reply_channel(actor: Actor) -> Channel | None:
    """Return the channel of the answer; None outside of a chat, as over MCP."""
    return Channel.objects.filter(home=actor.home, pk=actor.reply_channel).first() if actor.reply_channel else None


def _search(actor: Actor, query: str, limit: int) -> list[search.Match]:
    assert actor.member is not None
    visible = search.visible_passages(actor.member, agent=actor.agent, reply_channel=_reply_channel(actor))
    return search.search(visible, actor.home, query, limit)


def _matches(actor: Actor, query: str) -> list[Passage]:
    """Return the passages with all significant words of the query, else the best match."""
    matches = _search(actor, query, MAX_RESULTS)
    exact = [match.passage for match in matches if match.coverage == 1]
    return exact[:MAX_FORGOTTEN] or [match.passage for match in matches[:1]]


def _get_matches(actor: Actor, query: str) -> list[Passage]:
    matches = _matches(actor, query)
    if not matches:
        raise ActionError(_("I know nothing about that, so there is nothing to forget."))
    return matches


def _audience_channel(actor: Actor) -> Channel | None:
    """Return the channel whose members may see a new passage, None for the whole home.

    Public rooms are for the whole home, private ones for their members, everything else for the author alone.
    """
    channel = _reply_channel(actor)
    if channel is not None:
        return channel if channel.is_private else None
    agent = actor.agent or Agent.objects.default_agent(actor.home)
    if agent is None:
        raise ActionError(_("No agent in this home is awake."))
    return open_assistant(agent, by=actor)


def _facts(passage: Passage) -> dict[str, Any]:
    return {
        "id": str(passage.pk),
        "content": _excerpt(passage),
        "who": passage.author_label,
        "said_at": passage.said_at,
        "source": passage.source,
    }


def _excerpt(passage: Passage) -> str:
    line = " ".join(passage.content.split())
    return line if len(line) <= MAX_EXCERPT_CHARS else f"{line[: MAX_EXCERPT_CHARS - 1].rstrip()}…"
