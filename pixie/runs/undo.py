"""What was done for somebody, and taking it back."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from chat.actions import update_message_metadata
from chat.models import Message
from homes.events.actor import Actor
from homes.events.log import action
from homes.events.models import Event, Origin
from homes.events.undo import undo_event, undo_handlers
from homes.models import Agent
from pantry.errors import ActionError
from pixie.models import Run

LATELY = 100  # answers, or events, that are looked through for the last thing that was done


@action
def undo(message: Message, *, by: Actor) -> None:
    """Put back all that the receipt of `message` says was done. Once. Raises ActionError when there is nothing."""
    message, agent = agents_message(message)
    receipt = message.metadata.get("receipt")
    if not receipt or receipt.get("undone"):
        raise ActionError(_("There is nothing to undo here."))
    if not put_back(Event.objects.filter(home=by.home, seq__in=receipt["events"]).order_by("-seq"), by):
        raise ActionError(_("There is nothing left to undo: it was changed back already."))
    hands = replace(by.as_agent(agent), op_id=None)  # the note is no part of what was done
    update_message_metadata(message, {"receipt": {**receipt, "undone": True}}, by=hands)


def put_back(events: Iterable[Event], by: Actor) -> bool:
    """Return whether any of the events still had something to undo."""
    return sum(undo_event(event, by=by) for event in events) > 0


def newest(by: Actor) -> Message | None:
    """The agent's newest answer to the person that did something and still stands."""
    assert by.member is not None
    asked = Run.objects.filter(home=by.home, agent=by.agent, trigger_message__author_user=by.user)
    turns = {str(pk) for pk in asked.order_by("-created_at").values_list("pk", flat=True)[:LATELY]}
    said = Message.objects.visible_to(by.member).filter(author_agent=by.agent, deleted_at=None)
    for message in said.order_by("-seq")[:LATELY]:
        receipt = message.metadata.get("receipt")
        if receipt and not receipt.get("undone") and message.metadata.get("run") in turns:
            found: Message = message
            return found
    return None


def newest_operation(by: Actor) -> list[Event]:
    """What the person did last through MCP, where no answers are kept: its events, the newest first."""
    own = Event.objects.filter(home=by.home, actor_user=by.user, origin=Origin.MCP, op_id__isnull=False)
    events = list(own.filter(type__in=undo_handlers).order_by("-seq")[:LATELY])
    undoing: dict[UUID, Event] = {uuid5(event.pk, "undo"): event for event in events}
    undone = set(Event.objects.filter(home=by.home, op_id__in=undoing).values_list("op_id", flat=True))
    done = [event for event in events if event.op_id not in undoing]
    for _op_id, group in groupby(done, key=lambda event: event.op_id):
        if standing := [event for event in group if uuid5(event.pk, "undo") not in undone]:
            return standing
    return []


def agents_message(message: Message) -> tuple[Message, Agent]:
    """As it is now, with the agent that said it. Raises ActionError for what no agent said."""
    found: Message = Message.objects.select_related("channel", "author_agent", "parent").get(pk=message.pk)
    if found.author_agent is None:
        raise ActionError(_("There is nothing to answer here."))
    return found, found.author_agent
