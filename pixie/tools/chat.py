"""Tools for posting and reacting to messages, and for searching."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from pydantic import Field

from chat import actions
from chat.actions.channels import normalize_room_name
from chat.models import ROOM_KINDS, Channel, Message, quotable_channels_q
from homes.events.actor import Actor
from homes.models import Membership
from homes.search import SearchQuery, SearchResult, parse_query, run_query
from pantry.errors import ActionError
from pixie.models import Run, RunStatus
from pixie.nlu.vocabulary import find_item
from pixie.tools.registry import Effects, Line, Result, tool

MAX_ROOMS_LISTED = 10
MAX_QUOTED_CHARS = 80


def _resolve_room(actor: Actor, room: str, **_rest: object) -> dict[str, object]:
    return {"room": _room(actor, room).name}


@tool(scope="chat", effects=Effects(speaks=True, for_everyone=True), resolve=_resolve_room)
def post_message(
    actor: Actor,
    text: Annotated[
        str, Field(min_length=1, max_length=Message.MAX_LENGTH, description="The text of the message, word for word")
    ],
    room: Annotated[str, Field(max_length=80, description="The room's name; omit for the home's first room")] = "",
) -> Result:
    """Post a message in a room of the home."""
    channel, body = _room(actor, room), text
    if actor.agent and actor.user:
        body = _("%(name)s says: %(text)s") % {"name": actor.user.name, "text": text}
    message = actions.send_message(channel, body, by=actor, pk=uuid5(actor.op_id, "message") if actor.op_id else None)
    facts = {"message": str(message.pk), "channel": str(channel.pk), "room": channel.name, "text": message.body}
    return Result("post_message", facts, (Line(text, f"#{channel.name}"),))


def _resolve_message(actor: Actor, message: UUID, **_rest: object) -> dict[str, object]:
    return {"what": Truncator(_visible_message(actor, message).body).chars(MAX_QUOTED_CHARS)}


@tool(scope="chat", effects=Effects(speaks=True), resolve=_resolve_message)
def add_reaction(
    actor: Actor,
    message: Annotated[UUID, Field(description="The id of the message, as returned by search")],
    emoji: Annotated[str, Field(min_length=1, max_length=16, description="One emoji, such as 👍")],
) -> Result:
    """Add an emoji reaction to a message."""
    target = _visible_message(actor, message)
    actions.add_reaction(target, emoji, by=actor)
    return Result("add_reaction", {"message": str(target.pk), "emoji": emoji}, (Line(emoji),))


def _visible_message(actor: Actor, pk: UUID) -> Message:
    visible = Message.objects.visible_to(_member(actor)).filter(deleted_at=None)
    message: Message | None = visible.select_related("channel").filter(pk=pk).first()
    if message is None:
        raise ActionError(_("There is no such message."))
    return message


@tool(scope="read")
def search(
    actor: Actor,
    query: Annotated[str, Field(max_length=500, description='Words to find, or an "exact phrase"')] = "",
    author: Annotated[str | None, Field(max_length=80, description="Only messages by this person")] = None,
    room: Annotated[str | None, Field(max_length=80, description="Only messages in this room")] = None,
    kind: Annotated[Literal["message", "item"] | None, Field(description="Only messages, or only items")] = None,
    limit: Annotated[int, Field(ge=1, le=50, description="Maximum number of results")] = 8,
) -> Result:
    """Search the home's messages and grocery items."""
    parsed = parse_query(query)
    parsed = replace(
        parsed, author=author or parsed.author, room=room or parsed.room, reply_channel=actor.reply_channel
    )
    results = _without_searches(_search(actor, parsed, [kind] if kind else []))
    facts = {"query": query, "author": parsed.author, "count": len(results)}
    return Result("search", {**facts, "found": [_facts(result) for result in results[:limit]]})


def _search(actor: Actor, query: SearchQuery, kinds: list[str]) -> list[SearchResult]:
    """Return the results with all words; if there are none, those with the most."""
    results = run_query(_member(actor), query, kinds)
    if results or len(query.words) < 2:
        return results
    matches: dict[UUID, tuple[int, SearchResult]] = {}
    for word in query.words:
        for result in run_query(_member(actor), replace(query, words=(word,)), kinds):
            matches[result.id] = matches.get(result.id, (0, result))[0] + 1, result
    ranked = sorted(matches.values(), key=lambda match: [-match[0], match[1].rank])
    return [result for _count, result in ranked]


def _without_searches(results: list[SearchResult]) -> list[SearchResult]:
    """Leave out the messages that asked an agent to search, and agents' answers."""
    ids = [result.id for result in results]
    search_requests = Run.objects.filter(
        Q(messages__tool_name="search") | Q(status=RunStatus.RUNNING), trigger_message__in=ids
    )
    answers = Message.objects.filter(pk__in=ids, author_agent__isnull=False, metadata__has_key="run")
    excluded_ids = {*search_requests.values_list("trigger_message", flat=True), *answers.values_list("pk", flat=True)}
    return [result for result in results if result.id not in excluded_ids]


def _facts(result: SearchResult) -> dict[str, object]:
    return {name: getattr(result, name) for name in ("kind", "id", "excerpt", "where", "author", "at")}


def _room(actor: Actor, name: str) -> Channel:
    """Return the room that matches `name`, allowing for typos. Raises ActionError if there is none."""
    visible = Channel.objects.visible_to(_member(actor)).filter(kind__in=ROOM_KINDS, archived_at=None)
    rooms: dict[str, Channel] = {room.name: room for room in visible.order_by("-is_system", "name")}
    if not name.strip("# "):
        return next(iter(rooms.values()))
    slug = normalize_room_name(name)
    room_match = slug if slug in rooms else find_item(slug.replace("-", " "), tuple(rooms))
    if room_match is None:
        quotable = visible.filter(quotable_channels_q(actor.reply_channel)).order_by("-is_system", "name")
        room_names = ", ".join(f"#{room.name}" for room in quotable[:MAX_ROOMS_LISTED])
        raise ActionError(_("There is no room “%(name)s”. There are: %(rooms)s."), name=name, rooms=room_names)
    return rooms[room_match]


def _member(actor: Actor) -> Membership:
    assert actor.member is not None
    return actor.member
