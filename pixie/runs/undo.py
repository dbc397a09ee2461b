"""Undoing what an agent has done."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions import update_message_metadata
from chat.models import Message, quotable_channels_q
from homes.events.actor import Actor
from homes.events.log import action
from homes.events.models import Event, Origin
from homes.events.undo import undo_event, undo_handlers
from homes.models import Agent
from pantry.errors import ActionError
from pixie.models import Run
from pixie.runs.lessons import learn_from

MAX_SEARCHED = 100  # answers or events
MISTAKE = timedelta(minutes=10)  # so soon after its answer an undo says that the message was understood wrongly


@action
def undo_message(message: Message, *, by: Actor) -> None:
    """Undo all changes of the receipt of `message`. Raises ActionError if there are none left."""
    if not revert_receipt(message, by=by):
        raise ActionError(_("There is nothing left to undo: it was changed back already."))


@action
def revert_receipt(message: Message, *, by: Actor) -> bool:
    """Undo what is left of the receipt of `message` and mark it as undone. Returns whether anything was left.

    Raises ActionError if there is no receipt, or if it is marked already.
    """
    message, agent = get_agent_message(message)
    receipt = message.metadata.get("receipt")
    if not receipt or receipt.get("undone"):
        raise ActionError(_("There is nothing to undo here."))
    is_changed = undo_events(Event.objects.filter(home=by.home, seq__in=receipt["events"]).order_by("-seq"), by)
    as_agent = replace(by.as_agent(agent), op_id=None)  # the mark itself cannot be undone
    update_message_metadata(message, {"receipt": {**receipt, "undone": True}}, by=as_agent)
    if is_changed and timezone.now() - message.created_at <= MISTAKE:
        learn_from(Run.objects.get(pk=message.metadata["run"]), is_right=False, by=as_agent)
    return is_changed


def undo_events(events: Iterable[Event], by: Actor) -> bool:
    """Undo the events. Returns whether any of them could still be undone."""
    return sum(undo_event(event, by=by) for event in events) > 0


def last_undoable_answer(by: Actor) -> Message | None:
    """Return the agent's newest answer to the member with changes that are not undone."""
    runs = Run.objects.filter(home=by.home, agent=by.agent, trigger_message__author_user=by.user)
    run_ids = {str(pk) for pk in runs.order_by("-created_at").values_list("pk", flat=True)[:MAX_SEARCHED]}
    answers = quotable_messages(by).filter(author_agent=by.agent, deleted_at=None)
    for message in answers.order_by("-seq")[:MAX_SEARCHED]:
        receipt = message.metadata.get("receipt")
        if receipt and not receipt.get("undone") and message.metadata.get("run") in run_ids:
            return message
    return None


def quotable_messages(by: Actor) -> Any:
    """Return the messages that the member, and everyone who reads the channel of the reply, may see."""
    assert by.member is not None
    return Message.objects.visible_to(by.member).filter(quotable_channels_q(by.reply_channel, "channel__"))


def undoable_operations(by: Actor) -> Iterator[list[Event]]:
    """Yield the events of each of the member's operations over MCP, which has no answers, the newest first."""
    own = Event.objects.filter(home=by.home, actor_user=by.user, origin=Origin.MCP, op_id__isnull=False)
    events = list(own.filter(type__in=undo_handlers).order_by("-seq")[:MAX_SEARCHED])
    undo_ids: dict[UUID, Event] = {uuid5(event.pk, "undo"): event for event in events}
    undone = set(Event.objects.filter(home=by.home, op_id__in=undo_ids).values_list("op_id", flat=True))
    candidates = [event for event in events if event.op_id not in undo_ids]
    for _op_id, group in groupby(candidates, key=lambda event: event.op_id):
        if remaining := [event for event in group if uuid5(event.pk, "undo") not in undone]:
            yield remaining


def get_agent_message(message: Message) -> tuple[Message, Agent]:
    """Reload an agent's message, with the agent. Raises ActionError for other messages."""
    fresh: Message = Message.objects.select_related("channel", "author_agent", "parent").get(pk=message.pk)
    if fresh.author_agent is None:
        raise ActionError(_("There is nothing to answer here."))
    return fresh, fresh.author_agent
