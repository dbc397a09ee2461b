"""Saying something in a room, reacting, and looking for what was said."""

from dataclasses import replace
from typing import Literal
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.translation import gettext as _
from pydantic import Field

from chat.actions import add_reaction, send_message
from chat.actions.channels import room_name
from chat.models import NAMED, Channel, Message
from homes.events.actor import Actor
from homes.models import Membership
from homes.search import SearchQuery, SearchResult, parse_query, run_query
from pantry.errors import ActionError
from pixie.models import Run, RunStatus
from pixie.nlu.vocabulary import find_item
from pixie.tools.registry import Arguments, Line, Result, tool

MOST_ROOMS_NAMED = 10


class PostMessage(Arguments):
    room: str = Field(default="", max_length=80, description="The room's name; left out, the home's first room")
    text: str = Field(min_length=1, max_length=Message.MAX_LENGTH, description="What to say, word for word")


class AddReaction(Arguments):
    message: UUID = Field(description="The id of the message, as search gives it")
    emoji: str = Field(min_length=1, max_length=16, description="One sign, like 👍")


class Search(Arguments):
    query: str = Field(default="", max_length=500, description='Words that must be there, or "word for word"')
    author: str | None = Field(default=None, max_length=80, description="Only what this person said")
    room: str | None = Field(default=None, max_length=80, description="Only what was said in this room")
    kind: Literal["message", "item"] | None = Field(default=None, description="Only messages, or only items")
    limit: int = Field(default=8, ge=1, le=50, description="How many at most")


@tool(
    "post_message",
    "Say something in a room of the home, where everybody in it reads it.",
    PostMessage,
    scope="chat",
    writes=("chat_message",),
)
def post_message(actor: Actor, call: PostMessage) -> Result:
    """By Pixie's mouth it says whose words these are."""
    room = _room(actor, call.room)
    text = call.text
    if actor.agent and actor.user:
        text = _("%(name)s says: %(text)s") % {"name": actor.user.name, "text": text}
    message = send_message(room, text, by=actor, pk=uuid5(actor.op_id, "message") if actor.op_id else None)
    facts = {"message": str(message.pk), "channel": str(room.pk), "room": room.name, "text": message.body}
    return Result("post_message", facts, (Line(call.text, f"#{room.name}"),))


@tool("add_reaction", "React to a message with one sign.", AddReaction, scope="chat", writes=("reaction_added",))
def react(actor: Actor, call: AddReaction) -> Result:
    seen = Message.objects.visible_to(_member(actor)).filter(deleted_at=None)
    message = seen.select_related("channel").filter(pk=call.message).first()
    if message is None:
        raise ActionError(_("There is no such message."))
    add_reaction(message, call.emoji, by=actor)
    return Result("add_reaction", {"message": str(message.pk), "emoji": call.emoji}, (Line(call.emoji),))


@tool("search", "Look for what was said in the home, and for things that it buys.", Search, scope="read")
def search(actor: Actor, call: Search) -> Result:
    """Where others read along, nothing is told of rooms that they may not be in."""
    query = parse_query(call.query)
    query = replace(
        query, author=call.author or query.author, room=call.room or query.room, reply_channel=actor.reply_channel
    )
    found = _without_echo(_search_loosely(actor, query, [call.kind] if call.kind else []))
    facts = {"query": call.query, "author": query.author, "count": len(found)}
    return Result("search", {**facts, "found": [_facts(each) for each in found[: call.limit]]})


def _search_loosely(actor: Actor, query: SearchQuery, kinds: list[str]) -> list[SearchResult]:
    """What has all the words; if nothing does, what has most of them."""
    found = run_query(_member(actor), query, kinds)
    if found or len(query.words) < 2:
        return found
    halves: dict[UUID, tuple[int, SearchResult]] = {}
    for word in query.words:
        for each in run_query(_member(actor), replace(query, words=(word,)), kinds):
            halves[each.id] = halves.get(each.id, (0, each))[0] + 1, each
    ranked = sorted(halves.values(), key=lambda half: [-half[0], half[1].rank])
    return [each for _count, each in ranked]


def _without_echo(found: list[SearchResult]) -> list[SearchResult]:
    """Without the questions that were asked of an agent in search of it, and what agents answered."""
    ids = [each.id for each in found]
    asked = Run.objects.filter(Q(messages__tool_name="search") | Q(status=RunStatus.RUNNING), trigger_message__in=ids)
    answers = Message.objects.filter(pk__in=ids, author_agent__isnull=False, metadata__has_key="run")
    echo = {*asked.values_list("trigger_message", flat=True), *answers.values_list("pk", flat=True)}
    return [each for each in found if each.id not in echo]


def _facts(found: SearchResult) -> dict[str, object]:
    names = ("kind", "id", "excerpt", "where", "author", "at")
    return {name: getattr(found, name) for name in names}


def _room(actor: Actor, name: str) -> Channel:
    """The room that a person calls `name`, also with a typo. Raises ActionError."""
    seen = Channel.objects.visible_to(_member(actor)).filter(kind__in=NAMED, archived_at=None)
    rooms: dict[str, Channel] = {room.name: room for room in seen.order_by("-is_system", "name")}
    if not name.strip("# "):
        return next(iter(rooms.values()))
    meant = room_name(name)
    close = meant if meant in rooms else find_item(meant.replace("-", " "), tuple(rooms))
    if close is None:
        known = ", ".join(f"#{each}" for each in list(rooms)[:MOST_ROOMS_NAMED])
        raise ActionError(_("There is no room “%(name)s”. There are: %(rooms)s.") % {"name": name, "rooms": known})
    return rooms[close]


def _member(actor: Actor) -> Membership:
    assert actor.member is not None
    return actor.member
