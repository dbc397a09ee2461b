"""Undo messages and reactions created by a tool. Allowed for the person who asked for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from chat.actions.messages import mark_deleted, remove_reaction
from chat.models import Message
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from pantry.errors import ActionError, Forbidden


def _undo_message(event: Event, by: Actor) -> None:
    mark_deleted(_get_message(event, by), by)


def _undo_reaction(event: Event, by: Actor) -> None:
    agent_actor = replace(by, agent=event.actor_agent)
    remove_reaction(_get_message(event, by), event.data["emoji"], by=agent_actor)


def _get_message(event: Event, by: Actor) -> Message:
    """Return the message of the event. Raises ActionError if a person typed it: they edit or delete it instead."""
    if event.actor_agent_id is None and event.origin != Origin.MCP:
        raise ActionError(_("This can't be undone."))
    if by.user is None or event.actor_user_id != by.user.pk:
        raise Forbidden(_("Only the person who asked for this can undo it."))
    subject_id: Any = event.subject_id
    messages = Message.objects.select_related("channel")
    message: Message | None = messages.filter(pk=subject_id, home=by.home).first()
    if message is None:
        raise ActionError(_("That's already gone."))
    return message


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "chat_message": _undo_message,
    "reaction_added": _undo_reaction,
}
